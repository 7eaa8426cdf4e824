//! What a host offers to plugins: each interface of `wit/` as a plain Rust trait and its shapes.
//! The engine calls these traits on a plugin's behalf; a platform implements them. Neither knows the other.

mod activity;
mod company;
mod credentials;
mod customers;
mod documents;
mod grants;
mod messages;
mod storage;
mod types;

pub use activity::*;
pub use company::*;
pub use credentials::*;
pub use customers::*;
pub use documents::*;
pub use grants::*;
pub use messages::*;
pub use storage::*;
pub use types::*;
