//! Invoices: the list, a new one, its lines, tax and discount, and the payments against it.
//! What is owed follows from lines and payments; nobody types it.

use super::{
    choose, failure,
    form::{Choice, Field, Kind, Posted},
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
use platform::{Customer, Invoice, InvoiceDetails, Line, LineDetails, ListQuery, OwnerKind, RecordKind};

/// `GET /c/{slug}/invoices`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let found = state
        .platform
        .invoices()
        .list(office.id(), &asked.query(true))
        .await
        .map_err(failure)?;
    let mut table = Table::new(
        "Invoices",
        &["Invoice", "Customer", "Date", "Due", "Total#", "Owed#", "Status"],
    );
    for invoice in &found.items {
        table.rows.push(vec![
            Cell::link(invoice.details.title.clone(), office.record("invoices", &invoice.id))
                .note(invoice.details.number.clone()),
            Cell::text(invoice.customer_name.clone()),
            Cell::text(words::date_or_dash(invoice.details.issued)).whole(),
            Cell::text(words::date_or_dash(invoice.details.due)).whole(),
            Cell::text(words::amount(&office.company, invoice.totals.total)),
            Cell::text(words::amount(&office.company, invoice.amount_due)),
            Pill::from(&invoice.status).into(),
        ]);
    }
    let empty = "No invoices here. Drafts and paid ones are under All.";
    let list = ListPage::new(
        office.page("Invoices", Nav::Invoices),
        &asked,
        table,
        found.next.as_deref(),
        empty,
    )
    .halves(&asked)
    .of_customer(&office, &asked)
    .new_button(&office, &asked, "invoice", "New invoice");
    Ok(page(StatusCode::OK, &list))
}

async fn job_choices(state: &AppState, office: &Office, customer_id: &str) -> Result<Vec<Choice>, Failure> {
    let mut query = ListQuery {
        customer_id: Some(customer_id.to_owned()),
        ..ListQuery::default()
    };
    query.page.limit = 200;
    let jobs = state
        .platform
        .jobs()
        .list(office.id(), &query)
        .await
        .map_err(failure)?
        .items;
    let mut choices = vec![Choice::new("", "None")];
    choices.extend(jobs.into_iter().map(|job| Choice::new(job.id, job.details.title)));
    Ok(choices)
}

async fn fields(state: &AppState, office: &Office, details: &InvoiceDetails) -> Result<Vec<Field>, Failure> {
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
        Field::new("title", "Invoice")
            .value(details.title.clone())
            .required()
            .wide(),
        Field::new("number", "Number")
            .value(details.number.clone())
            .help("Left empty, the next free one is taken."),
        Field::select(
            "status",
            "Status",
            status_choices(catalogue.choices(RecordKind::Invoice)),
        )
        .value(status)
        .help("The customer sees it once it is issued."),
        Field::new("issued", "Invoice date")
            .kind(Kind::Date)
            .value(date_value(details.issued)),
        Field::new("due", "Due").kind(Kind::Date).value(date_value(details.due)),
        Field::select("job_id", "Job", job_choices(state, office, &details.customer_id).await?)
            .value(details.job_id.clone().unwrap_or_default()),
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
    ])
}

type Read = (InvoiceDetails, Vec<LineDetails>);

fn read(posted: &Posted, customer_id: String, digits: u8) -> Result<Read, Vec<FieldError>> {
    let mut reader = Reader::new(posted, digits);
    let details = InvoiceDetails {
        customer_id,
        job_id: posted.optional("job_id"),
        number: posted.text("number"),
        title: posted.text("title"),
        status: posted.text("status"),
        issued: reader.date("issued", "Invoice date"),
        due: reader.date("due", "Due"),
        discount: reader.money("discount", "Discount"),
        tax: reader.tax(),
        notes: reader.text("notes"),
    };
    let lines = lines::read(&mut reader, posted, false);
    reader.finish((details, lines))
}

async fn new_form(state: &AppState, office: &Office, customer: &Customer) -> Result<FormPage, Failure> {
    let today = office.company.date(state.platform.now());
    let details = InvoiceDetails {
        customer_id: customer.id.clone(),
        issued: Some(today),
        ..InvoiceDetails::default()
    };
    let back = Link::new(office.record("customers", &customer.id), customer.display_name());
    let action = format!(
        "{}?customer={}",
        office.path("new/invoice"),
        words::encode(&customer.id)
    );
    let frame = office.page("New invoice", Nav::Invoices);
    let mut form = FormPage::new(frame, back, action, fields(state, office, &details).await?);
    form.subtitle = format!("For {}", customer.display_name());
    form.lines = Some(LineEditor::new(&office.company, &[], false));
    Ok(form)
}

async fn edit_form(state: &AppState, office: &Office, invoice: &Invoice, lines: &[Line]) -> Result<FormPage, Failure> {
    let details = &invoice.details;
    let company = &office.company;
    let frame = office.page(details.title.clone(), Nav::Invoices);
    let back = Link::new(office.path("invoices"), "Invoices");
    let fields = fields(state, office, details).await?;
    let mut form = FormPage::new(frame, back, office.record("invoices", &invoice.id), fields);
    form.customer = Some(Link::new(
        office.record("customers", &details.customer_id),
        invoice.customer_name.clone(),
    ));
    form.subtitle = details.number.clone();
    form.status = Some(Pill::from(&invoice.status));
    form.version = Some(invoice.version);
    form.lines =
        Some(LineEditor::new(company, lines, false).with_totals(company, &invoice.totals, details.tax.as_ref()));
    form.facts = vec![
        Fact::new("Total", words::amount(company, invoice.totals.total)),
        Fact::new("Paid", words::amount(company, invoice.amount_paid)),
        Fact::new("Owed", words::amount(company, invoice.amount_due)),
    ];
    for payment in state
        .platform
        .payments()
        .of_invoice(office.id(), &invoice.id)
        .await
        .map_err(failure)?
    {
        let label = super::payments::method_label(&payment.details.method);
        let value = format!(
            "{} · {}",
            words::amount(company, payment.details.amount),
            words::date(payment.details.date)
        );
        form.facts
            .push(Fact::linked(label, value, office.record("payments", &payment.id)));
    }
    if invoice.amount_due > 0 {
        let href = format!(
            "{}?customer={}&invoice={}",
            office.path("new/payment"),
            words::encode(&details.customer_id),
            words::encode(&invoice.id)
        );
        form.facts
            .push(Fact::linked("Received money?", "Record a payment", href));
    }
    form.files = files_of(state, office, OwnerKind::Invoice, &invoice.id).await?;
    form.upload = Some(office.record("add-file/invoice", &invoice.id));
    Ok(form)
}

/// `GET /c/{slug}/new/invoice`
pub(super) async fn new(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    match choose::customer(&state, &office, &asked, "invoice").await? {
        Ok(customer) => Ok(new_form(&state, &office, &customer).await?.show()),
        Err(choose) => Ok(choose),
    }
}

/// `POST /c/{slug}/new/invoice`
pub(super) async fn create(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Result<Response, Failure> {
    let customer = match choose::customer(&state, &office, &asked, "invoice").await? {
        Ok(customer) => customer,
        Err(choose) => return Ok(choose),
    };
    let refused = match read(&posted, customer.id.clone(), office.company.currency_digits()) {
        Ok((details, lines)) => {
            match state
                .platform
                .invoices()
                .create(office.id(), details, lines, &office.actor())
                .await
            {
                Ok(invoice) => return Ok(office.after(&office.record("invoices", &invoice.id), "created")),
                Err(error) => Refused::from_platform(error, None)?,
            }
        }
        Err(errors) => errors.into(),
    };
    Ok(new_form(&state, &office, &customer).await?.refused(&posted, refused))
}

/// `GET /c/{slug}/invoices/{id}`
pub(super) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let invoice = state.platform.invoices().get(office.id(), &id).await.map_err(failure)?;
    let lines = state
        .platform
        .invoices()
        .lines(office.id(), &id)
        .await
        .map_err(failure)?;
    Ok(edit_form(&state, &office, &invoice, &lines).await?.show())
}

/// `POST /c/{slug}/invoices/{id}`
pub(super) async fn update(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let version = posted.version()?;
    let invoices = state.platform.invoices();
    let invoice = invoices.get(office.id(), &id).await.map_err(failure)?;
    let refused = match read(
        &posted,
        invoice.details.customer_id.clone(),
        office.company.currency_digits(),
    ) {
        Ok((details, lines)) => {
            match invoices
                .update(office.id(), &id, version, details, lines, &office.actor())
                .await
            {
                Ok(_) => return Ok(office.after(&office.record("invoices", &id), "saved")),
                Err(error) => Refused::of_update(error, version, invoice.version)?,
            }
        }
        Err(errors) => errors.into(),
    };
    Ok(edit_form(&state, &office, &invoice, &[])
        .await?
        .refused(&posted, refused))
}
