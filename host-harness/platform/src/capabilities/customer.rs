//! `resource customer`: one customer's records, read through the same queries staff use, with the customer pinned.
//! A record of somebody else's, a draft and an unknown id are all the same `not-found`.

use super::{Call, shown};
use crate::{
    CustomerDetails, Error as PlatformError, ListQuery, OwnerKind,
    domain::records::Scene,
    security::booking_token,
    store::{db::args, paging::Listing},
};
use ::capabilities::*;
use async_trait::async_trait;

pub(super) struct CustomerCapability {
    pub(super) call: Call,
    pub(super) id: CustomerId,
}

/// Records of a kind on another record's page.
const RELATED: u32 = 100;
/// Cards on the main page.
const CARDS: u32 = 5;

/// What a customer never sees of estimates and invoices.
const NO_DRAFTS: &str = "t.status <> 'draft'";

impl CustomerCapability {
    async fn scene(&self) -> Result<Scene> {
        Ok(self.call.platform.scene_of(self.call.company.clone()).await?)
    }

    fn query(&self, page: PageRequest) -> ListQuery {
        ListQuery {
            customer_id: Some(self.id.clone()),
            status: None,
            page,
        }
    }

    fn first(&self, filter: ListFilter, limit: u32) -> ListQuery {
        self.query(PageRequest {
            filter,
            cursor: None,
            limit,
            search: None,
        })
    }

    /// `NotFound` unless the record is this customer's.
    fn own(&self, customer_id: &str) -> Result<()> {
        if customer_id == self.id {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }

    async fn files(&self, kind: OwnerKind, id: &str) -> Result<Vec<File>> {
        let company = &self.call.company;
        let files = self.call.platform.files().of(&company.id, kind, id).await?;
        let own = files
            .into_iter()
            .filter(|file| file.visible && file.customer_id == self.id);
        Ok(own.map(|file| shown::file(company, file)).collect())
    }

    async fn estimates_in(&self, scene: &Scene, query: ListQuery, project: Option<&str>) -> Result<Page<Estimate>> {
        let narrow = |listing: Listing| listing.and_plain(NO_DRAFTS).and_some("t.project_id = ?", project);
        let page = self.call.platform.estimates().list_in(scene, &query, narrow).await?;
        Ok(map(page, |estimate| shown::estimate(&scene.company, estimate)))
    }

    async fn invoices_in(&self, scene: &Scene, query: ListQuery, job: Option<&str>) -> Result<Page<Invoice>> {
        let narrow = |listing: Listing| listing.and_plain(NO_DRAFTS).and_some("t.job_id = ?", job);
        let page = self.call.platform.invoices().list_in(scene, &query, narrow).await?;
        Ok(map(page, |invoice| shown::invoice(&scene.company, invoice)))
    }

    async fn project_reference(&self, id: Option<&str>) -> Result<Option<Reference>> {
        let Some(id) = id else { return Ok(None) };
        let sql = "SELECT name FROM projects WHERE company_id = $1 AND id = $2 AND customer_id = $3";
        self.reference(sql, id).await
    }

    async fn reference(&self, sql: &'static str, id: &str) -> Result<Option<Reference>> {
        let row = self
            .call
            .platform
            .db()
            .row(sql, args![&self.call.company.id, id, &self.id])
            .await?;
        let name = row.map(|mut row| row.text()).transpose()?;
        Ok(name.map(|name| Reference {
            id: id.to_owned(),
            name,
        }))
    }

    /// Every count of the summary in one statement.
    async fn counts(&self, scene: &Scene) -> Result<(Summary, i64)> {
        let sql = "SELECT
            (SELECT COUNT(*) FROM jobs WHERE company_id = $1 AND customer_id = $2 AND open = 1),
            (SELECT COUNT(*) FROM jobs WHERE company_id = $1 AND customer_id = $2 AND open = 0),
            (SELECT COUNT(*) FROM projects WHERE company_id = $1 AND customer_id = $2 AND open = 1),
            (SELECT COUNT(*) FROM projects WHERE company_id = $1 AND customer_id = $2 AND open = 0),
            (SELECT COUNT(*) FROM estimates WHERE company_id = $1 AND customer_id = $2
                AND status IN ('sent', 'changes_requested') AND (expires IS NULL OR expires >= $3)),
            (SELECT COUNT(*) FROM estimates WHERE company_id = $1 AND customer_id = $2 AND status <> 'draft'),
            (SELECT COUNT(*) FROM invoices WHERE company_id = $1 AND customer_id = $2 AND open = 1),
            (SELECT COUNT(*) FROM invoices WHERE company_id = $1 AND customer_id = $2 AND status <> 'draft' AND open = 0),
            (SELECT COUNT(*) FROM payments WHERE company_id = $1 AND customer_id = $2),
            (SELECT COUNT(*) FROM requests WHERE company_id = $1 AND customer_id = $2 AND open = 1),
            (SELECT COUNT(*) FROM requests WHERE company_id = $1 AND customer_id = $2 AND open = 0),
            (SELECT CAST(COALESCE(SUM(total - amount_paid), 0) AS BIGINT) FROM invoices
                WHERE company_id = $1 AND customer_id = $2 AND open = 1)";
        let args = args![&scene.company.id, &self.id, scene.today];
        let mut row = self.call.platform.db().one(sql, args).await?;
        let jobs = SectionCount {
            open: row.uint()?,
            past: row.uint()?,
        };
        let projects = SectionCount {
            open: row.uint()?,
            past: row.uint()?,
        };
        let (open, all): (u32, u32) = (row.uint()?, row.uint()?);
        let estimates = SectionCount {
            open,
            past: all.saturating_sub(open),
        };
        let invoices = SectionCount {
            open: row.uint()?,
            past: row.uint()?,
        };
        let payments = row.uint()?;
        let requests = SectionCount {
            open: row.uint()?,
            past: row.uint()?,
        };
        let summary = Summary {
            jobs,
            projects,
            estimates,
            invoices,
            payments,
            requests,
            balance_due: shown::money(&scene.company, 0),
            estimates_to_decide: Vec::new(),
            invoices_due: Vec::new(),
            next_visits: Vec::new(),
        };
        Ok((summary, row.int()?))
    }
}

fn map<A, B>(page: Page<A>, each: impl FnMut(A) -> B) -> Page<B> {
    Page {
        items: page.items.into_iter().map(each).collect(),
        next: page.next,
    }
}

fn changed(details: CustomerDetails, change: ContactChange) -> CustomerDetails {
    CustomerDetails {
        first_name: change.first_name.unwrap_or(details.first_name),
        last_name: change.last_name.unwrap_or(details.last_name),
        company_name: change.company_name.unwrap_or(details.company_name),
        email: change.email.unwrap_or(details.email),
        phone: change.phone.unwrap_or(details.phone),
        mobile: change.mobile.unwrap_or(details.mobile),
        address: change.address.unwrap_or(details.address),
        language: change.language.unwrap_or(details.language),
        internal_notes: details.internal_notes,
    }
}

fn no_decisions<T>() -> Result<T> {
    Err(Error::Unavailable(
        "This host does not take decisions on estimates yet.".into(),
    ))
}

#[async_trait]
impl Customer for CustomerCapability {
    fn id(&self) -> CustomerId {
        self.id.clone()
    }

    async fn profile(&self) -> Result<Contact> {
        let company = &self.call.company;
        let customer = self.call.platform.customers().get(&company.id, &self.id).await?;
        Ok(shown::contact(company, customer))
    }

    async fn update_profile(&self, expected_version: u64, change: ContactChange) -> Result<Contact> {
        self.call.require_write()?;
        let company = &self.call.company;
        let customers = self.call.platform.customers();
        let before = customers.get(&company.id, &self.id).await?;
        let stale = || Error::Conflict("These details were changed in the meantime. Please check them again.".into());
        let expected = i64::try_from(expected_version).map_err(|_| stale())?;
        if expected != before.version {
            return Err(stale());
        }
        let details = changed(before.details, change);
        let actor = self.call.actor(Some(&self.id));
        let plugin = &self.call.plugin.id;
        match customers
            .change(&company.id, &self.id, expected, details, &actor, plugin)
            .await
        {
            Ok(customer) => Ok(shown::contact(company, customer)),
            Err(PlatformError::Conflict(_)) => Err(stale()),
            Err(error) => Err(error.into()),
        }
    }

    async fn summary(&self) -> Result<Summary> {
        let scene = self.scene().await?;
        let platform = &self.call.platform;
        let (mut summary, balance) = self.counts(&scene).await?;
        summary.balance_due = shown::money(&scene.company, balance);
        if summary.estimates.open > 0 {
            let estimates = platform.estimates().awaiting_decision(&scene, &self.id, CARDS).await?;
            summary.estimates_to_decide = estimates
                .into_iter()
                .map(|estimate| shown::estimate(&scene.company, estimate))
                .collect();
        }
        if summary.invoices.open > 0 {
            summary.invoices_due = self
                .invoices_in(&scene, self.first(ListFilter::Open, CARDS), None)
                .await?
                .items;
        }
        if summary.jobs.open > 0 {
            let now = platform.now().to_zoned(scene.company.zone()).datetime();
            let coming = |listing: Listing| listing.and("COALESCE(t.ends, t.starts) >= ?", now);
            let jobs = platform
                .jobs()
                .list_in(&scene, &self.first(ListFilter::Open, CARDS), coming)
                .await?;
            summary.next_visits = jobs.items.into_iter().map(shown::job).collect();
        }
        Ok(summary)
    }

    async fn jobs(&self, page: PageRequest) -> Result<Page<Job>> {
        let scene = self.scene().await?;
        let page = self
            .call
            .platform
            .jobs()
            .list_in(&scene, &self.query(page), |listing| listing)
            .await?;
        Ok(map(page, shown::job))
    }

    async fn job(&self, id: &str) -> Result<JobDetail> {
        let scene = self.scene().await?;
        let job = self.call.platform.jobs().get_in(&scene, id).await?;
        self.own(&job.details.customer_id)?;
        Ok(JobDetail {
            description: job.details.description.clone(),
            project: self.project_reference(job.details.project_id.as_deref()).await?,
            invoices: self
                .invoices_in(&scene, self.first(ListFilter::All, RELATED), Some(id))
                .await?
                .items,
            files: self.files(OwnerKind::Job, id).await?,
            job: shown::job(job),
        })
    }

    async fn projects(&self, page: PageRequest) -> Result<Page<Project>> {
        let scene = self.scene().await?;
        Ok(map(
            self.call.platform.projects().list_in(&scene, &self.query(page)).await?,
            shown::project,
        ))
    }

    async fn project(&self, id: &str) -> Result<ProjectDetail> {
        let scene = self.scene().await?;
        let platform = &self.call.platform;
        let project = platform.projects().get_in(&scene, id).await?;
        self.own(&project.details.customer_id)?;
        let of_project = |listing: Listing| listing.and("t.project_id = ?", id);
        let jobs = platform
            .jobs()
            .list_in(&scene, &self.first(ListFilter::All, RELATED), of_project)
            .await?;
        Ok(ProjectDetail {
            description: project.details.description.clone(),
            jobs: map(jobs, shown::job).items,
            estimates: self
                .estimates_in(&scene, self.first(ListFilter::All, RELATED), Some(id))
                .await?
                .items,
            files: self.files(OwnerKind::Project, id).await?,
            project: shown::project(project),
        })
    }

    async fn estimates(&self, page: PageRequest) -> Result<Page<Estimate>> {
        let scene = self.scene().await?;
        self.estimates_in(&scene, self.query(page), None).await
    }

    async fn estimate(&self, id: &str) -> Result<EstimateDetail> {
        let scene = self.scene().await?;
        let platform = &self.call.platform;
        let company = &scene.company;
        let estimate = platform.estimates().get_in(&scene, id).await?;
        self.own(&estimate.details.customer_id)?;
        if estimate.details.status == "draft" {
            return Err(Error::NotFound);
        }
        let lines = platform.estimates().lines(&company.id, id).await?;
        let details = estimate.details.clone();
        Ok(EstimateDetail {
            lines: lines.into_iter().map(|line| shown::line(company, line)).collect(),
            totals: shown::totals(company, &estimate.totals, details.tax.as_ref()),
            notes: details.notes,
            terms: details.terms,
            prepared_by: details.prepared_by,
            service_address: details.service_address,
            project: self.project_reference(details.project_id.as_deref()).await?,
            version: estimate.version.unsigned_abs(),
            decision: None,
            decidable: false,
            why_not: String::new(),
            files: self.files(OwnerKind::Estimate, id).await?,
            estimate: shown::estimate(company, estimate),
        })
    }

    async fn accept_estimate(&self, id: &str, _: Acceptance) -> Result<Decision> {
        self.call.require_write()?;
        self.estimate(id).await?;
        no_decisions()
    }

    async fn decline_estimate(&self, id: &str, _: Reply) -> Result<Decision> {
        self.call.require_write()?;
        self.estimate(id).await?;
        no_decisions()
    }

    async fn request_changes(&self, id: &str, _: Reply) -> Result<Decision> {
        self.call.require_write()?;
        self.estimate(id).await?;
        no_decisions()
    }

    async fn invoices(&self, page: PageRequest) -> Result<Page<Invoice>> {
        let scene = self.scene().await?;
        self.invoices_in(&scene, self.query(page), None).await
    }

    async fn invoice(&self, id: &str) -> Result<InvoiceDetail> {
        let scene = self.scene().await?;
        let platform = &self.call.platform;
        let company = &scene.company;
        let invoice = platform.invoices().get_in(&scene, id).await?;
        self.own(&invoice.details.customer_id)?;
        if invoice.details.status == "draft" {
            return Err(Error::NotFound);
        }
        let lines = platform.invoices().lines(&company.id, id).await?;
        let payments = platform.payments().of_invoice(&company.id, id).await?;
        let job = match &invoice.details.job_id {
            Some(job) => {
                let sql = "SELECT title FROM jobs WHERE company_id = $1 AND id = $2 AND customer_id = $3";
                self.reference(sql, job).await?
            }
            None => None,
        };
        Ok(InvoiceDetail {
            lines: lines.into_iter().map(|line| shown::line(company, line)).collect(),
            totals: shown::totals(company, &invoice.totals, invoice.details.tax.as_ref()),
            notes: invoice.details.notes.clone(),
            job,
            payments: payments
                .into_iter()
                .map(|payment| shown::payment(company, payment))
                .collect(),
            payment_url: None,
            remit_to: company.details.remit_to.clone(),
            version: invoice.version.unsigned_abs(),
            files: self.files(OwnerKind::Invoice, id).await?,
            invoice: shown::invoice(company, invoice),
        })
    }

    async fn payments(&self, page: PageRequest) -> Result<Page<Payment>> {
        let company = &self.call.company;
        let page = self
            .call
            .platform
            .payments()
            .list(&company.id, &self.query(page))
            .await?;
        Ok(map(page, |payment| shown::payment(company, payment)))
    }

    async fn payment(&self, id: &str) -> Result<Payment> {
        let company = &self.call.company;
        let payment = self.call.platform.payments().get(&company.id, id).await?;
        self.own(&payment.details.customer_id)?;
        Ok(shown::payment(company, payment))
    }

    async fn requests(&self, page: PageRequest) -> Result<Page<ServiceRequest>> {
        let scene = self.scene().await?;
        let page = self.call.platform.requests().list_in(&scene, &self.query(page)).await?;
        Ok(map(page, |request| shown::request(&scene.company, request)))
    }

    async fn booking_url(&self) -> Result<String> {
        // Whoever holds the address sends requests as the customer.
        self.call.require_write()?;
        let platform = &self.call.platform;
        let company = &self.call.company;
        let token = booking_token(&platform.inner.secret_key, &company.id, &self.id, platform.now())?;
        Ok(format!(
            "{}/{}/book/k/{token}",
            platform.inner.public_url, company.details.slug
        ))
    }
}
