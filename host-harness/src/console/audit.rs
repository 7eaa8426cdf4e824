//! The audit: everything that happened in the company, latest first, and whether the chain is intact.
//! Entries are append-only; each carries the hash of the one before.

use super::{
    failure,
    layout::Nav,
    listing::{Asked, ListPage, ROWS},
    office::Office,
    view::{Cell, Link, Tab, Table},
    words,
};
use crate::{
    AppState,
    web::{Failure, page},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use platform::ChainVerdict;

const KINDS: [(&str, &str); 8] = [
    ("", "All"),
    ("plugin", "Plugins"),
    ("staff", "Staff"),
    ("customer", "Customers"),
    ("credentials", "Passwords"),
    ("view", "Viewed as customer"),
    ("message", "Messages"),
    ("api_key", "API keys"),
];

/// `GET /c/{slug}/settings/audit`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let kind = KINDS
        .iter()
        .map(|(code, _)| *code)
        .find(|code| *code == asked.show && !code.is_empty());
    let prefix = kind.map(|kind| format!("{kind}."));
    let log = state.platform.activity();
    let found = log
        .audit(office.id(), prefix.as_deref(), asked.cursor(), ROWS)
        .await
        .map_err(failure)?;
    let mut table = Table::new("Audit", &["What happened", "When", "Who", "From"]);
    for entry in &found.items {
        let what = &entry.entry;
        let summary = match &what.customer_id {
            Some(customer) => Cell::link(what.summary.clone(), office.record("customers", customer)),
            None => Cell::text(what.summary.clone()),
        };
        let who = if what.via.is_empty() {
            entry.actor_name.clone()
        } else {
            format!("{}, by {}", entry.actor_name, what.via)
        };
        table.rows.push(vec![
            summary.note(what.kind.clone()),
            Cell::text(words::instant(&office.company, entry.at)).whole(),
            Cell::text(who),
            Cell::text(entry.address.clone()).whole(),
        ]);
    }
    let frame = office.page("Audit", Nav::Settings);
    let mut list = ListPage::new(
        frame,
        &asked,
        table,
        found.next.as_deref(),
        "Nothing of this kind has happened yet.",
    );
    list.back = Some(Link::new(office.path("settings"), "Company Settings"));
    list.searchable = false;
    list.filters = KINDS
        .iter()
        .map(|(code, label)| Tab {
            href: if code.is_empty() {
                "?".into()
            } else {
                format!("?show={code}")
            },
            label,
            current: kind.unwrap_or_default() == *code,
        })
        .collect();
    // Recomputing the chain reads all of it: on the first page only.
    if asked.cursor().is_none() && kind.is_none() {
        list.intro = match log.verify(office.id()).await.map_err(failure)? {
            ChainVerdict::Intact(entries) => {
                format!(
                    "{}, each bound to the one before. Nothing was altered.",
                    words::count(entries, "entry", "entries")
                )
            }
            ChainVerdict::BrokenAt(seq) => {
                format!("Entry {seq} does not follow from the one before: the log was altered.")
            }
        };
    }
    Ok(page(StatusCode::OK, &list))
}
