//! *Who opened my portal*: the last openings, each with when, how and with what, in words that a
//! customer uses.

use super::page;
use crate::{
    Error,
    bindings::fieldservice::plugins::types::Date,
    http::Response,
    i18n::Words,
    links::Way,
    opens::{self, How, Opening},
    portal::{Portal, Visitor},
    view::{Layout, RowView},
};
use askama::Template;

#[derive(Template)]
#[template(path = "opened.html")]
struct OpenedPage<'a> {
    layout: Layout<'a>,
    back: String,
    opened: Vec<RowView>,
}

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    let words = &portal.words;
    let template = OpenedPage {
        layout: Layout::customer(portal, visitor, None, words.opened_heading(), "/opened"),
        back: portal.href("/account"),
        opened: latest(portal, visitor, usize::MAX)?,
    };
    page(200, words, &template)
}

/// So many of the last openings.
pub(super) fn latest(portal: &Portal<'_>, visitor: &Visitor, most: usize) -> Result<Vec<RowView>, Error> {
    let openings = opens::list(portal.host, &visitor.live.session.customer, &portal.now)?;
    let rows = openings.iter().take(most).map(|opening| row(&portal.words, opening));
    Ok(rows.collect())
}

fn row(words: &Words, opening: &Opening) -> RowView {
    RowView {
        href: None,
        title: how(words, &opening.how),
        about: format!(
            "{} · {}",
            words.visit(&opening.local(), None),
            opening.device.label(words)
        ),
        status: None,
        amount: String::new(),
    }
}

fn how(words: &Words, how: &How) -> String {
    match how {
        How::Link { way, on } => {
            let date = words.date(&Date::from(*on));
            match way {
                Way::Copied => words.opened_by_copied_link(date),
                Way::Email => words.opened_by_email_link(date),
                Way::Sms => words.opened_by_sms_link(date),
            }
        }
        How::Password => words.opened_by_password().to_owned(),
        How::SignUp => words.opened_by_sign_up().to_owned(),
    }
}
