//! The Customer Portal: pages for a company's customers, the link staff copy for them and the
//! fields they insert into messages.
//!
//! Data flows one way: `wasm` (the component's exports) → `portal` (one request) → `routes` →
//! `pages` → `host` (the contract). Everything but `wasm` compiles natively and is tested against
//! a fake host; a page never sees a socket, a file or another customer.

pub mod access;
pub mod assets;
pub mod bindings;
pub mod codes;
pub mod device;
pub mod email_change;
pub mod fields;
pub mod format;
pub mod forms;
pub mod host;
pub mod http;
pub mod i18n;
pub mod limits;
pub mod links;
pub mod live_links;
pub mod mail;
pub mod masking;
pub mod notices;
pub mod opens;
pub mod pages;
pub mod panel;
pub mod plural;
pub mod portal;
pub mod recovery;
pub mod routes;
pub mod session;
pub mod settings;
pub mod store;
pub mod sums;
pub mod theme;
pub mod tokens;
pub mod view;
#[cfg(target_arch = "wasm32")]
mod wasm;

/// Why the host refused; the portal's one error type.
pub use bindings::fieldservice::plugins::types::Error;

/// The manifest that the component carries.
pub const MANIFEST: &str = include_str!("../../plugin.toml");
