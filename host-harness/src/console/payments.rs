//! Payments: the list, recording one, and taking back one recorded by mistake.
//! A recorded payment is not edited: it is removed and recorded again, and both stand in the audit.

use super::{
    choose, failure,
    form::{Choice, Field, Kind, Posted},
    layout::Nav,
    listing::{Asked, ListPage},
    office::Office,
    record::{FormPage, Reader, Refused, date_value},
    view::{Cell, Command, Fact, Link, Table},
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
use capabilities::{FieldError, ListFilter};
use platform::{Customer, ListQuery, PAYMENT_METHODS, PaymentDetails};
use serde::Deserialize;

/// A method's code as staff read it.
pub(super) fn method_label(code: &str) -> String {
    match code {
        "card" => "Card".into(),
        "bank_transfer" => "Bank transfer".into(),
        "check" => "Check".into(),
        "cash" => "Cash".into(),
        "other" => "Other".into(),
        own => super::customer_profile::field_label(own),
    }
}

/// `GET /c/{slug}/payments`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let found = state
        .platform
        .payments()
        .list(office.id(), &asked.query(false))
        .await
        .map_err(failure)?;
    let mut table = Table::new("Payments", &["Date", "Customer", "Invoice", "Method", "Amount#"]);
    for payment in &found.items {
        let details = &payment.details;
        let invoice = match &details.invoice_id {
            Some(id) => Cell::link(payment.invoice_number.clone(), office.record("invoices", id)).whole(),
            None => Cell::text(""),
        };
        table.rows.push(vec![
            Cell::link(words::date(details.date), office.record("payments", &payment.id)).whole(),
            Cell::text(payment.customer_name.clone()),
            invoice,
            Cell::text(method_label(&details.method)).note(details.reference.clone()),
            Cell::text(words::amount(&office.company, details.amount)),
        ]);
    }
    let frame = office.page("Payments", Nav::Payments);
    let list = ListPage::new(frame, &asked, table, found.next.as_deref(), "No payments yet.")
        .of_customer(&office, &asked)
        .new_button(&office, &asked, "payment", "Record a payment");
    Ok(page(StatusCode::OK, &list))
}

/// What the address of a new payment may name besides the customer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct For {
    customer: String,
    invoice: String,
}

impl For {
    fn asked(&self) -> Asked {
        Asked {
            customer: self.customer.clone(),
            ..Asked::default()
        }
    }
}

async fn form_for(
    state: &AppState,
    office: &Office,
    customer: &Customer,
    invoice_id: &str,
) -> Result<FormPage, Failure> {
    let mut query = ListQuery {
        customer_id: Some(customer.id.clone()),
        ..ListQuery::default()
    };
    query.page.filter = ListFilter::Open;
    query.page.limit = 200;
    let invoices = state
        .platform
        .invoices()
        .list(office.id(), &query)
        .await
        .map_err(failure)?
        .items;
    let mut choices = vec![Choice::new("", "Not for an invoice")];
    choices.extend(invoices.iter().map(|invoice| {
        let owed = words::amount(&office.company, invoice.amount_due);
        Choice::new(
            invoice.id.clone(),
            format!("{} · {} · {owed} owed", invoice.details.number, invoice.details.title),
        )
    }));
    let digits = office.company.currency_digits();
    let owed = invoices
        .iter()
        .find(|invoice| invoice.id == invoice_id)
        .map_or(0, |invoice| invoice.amount_due);
    let today = office.company.date(state.platform.now());
    let methods = PAYMENT_METHODS
        .iter()
        .map(|code| Choice::new(*code, method_label(code)))
        .collect();
    let fields = vec![
        Field::select("invoice_id", "Invoice", choices).value(invoice_id).wide(),
        Field::new("amount", "Amount")
            .kind(Kind::Amount)
            .value(super::record::money_value(owed, digits))
            .required(),
        Field::new("date", "Date")
            .kind(Kind::Date)
            .value(date_value(Some(today)))
            .required(),
        Field::select("method", "Method", methods).value("check"),
        Field::new("reference", "Reference").help("Check number or the card’s last digits."),
    ];
    let back = Link::new(office.record("customers", &customer.id), customer.display_name());
    let action = format!(
        "{}?customer={}",
        office.path("new/payment"),
        words::encode(&customer.id)
    );
    let mut form = FormPage::new(office.page("Record a payment", Nav::Payments), back, action, fields);
    form.subtitle = format!("From {}", customer.display_name());
    Ok(form)
}

fn read(posted: &Posted, customer_id: String, digits: u8) -> Result<PaymentDetails, Vec<FieldError>> {
    let mut reader = Reader::new(posted, digits);
    let date = reader.date("date", "Date");
    let amount = reader.money("amount", "Amount");
    if date.is_none() && posted.text("date").is_empty() {
        reader
            .errors
            .push(FieldError::new("date", "required", "Enter the day the money came in."));
    }
    let details = PaymentDetails {
        customer_id,
        invoice_id: posted.optional("invoice_id"),
        date: date.unwrap_or_default(),
        amount,
        method: posted.text("method"),
        reference: posted.text("reference"),
    };
    reader.finish(details)
}

/// `GET /c/{slug}/new/payment`
pub(super) async fn new(
    State(state): State<AppState>,
    office: Office,
    Query(whose): Query<For>,
) -> Result<Response, Failure> {
    match choose::customer(&state, &office, &whose.asked(), "payment").await? {
        Ok(customer) => Ok(form_for(&state, &office, &customer, &whose.invoice).await?.show()),
        Err(choose) => Ok(choose),
    }
}

/// `POST /c/{slug}/new/payment`
pub(super) async fn create(
    State(state): State<AppState>,
    office: Office,
    Query(whose): Query<For>,
    posted: Posted,
) -> Result<Response, Failure> {
    let customer = match choose::customer(&state, &office, &whose.asked(), "payment").await? {
        Ok(customer) => customer,
        Err(choose) => return Ok(choose),
    };
    let refused = match read(&posted, customer.id.clone(), office.company.currency_digits()) {
        Ok(details) => match state
            .platform
            .payments()
            .create(office.id(), details, &office.actor())
            .await
        {
            Ok(payment) => return Ok(office.after(&office.record("payments", &payment.id), "created")),
            Err(error) => Refused::from_platform(error, None)?,
        },
        Err(errors) => errors.into(),
    };
    Ok(form_for(&state, &office, &customer, "")
        .await?
        .refused(&posted, refused))
}

#[derive(askama::Template)]
#[template(path = "console/payment.html")]
struct PaymentPage {
    page: super::layout::Page,
    back: String,
    heading: String,
    facts: Vec<Fact>,
    remove: Command,
}

/// `GET /c/{slug}/payments/{id}`
pub(super) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let payment = state.platform.payments().get(office.id(), &id).await.map_err(failure)?;
    let details = &payment.details;
    let heading = words::amount(&office.company, details.amount);
    let mut facts = vec![
        Fact::linked(
            "Customer",
            payment.customer_name.clone(),
            office.record("customers", &details.customer_id),
        ),
        Fact::new("Date", words::date(details.date)),
        Fact::new("Method", method_label(&details.method)),
    ];
    if !details.reference.is_empty() {
        facts.push(Fact::new("Reference", details.reference.clone()));
    }
    if let Some(invoice) = &details.invoice_id {
        facts.push(Fact::linked(
            "Invoice",
            payment.invoice_number.clone(),
            office.record("invoices", invoice),
        ));
    }
    facts.push(Fact::new(
        "Recorded",
        words::instant(&office.company, payment.created_at),
    ));
    let remove = Command {
        href: format!("{}/delete", office.record("payments", &id)),
        label: "Remove this payment".into(),
        text: "Recorded by mistake? Removing it puts the amount back on the invoice.".into(),
    };
    let frame = office.page(format!("Payment of {heading}"), Nav::Payments);
    Ok(page(
        StatusCode::OK,
        &PaymentPage {
            page: frame,
            back: office.path("payments"),
            heading,
            facts,
            remove,
        },
    ))
}

/// `POST /c/{slug}/payments/{id}/delete`
pub(super) async fn delete(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    state
        .platform
        .payments()
        .delete(office.id(), &id, &office.actor())
        .await
        .map_err(failure)?;
    Ok(office.after(&office.path("payments"), "deleted"))
}
