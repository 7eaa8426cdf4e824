//! One file per domain: its shapes and its repository.
//! A repository is a view of the platform; every query in it names the company.

pub(crate) mod activity;
pub(crate) mod api_keys;
pub(crate) mod companies;
pub(crate) mod customers;
pub(crate) mod estimates;
pub(crate) mod files;
pub(crate) mod invoices;
pub(crate) mod jobs;
pub(crate) mod lines;
pub(crate) mod mailbox;
pub(crate) mod outbox;
pub(crate) mod payments;
pub(crate) mod plugins;
pub(crate) mod projects;
pub(crate) mod records;
pub(crate) mod requests;
pub(crate) mod staff;
pub(crate) mod templates;
pub(crate) mod views;

pub use activity::*;
pub use api_keys::*;
pub use companies::*;
pub use customers::*;
pub use estimates::*;
pub use files::*;
pub use invoices::*;
pub use jobs::*;
pub use mailbox::*;
pub use outbox::*;
pub use payments::*;
pub use plugins::*;
pub use projects::*;
pub use requests::*;
pub use staff::*;
pub use templates::*;
pub use views::*;

pub(crate) use staff::seconds_until;
