//! Payments: money received, usually for one invoice, whose amount paid moves in the same transaction.
//! Latest first.

use super::{
    NewEntry,
    activity::append,
    invoices::settle,
    records::{new_record, read_name, require_customer, require_owned},
};
use crate::{
    Actor, Error, ListQuery, Platform, Result,
    security::new_id,
    store::{
        db::{Fields, Row, args},
        paging::{Listing, search_text},
    },
    validate::Check,
};
use capabilities::Page;
use jiff::{Timestamp, civil::Date};

/// Payment methods the host knows; a company's own codes are allowed too.
pub const PAYMENT_METHODS: [&str; 5] = ["card", "bank_transfer", "check", "cash", "other"];

/// What staff record about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentDetails {
    /// Who paid.
    pub customer_id: String,
    /// The invoice it pays.
    pub invoice_id: Option<String>,
    /// When.
    pub date: Date,
    /// How much, in minor units; more than zero.
    pub amount: i64,
    /// Stable code such as `card`.
    pub method: String,
    /// Check number or last digits, or empty.
    pub reference: String,
}

/// A payment as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Unique within the company.
    pub id: String,
    /// Everything staff recorded.
    pub details: PaymentDetails,
    /// The customer's display name.
    pub customer_name: String,
    /// Number of the invoice it pays, or empty.
    pub invoice_number: String,
    /// Whether that invoice may be shown to the customer (it is no draft).
    pub invoice_visible: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

/// The payments repository.
#[derive(Clone, Copy)]
pub struct Payments<'a> {
    pub(crate) platform: &'a Platform,
}

impl Payments<'_> {
    /// A page of the company's payments.
    pub async fn list(&self, company_id: &str, query: &ListQuery) -> Result<Page<Payment>> {
        let listing = Listing::new("payments", FROM, COLUMNS)
            .and("t.company_id = ?", company_id)
            .and_some("t.customer_id = ?", query.customer_id.as_deref())
            .and_some("t.method = ?", query.status.as_deref())
            .search(query.page.search.as_deref())
            .latest_first();
        listing
            .run(self.platform.db(), query.page.cursor.as_deref(), query.page.limit, read)
            .await
    }

    /// The payments of one invoice, latest first.
    pub async fn of_invoice(&self, company_id: &str, invoice_id: &str) -> Result<Vec<Payment>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE t.company_id = $1 AND t.invoice_id = $2 ORDER BY t.sort_key DESC, t.id DESC LIMIT 200"
        );
        self.platform
            .db()
            .rows(sql, args![company_id, invoice_id])
            .await?
            .iter_mut()
            .map(read)
            .collect()
    }

    /// One payment.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<Payment> {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE t.company_id = $1 AND t.id = $2");
        read(&mut self.platform.db().one(sql, args![company_id, id]).await?)
    }

    /// Record a payment; the invoice's amount paid moves with it.
    pub async fn create(&self, company_id: &str, details: PaymentDetails, actor: &Actor) -> Result<Payment> {
        let now = self.platform.now();
        let mut details = details;
        details.invoice_id = details.invoice_id.filter(|id| !id.is_empty());
        check(&details)?;
        let id = new_id("pa")?;
        let mut tx = self.platform.db().begin().await?;
        require_customer(&mut tx, company_id, &details.customer_id).await?;
        let mut number = String::new();
        if let Some(invoice) = &details.invoice_id {
            require_owned(
                &mut tx,
                "invoices",
                company_id,
                &details.customer_id,
                "invoice_id",
                Some(invoice),
            )
            .await?;
            let sql = "SELECT number, status FROM invoices WHERE company_id = $1 AND id = $2";
            let mut row = tx.one(sql, args![company_id, invoice]).await?;
            number = row.text()?;
            if row.text()? != "issued" {
                return Err(Error::Conflict("Only an issued invoice can be paid.".into()));
            }
        }
        tx.insert("payments", new_record(company_id, &id, now, fields(&details, &number)))
            .await?;
        if let Some(invoice) = &details.invoice_id {
            settle(&mut tx, company_id, Some(invoice)).await?;
        }
        let summary = match number.as_str() {
            "" => "Payment recorded".to_owned(),
            number => format!("Payment for invoice {number} recorded"),
        };
        append(
            &mut tx,
            company_id,
            &[entry(&details, &id, "recorded", summary)],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        self.get(company_id, &id).await
    }

    /// Remove a payment recorded by mistake; the invoice's amount paid moves back.
    pub async fn delete(&self, company_id: &str, id: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let payment = self.get(company_id, id).await?;
        let mut tx = self.platform.db().begin().await?;
        if tx
            .execute(
                "DELETE FROM payments WHERE company_id = $1 AND id = $2",
                args![company_id, id],
            )
            .await?
            == 0
        {
            return Err(Error::NotFound);
        }
        if let Some(invoice) = &payment.details.invoice_id {
            settle(&mut tx, company_id, Some(invoice)).await?;
        }
        let summary = format!("Payment of {} removed", payment.details.date);
        append(
            &mut tx,
            company_id,
            &[entry(&payment.details, id, "removed", summary)],
            actor,
            now,
        )
        .await?;
        tx.commit().await
    }
}

/// Largest amount of one payment, in minor units: sums of a million of them still fit.
pub(crate) const MAX_AMOUNT: i64 = 1_000_000_000_000;

const FROM: &str = "payments t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id
    LEFT JOIN invoices i ON i.company_id = t.company_id AND i.id = t.invoice_id";
const COLUMNS: &str =
    "t.sort_key, t.id, t.customer_id, t.invoice_id, t.date, t.amount, t.method, t.reference, c.first_name,
    c.last_name, c.company_name, i.number, i.status, t.created_at";

fn read(row: &mut Row) -> Result<Payment> {
    row.skip();
    Ok(Payment {
        id: row.text()?,
        details: PaymentDetails {
            customer_id: row.text()?,
            invoice_id: row.opt_text()?,
            date: row.date()?,
            amount: row.int()?,
            method: row.text()?,
            reference: row.text()?,
        },
        customer_name: read_name(row)?,
        invoice_number: row.opt_text()?.unwrap_or_default(),
        invoice_visible: row.opt_text()?.is_some_and(|status| status != "draft"),
        created_at: row.time()?,
    })
}

pub(crate) fn check(details: &PaymentDetails) -> Result<()> {
    let mut check = Check::default();
    if !(1..=MAX_AMOUNT).contains(&details.amount) {
        check.refuse(
            "amount",
            "out-of-range",
            "An amount is more than zero and not absurdly large.",
        );
    }
    let code = |method: &str| {
        (1..=40).contains(&method.len())
            && method
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    if !code(&details.method) {
        check.refuse(
            "method",
            "malformed",
            "A method is a code such as card or bank_transfer.",
        );
    }
    check.line("reference", &details.reference, 100);
    check.finish()
}

pub(crate) fn fields(details: &PaymentDetails, invoice_number: &str) -> Fields {
    vec![
        ("customer_id", (&details.customer_id).into()),
        ("invoice_id", details.invoice_id.as_deref().into()),
        ("date", details.date.into()),
        ("amount", details.amount.into()),
        ("method", (&details.method).into()),
        ("reference", (&details.reference).into()),
        ("sort_key", details.date.to_string().into()),
        (
            "search",
            search_text(&[&details.reference, &details.method, invoice_number]).into(),
        ),
    ]
}

fn entry(details: &PaymentDetails, id: &str, what: &str, summary: String) -> NewEntry {
    NewEntry {
        customer_id: Some(details.customer_id.clone()),
        kind: format!("payment.{what}"),
        subject_kind: "payment".into(),
        subject_id: id.to_owned(),
        summary,
        ..NewEntry::default()
    }
}
