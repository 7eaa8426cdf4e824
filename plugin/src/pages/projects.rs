//! *My Projects*: date, time, status and how far each project is.
//! A project's time is its span: until when it is planned to last.

use super::list::{self, Cell, Column, Content, Empty, List, Query, Row};
use crate::{
    Error,
    http::Response,
    portal::{Portal, Visitor},
    view::{Section, StatusView, record_href},
};

/// The list.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    portal.require(Section::Projects)?;
    let words = &portal.words;
    let query = Query::of(portal);
    let found = visitor.customer.projects(&query.page(true));
    let found = match list::fetch(portal, &query, Section::Projects, found)? {
        Ok(found) => found,
        Err(redirect) => return Ok(redirect),
    };
    let rows = found.items.iter().map(|project| {
        let date = project
            .starts
            .as_ref()
            .map_or_else(|| words.not_scheduled().to_owned(), |date| words.day(date));
        let time = project
            .target
            .as_ref()
            .map_or_else(|| "—".to_owned(), |date| words.until(words.day(date)));
        let percent = project.percent_complete.min(100);
        let done = words.percent(percent.to_string());
        Row {
            href: record_href(portal, Section::Projects, &project.id),
            title: project.name.clone(),
            about: if project.manager.is_empty() {
                String::new()
            } else {
                words.led_by(&project.manager)
            },
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
                    content: Content::Status(StatusView::new(words, &project.status)),
                },
                Cell {
                    label: words.completion(),
                    content: Content::Progress(percent, done),
                },
            ],
        }
    });
    let list = List {
        section: Section::Projects,
        head: words.project(),
        columns: [
            words.date_label(),
            words.time_label(),
            words.status_label(),
            words.completion(),
        ]
        .map(|label| Column { label, number: false })
        .into(),
        rows: rows.collect(),
        next: found.next,
        halves: true,
        empty: Empty {
            open: words.no_open_projects(),
            past: words.no_past_projects(),
        },
        icon: "folder",
    };
    list::show(portal, visitor, &query, &list)
}
