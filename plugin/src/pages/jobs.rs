//! *My Jobs*: date, time and status of every job, open ones first.
//! A job without a start says so instead of showing a dash.

use super::list::{self, Cell, Column, Content, Empty, List, Query, Row};
use crate::{
    Error,
    http::Response,
    portal::{Portal, Visitor},
    view::{Section, StatusView, record_href},
};

/// The list.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    portal.require(Section::Jobs)?;
    let words = &portal.words;
    let query = Query::of(portal);
    let found = visitor.customer.jobs(&query.page(true));
    let found = match list::fetch(portal, &query, Section::Jobs, found)? {
        Ok(found) => found,
        Err(redirect) => return Ok(redirect),
    };
    let rows = found.items.iter().map(|job| {
        let (date, time) = match &job.starts {
            Some(starts) => (words.day(&starts.date), words.window(starts, job.ends.as_ref())),
            None => (words.not_scheduled().to_owned(), "—".to_owned()),
        };
        Row {
            href: record_href(portal, Section::Jobs, &job.id),
            title: job.title.clone(),
            about: job.service_address.clone(),
            badge: None,
            cells: vec![
                Cell {
                    label: words.date_label(),
                    content: Content::Text(date),
                },
                Cell {
                    label: words.time_label(),
                    content: Content::Text(time),
                },
                Cell {
                    label: words.status_label(),
                    content: Content::Status(StatusView::new(words, &job.status)),
                },
            ],
        }
    });
    let list = List {
        section: Section::Jobs,
        head: words.job(),
        columns: [words.date_label(), words.time_label(), words.status_label()]
            .map(|label| Column { label, number: false })
            .into(),
        rows: rows.collect(),
        next: found.next,
        halves: true,
        empty: Empty {
            open: words.no_open_jobs(),
            past: words.no_past_jobs(),
        },
        icon: "wrench",
    };
    list::show(portal, visitor, &query, &list)
}
