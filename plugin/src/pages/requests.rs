//! Every request the customer sent from the booking page, with its status and what became of it.
//! *Submit Request* leads to a new one.

use super::page;
use crate::{
    Error,
    bindings::fieldservice::plugins::{
        customers::ServiceRequest,
        types::{ListFilter, PageRequest},
    },
    forms::Form,
    http::{Response, percent_encode},
    portal::{Portal, Visitor},
    view::{Layout, RowView, Section, StatusView, record_href},
};
use askama::Template;

const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage<'a> {
    layout: Layout<'a>,
    back: String,
    request_href: String,
    rows: Vec<RowView>,
    next_href: Option<String>,
}

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    portal.require(Section::Request)?;
    let words = &portal.words;
    let cursor = Form::of_query(portal.request)
        .get("after")
        .filter(|cursor| !cursor.is_empty())
        .map(str::to_owned);
    let again = cursor.is_some();
    let found = match visitor.customer.requests(&PageRequest {
        filter: ListFilter::All,
        cursor,
        limit: ROWS,
        search: None,
    }) {
        // A place in the list that is no longer one leads to its beginning.
        Err(Error::Invalid(_)) if again => return Ok(Response::see_other(portal.href("/requests"))),
        other => other?,
    };
    let template = RequestsPage {
        layout: Layout::customer(portal, visitor, None, words.my_requests(), "/requests"),
        back: portal.href("/"),
        request_href: portal.href(Section::Request.path()),
        rows: found.items.iter().map(|request| row(portal, request)).collect(),
        next_href: found
            .next
            .map(|cursor| portal.href(&format!("/requests?after={}", percent_encode(&cursor)))),
    };
    page(200, words, &template)
}

/// A request as a row; it leads to the job it became.
pub(super) fn row(portal: &Portal<'_>, request: &ServiceRequest) -> RowView {
    let words = &portal.words;
    let mut about = words.sent_on(words.date(&request.submitted.local.date));
    if let Some(preferred) = &request.preferred {
        about.push_str(" · ");
        about.push_str(&words.preferred_on(words.day(preferred)));
    }
    let job = request.job.as_ref().filter(|_| portal.shows(Section::Jobs));
    RowView {
        href: job.map(|(id, _)| record_href(portal, Section::Jobs, id)),
        title: request.summary.clone(),
        about,
        status: Some(StatusView::new(words, &request.status)),
        amount: String::new(),
    }
}
