//! Company Settings: the way to features and plugins, the team, keys, audit and import.
//! Entries somebody may not open are not shown to them.

pub(super) mod api_keys;
pub(super) mod install;
pub(super) mod plugins;
pub(super) mod team;
pub(super) mod team_member;
pub(super) mod uninstall;

use super::{
    layout::{Nav, Page},
    office::Office,
    view::Fact,
    words,
};
use crate::web::page;
use axum::{http::StatusCode, response::Response};

struct Entry {
    href: String,
    label: &'static str,
    note: &'static str,
}

#[derive(askama::Template)]
#[template(path = "console/settings/index.html")]
struct SettingsPage {
    page: Page,
    entries: Vec<Entry>,
    facts: Vec<Fact>,
}

/// `GET /c/{slug}/settings`
pub(super) async fn index(office: Office) -> Response {
    let entry = |path: &str, label, note| Entry {
        href: office.path(path),
        label,
        note,
    };
    let mut entries = Vec::new();
    if office.may_administer() {
        entries.extend([
            entry(
                "settings/plugins",
                "Features & Plugins",
                "Switch features on and off and set how they work.",
            ),
            entry(
                "settings/team",
                "Team",
                "Invite colleagues, change what they may do, shut somebody out.",
            ),
            entry(
                "settings/api-keys",
                "API keys",
                "Let your other apps use template fields and actions.",
            ),
            entry("settings/audit", "Audit", "Who did what, and when."),
            entry(
                "settings/import",
                "Import",
                "Bring in customers, jobs, invoices and files.",
            ),
        ]);
    }
    let company = &office.company;
    let facts = [
        ("Name", company.name.clone()),
        ("Address", words::address(&company.address)),
        ("Phone", company.phone.clone()),
        ("E-mail", company.email.clone()),
        ("Website", company.website.clone()),
        ("Time zone", company.time_zone.clone()),
        ("Currency", company.currency.clone()),
    ];
    let facts = facts
        .into_iter()
        .filter(|(_, v)| !v.is_empty())
        .map(|(label, value)| Fact::new(label, value))
        .collect();
    page(
        StatusCode::OK,
        &SettingsPage {
            page: office.page("Company Settings", Nav::Settings),
            entries,
            facts,
        },
    )
}
