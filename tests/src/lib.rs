//! What the end-to-end tests stand on: the host as a child process, a small browser with a cookie jar, a reader
//! of HTML, an SMTP server. They see what a user, a browser or an attacker sees, and nothing else.

pub mod browser;
pub mod host;
pub mod html;
pub mod scenario;
pub mod smtp;

pub use browser::{Browser, Page};
pub use host::Host;
