//! Choosing the customer a new record is for, when it was not begun on a profile.
//! Search, click, and the new record's form opens.

use super::{
    failure,
    layout::Nav,
    listing::{Asked, ListPage, ROWS},
    office::Office,
    view::{Cell, Link, Table},
    words,
};
use crate::{
    AppState,
    web::{Failure, page, see_other},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use platform::Customer;

/// The customer named in the address of a new record's form; `Err` is the way to choose one.
pub(super) async fn customer(
    state: &AppState,
    office: &Office,
    asked: &Asked,
    kind: &str,
) -> Result<Result<Customer, Response>, Failure> {
    if asked.customer.is_empty() {
        return Ok(Err(see_other(&office.path(&format!("choose/{kind}")))));
    }
    Ok(Ok(state
        .platform
        .customers()
        .get(office.id(), &asked.customer)
        .await
        .map_err(failure)?))
}

/// `GET /c/{slug}/choose/{kind}`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Path((_, kind)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (noun, nav, back) = match kind.as_str() {
        "job" => ("job", Nav::Jobs, "jobs"),
        "project" => ("project", Nav::Projects, "projects"),
        "estimate" => ("estimate", Nav::Estimates, "estimates"),
        "invoice" => ("invoice", Nav::Invoices, "invoices"),
        "payment" => ("payment", Nav::Payments, "payments"),
        _ => return Err(Failure::not_found()),
    };
    let found = state
        .platform
        .customers()
        .list(office.id(), asked.search(), asked.cursor(), ROWS)
        .await
        .map_err(failure)?;
    let mut table = Table::new("Customers", &["Customer", "E-mail", "Phone"]);
    for customer in &found.items {
        let href = office.path(&format!("new/{kind}?customer={}", words::encode(&customer.id)));
        table.rows.push(vec![
            Cell::link(customer.display_name(), href),
            Cell::text(customer.email.clone()),
            Cell::text(customer.phone.clone()).whole(),
        ]);
    }
    let frame = office.page(format!("New {noun}: for whom?"), nav);
    let mut list = ListPage::new(
        frame,
        &asked,
        table,
        found.next.as_deref(),
        "There are no customers yet.",
    );
    list.search_label = "Search customers";
    list.back = Some(Link::new(office.path(back), "Back"));
    Ok(page(StatusCode::OK, &list))
}
