//! Estimates: the list, a new one, its lines, tax and discount, and what the customer is asked to accept.
//! Totals are the platform's; this page shows what was stored.

use super::{
    choose, failure,
    form::{Field, Kind, Posted},
    jobs::project_choices,
    layout::Nav,
    lines::{self, LineEditor},
    listing::{Asked, ListPage},
    office::Office,
    record::{FormPage, Reader, Refused, date_value, files_of, money_value, status_choices, tax_fields},
    view::{Cell, Fact, Link, Pill, Table},
    words,
};
use crate::{
    AppState,
    web::{Failure, page},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use capabilities::FieldError;
use platform::{Customer, Estimate, EstimateDetails, Line, LineDetails, OwnerKind, RecordKind};

/// `GET /c/{slug}/estimates`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let found = state
        .platform
        .estimates()
        .list(office.id(), &asked.query(true))
        .await
        .map_err(failure)?;
    let mut table = Table::new(
        "Estimates",
        &["Estimate", "Customer", "Sent", "Expires", "Total#", "Status"],
    );
    for estimate in &found.items {
        table.rows.push(vec![
            Cell::link(estimate.details.title.clone(), office.record("estimates", &estimate.id))
                .note(estimate.details.number.clone()),
            Cell::text(estimate.customer_name.clone()),
            Cell::text(words::date_or_dash(estimate.details.sent)).whole(),
            Cell::text(words::date_or_dash(estimate.details.expires)).whole(),
            Cell::text(words::amount(&office.company, estimate.totals.total)),
            Pill::from(&estimate.status).into(),
        ]);
    }
    let empty = "No estimates here. Drafts and decided ones are under All.";
    let list = ListPage::new(
        office.page("Estimates", Nav::Estimates),
        &asked,
        table,
        found.next.as_deref(),
        empty,
    )
    .halves(&asked)
    .of_customer(&office, &asked)
    .new_button(&office, &asked, "estimate", "New estimate");
    Ok(page(StatusCode::OK, &list))
}

async fn fields(state: &AppState, office: &Office, details: &EstimateDetails) -> Result<Vec<Field>, Failure> {
    let catalogue = state
        .platform
        .companies()
        .statuses(office.id())
        .await
        .map_err(failure)?;
    let status = if details.status.is_empty() {
        "draft"
    } else {
        &details.status
    };
    let digits = office.company.currency_digits();
    let [tax_name, tax_rate] = tax_fields(details.tax.as_ref());
    Ok(vec![
        Field::new("title", "Estimate")
            .value(details.title.clone())
            .required()
            .wide(),
        Field::new("number", "Number")
            .value(details.number.clone())
            .help("Left empty, the next free one is taken."),
        Field::select(
            "status",
            "Status",
            status_choices(catalogue.choices(RecordKind::Estimate)),
        )
        .value(status)
        .help("The customer sees it from Sent on."),
        Field::new("sent", "Sent")
            .kind(Kind::Date)
            .value(date_value(details.sent)),
        Field::new("expires", "Expires")
            .kind(Kind::Date)
            .value(date_value(details.expires))
            .help("Valid through this day."),
        Field::select(
            "project_id",
            "Project",
            project_choices(state, office, &details.customer_id).await?,
        )
        .value(details.project_id.clone().unwrap_or_default()),
        Field::new("prepared_by", "Prepared by").value(details.prepared_by.clone()),
        Field::new("service_address", "Service address")
            .value(details.service_address.clone())
            .wide(),
        Field::new("discount", "Discount")
            .kind(Kind::Amount)
            .value(money_value(details.discount, digits))
            .help("An amount, taken off before tax."),
        tax_name,
        tax_rate,
        Field::new("notes", "Notes")
            .kind(Kind::Area)
            .value(details.notes.clone())
            .help("The customer reads these."),
        Field::new("terms", "Terms")
            .kind(Kind::Area)
            .value(details.terms.clone())
            .help("What accepting agrees to."),
    ])
}

type Read = (EstimateDetails, Vec<LineDetails>);

fn read(posted: &Posted, customer_id: String, digits: u8) -> Result<Read, Vec<FieldError>> {
    let mut reader = Reader::new(posted, digits);
    let details = EstimateDetails {
        customer_id,
        project_id: posted.optional("project_id"),
        number: posted.text("number"),
        title: posted.text("title"),
        status: posted.text("status"),
        sent: reader.date("sent", "Sent"),
        expires: reader.date("expires", "Expires"),
        discount: reader.money("discount", "Discount"),
        tax: reader.tax(),
        notes: reader.text("notes"),
        terms: reader.text("terms"),
        prepared_by: posted.text("prepared_by"),
        service_address: posted.text("service_address"),
    };
    let lines = lines::read(&mut reader, posted, true);
    reader.finish((details, lines))
}

async fn new_form(state: &AppState, office: &Office, customer: &Customer) -> Result<FormPage, Failure> {
    let details = EstimateDetails {
        customer_id: customer.id.clone(),
        service_address: words::address(&customer.address),
        prepared_by: office.person.staff.name.clone(),
        terms: office.company.terms.clone(),
        ..EstimateDetails::default()
    };
    let back = Link::new(office.record("customers", &customer.id), customer.display_name());
    let action = format!(
        "{}?customer={}",
        office.path("new/estimate"),
        words::encode(&customer.id)
    );
    let frame = office.page("New estimate", Nav::Estimates);
    let mut form = FormPage::new(frame, back, action, fields(state, office, &details).await?);
    form.subtitle = format!("For {}", customer.display_name());
    form.lines = Some(LineEditor::new(&office.company, &[], true));
    Ok(form)
}

async fn edit_form(
    state: &AppState,
    office: &Office,
    estimate: &Estimate,
    lines: &[Line],
) -> Result<FormPage, Failure> {
    let details = &estimate.details;
    let frame = office.page(details.title.clone(), Nav::Estimates);
    let back = Link::new(office.path("estimates"), "Estimates");
    let fields = fields(state, office, details).await?;
    let mut form = FormPage::new(frame, back, office.record("estimates", &estimate.id), fields);
    form.customer = Some(Link::new(
        office.record("customers", &details.customer_id),
        estimate.customer_name.clone(),
    ));
    form.subtitle = details.number.clone();
    form.status = Some(Pill::from(&estimate.status));
    form.version = Some(estimate.version);
    let totals = &estimate.totals;
    form.lines =
        Some(LineEditor::new(&office.company, lines, true).with_totals(&office.company, totals, details.tax.as_ref()));
    form.facts = vec![
        Fact::new("Total", words::amount(&office.company, totals.total)),
        Fact::new("Added", words::instant(&office.company, estimate.created_at)),
        Fact::new("Changed", words::instant(&office.company, estimate.changed_at)),
    ];
    form.files = files_of(state, office, OwnerKind::Estimate, &estimate.id).await?;
    form.upload = Some(office.record("add-file/estimate", &estimate.id));
    Ok(form)
}

/// `GET /c/{slug}/new/estimate`
pub(super) async fn new(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    match choose::customer(&state, &office, &asked, "estimate").await? {
        Ok(customer) => Ok(new_form(&state, &office, &customer).await?.show()),
        Err(choose) => Ok(choose),
    }
}

/// `POST /c/{slug}/new/estimate`
pub(super) async fn create(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Result<Response, Failure> {
    let customer = match choose::customer(&state, &office, &asked, "estimate").await? {
        Ok(customer) => customer,
        Err(choose) => return Ok(choose),
    };
    let refused = match read(&posted, customer.id.clone(), office.company.currency_digits()) {
        Ok((details, lines)) => {
            match state
                .platform
                .estimates()
                .create(office.id(), details, lines, &office.actor())
                .await
            {
                Ok(estimate) => return Ok(office.after(&office.record("estimates", &estimate.id), "created")),
                Err(error) => Refused::from_platform(error, None)?,
            }
        }
        Err(errors) => errors.into(),
    };
    Ok(new_form(&state, &office, &customer).await?.refused(&posted, refused))
}

/// `GET /c/{slug}/estimates/{id}`
pub(super) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let estimate = state
        .platform
        .estimates()
        .get(office.id(), &id)
        .await
        .map_err(failure)?;
    let lines = state
        .platform
        .estimates()
        .lines(office.id(), &id)
        .await
        .map_err(failure)?;
    Ok(edit_form(&state, &office, &estimate, &lines).await?.show())
}

/// `POST /c/{slug}/estimates/{id}`
pub(super) async fn update(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let version = posted.version()?;
    let estimates = state.platform.estimates();
    let estimate = estimates.get(office.id(), &id).await.map_err(failure)?;
    let refused = match read(
        &posted,
        estimate.details.customer_id.clone(),
        office.company.currency_digits(),
    ) {
        Ok((details, lines)) => {
            match estimates
                .update(office.id(), &id, version, details, lines, &office.actor())
                .await
            {
                Ok(_) => return Ok(office.after(&office.record("estimates", &id), "saved")),
                Err(error) => Refused::of_update(error, version, estimate.version)?,
            }
        }
        Err(errors) => errors.into(),
    };
    Ok(edit_form(&state, &office, &estimate, &[])
        .await?
        .refused(&posted, refused))
}
