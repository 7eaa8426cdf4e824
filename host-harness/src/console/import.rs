//! How records come in: what an import folder holds and the command that reads it.
//! The import itself runs on the server, where its progress and every bad row are shown.

use super::{
    layout::{Nav, Page},
    office::Office,
};
use crate::web::page;
use axum::{http::StatusCode, response::Response};

const FILES: [(&str, &str); 13] = [
    ("company.toml", "slug, name, time_zone, currency"),
    ("customers.csv", "id, first_name, last_name"),
    ("projects.csv", "id, customer_id, name, status"),
    ("jobs.csv", "id, customer_id, title, status"),
    ("estimates.csv", "id, customer_id, number, title, status"),
    (
        "estimate_lines.csv",
        "estimate_id, position, name, quantity, unit_price",
    ),
    ("invoices.csv", "id, customer_id, number, title, status"),
    ("invoice_lines.csv", "invoice_id, position, name, quantity, unit_price"),
    ("payments.csv", "id, customer_id, date, amount, method"),
    ("requests.csv", "id, customer_id, summary, status, submitted_date"),
    ("files.csv", "id, customer_id, owner_kind, owner_id, name, path"),
    ("statuses.csv", "kind, code, label, tone, open"),
    ("templates.csv", "id, channel, name, body"),
];

#[derive(askama::Template)]
#[template(path = "console/import.html")]
struct ImportPage {
    page: Page,
    back: String,
    slug: String,
    files: [(&'static str, &'static str); 13],
}

/// `GET /c/{slug}/settings/import`
pub(super) async fn show(office: Office) -> Response {
    page(
        StatusCode::OK,
        &ImportPage {
            page: office.page("Import", Nav::Settings),
            back: office.path("settings"),
            slug: office.company.slug.clone(),
            files: FILES,
        },
    )
}
