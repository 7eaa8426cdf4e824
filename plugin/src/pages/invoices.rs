//! *My Invoices*: invoice date, due date, amount paid and amount due.
//! The status stands beside the number, so that the columns stay the ones people ask about.

use super::list::{self, Cell, Column, Content, Empty, List, Query, Row};
use crate::{
    Error,
    http::Response,
    portal::{Portal, Visitor},
    view::{Section, StatusView, record_href},
};

/// The list.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    portal.require(Section::Invoices)?;
    let words = &portal.words;
    let query = Query::of(portal);
    let found = visitor.customer.invoices(&query.page(true));
    let found = match list::fetch(portal, &query, Section::Invoices, found)? {
        Ok(found) => found,
        Err(redirect) => return Ok(redirect),
    };
    let rows = found.items.iter().map(|invoice| Row {
        href: record_href(portal, Section::Invoices, &invoice.id),
        title: invoice.number.clone(),
        about: invoice.title.clone(),
        badge: Some(StatusView::new(words, &invoice.status)),
        cells: vec![
            Cell {
                label: words.invoice_date(),
                content: Content::Text(words.date_or_dash(invoice.issued.as_ref())),
            },
            Cell {
                label: words.due_date(),
                content: Content::Text(words.date_or_dash(invoice.due.as_ref())),
            },
            Cell {
                label: words.amount_paid(),
                content: Content::Amount(words.money(&invoice.amount_paid)),
            },
            Cell {
                label: words.amount_due(),
                content: Content::Amount(words.money(&invoice.amount_due)),
            },
        ],
    });
    let list = List {
        section: Section::Invoices,
        head: words.invoice(),
        columns: vec![
            Column {
                label: words.invoice_date(),
                number: false,
            },
            Column {
                label: words.due_date(),
                number: false,
            },
            Column {
                label: words.amount_paid(),
                number: true,
            },
            Column {
                label: words.amount_due(),
                number: true,
            },
        ],
        rows: rows.collect(),
        next: found.next,
        halves: true,
        empty: Empty {
            open: words.no_open_invoices(),
            past: words.no_past_invoices(),
        },
        icon: "invoice",
    };
    list::show(portal, visitor, &query, &list)
}
