//! *My Payments*: every payment with date and method.
//! Payments have no open and past half.

use super::list::{self, Cell, Column, Content, Empty, List, Query, Row};
use crate::{
    Error,
    http::Response,
    i18n::Words,
    portal::{Portal, Visitor},
    view::{Section, record_href},
};

/// The list.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    portal.require(Section::Payments)?;
    let words = &portal.words;
    let query = Query::of(portal);
    let found = visitor.customer.payments(&query.page(false));
    let found = match list::fetch(portal, &query, Section::Payments, found)? {
        Ok(found) => found,
        Err(redirect) => return Ok(redirect),
    };
    let rows = found.items.iter().map(|payment| Row {
        href: record_href(portal, Section::Payments, &payment.id),
        title: words.money(&payment.amount),
        about: payment
            .invoice
            .as_ref()
            .map(|(_, number)| words.for_invoice(number))
            .unwrap_or_default(),
        badge: None,
        cells: vec![
            Cell {
                label: words.date_label(),
                content: Content::Text(words.date(&payment.date)),
            },
            Cell {
                label: words.method_label(),
                content: Content::Text(method(words, &payment.method)),
            },
        ],
    });
    let list = List {
        section: Section::Payments,
        head: words.payment(),
        columns: [words.date_label(), words.method_label()]
            .map(|label| Column { label, number: false })
            .into(),
        rows: rows.collect(),
        next: found.next,
        halves: false,
        empty: Empty {
            open: words.no_payments(),
            past: words.no_payments(),
        },
        icon: "card",
    };
    list::show(portal, visitor, &query, &list)
}

/// A method of payment in words; a company's own stands as it wrote it.
pub(super) fn method(words: &Words, code: &str) -> String {
    let known = words.find(&format!("method-{}", code.replace('_', "-")));
    known.map_or_else(|| code.replace('_', " "), str::to_owned)
}
