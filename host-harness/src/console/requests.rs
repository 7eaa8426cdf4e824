//! Requests from the booking page: the list, how each stands, and making a job of one.
//! A stranger's request has no customer yet: it shows how to reach them.

use super::{
    failure,
    form::{Field, Kind, Posted},
    layout::Nav,
    listing::{Asked, ListPage},
    office::Office,
    record::{FormPage, Reader, Refused, date_value, status_choices},
    view::{Cell, Command, Fact, Link, Pill, Table},
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
use platform::{JobDetails, RecordKind, RequestDetails, ServiceRequest};

/// `GET /c/{slug}/requests`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let found = state
        .platform
        .requests()
        .list(office.id(), &asked.query(true))
        .await
        .map_err(failure)?;
    let mut table = Table::new("Requests", &["Request", "From", "Asked", "Preferred day", "Status"]);
    for request in &found.items {
        table.rows.push(vec![
            Cell::link(request.details.summary.clone(), office.record("requests", &request.id)),
            Cell::text(request.customer_name.clone()),
            Cell::text(words::instant(&office.company, request.submitted_at)).whole(),
            Cell::text(words::date_or_dash(request.details.preferred)).whole(),
            Pill::from(&request.status).into(),
        ]);
    }
    let empty = "No requests here. What customers ask for on your booking page appears here.";
    let mut list = ListPage::new(
        office.page("Requests", Nav::Requests),
        &asked,
        table,
        found.next.as_deref(),
        empty,
    )
    .halves(&asked)
    .of_customer(&office, &asked);
    list.intro = format!("Booking page: {}/{}/book", state.config.public_url, office.company.slug);
    Ok(page(StatusCode::OK, &list))
}

fn read(posted: &Posted, present: &RequestDetails) -> Result<RequestDetails, Vec<FieldError>> {
    let mut reader = Reader::new(posted, 2);
    let preferred = reader.date("preferred", "Preferred day");
    let details = RequestDetails {
        summary: posted.text("summary"),
        details: reader.text("details"),
        status: posted.text("status"),
        preferred,
        ..present.clone()
    };
    reader.finish(details)
}

async fn edit_form(state: &AppState, office: &Office, request: &ServiceRequest) -> Result<FormPage, Failure> {
    let details = &request.details;
    let catalogue = state
        .platform
        .companies()
        .statuses(office.id())
        .await
        .map_err(failure)?;
    let fields = vec![
        Field::new("summary", "Request")
            .value(details.summary.clone())
            .required()
            .wide(),
        Field::select(
            "status",
            "Status",
            status_choices(catalogue.choices(RecordKind::Request)),
        )
        .value(details.status.clone()),
        Field::new("preferred", "Preferred day")
            .kind(Kind::Date)
            .value(date_value(details.preferred)),
        Field::new("details", "In their words")
            .kind(Kind::Area)
            .value(details.details.clone()),
    ];
    let frame = office.page(details.summary.clone(), Nav::Requests);
    let back = Link::new(office.path("requests"), "Requests");
    let here = office.record("requests", &request.id);
    let mut form = FormPage::new(frame, back, here.clone(), fields);
    form.subtitle = format!("Asked {}", words::instant(&office.company, request.submitted_at));
    form.status = Some(Pill::from(&request.status));
    form.version = Some(request.version);
    match &details.customer_id {
        Some(id) => {
            form.customer = Some(Link::new(office.record("customers", id), request.customer_name.clone()));
            if details.job_id.is_none() {
                form.commands.push(Command {
                    href: format!("{here}/job"),
                    label: "Create a job from this".into(),
                    text: "The job takes over what was asked for; the request is then scheduled.".into(),
                });
            }
        }
        None => {
            form.facts.push(Fact::new("From", details.contact_name.clone()));
            if !details.contact_email.is_empty() {
                let mail = &details.contact_email;
                form.facts
                    .push(Fact::linked("E-mail", mail.clone(), format!("mailto:{mail}")));
            }
            if !details.contact_phone.is_empty() {
                form.facts.push(Fact::new("Phone", details.contact_phone.clone()));
            }
        }
    }
    if let Some(job) = &details.job_id {
        form.facts.push(Fact::linked(
            "Job",
            request.job_title.clone(),
            office.record("jobs", job),
        ));
    }
    form.facts.push(Fact::new("Request no.", request.id.clone()));
    Ok(form)
}

/// `GET /c/{slug}/requests/{id}`
pub(super) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let request = state.platform.requests().get(office.id(), &id).await.map_err(failure)?;
    Ok(edit_form(&state, &office, &request).await?.show())
}

/// `POST /c/{slug}/requests/{id}`
pub(super) async fn update(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let version = posted.version()?;
    let requests = state.platform.requests();
    let request = requests.get(office.id(), &id).await.map_err(failure)?;
    let refused = match read(&posted, &request.details) {
        Ok(details) => match requests
            .update(office.id(), &id, version, details, &office.actor())
            .await
        {
            Ok(_) => return Ok(office.after(&office.record("requests", &id), "saved")),
            Err(error) => Refused::of_update(error, version, request.version)?,
        },
        Err(errors) => errors.into(),
    };
    Ok(edit_form(&state, &office, &request).await?.refused(&posted, refused))
}

/// `POST /c/{slug}/requests/{id}/job`: a job with what was asked for; a second press finds the first one's job.
pub(super) async fn create_job(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let requests = state.platform.requests();
    let request = requests.get(office.id(), &id).await.map_err(failure)?;
    if let Some(job) = &request.details.job_id {
        return Ok(office.after(&office.record("jobs", job), "job"));
    }
    let Some(customer_id) = request.details.customer_id.clone() else {
        return Err(Failure::conflict(
            "Add the person as a customer first; a job needs one.",
        ));
    };
    let customer = state
        .platform
        .customers()
        .get(office.id(), &customer_id)
        .await
        .map_err(failure)?;
    let details = JobDetails {
        customer_id,
        title: request.details.summary.clone(),
        description: request.details.details.clone(),
        service_address: words::address(&customer.address),
        starts: request.details.preferred.map(|day| day.at(9, 0, 0, 0)),
        ..JobDetails::default()
    };
    let actor = office.actor();
    let job = state
        .platform
        .jobs()
        .create(office.id(), details, &actor)
        .await
        .map_err(failure)?;
    let linked = RequestDetails {
        job_id: Some(job.id.clone()),
        status: "scheduled".into(),
        ..request.details.clone()
    };
    requests
        .update(office.id(), &id, request.version, linked, &actor)
        .await
        .map_err(failure)?;
    Ok(office.after(&office.record("jobs", &job.id), "job"))
}
