//! Customers and everything that belongs to them, reached through one handle each.
//! Source: `wit/customers.wit`, where every field is documented.
#![expect(missing_docs, reason = "each field is documented in wit/customers.wit")]

use crate::{Address, CustomerId, Moment, Money, Page, PageRequest, RecordId, Result, Status};
use async_trait::async_trait;
use jiff::civil;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub first_name: String,
    pub last_name: String,
    pub company_name: String,
    pub email: String,
    pub phone: String,
    pub mobile: String,
    pub address: Address,
    pub language: String,
    pub version: u64,
    pub changed_at: Moment,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactChange {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub company_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub mobile: Option<String>,
    pub address: Option<Address>,
    pub language: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SectionCount {
    pub open: u32,
    pub past: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub jobs: SectionCount,
    pub projects: SectionCount,
    pub estimates: SectionCount,
    pub invoices: SectionCount,
    pub payments: u32,
    pub requests: SectionCount,
    pub balance_due: Money,
    pub estimates_to_decide: Vec<Estimate>,
    pub invoices_due: Vec<Invoice>,
    pub next_visits: Vec<Job>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: RecordId,
    pub title: String,
    pub status: Status,
    pub starts: Option<civil::DateTime>,
    pub ends: Option<civil::DateTime>,
    pub technician: String,
    pub service_address: String,
}

/// A record another one refers to: its id and what to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub id: RecordId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDetail {
    pub job: Job,
    pub description: String,
    pub project: Option<Reference>,
    pub invoices: Vec<Invoice>,
    pub files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    pub id: RecordId,
    pub name: String,
    pub status: Status,
    pub starts: Option<civil::Date>,
    pub target: Option<civil::Date>,
    pub percent_complete: u8,
    pub manager: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDetail {
    pub project: Project,
    pub description: String,
    pub jobs: Vec<Job>,
    pub estimates: Vec<Estimate>,
    pub files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: RecordId,
    pub name: String,
    pub description: String,
    pub quantity_milli: i64,
    pub unit: String,
    pub unit_price: Money,
    pub amount: Money,
    pub optional: bool,
    pub selected: bool,
    pub taxable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tax {
    pub name: String,
    pub rate_millionths: u32,
    pub amount: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    pub subtotal: Money,
    pub discount: Money,
    pub taxes: Vec<Tax>,
    pub total: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    pub id: RecordId,
    pub number: String,
    pub title: String,
    pub status: Status,
    pub sent: Option<civil::Date>,
    pub expires: Option<civil::Date>,
    pub total: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateDetail {
    pub estimate: Estimate,
    pub lines: Vec<Line>,
    pub totals: Totals,
    pub notes: String,
    pub terms: String,
    pub prepared_by: String,
    pub service_address: String,
    pub project: Option<Reference>,
    pub version: u64,
    pub decision: Option<Decision>,
    pub decidable: bool,
    pub why_not: String,
    pub files: Vec<File>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    Declined,
    ChangesRequested,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    pub by: String,
    pub at: Moment,
    pub comment: String,
    pub by_staff: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribution {
    Link(String),
    Account(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    pub expected_version: u64,
    pub selected_lines: Vec<RecordId>,
    pub typed_name: String,
    pub signature_png: Option<Vec<u8>>,
    pub consent: String,
    pub attribution: Attribution,
    pub idempotency_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub expected_version: u64,
    pub comment: String,
    pub line_comments: Vec<(RecordId, String)>,
    pub attribution: Attribution,
    pub idempotency_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub id: RecordId,
    pub number: String,
    pub title: String,
    pub status: Status,
    pub issued: Option<civil::Date>,
    pub due: Option<civil::Date>,
    pub total: Money,
    pub amount_paid: Money,
    pub amount_due: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceDetail {
    pub invoice: Invoice,
    pub lines: Vec<Line>,
    pub totals: Totals,
    pub notes: String,
    pub job: Option<Reference>,
    pub payments: Vec<Payment>,
    pub payment_url: Option<String>,
    pub remit_to: String,
    pub version: u64,
    pub files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: RecordId,
    pub date: civil::Date,
    pub amount: Money,
    pub method: String,
    pub reference: String,
    pub invoice: Option<Reference>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRequest {
    pub id: RecordId,
    pub summary: String,
    pub details: String,
    pub status: Status,
    pub submitted: Moment,
    pub preferred: Option<civil::Date>,
    pub job: Option<Reference>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub id: RecordId,
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub added: Moment,
    pub viewable: bool,
}

/// A member of staff who looks at a plugin's pages as one customer; see [`crate::CallContext::viewing`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewing {
    pub customer: CustomerId,
    pub staff: String,
    pub end_url: String,
}

/// `resource customer`: one customer of the company, and nobody else.
#[async_trait]
pub trait Customer: Send + Sync {
    fn id(&self) -> CustomerId;
    async fn profile(&self) -> Result<Contact>;
    async fn update_profile(&self, expected_version: u64, change: ContactChange) -> Result<Contact>;
    async fn summary(&self) -> Result<Summary>;
    async fn jobs(&self, page: PageRequest) -> Result<Page<Job>>;
    async fn job(&self, id: &str) -> Result<JobDetail>;
    async fn projects(&self, page: PageRequest) -> Result<Page<Project>>;
    async fn project(&self, id: &str) -> Result<ProjectDetail>;
    async fn estimates(&self, page: PageRequest) -> Result<Page<Estimate>>;
    async fn estimate(&self, id: &str) -> Result<EstimateDetail>;
    async fn accept_estimate(&self, id: &str, acceptance: Acceptance) -> Result<Decision>;
    async fn decline_estimate(&self, id: &str, reply: Reply) -> Result<Decision>;
    async fn request_changes(&self, id: &str, reply: Reply) -> Result<Decision>;
    async fn invoices(&self, page: PageRequest) -> Result<Page<Invoice>>;
    async fn invoice(&self, id: &str) -> Result<InvoiceDetail>;
    async fn payments(&self, page: PageRequest) -> Result<Page<Payment>>;
    async fn payment(&self, id: &str) -> Result<Payment>;
    async fn requests(&self, page: PageRequest) -> Result<Page<ServiceRequest>>;
    async fn booking_url(&self) -> Result<String>;
}

/// `interface customers`.
#[async_trait]
pub trait Customers: Send + Sync {
    /// Who looks at the plugin's pages as a customer, if anybody.
    fn viewing_as(&self) -> Option<Viewing> {
        None
    }
    /// The customer with this id.
    async fn open(&self, id: &str) -> Result<Arc<dyn Customer>>;
    /// The one customer with this e-mail on file.
    async fn find_by_email(&self, email: &str) -> Result<Option<CustomerId>>;
}
