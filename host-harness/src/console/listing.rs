//! What every list page shares: which half, what to look for, from where, and the links to the next page.
//! Lists go by cursor; there is no page number to fall out of step.

use super::{
    layout::Page,
    office::Office,
    view::{Link, Tab, Table},
    words,
};
use capabilities::{ListFilter, PageRequest};
use platform::ListQuery;
use serde::Deserialize;

/// Rows on a page.
pub(super) const ROWS: u32 = 50;

/// What a list's address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// `open`, `past` or `all`.
    pub(super) show: String,
    /// Words to look for.
    pub(super) q: String,
    /// Cursor of the page.
    pub(super) after: String,
    /// Only this customer's.
    pub(super) customer: String,
}

impl Asked {
    /// Words to look for, none when blank.
    pub(super) fn search(&self) -> Option<&str> {
        Some(self.q.trim()).filter(|q| !q.is_empty())
    }

    /// The cursor, none on the first page.
    pub(super) fn cursor(&self) -> Option<&str> {
        Some(self.after.as_str()).filter(|after| !after.is_empty())
    }

    /// The half that is shown; open ones unless asked otherwise, everything while searching.
    pub(super) fn filter(&self) -> ListFilter {
        match self.show.as_str() {
            "past" => ListFilter::Past,
            "all" => ListFilter::All,
            "open" => ListFilter::Open,
            _ if self.search().is_some() || !self.customer.is_empty() => ListFilter::All,
            _ => ListFilter::Open,
        }
    }

    /// The query for the platform; `halves`: the records have a status.
    pub(super) fn query(&self, halves: bool) -> ListQuery {
        ListQuery {
            customer_id: Some(self.customer.clone()).filter(|id| !id.is_empty()),
            status: None,
            page: PageRequest {
                filter: if halves { self.filter() } else { ListFilter::All },
                cursor: self.cursor().map(str::to_owned),
                limit: ROWS,
                search: self.search().map(str::to_owned),
            },
        }
    }

    fn href(&self, show: Option<&str>, after: Option<&str>) -> String {
        let show = show.unwrap_or(&self.show);
        let pairs = [
            ("show", show),
            ("q", self.q.trim()),
            ("customer", &self.customer),
            ("after", after.unwrap_or("")),
        ];
        let set: Vec<_> = pairs
            .iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(n, v)| format!("{n}={}", words::encode(v)))
            .collect();
        format!("?{}", set.join("&"))
    }

    /// The tabs *Open*, *Past*, *All*.
    pub(super) fn tabs(&self) -> Vec<Tab> {
        let now = self.filter();
        [
            ("open", "Open", ListFilter::Open),
            ("past", "Past", ListFilter::Past),
            ("all", "All", ListFilter::All),
        ]
        .map(|(code, label, filter)| Tab {
            href: self.href(Some(code), None),
            label,
            current: filter == now,
        })
        .into()
    }

    /// Where the next page is.
    pub(super) fn next(&self, cursor: Option<&str>) -> Option<String> {
        cursor.map(|cursor| self.href(None, Some(cursor)))
    }

    /// Where the first page is, when this is another one.
    pub(super) fn first(&self) -> Option<String> {
        self.cursor().map(|_| self.href(None, None))
    }

    /// What a new search keeps.
    pub(super) fn kept(&self) -> Vec<(&'static str, String)> {
        [("show", &self.show), ("customer", &self.customer)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, value.clone()))
            .collect()
    }
}

/// A list page.
#[derive(askama::Template)]
#[template(path = "console/record_list.html")]
pub(super) struct ListPage {
    pub(super) page: Page,
    pub(super) back: Option<Link>,
    pub(super) intro: String,
    pub(super) actions: Vec<Link>,
    pub(super) filters: Vec<Tab>,
    pub(super) searchable: bool,
    pub(super) search_label: &'static str,
    pub(super) kept: Vec<(&'static str, String)>,
    pub(super) q: String,
    pub(super) table: Table,
    pub(super) empty: String,
    pub(super) first: Option<String>,
    pub(super) next: Option<String>,
}

impl ListPage {
    /// A list as its address asked for it.
    pub(super) fn new(page: Page, asked: &Asked, table: Table, next: Option<&str>, empty: &str) -> Self {
        let empty = match asked.search() {
            Some(q) => format!("Nothing matches “{q}”."),
            None => empty.to_owned(),
        };
        Self {
            page,
            back: None,
            intro: String::new(),
            actions: Vec::new(),
            filters: Vec::new(),
            searchable: true,
            search_label: "Search",
            kept: asked.kept(),
            q: asked.q.trim().to_owned(),
            table,
            empty,
            first: asked.first(),
            next: asked.next(next),
        }
    }

    /// With the tabs *Open*, *Past*, *All*.
    pub(super) fn halves(mut self, asked: &Asked) -> Self {
        self.filters = asked.tabs();
        self
    }

    /// With a button to make a new record; of this customer when the list is one customer's.
    pub(super) fn new_button(mut self, office: &Office, asked: &Asked, kind: &str, label: &str) -> Self {
        let mut href = office.path(&format!("new/{kind}"));
        if !asked.customer.is_empty() {
            href = format!("{href}?customer={}", words::encode(&asked.customer));
        }
        self.actions.push(Link::new(href, label));
        self
    }

    /// With a way back to the customer when the list is one customer's.
    pub(super) fn of_customer(mut self, office: &Office, asked: &Asked) -> Self {
        if !asked.customer.is_empty() {
            self.back = Some(Link::new(office.record("customers", &asked.customer), "Customer"));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_ones_first_everything_while_searching() {
        let asked = |show: &str, q: &str| {
            Asked {
                show: show.into(),
                q: q.into(),
                ..Asked::default()
            }
            .filter()
        };
        assert_eq!(asked("", ""), ListFilter::Open);
        assert_eq!(asked("past", ""), ListFilter::Past);
        assert_eq!(asked("", "pump"), ListFilter::All);
        assert_eq!(asked("open", "pump"), ListFilter::Open);
    }

    #[test]
    fn links_keep_the_search_and_drop_the_cursor() {
        let asked = Asked {
            q: "a&b".into(),
            after: "xyz".into(),
            show: "past".into(),
            ..Asked::default()
        };
        assert_eq!(asked.first().as_deref(), Some("?show=past&q=a%26b"));
        assert_eq!(
            asked.next(Some("n+1")).as_deref(),
            Some("?show=past&q=a%26b&after=n%2B1")
        );
        assert_eq!(Asked::default().first(), None);
    }
}
