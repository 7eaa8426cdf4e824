//! Jobs: the list, a new one, and changing what the customer sees of it.
//! Times are the company's wall clock.

use super::{
    choose, failure,
    form::{Choice, Field, Kind, Posted},
    layout::Nav,
    listing::{Asked, ListPage},
    office::Office,
    record::{FormPage, Reader, Refused, date_time_value, files_of, status_choices},
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
use platform::{Customer, Job, JobDetails, ListQuery, OwnerKind, RecordKind};

/// `GET /c/{slug}/jobs`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let found = state
        .platform
        .jobs()
        .list(office.id(), &asked.query(true))
        .await
        .map_err(failure)?;
    let mut table = Table::new("Jobs", &["Job", "Customer", "When", "Technician", "Status"]);
    for job in &found.items {
        table.rows.push(vec![
            Cell::link(job.details.title.clone(), office.record("jobs", &job.id)),
            Cell::text(job.customer_name.clone()),
            Cell::text(words::window(job.details.starts, job.details.ends)),
            Cell::text(job.details.technician.clone()),
            Pill::from(&job.status).into(),
        ]);
    }
    let empty = "No jobs here. Open ones appear as soon as they are planned.";
    let list = ListPage::new(
        office.page("Jobs", Nav::Jobs),
        &asked,
        table,
        found.next.as_deref(),
        empty,
    )
    .halves(&asked)
    .of_customer(&office, &asked)
    .new_button(&office, &asked, "job", "New job");
    Ok(page(StatusCode::OK, &list))
}

/// The projects of a customer as choices, a blank one first.
pub(super) async fn project_choices(
    state: &AppState,
    office: &Office,
    customer_id: &str,
) -> Result<Vec<Choice>, Failure> {
    let mut query = ListQuery {
        customer_id: Some(customer_id.to_owned()),
        ..ListQuery::default()
    };
    query.page.limit = 200;
    let projects = state
        .platform
        .projects()
        .list(office.id(), &query)
        .await
        .map_err(failure)?
        .items;
    let mut choices = vec![Choice::new("", "None")];
    choices.extend(
        projects
            .into_iter()
            .map(|project| Choice::new(project.id, project.details.name)),
    );
    Ok(choices)
}

async fn fields(state: &AppState, office: &Office, details: &JobDetails) -> Result<Vec<Field>, Failure> {
    let catalogue = state
        .platform
        .companies()
        .statuses(office.id())
        .await
        .map_err(failure)?;
    let status = if details.status.is_empty() {
        "unscheduled"
    } else {
        &details.status
    };
    Ok(vec![
        Field::new("title", "Job")
            .value(details.title.clone())
            .required()
            .wide(),
        Field::select("status", "Status", status_choices(catalogue.choices(RecordKind::Job))).value(status),
        Field::select(
            "project_id",
            "Project",
            project_choices(state, office, &details.customer_id).await?,
        )
        .value(details.project_id.clone().unwrap_or_default()),
        Field::new("starts", "Starts")
            .kind(Kind::DateTime)
            .value(date_time_value(details.starts)),
        Field::new("ends", "Ends")
            .kind(Kind::DateTime)
            .value(date_time_value(details.ends))
            .help("The end of the arrival window."),
        Field::new("technician", "Technician").value(details.technician.clone()),
        Field::new("service_address", "Service address").value(details.service_address.clone()),
        Field::new("description", "Description")
            .kind(Kind::Area)
            .value(details.description.clone())
            .help("The customer reads this."),
        Field::new("internal_notes", "Internal notes")
            .kind(Kind::Area)
            .value(details.internal_notes.clone())
            .help("Only your team sees these."),
    ])
}

fn read(posted: &Posted, customer_id: String) -> Result<JobDetails, Vec<FieldError>> {
    let mut reader = Reader::new(posted, 2);
    let (starts, ends) = (reader.date_time("starts", "Starts"), reader.date_time("ends", "Ends"));
    let details = JobDetails {
        customer_id,
        project_id: posted.optional("project_id"),
        title: posted.text("title"),
        description: reader.text("description"),
        status: posted.text("status"),
        starts,
        ends,
        technician: posted.text("technician"),
        service_address: posted.text("service_address"),
        internal_notes: reader.text("internal_notes"),
    };
    reader.finish(details)
}

async fn new_form(state: &AppState, office: &Office, customer: &Customer) -> Result<FormPage, Failure> {
    let details = JobDetails {
        customer_id: customer.id.clone(),
        service_address: words::address(&customer.address),
        ..JobDetails::default()
    };
    let back = Link::new(office.record("customers", &customer.id), customer.display_name());
    let action = format!("{}?customer={}", office.path("new/job"), words::encode(&customer.id));
    let mut form = FormPage::new(
        office.page("New job", Nav::Jobs),
        back,
        action,
        fields(state, office, &details).await?,
    );
    form.subtitle = format!("For {}", customer.display_name());
    Ok(form)
}

async fn edit_form(state: &AppState, office: &Office, job: &Job) -> Result<FormPage, Failure> {
    let frame = office.page(job.details.title.clone(), Nav::Jobs);
    let fields = fields(state, office, &job.details).await?;
    let mut form = FormPage::new(
        frame,
        Link::new(office.path("jobs"), "Jobs"),
        office.record("jobs", &job.id),
        fields,
    );
    form.customer = Some(Link::new(
        office.record("customers", &job.details.customer_id),
        job.customer_name.clone(),
    ));
    form.subtitle = words::window(job.details.starts, job.details.ends);
    form.status = Some(Pill::from(&job.status));
    form.version = Some(job.version);
    form.facts = vec![
        Fact::new("Job no.", job.id.clone()),
        Fact::new("Added", words::instant(&office.company, job.created_at)),
        Fact::new("Changed", words::instant(&office.company, job.changed_at)),
    ];
    form.files = files_of(state, office, OwnerKind::Job, &job.id).await?;
    form.upload = Some(office.record("add-file/job", &job.id));
    Ok(form)
}

/// `GET /c/{slug}/new/job`
pub(super) async fn new(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    match choose::customer(&state, &office, &asked, "job").await? {
        Ok(customer) => Ok(new_form(&state, &office, &customer).await?.show()),
        Err(choose) => Ok(choose),
    }
}

/// `POST /c/{slug}/new/job`
pub(super) async fn create(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Result<Response, Failure> {
    let customer = match choose::customer(&state, &office, &asked, "job").await? {
        Ok(customer) => customer,
        Err(choose) => return Ok(choose),
    };
    let refused = match read(&posted, customer.id.clone()) {
        Ok(details) => match state
            .platform
            .jobs()
            .create(office.id(), details, &office.actor())
            .await
        {
            Ok(job) => return Ok(office.after(&office.record("jobs", &job.id), "created")),
            Err(error) => Refused::from_platform(error, None)?,
        },
        Err(errors) => errors.into(),
    };
    Ok(new_form(&state, &office, &customer).await?.refused(&posted, refused))
}

/// `GET /c/{slug}/jobs/{id}`
pub(super) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let job = state.platform.jobs().get(office.id(), &id).await.map_err(failure)?;
    Ok(edit_form(&state, &office, &job).await?.show())
}

/// `POST /c/{slug}/jobs/{id}`
pub(super) async fn update(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let version = posted.version()?;
    let jobs = state.platform.jobs();
    let job = jobs.get(office.id(), &id).await.map_err(failure)?;
    let refused = match read(&posted, job.details.customer_id.clone()) {
        Ok(details) => match jobs.update(office.id(), &id, version, details, &office.actor()).await {
            Ok(_) => return Ok(office.after(&office.record("jobs", &id), "saved")),
            Err(error) => Refused::of_update(error, version, job.version)?,
        },
        Err(errors) => errors.into(),
    };
    Ok(edit_form(&state, &office, &job).await?.refused(&posted, refused))
}
