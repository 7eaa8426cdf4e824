//! Invoices and their lines; totals and the amount paid are kept in the transaction that changes them.
//! Drafts are staff's only. Open ones list earliest due first, past ones latest first.

use super::{
    FieldChange, Line, LineDetails, NewEntry, TaxRate,
    activity::append,
    estimates::number_taken,
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
use capabilities::{Page, Status};
use jiff::{Timestamp, civil::Date};

/// What staff can edit about an invoice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceDetails {
    /// Whose invoice.
    pub customer_id: String,
    /// The job it is for.
    pub job_id: Option<String>,
    /// The number printed on it; unique within the company. Empty: the next free one.
    pub number: String,
    /// What it is for.
    pub title: String,
    /// Stored code: `draft`, `issued`, `void`; empty means `draft`.
    pub status: String,
    /// Date of the invoice.
    pub issued: Option<Date>,
    /// Last day to pay.
    pub due: Option<Date>,
    /// Taken off before tax, in minor units.
    pub discount: i64,
    /// Tax, when there is one.
    pub tax: Option<TaxRate>,
    /// To the customer; plain text.
    pub notes: String,
}

/// An invoice as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Unique within the company.
    pub id: String,
    /// Everything staff can edit but the lines.
    pub details: InvoiceDetails,
    /// The status shown today, in the company's words (`unpaid`, `partly_paid`, `overdue`, `paid` are derived).
    pub status: Status,
    /// The customer's display name.
    pub customer_name: String,
    /// Sums over the lines.
    pub totals: Totals,
    /// Sum of its payments, in minor units.
    pub amount_paid: i64,
    /// What is still owed, never negative; zero for drafts and void ones.
    pub amount_due: i64,
    /// Rises with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// The invoices repository.
#[derive(Clone, Copy)]
pub struct Invoices<'a> {
    pub(crate) platform: &'a Platform,
}

impl Invoices<'_> {
    /// A page of the company's invoices, drafts included.
    pub async fn list(&self, company_id: &str, query: &ListQuery) -> Result<Page<Invoice>> {
        let scene = self.platform.scene(company_id).await?;
        self.list_in(&scene, query, |listing| listing).await
    }

    /// One invoice.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<Invoice> {
        let scene = self.platform.scene(company_id).await?;
        self.get_in(&scene, id).await
    }

    /// Its lines in order.
    pub async fn lines(&self, company_id: &str, id: &str) -> Result<Vec<Line>> {
        lines::read(self.platform.db(), "invoice_lines", company_id, id).await
    }

    /// Add an invoice.
    pub async fn create(
        &self,
        company_id: &str,
        details: InvoiceDetails,
        lines: Vec<LineDetails>,
        actor: &Actor,
    ) -> Result<Invoice> {
        let now = self.platform.now();
        let scene = self.platform.scene(company_id).await?;
        let (id, mut details) = (new_id("in")?, tidy(details, scene.today));
        check(&details, &scene.catalogue)?;
        let priced = lines::price(lines::numbered(lines), details.discount, details.tax.as_ref())?;
        let mut tx = self.platform.db().begin().await?;
        check_references(&mut tx, company_id, &details).await?;
        if details.number.is_empty() {
            details.number = lines::next_number(&mut tx, company_id, "invoices", "INV").await?;
        }
        let mut fields = fields(&details, &priced);
        fields.extend(unsettled());
        tx.insert("invoices", new_record(company_id, &id, now, fields))
            .await
            .map_err(number_taken)?;
        lines::store(&mut tx, "invoice_lines", company_id, &id, &priced.lines).await?;
        settle(&mut tx, company_id, Some(&id)).await?;
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

    /// Change an invoice and all its lines; `Conflict` when somebody changed it since `expected_version`.
    pub async fn update(
        &self,
        company_id: &str,
        id: &str,
        expected_version: i64,
        details: InvoiceDetails,
        lines: Vec<LineDetails>,
        actor: &Actor,
    ) -> Result<Invoice> {
        let now = self.platform.now();
        let scene = self.platform.scene(company_id).await?;
        let mut details = tidy(details, scene.today);
        check(&details, &scene.catalogue)?;
        let before = self.get_in(&scene, id).await?;
        if details.number.is_empty() {
            details.number = before.details.number;
        }
        if details.status == "draft" && before.amount_paid > 0 {
            return Err(Error::Conflict(
                "An invoice with payments cannot become a draft again.".into(),
            ));
        }
        let priced = lines::price(lines::numbered(lines), details.discount, details.tax.as_ref())?;
        let mut tx = self.platform.db().begin().await?;
        let fields = fields(&details, &priced);
        let old_hash = lines::stored_hash(&mut tx, "invoices", company_id, id).await?;
        let mut changes = update_versioned(&mut tx, "invoices", (company_id, id), expected_version, fields, now)
            .await
            .map_err(number_taken)?;
        if old_hash != priced.hash {
            lines::store(&mut tx, "invoice_lines", company_id, id, &priced.lines).await?;
            changes.push(FieldChange {
                field: "lines".into(),
                before: String::new(),
                after: format!("{} lines", priced.lines.len()),
            });
        }
        if !changes.is_empty() {
            check_references(&mut tx, company_id, &details).await?;
            settle(&mut tx, company_id, Some(id)).await?;
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

impl Invoices<'_> {
    pub(crate) async fn list_in(
        &self,
        scene: &Scene,
        query: &ListQuery,
        narrow: impl FnOnce(Listing) -> Listing,
    ) -> Result<Page<Invoice>> {
        let listing = Listing::new("invoices", FROM, COLUMNS)
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

    pub(crate) async fn get_in(&self, scene: &Scene, id: &str) -> Result<Invoice> {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE t.company_id = $1 AND t.id = $2");
        read(
            &mut self.platform.db().one(sql, key(&scene.company.id, id)).await?,
            scene,
        )
    }
}

const FROM: &str = "invoices t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id";
const COLUMNS: &str =
    "t.sort_key, t.id, t.customer_id, t.job_id, t.number, t.title, t.status, t.issued, t.due, t.tax_name,
    t.tax_millionths, t.subtotal, t.discount, t.tax, t.total, t.amount_paid, t.notes, c.first_name, c.last_name,
    c.company_name, t.version, t.created_at, t.changed_at";

fn read(row: &mut Row, scene: &Scene) -> Result<Invoice> {
    row.skip();
    let id = row.text()?;
    let (customer_id, job_id, number, title) = (row.text()?, row.opt_text()?, row.text()?, row.text()?);
    let (status, issued, due) = (row.text()?, row.opt_civil()?, row.opt_civil()?);
    let (tax, totals) = lines::read_tax_and_sums(row)?;
    let amount_paid = row.int()?;
    let notes = row.text()?;
    let discount = totals.discount;
    let details = InvoiceDetails {
        customer_id,
        job_id,
        number,
        title,
        status,
        issued,
        due,
        discount,
        tax,
        notes,
    };
    let owed = if details.status == "issued" {
        totals.total.saturating_sub(amount_paid).max(0)
    } else {
        0
    };
    Ok(Invoice {
        id,
        status: scene
            .catalogue
            .invoice(&details.status, totals.total, amount_paid, details.due, scene.today),
        details,
        customer_name: read_name(row)?,
        totals,
        amount_paid,
        amount_due: owed,
        version: row.int()?,
        created_at: row.time()?,
        changed_at: row.time()?,
    })
}

fn tidy(mut details: InvoiceDetails, today: Date) -> InvoiceDetails {
    if details.status.is_empty() {
        details.status = "draft".into();
    }
    if details.status == "issued" && details.issued.is_none() {
        details.issued = Some(today);
    }
    details.job_id = details.job_id.filter(|id| !id.is_empty());
    details
}

pub(crate) fn check(details: &InvoiceDetails, catalogue: &Catalogue) -> Result<()> {
    let mut check = Check::default();
    check.line("number", &details.number, 40);
    check.required("title", &details.title, LINE);
    if !catalogue.allows(RecordKind::Invoice, &details.status) {
        check.refuse(
            "status",
            "not-allowed",
            format!("There is no invoice status {:?}.", details.status),
        );
    }
    if let (Some(issued), Some(due)) = (details.issued, details.due)
        && due < issued
    {
        check.refuse("due", "out-of-range", "It is due before its date.");
    }
    lines::check_tax(&mut check, details.tax.as_ref());
    check.text("notes", &details.notes, TEXT);
    check.finish()
}

async fn check_references(tx: &mut Tx, company_id: &str, details: &InvoiceDetails) -> Result<()> {
    require_customer(tx, company_id, &details.customer_id).await?;
    require_owned(
        tx,
        "jobs",
        company_id,
        &details.customer_id,
        "job_id",
        details.job_id.as_deref(),
    )
    .await
}

pub(crate) fn fields(details: &InvoiceDetails, priced: &Priced) -> Fields {
    let mut fields: Fields = vec![
        ("customer_id", (&details.customer_id).into()),
        ("job_id", details.job_id.as_deref().into()),
        ("number", (&details.number).into()),
        ("title", (&details.title).into()),
        ("status", (&details.status).into()),
        ("issued", details.issued.into()),
        ("due", details.due.into()),
        ("notes", (&details.notes).into()),
        (
            "search",
            search_text(&[&details.number, &details.title, &details.notes]).into(),
        ),
    ];
    fields.extend(lines::sum_fields(priced, details.tax.as_ref()));
    fields
}

/// What `settle` works out, for an invoice that is only being inserted.
pub(crate) fn unsettled() -> Fields {
    vec![
        ("amount_paid", 0_i64.into()),
        ("open", false.into()),
        ("sort_key", "".into()),
    ]
}

/// Bring amount paid, open flag and place in lists in line with status, total, dates and payments,
/// for one invoice or all of the company's. Writes only what differs.
pub(crate) async fn settle(tx: &mut Tx, company_id: &str, id: Option<&str>) -> Result<()> {
    let (only, args) = match id {
        Some(id) => ("AND id = $2", args![company_id, id]),
        None => ("", args![company_id]),
    };
    // `amount` is bounded per payment, so only an absurd sum could leave 64 bits; then the statement fails.
    let paid = "(SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM payments p
         WHERE p.company_id = invoices.company_id AND p.invoice_id = invoices.id)";
    let sql =
        format!("UPDATE invoices SET amount_paid = {paid} WHERE company_id = $1 {only} AND amount_paid <> {paid}");
    tx.execute(sql, args.clone()).await?;
    let open = "CASE WHEN status = 'issued' AND amount_paid < total THEN 1 ELSE 0 END";
    let place = "CASE WHEN status = 'draft' THEN '9999-99' WHEN status = 'issued' AND amount_paid < total
         THEN COALESCE(due, '9999') ELSE COALESCE(issued, '0000') END";
    let sql = format!(
        "UPDATE invoices SET open = {open}, sort_key = {place} WHERE company_id = $1 {only}
         AND (open <> {open} OR sort_key <> {place})"
    );
    tx.execute(sql, args).await?;
    Ok(())
}

fn entry(details: &InvoiceDetails, id: &str, what: &str, changes: Vec<FieldChange>) -> NewEntry {
    NewEntry {
        customer_id: Some(details.customer_id.clone()),
        kind: format!("invoice.{what}"),
        subject_kind: "invoice".into(),
        subject_id: id.to_owned(),
        summary: format!("Invoice {} {what}", details.number),
        changes,
        ..NewEntry::default()
    }
}
