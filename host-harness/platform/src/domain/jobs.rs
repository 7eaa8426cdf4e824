//! Jobs: visits and pieces of work.
//! Open ones list soonest first (unscheduled last), past ones latest first.

use super::{
    FieldChange, NewEntry,
    activity::append,
    records::{Scene, key, new_record, read_name, require_customer, require_owned, update_versioned},
};
use crate::{
    Actor, Catalogue, ListQuery, Platform, RecordKind, Result,
    security::new_id,
    store::{
        db::{Fields, Row, Tx, Value},
        paging::{Listing, search_text},
    },
    validate::{Check, LINE, TEXT},
};
use capabilities::{Page, Status};
use jiff::{Timestamp, civil::DateTime};

/// What staff can edit about a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobDetails {
    /// Whose job.
    pub customer_id: String,
    /// The project it is part of.
    pub project_id: Option<String>,
    /// What it is.
    pub title: String,
    /// For the customer; plain text.
    pub description: String,
    /// Code of a job status; empty means `unscheduled` or, with a start, `scheduled`.
    pub status: String,
    /// Start of the arrival window in the company's zone.
    pub starts: Option<DateTime>,
    /// End of the window.
    pub ends: Option<DateTime>,
    /// Who comes.
    pub technician: String,
    /// Where, on one line.
    pub service_address: String,
    /// For staff only.
    pub internal_notes: String,
}

/// A job as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Unique within the company.
    pub id: String,
    /// Everything staff can edit.
    pub details: JobDetails,
    /// The status in the company's words.
    pub status: Status,
    /// The customer's display name.
    pub customer_name: String,
    /// Rises with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// The jobs repository.
#[derive(Clone, Copy)]
pub struct Jobs<'a> {
    pub(crate) platform: &'a Platform,
}

impl Jobs<'_> {
    /// A page of the company's jobs.
    pub async fn list(&self, company_id: &str, query: &ListQuery) -> Result<Page<Job>> {
        let scene = self.platform.scene(company_id).await?;
        self.list_in(&scene, query, |listing| listing).await
    }

    /// One job.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<Job> {
        let scene = self.platform.scene(company_id).await?;
        self.get_in(&scene, id).await
    }

    /// Add a job.
    pub async fn create(&self, company_id: &str, details: JobDetails, actor: &Actor) -> Result<Job> {
        let now = self.platform.now();
        let catalogue = self.platform.companies().statuses(company_id).await?;
        let (id, details) = (new_id("jb")?, tidy(details));
        check(&details, &catalogue)?;
        let mut tx = self.platform.db().begin().await?;
        check_references(&mut tx, company_id, &details).await?;
        tx.insert("jobs", new_record(company_id, &id, now, fields(&details, &catalogue)))
            .await?;
        append(
            &mut tx,
            company_id,
            &[entry(&details, &id, "created", Vec::new())],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        self.get(company_id, &id).await
    }

    /// Change a job; `Conflict` when somebody changed it since `expected_version`.
    pub async fn update(
        &self,
        company_id: &str,
        id: &str,
        expected_version: i64,
        details: JobDetails,
        actor: &Actor,
    ) -> Result<Job> {
        let now = self.platform.now();
        let catalogue = self.platform.companies().statuses(company_id).await?;
        let details = tidy(details);
        check(&details, &catalogue)?;
        let mut tx = self.platform.db().begin().await?;
        let fields = fields(&details, &catalogue);
        let changes = update_versioned(&mut tx, "jobs", (company_id, id), expected_version, fields, now).await?;
        if !changes.is_empty() {
            check_references(&mut tx, company_id, &details).await?;
            append(
                &mut tx,
                company_id,
                &[entry(&details, id, "updated", changes)],
                actor,
                now,
            )
            .await?;
            tx.commit().await?;
        }
        self.get(company_id, id).await
    }
}

impl Jobs<'_> {
    pub(crate) async fn list_in(
        &self,
        scene: &Scene,
        query: &ListQuery,
        narrow: impl FnOnce(Listing) -> Listing,
    ) -> Result<Page<Job>> {
        let listing = Listing::new("jobs", FROM, COLUMNS)
            .and("t.company_id = ?", scene.company.id.as_str())
            .and_some("t.customer_id = ?", query.customer_id.as_deref())
            .and_some("t.status = ?", query.status.as_deref())
            .search(query.page.search.as_deref())
            .open_then_past(query.page.filter);
        let page = &query.page;
        narrow(listing)
            .run(self.platform.db(), page.cursor.as_deref(), page.limit, |row| {
                read(row, scene)
            })
            .await
    }

    pub(crate) async fn get_in(&self, scene: &Scene, id: &str) -> Result<Job> {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE t.company_id = $1 AND t.id = $2");
        read(
            &mut self.platform.db().one(sql, key(&scene.company.id, id)).await?,
            scene,
        )
    }
}

const FROM: &str = "jobs t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id";
const COLUMNS: &str = "t.sort_key, t.id, t.customer_id, t.project_id, t.title, t.description, t.status, t.starts, t.ends,
    t.technician, t.service_address, t.internal_notes, c.first_name, c.last_name, c.company_name, t.version, t.created_at,
    t.changed_at";

fn read(row: &mut Row, scene: &Scene) -> Result<Job> {
    row.skip();
    let id = row.text()?;
    let details = JobDetails {
        customer_id: row.text()?,
        project_id: row.opt_text()?,
        title: row.text()?,
        description: row.text()?,
        status: row.text()?,
        starts: row.opt_civil()?,
        ends: row.opt_civil()?,
        technician: row.text()?,
        service_address: row.text()?,
        internal_notes: row.text()?,
    };
    Ok(Job {
        id,
        status: scene.catalogue.status(RecordKind::Job, &details.status),
        details,
        customer_name: read_name(row)?,
        version: row.int()?,
        created_at: row.time()?,
        changed_at: row.time()?,
    })
}

fn tidy(mut details: JobDetails) -> JobDetails {
    if details.status.is_empty() {
        details.status = if details.starts.is_some() {
            "scheduled"
        } else {
            "unscheduled"
        }
        .into();
    }
    details.project_id = details.project_id.filter(|id| !id.is_empty());
    details
}

pub(crate) fn check(details: &JobDetails, catalogue: &Catalogue) -> Result<()> {
    let mut check = Check::default();
    check.required("title", &details.title, LINE);
    check.text("description", &details.description, TEXT);
    check.line("technician", &details.technician, LINE);
    check.line("service_address", &details.service_address, 300);
    check.text("internal_notes", &details.internal_notes, TEXT);
    if !catalogue.allows(RecordKind::Job, &details.status) {
        check.refuse(
            "status",
            "not-allowed",
            format!("There is no job status {:?}.", details.status),
        );
    }
    match (details.starts, details.ends) {
        (None, Some(_)) => check.refuse("ends", "not-allowed", "An end needs a start."),
        (Some(starts), Some(ends)) if ends < starts => {
            check.refuse("ends", "out-of-range", "The end is before the start.")
        }
        _ => {}
    }
    check.finish()
}

async fn check_references(tx: &mut Tx, company_id: &str, details: &JobDetails) -> Result<()> {
    require_customer(tx, company_id, &details.customer_id).await?;
    require_owned(
        tx,
        "projects",
        company_id,
        &details.customer_id,
        "project_id",
        details.project_id.as_deref(),
    )
    .await
}

pub(crate) fn fields(details: &JobDetails, catalogue: &Catalogue) -> Fields {
    let open = catalogue.status(RecordKind::Job, &details.status).open;
    let starts = Value::from(details.starts);
    // Unscheduled jobs come last in both directions.
    let sort_key = match &starts {
        Value::Text(Some(starts)) => starts.clone(),
        _ => if open { "9999" } else { "0000" }.to_owned(),
    };
    let search = search_text(&[
        &details.title,
        &details.description,
        &details.technician,
        &details.service_address,
    ]);
    vec![
        ("customer_id", (&details.customer_id).into()),
        ("project_id", details.project_id.as_deref().into()),
        ("title", (&details.title).into()),
        ("description", (&details.description).into()),
        ("status", (&details.status).into()),
        ("open", open.into()),
        ("starts", starts),
        ("ends", details.ends.into()),
        ("technician", (&details.technician).into()),
        ("service_address", (&details.service_address).into()),
        ("internal_notes", (&details.internal_notes).into()),
        ("sort_key", sort_key.into()),
        ("search", search.into()),
    ]
}

fn entry(details: &JobDetails, id: &str, what: &str, changes: Vec<FieldChange>) -> NewEntry {
    NewEntry {
        customer_id: Some(details.customer_id.clone()),
        kind: format!("job.{what}"),
        subject_kind: "job".into(),
        subject_id: id.to_owned(),
        summary: format!("Job {:?} {what}", details.title),
        changes,
        ..NewEntry::default()
    }
}
