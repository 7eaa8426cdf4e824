//! What is shown when the host refuses or there is no such page: what happened, a way on, and the
//! company's telephone and e-mail. Unknown, another's and hidden records look the same.

use super::page;
use crate::{
    Error,
    http::{Body, Response},
    portal::{Portal, Visitor},
    routes,
    view::Layout,
};
use askama::Template;

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    layout: Layout<'a>,
    icon: &'static str,
    heading: &'a str,
    body: String,
    /// Words and address of the way on.
    action: Option<(&'a str, String)>,
}

#[derive(Template)]
#[template(path = "visit_over.html")]
struct VisitOver<'a> {
    layout: Layout<'a>,
    sign_in: String,
    fresh_link: String,
}

/// A form came without a session: nothing was saved, and what was typed is one step back. The ways in
/// open beside the page, so that it stays one step; no language is offered, which would be one more.
pub fn visit_over(portal: &Portal<'_>, path: &str) -> Response {
    let template = VisitOver {
        layout: Layout {
            languages: Vec::new(),
            ..Layout::open(portal, portal.words.visit_over_heading())
        },
        sign_in: portal.sign_in_href(&routes::way_back(path)),
        fresh_link: portal.href("/fresh-link"),
    };
    page(401, &portal.words, &template).unwrap_or_else(|error| without_company(&error))
}

/// The page for a refusal; within the customer's tabs when there is a visitor.
pub fn show(portal: &Portal<'_>, visitor: Option<&Visitor>, error: &Error) -> Response {
    let words = &portal.words;
    let (status, heading, body, wait) = match error {
        Error::NotFound => (404, words.missing_heading(), words.missing_body().to_owned(), None),
        Error::Denied(_) => (403, words.denied_heading(), words.denied_body().to_owned(), None),
        Error::Conflict(_) => (409, words.conflict_heading(), words.conflict_body().to_owned(), None),
        Error::Invalid(_) => (422, words.invalid_heading(), words.invalid_body().to_owned(), None),
        Error::RateLimited(seconds) => (
            429,
            words.slow_heading(),
            words.slow_body(minutes(*seconds)),
            Some(*seconds),
        ),
        Error::Unavailable(_) => (
            503,
            words.unavailable_heading(),
            words.unavailable_body().to_owned(),
            Some(30),
        ),
    };
    let response = render(portal, visitor, status, heading, body);
    match wait {
        Some(seconds) => response.with("retry-after", seconds.to_string()),
        None => response,
    }
}

/// Minutes to wait, in words that do not promise too little.
pub(super) fn minutes(seconds: u32) -> i64 {
    i64::from(seconds.div_ceil(60).max(1))
}

/// The address exists, but not for this method.
pub fn wrong_method(portal: &Portal<'_>, visitor: Option<&Visitor>, allowed: &str) -> Response {
    let words = &portal.words;
    render(
        portal,
        visitor,
        405,
        words.invalid_heading(),
        words.method_body().to_owned(),
    )
    .with("allow", allowed.to_owned())
}

/// Staff who look as a customer tried something that is not looking.
pub fn read_only(portal: &Portal<'_>, visitor: Option<&Visitor>) -> Response {
    let words = &portal.words;
    let name = portal.look.as_ref().map(|look| look.name.as_str()).unwrap_or_default();
    let heading = words.look_heading(name);
    render(portal, visitor, 403, &heading, words.look_refused().to_owned())
}

/// A form that could not be read.
pub fn unreadable(portal: &Portal<'_>, visitor: Option<&Visitor>, status: u16) -> Response {
    let words = &portal.words;
    let body = if status == 413 {
        words.form_too_long()
    } else {
        words.invalid_body()
    };
    render(portal, visitor, status, words.invalid_heading(), body.to_owned())
}

fn render(portal: &Portal<'_>, visitor: Option<&Visitor>, status: u16, heading: &str, body: String) -> Response {
    let layout = match visitor {
        Some(visitor) => Layout::customer(portal, visitor, None, heading, "/"),
        None => Layout::open(portal, heading),
    };
    let action = visitor.map(|_| (portal.words.back_to_details(), portal.href("/")));
    let message = Message {
        layout,
        icon: "alert",
        heading,
        body,
        action,
    };
    page(status, &portal.words, &message).unwrap_or_else(|error| without_company(&error))
}

/// A page within the frame that says one thing.
pub(super) fn say(portal: &Portal<'_>, status: u16, heading: &str, body: String) -> Result<Response, Error> {
    let message = Message {
        layout: Layout::open(portal, heading),
        icon: "link",
        heading,
        body,
        action: None,
    };
    page(status, &portal.words, &message)
}

/// Not even the company is known: plain text, in English.
pub fn without_company(error: &Error) -> Response {
    let (status, wait) = match error {
        Error::RateLimited(seconds) => (429, *seconds),
        _ => (503, 30),
    };
    plain(
        status,
        b"This page cannot be shown right now. Please try again in a moment.\n",
    )
    .with("retry-after", wait.to_string())
}

/// An address that is not under the portal's.
pub fn outside() -> Response {
    plain(404, b"There is no such page.\n")
}

fn plain(status: u16, text: &'static [u8]) -> Response {
    let headers = vec![("content-type", "text/plain; charset=utf-8".to_owned())];
    Response {
        status,
        headers,
        body: Body::Static(text),
    }
}
