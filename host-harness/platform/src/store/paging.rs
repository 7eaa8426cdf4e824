//! Keyset pagination: opaque cursors and the query every list of records shares.
//! A list runs through one or two phases (open, then past), each in its own order.

use super::db::{Db, Row, Value};
use crate::{Error, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use capabilities::{ListFilter, Page, PageRequest};

/// Which records of a company a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// Only this customer's.
    pub customer_id: Option<String>,
    /// Only those with this stored status.
    pub status: Option<String>,
    /// Open, past or all; from where; how many; words to look for.
    pub page: PageRequest,
}

impl Default for ListQuery {
    fn default() -> Self {
        let page = PageRequest {
            filter: ListFilter::All,
            cursor: None,
            limit: 50,
            search: None,
        };
        Self {
            customer_id: None,
            status: None,
            page,
        }
    }
}

/// One stretch of a list: which rows, in which direction of `(sort_key, id)`.
pub(crate) struct Phase {
    pub(crate) condition: String,
    pub(crate) descending: bool,
}

/// A list query under construction. The table is `t`; its first two columns are `t.sort_key, t.id`.
pub(crate) struct Listing {
    tag: &'static str,
    from: String,
    columns: &'static str,
    conditions: Vec<String>,
    args: Vec<Value>,
    phases: Vec<Phase>,
}

/// Words a search may have; the rest is ignored.
const MAX_WORDS: usize = 8;
/// Rows a page may have.
pub(crate) const MAX_PAGE: u32 = 200;

impl Listing {
    pub(crate) fn new(tag: &'static str, from: impl Into<String>, columns: &'static str) -> Self {
        Self {
            tag,
            from: from.into(),
            columns,
            conditions: Vec::new(),
            args: Vec::new(),
            phases: Vec::new(),
        }
    }

    /// `condition` with `?` standing for `value`.
    pub(crate) fn and(mut self, condition: &str, value: impl Into<Value>) -> Self {
        self.args.push(value.into());
        self.conditions
            .push(condition.replace('?', &format!("${}", self.args.len())));
        self
    }

    /// `and`, when there is a value.
    pub(crate) fn and_some<T: Into<Value>>(self, condition: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.and(condition, value),
            None => self,
        }
    }

    pub(crate) fn and_plain(mut self, condition: impl Into<String>) -> Self {
        self.conditions.push(condition.into());
        self
    }

    /// Every word must occur somewhere in the row's search text.
    pub(crate) fn search(mut self, words: Option<&str>) -> Self {
        let words = words.unwrap_or_default().to_lowercase();
        for word in words.split_whitespace().take(MAX_WORDS) {
            let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            self = self.and("t.search LIKE ? ESCAPE '\\'", format!("%{escaped}%"));
        }
        self
    }

    pub(crate) fn phase(mut self, condition: impl Into<String>, descending: bool) -> Self {
        self.phases.push(Phase {
            condition: condition.into(),
            descending,
        });
        self
    }

    /// Open records soonest first, then past ones latest first, as far as the filter wants them.
    pub(crate) fn open_then_past(self, filter: ListFilter) -> Self {
        match filter {
            ListFilter::Open => self.phase("t.open = 1", false),
            ListFilter::Past => self.phase("t.open = 0", true),
            ListFilter::All => self.phase("t.open = 1", false).phase("t.open = 0", true),
        }
    }

    /// One stretch, latest first.
    pub(crate) fn latest_first(self) -> Self {
        self.phase("1 = 1", true)
    }

    pub(crate) async fn run<T>(
        self,
        db: &Db,
        cursor: Option<&str>,
        limit: u32,
        mut map: impl FnMut(&mut Row) -> Result<T>,
    ) -> Result<Page<T>> {
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        let mut from = cursor.map(|cursor| Cursor::decode(self.tag, cursor)).transpose()?;
        let first = from.as_ref().map_or(0, |cursor| cursor.phase);
        if from.is_some() && first >= self.phases.len() {
            return Err(bad_cursor());
        }
        let mut items = Vec::new();
        let mut last = None;
        for (index, phase) in self.phases.iter().enumerate().skip(first) {
            let mut conditions = self.conditions.clone();
            let mut args = self.args.clone();
            conditions.push(phase.condition.clone());
            let (after, order) = if phase.descending { ("<", "DESC") } else { (">", "ASC") };
            if let Some(cursor) = from.take() {
                let at = args.len();
                conditions.push(format!("(t.sort_key, t.id) {after} (${}, ${})", at + 1, at + 2));
                args.push(cursor.key.into());
                args.push(cursor.id.into());
            }
            // One row more than fits tells whether there is a next page.
            let wanted = limit + 1 - items.len();
            let sql = format!(
                "SELECT {} FROM {} WHERE {} ORDER BY t.sort_key {order}, t.id {order} LIMIT {wanted}",
                self.columns,
                self.from,
                conditions.join(" AND "),
            );
            for mut row in db.rows(sql, args).await? {
                if items.len() == limit {
                    let next: Option<Cursor> = last;
                    return Ok(Page {
                        items,
                        next: next.map(|cursor| cursor.encode(self.tag)),
                    });
                }
                last = Some(Cursor {
                    phase: index,
                    key: row.text_at(0)?,
                    id: row.text_at(1)?,
                });
                items.push(map(&mut row)?);
            }
        }
        Ok(Page { items, next: None })
    }
}

/// The place of the last row of a page.
struct Cursor {
    phase: usize,
    key: String,
    id: String,
}

impl Cursor {
    fn encode(&self, tag: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{tag}\n{}\n{}\n{}", self.phase, self.id, self.key))
    }

    fn decode(tag: &str, cursor: &str) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad_cursor())?;
        let text = String::from_utf8(bytes).map_err(|_| bad_cursor())?;
        // The key comes last: it is the only part that may hold line breaks. NUL is no text to PostgreSQL.
        let mut parts = text.splitn(4, '\n');
        match (parts.next(), parts.next().map(str::parse), parts.next(), parts.next()) {
            (Some(own), Some(Ok(phase)), Some(id), Some(key)) if own == tag && !text.contains('\0') => Ok(Self {
                phase,
                id: id.to_owned(),
                key: key.to_owned(),
            }),
            _ => Err(bad_cursor()),
        }
    }
}

fn bad_cursor() -> Error {
    Error::invalid("cursor", "malformed", "This is not a cursor of this list.")
}

/// What `search` columns hold: the parts in lower case.
pub(crate) fn search_text(parts: &[&str]) -> String {
    parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| part.to_lowercase())
        .collect::<Vec<_>>()
        .join("\n")
}

/// A sort key for an instant: text that orders like the number.
pub(crate) fn time_key(at: jiff::Timestamp) -> String {
    format!("{:015}", at.as_millisecond())
}
