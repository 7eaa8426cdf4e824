//! What the end-to-end tests stand on: the host as a child process, a small browser with a cookie jar, a reader of
//! HTML, an SMTP server, a clock that can be moved. They see what a user or an attacker sees, and nothing else.

pub mod access;
pub mod browser;
pub mod clock;
pub mod host;
pub mod html;
pub mod scenario;
pub mod served;
pub mod smtp;

pub use browser::{Browser, Page};
pub use host::Host;
