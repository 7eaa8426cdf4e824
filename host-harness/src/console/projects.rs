//! Projects: the list, a new one, and how far each has come.
//! The percentage is what the customer reads on the portal's pages.

use super::{
    choose, failure,
    form::{Field, Kind, Posted},
    layout::Nav,
    listing::{Asked, ListPage},
    office::Office,
    record::{FormPage, Reader, Refused, date_value, files_of, status_choices},
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
use platform::{Customer, OwnerKind, Project, ProjectDetails, RecordKind};

/// `GET /c/{slug}/projects`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let found = state
        .platform
        .projects()
        .list(office.id(), &asked.query(true))
        .await
        .map_err(failure)?;
    let mut table = Table::new(
        "Projects",
        &["Project", "Customer", "Starts", "Target", "Done#", "Status"],
    );
    for project in &found.items {
        table.rows.push(vec![
            Cell::link(project.details.name.clone(), office.record("projects", &project.id)),
            Cell::text(project.customer_name.clone()),
            Cell::text(words::date_or_dash(project.details.starts)).whole(),
            Cell::text(words::date_or_dash(project.details.target)).whole(),
            Cell::text(format!("{} %", project.details.percent_complete)),
            Pill::from(&project.status).into(),
        ]);
    }
    let empty = "No projects here. A project holds work that spans several jobs.";
    let list = ListPage::new(
        office.page("Projects", Nav::Projects),
        &asked,
        table,
        found.next.as_deref(),
        empty,
    )
    .halves(&asked)
    .of_customer(&office, &asked)
    .new_button(&office, &asked, "project", "New project");
    Ok(page(StatusCode::OK, &list))
}

async fn fields(state: &AppState, office: &Office, details: &ProjectDetails) -> Result<Vec<Field>, Failure> {
    let catalogue = state
        .platform
        .companies()
        .statuses(office.id())
        .await
        .map_err(failure)?;
    let status = if details.status.is_empty() {
        "planned"
    } else {
        &details.status
    };
    Ok(vec![
        Field::new("name", "Project")
            .value(details.name.clone())
            .required()
            .wide(),
        Field::select(
            "status",
            "Status",
            status_choices(catalogue.choices(RecordKind::Project)),
        )
        .value(status),
        Field::new("percent_complete", "Percent complete")
            .kind(Kind::Number)
            .value(details.percent_complete.to_string())
            .required(),
        Field::new("starts", "Starts")
            .kind(Kind::Date)
            .value(date_value(details.starts)),
        Field::new("target", "Target")
            .kind(Kind::Date)
            .value(date_value(details.target)),
        Field::new("manager", "Manager").value(details.manager.clone()),
        Field::new("description", "Description")
            .kind(Kind::Area)
            .value(details.description.clone())
            .help("The customer reads this."),
    ])
}

fn read(posted: &Posted, customer_id: String) -> Result<ProjectDetails, Vec<FieldError>> {
    let mut reader = Reader::new(posted, 2);
    let percent = posted.text("percent_complete");
    let percent_complete = percent
        .parse::<u8>()
        .ok()
        .filter(|percent| *percent <= 100)
        .unwrap_or_else(|| {
            let message = "Percent complete must be a whole number from 0 to 100.";
            reader
                .errors
                .push(FieldError::new("percent_complete", "out-of-range", message));
            0
        });
    let details = ProjectDetails {
        customer_id,
        name: posted.text("name"),
        description: reader.text("description"),
        status: posted.text("status"),
        starts: reader.date("starts", "Starts"),
        target: reader.date("target", "Target"),
        percent_complete,
        manager: posted.text("manager"),
    };
    reader.finish(details)
}

async fn new_form(state: &AppState, office: &Office, customer: &Customer) -> Result<FormPage, Failure> {
    let details = ProjectDetails {
        customer_id: customer.id.clone(),
        ..ProjectDetails::default()
    };
    let back = Link::new(office.record("customers", &customer.id), customer.display_name());
    let action = format!(
        "{}?customer={}",
        office.path("new/project"),
        words::encode(&customer.id)
    );
    let mut form = FormPage::new(
        office.page("New project", Nav::Projects),
        back,
        action,
        fields(state, office, &details).await?,
    );
    form.subtitle = format!("For {}", customer.display_name());
    Ok(form)
}

async fn edit_form(state: &AppState, office: &Office, project: &Project) -> Result<FormPage, Failure> {
    let frame = office.page(project.details.name.clone(), Nav::Projects);
    let fields = fields(state, office, &project.details).await?;
    let mut form = FormPage::new(
        frame,
        Link::new(office.path("projects"), "Projects"),
        office.record("projects", &project.id),
        fields,
    );
    form.customer = Some(Link::new(
        office.record("customers", &project.details.customer_id),
        project.customer_name.clone(),
    ));
    form.subtitle = format!("{} % complete", project.details.percent_complete);
    form.status = Some(Pill::from(&project.status));
    form.version = Some(project.version);
    form.facts = vec![
        Fact::new("Project no.", project.id.clone()),
        Fact::new("Added", words::instant(&office.company, project.created_at)),
        Fact::new("Changed", words::instant(&office.company, project.changed_at)),
    ];
    form.files = files_of(state, office, OwnerKind::Project, &project.id).await?;
    form.upload = Some(office.record("add-file/project", &project.id));
    Ok(form)
}

/// `GET /c/{slug}/new/project`
pub(super) async fn new(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    match choose::customer(&state, &office, &asked, "project").await? {
        Ok(customer) => Ok(new_form(&state, &office, &customer).await?.show()),
        Err(choose) => Ok(choose),
    }
}

/// `POST /c/{slug}/new/project`
pub(super) async fn create(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Result<Response, Failure> {
    let customer = match choose::customer(&state, &office, &asked, "project").await? {
        Ok(customer) => customer,
        Err(choose) => return Ok(choose),
    };
    let refused = match read(&posted, customer.id.clone()) {
        Ok(details) => match state
            .platform
            .projects()
            .create(office.id(), details, &office.actor())
            .await
        {
            Ok(project) => return Ok(office.after(&office.record("projects", &project.id), "created")),
            Err(error) => Refused::from_platform(error, None)?,
        },
        Err(errors) => errors.into(),
    };
    Ok(new_form(&state, &office, &customer).await?.refused(&posted, refused))
}

/// `GET /c/{slug}/projects/{id}`
pub(super) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let project = state.platform.projects().get(office.id(), &id).await.map_err(failure)?;
    Ok(edit_form(&state, &office, &project).await?.show())
}

/// `POST /c/{slug}/projects/{id}`
pub(super) async fn update(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let version = posted.version()?;
    let projects = state.platform.projects();
    let project = projects.get(office.id(), &id).await.map_err(failure)?;
    let refused = match read(&posted, project.details.customer_id.clone()) {
        Ok(details) => match projects
            .update(office.id(), &id, version, details, &office.actor())
            .await
        {
            Ok(_) => return Ok(office.after(&office.record("projects", &id), "saved")),
            Err(error) => Refused::of_update(error, version, project.version)?,
        },
        Err(errors) => errors.into(),
    };
    Ok(edit_form(&state, &office, &project).await?.refused(&posted, refused))
}
