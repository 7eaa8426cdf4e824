//! *My Estimates*: status, sent date, expiration date and total amount.
//! Drafts never reach the portal.

use super::list::{self, Cell, Column, Content, Empty, List, Query, Row};
use crate::{
    Error,
    http::Response,
    portal::{Portal, Visitor},
    view::{Section, StatusView, record_href},
};

/// The list.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    portal.require(Section::Estimates)?;
    let words = &portal.words;
    let query = Query::of(portal);
    let found = visitor.customer.estimates(&query.page(true));
    let found = match list::fetch(portal, &query, Section::Estimates, found)? {
        Ok(found) => found,
        Err(redirect) => return Ok(redirect),
    };
    let rows = found.items.iter().map(|estimate| Row {
        href: record_href(portal, Section::Estimates, &estimate.id),
        title: estimate.title.clone(),
        about: estimate.number.clone(),
        badge: None,
        cells: vec![
            Cell {
                label: words.status_label(),
                content: Content::Status(StatusView::new(words, &estimate.status)),
            },
            Cell {
                label: words.sent_date(),
                content: Content::Text(words.date_or_dash(estimate.sent.as_ref())),
            },
            Cell {
                label: words.expiration_date(),
                content: Content::Text(words.date_or_dash(estimate.expires.as_ref())),
            },
            Cell {
                label: words.total_amount(),
                content: Content::Amount(words.money(&estimate.total)),
            },
        ],
    });
    let list = List {
        section: Section::Estimates,
        head: words.estimate(),
        columns: vec![
            Column {
                label: words.status_label(),
                number: false,
            },
            Column {
                label: words.sent_date(),
                number: false,
            },
            Column {
                label: words.expiration_date(),
                number: false,
            },
            Column {
                label: words.total_amount(),
                number: true,
            },
        ],
        rows: rows.collect(),
        next: found.next,
        halves: true,
        empty: Empty {
            open: words.no_open_estimates(),
            past: words.no_past_estimates(),
        },
        icon: "estimate",
    };
    list::show(portal, visitor, &query, &list)
}
