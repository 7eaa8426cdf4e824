//! End to end: what a new user, a customer, another program and an attacker see of the running product.
//! One file a subject; each test starts a host of its own, so that none depends on another.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly, as tests do"
)]

mod access_matrix;
mod api;
mod bad_components;
mod bad_forms;
mod bad_imports;
mod main_path;
mod messages;
mod overload;
mod running;
mod sections;
mod security_csrf;
mod security_http;
mod security_injection;
mod security_links;
mod security_passwords;
mod security_records;
mod security_recovery;
mod security_secrets;
mod security_sessions;
mod smtp;
