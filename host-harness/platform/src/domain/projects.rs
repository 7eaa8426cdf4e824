//! Projects: work that spans several jobs.
//! Lists show the latest start first.

use super::{
    FieldChange, NewEntry,
    activity::append,
    records::{Scene, key, new_record, read_name, require_customer, update_versioned},
};
use crate::{
    Actor, Catalogue, ListQuery, Platform, RecordKind, Result,
    security::new_id,
    store::{
        db::{Fields, Row},
        paging::{Listing, search_text},
    },
    validate::{Check, LINE, TEXT},
};
use capabilities::{ListFilter, Page, Status};
use jiff::{Timestamp, civil::Date};

/// What staff can edit about a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectDetails {
    /// Whose project.
    pub customer_id: String,
    /// What it is called.
    pub name: String,
    /// For the customer; plain text.
    pub description: String,
    /// Code of a project status; empty means `planned`.
    pub status: String,
    /// First day.
    pub starts: Option<Date>,
    /// Day it should be done.
    pub target: Option<Date>,
    /// 0 to 100.
    pub percent_complete: u8,
    /// Who leads it.
    pub manager: String,
}

/// A project as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Unique within the company.
    pub id: String,
    /// Everything staff can edit.
    pub details: ProjectDetails,
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

/// The projects repository.
#[derive(Clone, Copy)]
pub struct Projects<'a> {
    pub(crate) platform: &'a Platform,
}

impl Projects<'_> {
    /// A page of the company's projects.
    pub async fn list(&self, company_id: &str, query: &ListQuery) -> Result<Page<Project>> {
        let scene = self.platform.scene(company_id).await?;
        self.list_in(&scene, query).await
    }

    /// One project.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<Project> {
        let scene = self.platform.scene(company_id).await?;
        self.get_in(&scene, id).await
    }

    /// Add a project.
    pub async fn create(&self, company_id: &str, details: ProjectDetails, actor: &Actor) -> Result<Project> {
        let now = self.platform.now();
        let catalogue = self.platform.companies().statuses(company_id).await?;
        let (id, details) = (new_id("pr")?, tidy(details));
        check(&details, &catalogue)?;
        let mut tx = self.platform.db().begin().await?;
        require_customer(&mut tx, company_id, &details.customer_id).await?;
        tx.insert(
            "projects",
            new_record(company_id, &id, now, fields(&details, &catalogue)),
        )
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

    /// Change a project; `Conflict` when somebody changed it since `expected_version`.
    pub async fn update(
        &self,
        company_id: &str,
        id: &str,
        expected_version: i64,
        details: ProjectDetails,
        actor: &Actor,
    ) -> Result<Project> {
        let now = self.platform.now();
        let catalogue = self.platform.companies().statuses(company_id).await?;
        let details = tidy(details);
        check(&details, &catalogue)?;
        let mut tx = self.platform.db().begin().await?;
        let fields = fields(&details, &catalogue);
        let changes = update_versioned(&mut tx, "projects", (company_id, id), expected_version, fields, now).await?;
        if !changes.is_empty() {
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

impl Projects<'_> {
    pub(crate) async fn list_in(&self, scene: &Scene, query: &ListQuery) -> Result<Page<Project>> {
        let open = match query.page.filter {
            ListFilter::Open => Some(true),
            ListFilter::Past => Some(false),
            ListFilter::All => None,
        };
        let listing = Listing::new("projects", FROM, COLUMNS)
            .and("t.company_id = ?", scene.company.id.as_str())
            .and_some("t.customer_id = ?", query.customer_id.as_deref())
            .and_some("t.status = ?", query.status.as_deref())
            .and_some("t.open = ?", open)
            .search(query.page.search.as_deref())
            .latest_first();
        let page = &query.page;
        listing
            .run(self.platform.db(), page.cursor.as_deref(), page.limit, |row| {
                read(row, scene)
            })
            .await
    }

    pub(crate) async fn get_in(&self, scene: &Scene, id: &str) -> Result<Project> {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE t.company_id = $1 AND t.id = $2");
        read(
            &mut self.platform.db().one(sql, key(&scene.company.id, id)).await?,
            scene,
        )
    }
}

const FROM: &str = "projects t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id";
const COLUMNS: &str = "t.sort_key, t.id, t.customer_id, t.name, t.description, t.status, t.starts, t.target,
    t.percent_complete, t.manager, c.first_name, c.last_name, c.company_name, t.version, t.created_at, t.changed_at";

fn read(row: &mut Row, scene: &Scene) -> Result<Project> {
    row.skip();
    let id = row.text()?;
    let details = ProjectDetails {
        customer_id: row.text()?,
        name: row.text()?,
        description: row.text()?,
        status: row.text()?,
        starts: row.opt_civil()?,
        target: row.opt_civil()?,
        percent_complete: row.uint()?,
        manager: row.text()?,
    };
    Ok(Project {
        id,
        status: scene.catalogue.status(RecordKind::Project, &details.status),
        details,
        customer_name: read_name(row)?,
        version: row.int()?,
        created_at: row.time()?,
        changed_at: row.time()?,
    })
}

fn tidy(mut details: ProjectDetails) -> ProjectDetails {
    if details.status.is_empty() {
        details.status = "planned".into();
    }
    details
}

pub(crate) fn check(details: &ProjectDetails, catalogue: &Catalogue) -> Result<()> {
    let mut check = Check::default();
    check.required("name", &details.name, LINE);
    check.text("description", &details.description, TEXT);
    check.line("manager", &details.manager, LINE);
    if !catalogue.allows(RecordKind::Project, &details.status) {
        check.refuse(
            "status",
            "not-allowed",
            format!("There is no project status {:?}.", details.status),
        );
    }
    if details.percent_complete > 100 {
        check.refuse("percent_complete", "out-of-range", "Completion is 0 to 100 percent.");
    }
    if let (Some(starts), Some(target)) = (details.starts, details.target)
        && target < starts
    {
        check.refuse("target", "out-of-range", "The target date is before the start.");
    }
    check.finish()
}

pub(crate) fn fields(details: &ProjectDetails, catalogue: &Catalogue) -> Fields {
    let sort_key = details
        .starts
        .map_or_else(|| "0000".to_owned(), |starts| starts.to_string());
    vec![
        ("customer_id", (&details.customer_id).into()),
        ("name", (&details.name).into()),
        ("description", (&details.description).into()),
        ("status", (&details.status).into()),
        (
            "open",
            catalogue.status(RecordKind::Project, &details.status).open.into(),
        ),
        ("starts", details.starts.into()),
        ("target", details.target.into()),
        ("percent_complete", details.percent_complete.into()),
        ("manager", (&details.manager).into()),
        ("sort_key", sort_key.into()),
        (
            "search",
            search_text(&[&details.name, &details.description, &details.manager]).into(),
        ),
    ]
}

fn entry(details: &ProjectDetails, id: &str, what: &str, changes: Vec<FieldChange>) -> NewEntry {
    NewEntry {
        customer_id: Some(details.customer_id.clone()),
        kind: format!("project.{what}"),
        subject_kind: "project".into(),
        subject_id: id.to_owned(),
        summary: format!("Project {:?} {what}", details.name),
        changes,
        ..NewEntry::default()
    }
}
