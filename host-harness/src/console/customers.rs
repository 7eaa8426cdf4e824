//! The list of customers, adding one and editing contact details.
//! An edit carries the version it was read at; somebody else's change is said, never overwritten unseen.

use super::{
    failure,
    form::{Choice, Field, Kind, Posted},
    layout::Nav,
    listing::{Asked, ListPage, ROWS},
    office::Office,
    record::{FormPage, Refused},
    view::{Cell, Link, Table},
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
use capabilities::Address;
use platform::{Customer, CustomerDetails};

/// `GET /c/{slug}/customers`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let customers = state.platform.customers();
    let found = customers
        .list(office.id(), asked.search(), asked.cursor(), ROWS)
        .await
        .map_err(failure)?;
    let mut table = Table::new("Customers", &["Name", "E-mail", "Phone", "Place"]);
    for customer in &found.items {
        let mut name = Cell::link(customer.display_name(), office.record("customers", &customer.id));
        if !customer.company_name.is_empty() && customer.company_name != customer.display_name() {
            name = name.note(customer.company_name.clone());
        }
        let phone = if customer.phone.is_empty() {
            &customer.mobile
        } else {
            &customer.phone
        };
        table.rows.push(vec![
            name,
            Cell::text(customer.email.clone()),
            Cell::text(phone.clone()).whole(),
            Cell::text(customer.address.city.clone()),
        ]);
    }
    let count = customers.count(office.id()).await.map_err(failure)?;
    let empty = "No customers yet. Add one, or import your own under Company Settings.";
    let mut list = ListPage::new(
        office.page("Customers", Nav::Customers),
        &asked,
        table,
        found.next.as_deref(),
        empty,
    )
    .new_button(&office, &Asked::default(), "customer", "New customer");
    list.search_label = "Search by name, e-mail, phone or address";
    list.intro = super::words::count(count, "customer", "customers");
    Ok(page(StatusCode::OK, &list))
}

fn fields(details: &CustomerDetails) -> Vec<Field> {
    let languages = [
        ("", "The company’s language"),
        ("en", "English"),
        ("es", "Español"),
        ("de", "Deutsch"),
    ];
    let mut choices: Vec<Choice> = languages
        .iter()
        .map(|(value, label)| Choice::new(*value, *label))
        .collect();
    if !choices.iter().any(|choice| choice.value == details.language) {
        choices.push(Choice::new(details.language.clone(), details.language.clone()));
    }
    let text = |name: &str, label: &str, value: &str| Field::new(name, label).value(value);
    vec![
        text("first_name", "First name", &details.first_name).help("A name or a company is needed."),
        text("last_name", "Last name", &details.last_name),
        text("company_name", "Company", &details.company_name),
        text("email", "E-mail", &details.email).kind(Kind::Email),
        text("phone", "Phone", &details.phone).kind(Kind::Tel),
        text("mobile", "Mobile", &details.mobile)
            .kind(Kind::Tel)
            .help("Text messages go here."),
        text("street", "Street", &details.address.street).wide(),
        text("unit", "Apartment, suite, floor", &details.address.unit),
        text("city", "City", &details.address.city),
        text("region", "State or region", &details.address.region),
        text("postal_code", "Postal code", &details.address.postal_code),
        text("country", "Country", &details.address.country).help("Two letters, for example US."),
        Field::select("language", "Language", choices).value(details.language.clone()),
        text("internal_notes", "Internal notes", &details.internal_notes)
            .kind(Kind::Area)
            .help("Only your team sees these."),
    ]
}

fn read(posted: &Posted) -> CustomerDetails {
    CustomerDetails {
        first_name: posted.text("first_name"),
        last_name: posted.text("last_name"),
        company_name: posted.text("company_name"),
        email: posted.text("email"),
        phone: posted.text("phone"),
        mobile: posted.text("mobile"),
        address: Address {
            street: posted.text("street"),
            unit: posted.text("unit"),
            city: posted.text("city"),
            region: posted.text("region"),
            postal_code: posted.text("postal_code"),
            country: posted.text("country").to_uppercase(),
        },
        language: posted.text("language"),
        internal_notes: posted.text("internal_notes").replace("\r\n", "\n"),
    }
}

fn new_form(office: &Office) -> FormPage {
    let back = Link::new(office.path("customers"), "Customers");
    let frame = office.page("New customer", Nav::Customers);
    FormPage::new(
        frame,
        back,
        office.path("new/customer"),
        fields(&CustomerDetails::default()),
    )
}

fn edit_form(office: &Office, customer: &Customer) -> FormPage {
    let profile = office.record("customers", &customer.id);
    let name = customer.display_name();
    let frame = office.page("Contact details", Nav::Customers);
    let mut form = FormPage::new(
        frame,
        Link::new(profile.clone(), name.clone()),
        format!("{profile}/edit"),
        fields(customer),
    );
    form.subtitle = name;
    form.version = Some(customer.version);
    form
}

/// `GET /c/{slug}/new/customer`
pub(super) async fn new(office: Office) -> Response {
    new_form(&office).show()
}

/// `POST /c/{slug}/new/customer`
pub(super) async fn create(State(state): State<AppState>, office: Office, posted: Posted) -> Result<Response, Failure> {
    match state
        .platform
        .customers()
        .create(office.id(), read(&posted), &office.actor())
        .await
    {
        Ok(customer) => Ok(office.after(&office.record("customers", &customer.id), "created")),
        Err(error) => Ok(new_form(&office).refused(&posted, Refused::from_platform(error, None)?)),
    }
}

/// `GET /c/{slug}/customers/{id}/edit`
pub(super) async fn edit(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let customer = state
        .platform
        .customers()
        .get(office.id(), &id)
        .await
        .map_err(failure)?;
    Ok(edit_form(&office, &customer).show())
}

/// `POST /c/{slug}/customers/{id}/edit`
pub(super) async fn update(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let version = posted.version()?;
    let customers = state.platform.customers();
    match customers
        .update(office.id(), &id, version, read(&posted), &office.actor())
        .await
    {
        Ok(customer) => Ok(office.after(&office.record("customers", &customer.id), "saved")),
        Err(error) => {
            let present = customers.get(office.id(), &id).await.map_err(failure)?;
            let refused = Refused::of_update(error, version, present.version)?;
            Ok(edit_form(&office, &present).refused(&posted, refused))
        }
    }
}
