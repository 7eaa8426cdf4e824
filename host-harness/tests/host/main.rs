//! The host over real HTTP with fixture plugins: what passes between a browser, the host and a guest.
//! Each file is one part of the product; `running` starts a host for them.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod api;
mod api_refusals;
mod booking;
mod draining;
mod forms;
mod gateway;
mod hostile;
mod installing;
mod operating;
mod running;
mod sending;
mod view_as;
