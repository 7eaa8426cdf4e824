//! The portal against a fake host: every page, links and sessions, forms, languages, files, the
//! staff's panel and the template fields. No wasm, no network.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption ends the test"
)]

mod access_panel;
mod account;
mod codes;
mod details;
mod email_change;
mod fake;
mod fields;
mod files;
mod format;
mod forms;
mod fresh_links;
mod hostile;
mod languages;
mod links;
mod lists;
mod look;
mod manifest;
mod notices;
mod opened;
mod panel;
mod passwords;
mod records;
mod recovery;
mod routes;
mod sample;
mod sessions;
mod sign_up;
mod timeline;
