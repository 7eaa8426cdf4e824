//! Estimates and their lines; totals are recomputed in the transaction that changes lines.
//! Drafts are staff's only. Lists show the latest sent first.

use super::{
    FieldChange, NewEntry,
    activity::append,
    lines::{self, Priced},
    records::{Scene, key, new_record, read_name, require_customer, require_owned, update_versioned},
};
use crate::{
    Actor, Catalogue, Error, ListQuery, Platform, RecordKind, Result,
    money::Totals,
    security::new_id,
    store::{
        db::{Fields, Row, Tx, args},
        paging::{Listing, search_text},
    },
    validate::{Check, LINE, TEXT},
};
use capabilities::{ListFilter, Page, Status};
use jiff::{Timestamp, civil::Date};

/// One line of an estimate or invoice, as staff edit it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineDetails {
    /// What it is.
    pub name: String,
    /// Plain text, or empty.
    pub description: String,
    /// Quantity in thousandths.
    pub quantity_milli: i64,
    /// Unit of measure, or empty.
    pub unit: String,
    /// Price of one unit in minor units.
    pub unit_price: i64,
    /// Estimates only: the customer may leave it out.
    pub optional: bool,
    /// Whether it counts towards the totals.
    pub selected: bool,
    /// Whether tax is due on it.
    pub taxable: bool,
}

/// A line as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Unique within the document.
    pub id: String,
    /// Everything staff can edit.
    pub details: LineDetails,
    /// Quantity times unit price, in minor units.
    pub amount: i64,
}

/// A tax over the taxable lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRate {
    /// What it is called.
    pub name: String,
    /// In millionths: 86300 is 8.63 %.
    pub rate_millionths: u32,
}

/// What staff can edit about an estimate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EstimateDetails {
    /// Whose estimate.
    pub customer_id: String,
    /// The project it is for.
    pub project_id: Option<String>,
    /// The number printed on it; unique within the company. Empty: the next free one.
    pub number: String,
    /// What it is for.
    pub title: String,
    /// Stored code: `draft`, `sent`, `changes_requested`, `accepted`, `declined`, `superseded`; empty means `draft`.
    pub status: String,
    /// When it was sent.
    pub sent: Option<Date>,
    /// Valid through this day.
    pub expires: Option<Date>,
    /// Taken off before tax, in minor units.
    pub discount: i64,
    /// Tax, when there is one.
    pub tax: Option<TaxRate>,
    /// To the customer; plain text.
    pub notes: String,
    /// What accepting agrees to; plain text.
    pub terms: String,
    /// Who wrote it.
    pub prepared_by: String,
    /// Where the work is.
    pub service_address: String,
}

/// An estimate as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// Unique within the company.
    pub id: String,
    /// Everything staff can edit but the lines.
    pub details: EstimateDetails,
    /// The status shown today, in the company's words (`expired` is derived).
    pub status: Status,
    /// The customer's display name.
    pub customer_name: String,
    /// Sums over the selected lines.
    pub totals: Totals,
    /// Rises with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// The estimates repository.
#[derive(Clone, Copy)]
pub struct Estimates<'a> {
    pub(crate) platform: &'a Platform,
}

impl Estimates<'_> {
    /// A page of the company's estimates, drafts included.
    pub async fn list(&self, company_id: &str, query: &ListQuery) -> Result<Page<Estimate>> {
        let scene = self.platform.scene(company_id).await?;
        self.list_in(&scene, query, |listing| listing).await
    }

    /// One estimate.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<Estimate> {
        let scene = self.platform.scene(company_id).await?;
        self.get_in(&scene, id).await
    }

    /// Its lines in order.
    pub async fn lines(&self, company_id: &str, id: &str) -> Result<Vec<Line>> {
        lines::read(self.platform.db(), "estimate_lines", company_id, id).await
    }

    /// Add an estimate.
    pub async fn create(
        &self,
        company_id: &str,
        details: EstimateDetails,
        lines: Vec<LineDetails>,
        actor: &Actor,
    ) -> Result<Estimate> {
        let now = self.platform.now();
        let scene = self.platform.scene(company_id).await?;
        let (id, mut details) = (new_id("es")?, tidy(details, scene.today));
        check(&details, &scene.catalogue)?;
        let priced = lines::price(lines::numbered(lines), details.discount, details.tax.as_ref())?;
        let mut tx = self.platform.db().begin().await?;
        check_references(&mut tx, company_id, &details).await?;
        if details.number.is_empty() {
            details.number = lines::next_number(&mut tx, company_id, "estimates", "EST").await?;
        }
        tx.insert("estimates", new_record(company_id, &id, now, fields(&details, &priced)))
            .await
            .map_err(number_taken)?;
        lines::store(&mut tx, "estimate_lines", company_id, &id, &priced.lines).await?;
        append(
            &mut tx,
            company_id,
            &[entry(&details, &id, "created", Vec::new())],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        self.get_in(&scene, &id).await
    }

    /// Change an estimate and all its lines; `Conflict` when somebody changed it since `expected_version`.
    pub async fn update(
        &self,
        company_id: &str,
        id: &str,
        expected_version: i64,
        details: EstimateDetails,
        lines: Vec<LineDetails>,
        actor: &Actor,
    ) -> Result<Estimate> {
        let now = self.platform.now();
        let scene = self.platform.scene(company_id).await?;
        let mut details = tidy(details, scene.today);
        check(&details, &scene.catalogue)?;
        let before = self.get_in(&scene, id).await?;
        if matches!(before.details.status.as_str(), "accepted" | "superseded") {
            return Err(Error::Conflict(
                "An accepted or superseded estimate cannot change any more.".into(),
            ));
        }
        if details.number.is_empty() {
            details.number = before.details.number;
        }
        let priced = lines::price(lines::numbered(lines), details.discount, details.tax.as_ref())?;
        let mut tx = self.platform.db().begin().await?;
        let fields = fields(&details, &priced);
        let old_hash = lines::stored_hash(&mut tx, "estimates", company_id, id).await?;
        let mut changes = update_versioned(&mut tx, "estimates", (company_id, id), expected_version, fields, now)
            .await
            .map_err(number_taken)?;
        if old_hash != priced.hash {
            lines::store(&mut tx, "estimate_lines", company_id, id, &priced.lines).await?;
            changes.push(FieldChange {
                field: "lines".into(),
                before: String::new(),
                after: format!("{} lines", priced.lines.len()),
            });
        }
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
        self.get_in(&scene, id).await
    }
}

impl Estimates<'_> {
    pub(crate) async fn list_in(
        &self,
        scene: &Scene,
        query: &ListQuery,
        narrow: impl FnOnce(Listing) -> Listing,
    ) -> Result<Page<Estimate>> {
        let waiting = "t.status IN ('sent', 'changes_requested') AND (t.expires IS NULL OR t.expires >= ?)";
        let mut listing = Listing::new("estimates", FROM, COLUMNS)
            .and("t.company_id = ?", scene.company.id.as_str())
            .and_some("t.customer_id = ?", query.customer_id.as_deref())
            .and_some("t.status = ?", query.status.as_deref())
            .search(query.page.search.as_deref());
        listing = match query.page.filter {
            ListFilter::Open => listing.and(waiting, scene.today),
            ListFilter::Past => listing.and(&format!("NOT ({waiting})"), scene.today),
            ListFilter::All => listing,
        };
        let page = &query.page;
        let listing = narrow(listing.latest_first());
        listing
            .run(self.platform.db(), page.cursor.as_deref(), page.limit, |row| {
                read(row, scene)
            })
            .await
    }

    pub(crate) async fn get_in(&self, scene: &Scene, id: &str) -> Result<Estimate> {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE t.company_id = $1 AND t.id = $2");
        read(
            &mut self.platform.db().one(sql, key(&scene.company.id, id)).await?,
            scene,
        )
    }

    /// A customer's estimates waiting for a decision, the soonest to expire first.
    pub(crate) async fn awaiting_decision(
        &self,
        scene: &Scene,
        customer_id: &str,
        limit: u32,
    ) -> Result<Vec<Estimate>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE t.company_id = $1 AND t.customer_id = $2 AND t.status = 'sent'
             AND (t.expires IS NULL OR t.expires >= $3) ORDER BY COALESCE(t.expires, '9999'), t.id LIMIT {limit}"
        );
        let args = args![&scene.company.id, customer_id, scene.today];
        self.platform
            .db()
            .rows(sql, args)
            .await?
            .iter_mut()
            .map(|row| read(row, scene))
            .collect()
    }
}

const FROM: &str = "estimates t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id";
const COLUMNS: &str = "t.sort_key, t.id, t.customer_id, t.project_id, t.number, t.title, t.status, t.sent, t.expires,
    t.tax_name, t.tax_millionths, t.subtotal, t.discount, t.tax, t.total, t.notes, t.terms, t.prepared_by, t.service_address,
    c.first_name, c.last_name, c.company_name, t.version, t.created_at, t.changed_at";

fn read(row: &mut Row, scene: &Scene) -> Result<Estimate> {
    row.skip();
    let id = row.text()?;
    let (customer_id, project_id, number, title) = (row.text()?, row.opt_text()?, row.text()?, row.text()?);
    let (status, sent, expires) = (row.text()?, row.opt_civil()?, row.opt_civil()?);
    let (tax, totals) = lines::read_tax_and_sums(row)?;
    let details = EstimateDetails {
        customer_id,
        project_id,
        number,
        title,
        status,
        sent,
        expires,
        discount: totals.discount,
        tax,
        notes: row.text()?,
        terms: row.text()?,
        prepared_by: row.text()?,
        service_address: row.text()?,
    };
    Ok(Estimate {
        id,
        status: scene.catalogue.estimate(&details.status, details.expires, scene.today),
        details,
        customer_name: read_name(row)?,
        totals,
        version: row.int()?,
        created_at: row.time()?,
        changed_at: row.time()?,
    })
}

fn tidy(mut details: EstimateDetails, today: Date) -> EstimateDetails {
    if details.status.is_empty() {
        details.status = "draft".into();
    }
    if details.status != "draft" && details.sent.is_none() {
        details.sent = Some(today);
    }
    details.project_id = details.project_id.filter(|id| !id.is_empty());
    details
}

pub(crate) fn check(details: &EstimateDetails, catalogue: &Catalogue) -> Result<()> {
    let mut check = Check::default();
    check.line("number", &details.number, 40);
    check.required("title", &details.title, LINE);
    if !catalogue.allows(RecordKind::Estimate, &details.status) {
        check.refuse(
            "status",
            "not-allowed",
            format!("There is no estimate status {:?}.", details.status),
        );
    }
    if let (Some(sent), Some(expires)) = (details.sent, details.expires)
        && expires < sent
    {
        check.refuse("expires", "out-of-range", "It expires before it was sent.");
    }
    lines::check_tax(&mut check, details.tax.as_ref());
    check.text("notes", &details.notes, TEXT);
    check.text("terms", &details.terms, 4 * TEXT);
    check.line("prepared_by", &details.prepared_by, LINE);
    check.line("service_address", &details.service_address, 300);
    check.finish()
}

async fn check_references(tx: &mut Tx, company_id: &str, details: &EstimateDetails) -> Result<()> {
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

pub(crate) fn number_taken(error: Error) -> Error {
    if error.is_duplicate() {
        return Error::invalid("number", "taken", "Another one has this number.");
    }
    error
}

pub(crate) fn fields(details: &EstimateDetails, priced: &Priced) -> Fields {
    // Drafts were not sent yet: staff see them first.
    let sort_key = details.sent.map_or_else(|| "9999".to_owned(), |sent| sent.to_string());
    let search = search_text(&[
        &details.number,
        &details.title,
        &details.notes,
        &details.service_address,
    ]);
    let mut fields: Fields = vec![
        ("customer_id", (&details.customer_id).into()),
        ("project_id", details.project_id.as_deref().into()),
        ("number", (&details.number).into()),
        ("title", (&details.title).into()),
        ("status", (&details.status).into()),
        ("sent", details.sent.into()),
        ("expires", details.expires.into()),
        ("notes", (&details.notes).into()),
        ("terms", (&details.terms).into()),
        ("prepared_by", (&details.prepared_by).into()),
        ("service_address", (&details.service_address).into()),
        ("sort_key", sort_key.into()),
        ("search", search.into()),
    ];
    fields.extend(lines::sum_fields(priced, details.tax.as_ref()));
    fields
}

fn entry(details: &EstimateDetails, id: &str, what: &str, changes: Vec<FieldChange>) -> NewEntry {
    NewEntry {
        customer_id: Some(details.customer_id.clone()),
        kind: format!("estimate.{what}"),
        subject_kind: "estimate".into(),
        subject_id: id.to_owned(),
        summary: format!("Estimate {} {what}", details.number),
        changes,
        ..NewEntry::default()
    }
}
