//! The pages, one file each: what is asked of the host and what the template shows.
//! A new page is a file here, a template, a line in `routes` and a test.

pub mod account;
pub mod account_password;
mod contact_form;
pub mod details;
pub mod email;
pub mod error;
pub mod estimate;
pub mod estimates;
pub mod file;
pub mod forgot;
pub mod fresh_link;
pub mod invoice;
pub mod invoices;
pub mod job;
pub mod jobs;
pub mod language;
pub mod link;
pub mod list;
mod new_password;
pub mod opened;
pub mod payment;
pub mod payments;
pub mod project;
pub mod projects;
pub mod request;
pub mod requests;
pub mod reset;
pub mod save_details;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
pub mod sign_up_code;

use crate::{Error, http::Response, i18n::Words};
use askama::Template;

/// A page's response; a template that cannot be written is the host's business to hear of.
fn page(status: u16, words: &Words, template: &impl Template) -> Result<Response, Error> {
    let html = template
        .render()
        .map_err(|error| Error::Unavailable(format!("The page could not be written: {error}")))?;
    Ok(Response::html(status, words.tag(), html))
}
