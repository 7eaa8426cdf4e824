//! Service requests: work asked for on the booking page, by a known customer or a stranger.
//! Latest first.

use super::{
    FieldChange, NewEntry,
    activity::append,
    customers::missing_company,
    records::{Scene, new_record, read_name, require_customer, require_owned, update_versioned},
};
use crate::{
    Actor, Catalogue, Error, ListQuery, Platform, RecordKind, Result,
    security::new_id,
    store::{
        db::{Fields, Row, Tx, args},
        paging::{Listing, search_text, time_key},
    },
    validate::{Check, LINE, TEXT},
};
use capabilities::{ListFilter, Page, Status};
use jiff::{Timestamp, civil::Date};

/// What is known about a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestDetails {
    /// The customer who asks; none for a stranger, who then leaves a name and an e-mail or telephone.
    pub customer_id: Option<String>,
    /// In a few words.
    pub summary: String,
    /// In the asker's words.
    pub details: String,
    /// Code of a request status; empty means `new`.
    pub status: String,
    /// The day they would like.
    pub preferred: Option<Date>,
    /// The job it became.
    pub job_id: Option<String>,
    /// A stranger's name.
    pub contact_name: String,
    /// A stranger's e-mail.
    pub contact_email: String,
    /// A stranger's telephone.
    pub contact_phone: String,
}

/// A request as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRequest {
    /// Unique within the company.
    pub id: String,
    /// Everything known about it.
    pub details: RequestDetails,
    /// The status in the company's words.
    pub status: Status,
    /// The customer's display name, else the stranger's.
    pub customer_name: String,
    /// Title of the job it became, or empty.
    pub job_title: String,
    /// When it arrived.
    pub submitted_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
}

/// The requests repository.
#[derive(Clone, Copy)]
pub struct Requests<'a> {
    pub(crate) platform: &'a Platform,
}

impl Requests<'_> {
    /// A page of the company's requests.
    pub async fn list(&self, company_id: &str, query: &ListQuery) -> Result<Page<ServiceRequest>> {
        let scene = self.platform.scene(company_id).await?;
        self.list_in(&scene, query).await
    }

    /// One request.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<ServiceRequest> {
        let catalogue = self.platform.companies().statuses(company_id).await?;
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE t.company_id = $1 AND t.id = $2");
        read(
            &mut self.platform.db().one(sql, args![company_id, id]).await?,
            &catalogue,
        )
    }

    /// Add a request. The same `idempotency_key` again answers the request made the first time.
    pub async fn create(
        &self,
        company_id: &str,
        details: RequestDetails,
        idempotency_key: Option<&str>,
        actor: &Actor,
    ) -> Result<ServiceRequest> {
        let now = self.platform.now();
        let catalogue = self.platform.companies().statuses(company_id).await?;
        let details = tidy(details);
        check(&details, &catalogue)?;
        let id = new_id("rq")?;
        let mut tx = self.platform.db().begin().await?;
        check_references(&mut tx, company_id, &details).await?;
        let mut fields = fields(&details, &catalogue, now);
        fields.push(("idempotency_key", idempotency_key.into()));
        if let Err(error) = tx
            .insert("requests", new_record(company_id, &id, now, fields))
            .await
            .map_err(missing_company)
        {
            // Within a failed transaction PostgreSQL answers nothing more.
            drop(tx);
            if error.is_duplicate() {
                let sql = "SELECT id FROM requests WHERE company_id = $1 AND idempotency_key = $2";
                let first = self
                    .platform
                    .db()
                    .one(sql, args![company_id, idempotency_key])
                    .await?
                    .text()?;
                return self.get(company_id, &first).await;
            }
            return Err(error);
        }
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

    /// Change a request; `Conflict` when somebody changed it since `expected_version`.
    pub async fn update(
        &self,
        company_id: &str,
        id: &str,
        expected_version: i64,
        details: RequestDetails,
        actor: &Actor,
    ) -> Result<ServiceRequest> {
        let now = self.platform.now();
        let catalogue = self.platform.companies().statuses(company_id).await?;
        let details = tidy(details);
        check(&details, &catalogue)?;
        let before = self.get(company_id, id).await?;
        let mut tx = self.platform.db().begin().await?;
        let fields = fields(&details, &catalogue, before.submitted_at);
        let changes = update_versioned(&mut tx, "requests", (company_id, id), expected_version, fields, now).await?;
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

impl Requests<'_> {
    pub(crate) async fn list_in(&self, scene: &Scene, query: &ListQuery) -> Result<Page<ServiceRequest>> {
        let open = match query.page.filter {
            ListFilter::Open => Some(true),
            ListFilter::Past => Some(false),
            ListFilter::All => None,
        };
        let listing = Listing::new("requests", FROM, COLUMNS)
            .and("t.company_id = ?", scene.company.id.as_str())
            .and_some("t.customer_id = ?", query.customer_id.as_deref())
            .and_some("t.status = ?", query.status.as_deref())
            .and_some("t.open = ?", open)
            .search(query.page.search.as_deref())
            .latest_first();
        let page = &query.page;
        listing
            .run(self.platform.db(), page.cursor.as_deref(), page.limit, |row| {
                read(row, &scene.catalogue)
            })
            .await
    }
}

const FROM: &str = "requests t LEFT JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id
    LEFT JOIN jobs j ON j.company_id = t.company_id AND j.id = t.job_id";
const COLUMNS: &str =
    "t.sort_key, t.id, t.customer_id, t.summary, t.details, t.status, t.preferred, t.job_id, t.contact_name,
    t.contact_email, t.contact_phone, c.first_name, c.last_name, c.company_name, j.title, t.submitted_at, t.version";

fn read(row: &mut Row, catalogue: &Catalogue) -> Result<ServiceRequest> {
    row.skip();
    let id = row.text()?;
    let details = RequestDetails {
        customer_id: row.opt_text()?,
        summary: row.text()?,
        details: row.text()?,
        status: row.text()?,
        preferred: row.opt_civil()?,
        job_id: row.opt_text()?,
        contact_name: row.text()?,
        contact_email: row.text()?,
        contact_phone: row.text()?,
    };
    let name = read_name(row)?;
    Ok(ServiceRequest {
        id,
        status: catalogue.status(RecordKind::Request, &details.status),
        customer_name: if name.is_empty() {
            details.contact_name.clone()
        } else {
            name
        },
        details,
        job_title: row.opt_text()?.unwrap_or_default(),
        submitted_at: row.time()?,
        version: row.int()?,
    })
}

fn tidy(mut details: RequestDetails) -> RequestDetails {
    if details.status.is_empty() {
        details.status = "new".into();
    }
    details.customer_id = details.customer_id.filter(|id| !id.is_empty());
    details.job_id = details.job_id.filter(|id| !id.is_empty());
    details
}

pub(crate) fn check(details: &RequestDetails, catalogue: &Catalogue) -> Result<()> {
    let mut check = Check::default();
    check.required("summary", &details.summary, LINE);
    check.text("details", &details.details, TEXT);
    if !catalogue.allows(RecordKind::Request, &details.status) {
        check.refuse(
            "status",
            "not-allowed",
            format!("There is no request status {:?}.", details.status),
        );
    }
    check.line("contact_name", &details.contact_name, LINE);
    check.email("contact_email", &details.contact_email);
    check.phone("contact_phone", &details.contact_phone);
    if details.customer_id.is_none() {
        if details.contact_name.trim().is_empty() {
            check.refuse("contact_name", "required", "Please give a name.");
        }
        if details.contact_email.is_empty() && details.contact_phone.is_empty() {
            check.refuse(
                "contact_email",
                "required",
                "Please give an e-mail address or a telephone number.",
            );
        }
    }
    check.finish()
}

async fn check_references(tx: &mut Tx, company_id: &str, details: &RequestDetails) -> Result<()> {
    let Some(customer) = &details.customer_id else {
        return match &details.job_id {
            Some(_) => Err(Error::invalid(
                "job_id",
                "not-allowed",
                "First say which customer this is.",
            )),
            None => Ok(()),
        };
    };
    require_customer(tx, company_id, customer).await?;
    require_owned(tx, "jobs", company_id, customer, "job_id", details.job_id.as_deref()).await
}

pub(crate) fn fields(details: &RequestDetails, catalogue: &Catalogue, submitted: Timestamp) -> Fields {
    let search = search_text(&[
        &details.summary,
        &details.details,
        &details.contact_name,
        &details.contact_email,
        &details.contact_phone,
    ]);
    vec![
        ("customer_id", details.customer_id.as_deref().into()),
        ("summary", (&details.summary).into()),
        ("details", (&details.details).into()),
        ("status", (&details.status).into()),
        (
            "open",
            catalogue.status(RecordKind::Request, &details.status).open.into(),
        ),
        ("preferred", details.preferred.into()),
        ("job_id", details.job_id.as_deref().into()),
        ("contact_name", (&details.contact_name).into()),
        ("contact_email", (&details.contact_email).into()),
        ("contact_phone", (&details.contact_phone).into()),
        ("submitted_at", submitted.into()),
        ("sort_key", time_key(submitted).into()),
        ("search", search.into()),
    ]
}

fn entry(details: &RequestDetails, id: &str, what: &str, changes: Vec<FieldChange>) -> NewEntry {
    NewEntry {
        customer_id: details.customer_id.clone(),
        kind: format!("request.{what}"),
        subject_kind: "request".into(),
        subject_id: id.to_owned(),
        summary: format!("Request {:?} {what}", details.summary),
        changes,
        ..NewEntry::default()
    }
}
