//! What the five lists have in common: open ones first and past ones one click away, search,
//! pages, and what an empty list says.

use super::page;
use crate::{
    Error,
    bindings::fieldservice::plugins::types::{FieldError, ListFilter, PageRequest},
    forms::Form,
    http::{Response, percent_encode},
    portal::{Portal, Visitor},
    view::{Layout, Section, StatusView},
};
use askama::Template;

/// Rows on one page.
const ROWS: u32 = 50;
/// The longest search, in characters.
const LONGEST_SEARCH: usize = 100;

/// What the address of a list asks for.
pub(super) struct Query {
    pub(super) past: bool,
    search: String,
    cursor: Option<String>,
}

impl Query {
    pub(super) fn of(portal: &Portal<'_>) -> Self {
        let form = Form::of_query(portal.request);
        let search: String = crate::forms::one_line(form.get("q").unwrap_or_default());
        Self {
            past: form.get("show") == Some("past"),
            search: search.chars().take(LONGEST_SEARCH).collect(),
            cursor: form.get("after").filter(|cursor| !cursor.is_empty()).map(str::to_owned),
        }
    }

    pub(super) fn page(&self, filtered: bool) -> PageRequest {
        let filter = match (filtered, self.past) {
            (false, _) => ListFilter::All,
            (true, false) => ListFilter::Open,
            (true, true) => ListFilter::Past,
        };
        PageRequest {
            filter,
            cursor: self.cursor.clone(),
            limit: ROWS,
            search: (!self.search.is_empty()).then(|| self.search.clone()),
        }
    }

    /// A place in the list that is no longer one (an old bookmark) leads to the list's beginning.
    pub(super) fn restart(&self, portal: &Portal<'_>, section_path: &str, error: &Error) -> Option<Response> {
        let refused = |field: &FieldError| field.field.contains("cursor");
        let restart = self.cursor.is_some()
            && matches!(error, Error::Invalid(fields) if fields.is_empty() || fields.iter().any(refused));
        restart.then(|| Response::see_other(portal.href(&self.address(section_path, self.past, None))))
    }

    fn address(&self, section_path: &str, past: bool, cursor: Option<&str>) -> String {
        let mut pairs = Vec::new();
        if past {
            pairs.push("show=past".to_owned());
        }
        if !self.search.is_empty() {
            pairs.push(format!("q={}", percent_encode(&self.search)));
        }
        if let Some(cursor) = cursor {
            pairs.push(format!("after={}", percent_encode(cursor)));
        }
        if pairs.is_empty() {
            section_path.to_owned()
        } else {
            format!("{section_path}?{}", pairs.join("&"))
        }
    }
}

/// What stands in a cell.
pub(super) enum Content {
    Text(String),
    Amount(String),
    Status(StatusView),
    /// 0 to 100, and the same in words.
    Progress(u8, String),
}

pub(super) struct Cell {
    pub(super) label: &'static str,
    pub(super) content: Content,
}

/// A row: its head leads to the record, then one cell per column.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) about: String,
    pub(super) badge: Option<StatusView>,
    pub(super) cells: Vec<Cell>,
}

pub(super) struct Column {
    pub(super) label: &'static str,
    pub(super) number: bool,
}

/// What an empty list says: when it is the open half, when the past one.
pub(super) struct Empty {
    pub(super) open: &'static str,
    pub(super) past: &'static str,
}

/// A list ready to be drawn.
pub(super) struct List {
    pub(super) section: Section,
    /// Head of the first column.
    pub(super) head: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
    pub(super) next: Option<String>,
    /// Whether there are two halves, open and past.
    pub(super) halves: bool,
    pub(super) empty: Empty,
    pub(super) icon: &'static str,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    layout: Layout<'a>,
    list: &'a List,
    heading: &'static str,
    action: String,
    search: &'a str,
    past: bool,
    open_href: String,
    past_href: String,
    plain_href: String,
    next_href: Option<String>,
    first_href: Option<String>,
    empty_text: String,
    request_href: Option<String>,
}

/// The page of a list.
pub(super) fn show(portal: &Portal<'_>, visitor: &Visitor, query: &Query, list: &List) -> Result<Response, Error> {
    let words = &portal.words;
    let path = list.section.path();
    let heading = list.section.label(words);
    let at = |past: bool, cursor: Option<&str>| portal.href(&query.address(path, past, cursor));
    let unsearched = Query {
        past: query.past,
        search: String::new(),
        cursor: None,
    };
    let empty_text = if !query.search.is_empty() {
        words.nothing_found(&query.search)
    } else if query.past {
        list.empty.past.to_owned()
    } else {
        list.empty.open.to_owned()
    };
    let template = ListPage {
        layout: Layout::customer(portal, visitor, Some(list.section), heading, path),
        heading,
        action: portal.href(path),
        search: &query.search,
        past: query.past,
        open_href: at(false, None),
        past_href: at(true, None),
        plain_href: portal.href(&unsearched.address(path, query.past, None)),
        next_href: list.next.as_deref().map(|cursor| at(query.past, Some(cursor))),
        first_href: query.cursor.is_some().then(|| at(query.past, None)),
        empty_text,
        request_href: portal
            .shows(Section::Request)
            .then(|| portal.href(Section::Request.path())),
        list,
    };
    page(200, words, &template)
}

/// Runs a host's list and turns a place that is no longer one into a redirect.
pub(super) fn fetch<T>(
    portal: &Portal<'_>,
    query: &Query,
    section: Section,
    result: Result<T, Error>,
) -> Result<Result<T, Response>, Error> {
    match result {
        Ok(found) => Ok(Ok(found)),
        Err(error) => query.restart(portal, section.path(), &error).map(Err).ok_or(error),
    }
}
