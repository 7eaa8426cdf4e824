//! `customers`: one customer's records, reached through the handle that is the capability.
//! Source: `wit/customers.wit`. Shapes are converted in `customers/shapes.rs`.

mod shapes;

use super::{
    Answer, at_most, bounded, convert, denied, known_length,
    wit::types::{Error as WitError, PageRequest},
};
use crate::{bindings::fieldservice::plugins::customers as wit, call::Call, manifest::Permission};
use capabilities as cap;
use std::{future::Future, sync::Arc};
use wasmtime::component::Resource;

/// One customer the plugin may reach.
#[expect(unreachable_pub, reason = "generated bindings re-export it")]
pub struct CustomerHandle(pub(crate) Arc<dyn cap::Customer>);

/// What a plugin hears that hoards handles.
pub(crate) fn too_many_handles() -> WitError {
    WitError::Unavailable("Too many handles are open at once.".to_owned())
}

impl wit::Host for Call {
    async fn viewing_as(&mut self) -> wasmtime::Result<Option<wit::Viewing>> {
        let viewing = self
            .grants
            .customers
            .as_ref()
            .and_then(|customers| customers.viewing_as());
        Ok(viewing.map(|viewing| wit::Viewing {
            customer: viewing.customer,
            staff: viewing.staff,
            end_url: viewing.end_url,
        }))
    }

    async fn open(&mut self, id: String) -> Answer<Resource<CustomerHandle>> {
        let granted = self.grants.customers.clone();
        let opened = async move {
            known_length(&id)?;
            granted.ok_or_else(|| denied(Permission::Customers))?.open(&id).await
        };
        match bounded(self.capability_time, opened, CustomerHandle).await? {
            Ok(handle) => Ok(self.table.push(handle).map_err(|_| too_many_handles())),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn find_by_email(&mut self, email: String) -> Answer<Option<String>> {
        let granted = self.grants.customers.clone();
        let found = async move {
            let customers = granted.ok_or_else(|| denied(Permission::Customers))?;
            // Nobody's address is that long, and a long search says nothing else either.
            if email.len() > 320 {
                return Ok(None);
            }
            customers.find_by_email(&email).await
        };
        bounded(self.capability_time, found, |customer| customer).await
    }
}

impl Call {
    /// Ask the customer behind a handle, within the time for one capability.
    async fn ask<T, U, F>(
        &mut self,
        handle: &Resource<CustomerHandle>,
        question: impl FnOnce(Arc<dyn cap::Customer>) -> F + Send,
        convert: impl FnOnce(T) -> U + Send,
    ) -> Answer<U>
    where
        F: Future<Output = cap::Result<T>> + Send,
    {
        let customer = Arc::clone(&self.table.get(handle)?.0);
        bounded(self.capability_time, question(customer), convert).await
    }
}

impl wit::HostCustomer for Call {
    async fn id(&mut self, this: Resource<CustomerHandle>) -> wasmtime::Result<String> {
        Ok(self.table.get(&this)?.0.id())
    }

    async fn profile(&mut self, this: Resource<CustomerHandle>) -> Answer<wit::Contact> {
        self.ask(&this, |c| async move { c.profile().await }, shapes::contact)
            .await
    }

    async fn update_profile(
        &mut self,
        this: Resource<CustomerHandle>,
        expected_version: u64,
        change: wit::ContactChange,
    ) -> Answer<wit::Contact> {
        let update = |c: Arc<dyn cap::Customer>| async move {
            c.update_profile(expected_version, shapes::contact_change(change)).await
        };
        self.ask(&this, update, shapes::contact).await
    }

    async fn summary(&mut self, this: Resource<CustomerHandle>) -> Answer<wit::Summary> {
        self.ask(&this, |c| async move { c.summary().await }, shapes::summary)
            .await
    }

    async fn jobs(&mut self, this: Resource<CustomerHandle>, page: PageRequest) -> Answer<wit::JobPage> {
        let list = |c: Arc<dyn cap::Customer>| async move { c.jobs(convert::page_request(page)?).await };
        self.ask(&this, list, |p| wit::JobPage {
            items: shapes::each(p.items, shapes::job),
            next: p.next,
        })
        .await
    }

    async fn job(&mut self, this: Resource<CustomerHandle>, id: String) -> Answer<wit::JobDetail> {
        let find = |c: Arc<dyn cap::Customer>| async move {
            known_length(&id)?;
            c.job(&id).await
        };
        self.ask(&this, find, shapes::job_detail).await
    }

    async fn projects(&mut self, this: Resource<CustomerHandle>, page: PageRequest) -> Answer<wit::ProjectPage> {
        let list = |c: Arc<dyn cap::Customer>| async move { c.projects(convert::page_request(page)?).await };
        self.ask(&this, list, |p| wit::ProjectPage {
            items: shapes::each(p.items, shapes::project),
            next: p.next,
        })
        .await
    }

    async fn project(&mut self, this: Resource<CustomerHandle>, id: String) -> Answer<wit::ProjectDetail> {
        let find = |c: Arc<dyn cap::Customer>| async move {
            known_length(&id)?;
            c.project(&id).await
        };
        self.ask(&this, find, shapes::project_detail).await
    }

    async fn estimates(&mut self, this: Resource<CustomerHandle>, page: PageRequest) -> Answer<wit::EstimatePage> {
        let list = |c: Arc<dyn cap::Customer>| async move { c.estimates(convert::page_request(page)?).await };
        self.ask(&this, list, |p| wit::EstimatePage {
            items: shapes::each(p.items, shapes::estimate),
            next: p.next,
        })
        .await
    }

    async fn estimate(&mut self, this: Resource<CustomerHandle>, id: String) -> Answer<wit::EstimateDetail> {
        let find = |c: Arc<dyn cap::Customer>| async move {
            known_length(&id)?;
            c.estimate(&id).await
        };
        self.ask(&this, find, shapes::estimate_detail).await
    }

    async fn accept_estimate(
        &mut self,
        this: Resource<CustomerHandle>,
        id: String,
        acceptance: wit::Acceptance,
    ) -> Answer<wit::Decision> {
        let accept = |c: Arc<dyn cap::Customer>| async move {
            known_length(&id)?;
            c.accept_estimate(&id, acceptance_of(acceptance)?).await
        };
        self.ask(&this, accept, shapes::decision).await
    }

    async fn decline_estimate(
        &mut self,
        this: Resource<CustomerHandle>,
        id: String,
        reply: wit::Reply,
    ) -> Answer<wit::Decision> {
        let decline = |c: Arc<dyn cap::Customer>| async move {
            known_length(&id)?;
            c.decline_estimate(&id, reply_of(reply)?).await
        };
        self.ask(&this, decline, shapes::decision).await
    }

    async fn request_changes(
        &mut self,
        this: Resource<CustomerHandle>,
        id: String,
        reply: wit::Reply,
    ) -> Answer<wit::Decision> {
        let request = |c: Arc<dyn cap::Customer>| async move {
            known_length(&id)?;
            c.request_changes(&id, reply_of(reply)?).await
        };
        self.ask(&this, request, shapes::decision).await
    }

    async fn invoices(&mut self, this: Resource<CustomerHandle>, page: PageRequest) -> Answer<wit::InvoicePage> {
        let list = |c: Arc<dyn cap::Customer>| async move { c.invoices(convert::page_request(page)?).await };
        self.ask(&this, list, |p| wit::InvoicePage {
            items: shapes::each(p.items, shapes::invoice),
            next: p.next,
        })
        .await
    }

    async fn invoice(&mut self, this: Resource<CustomerHandle>, id: String) -> Answer<wit::InvoiceDetail> {
        let find = |c: Arc<dyn cap::Customer>| async move {
            known_length(&id)?;
            c.invoice(&id).await
        };
        self.ask(&this, find, shapes::invoice_detail).await
    }

    async fn payments(&mut self, this: Resource<CustomerHandle>, page: PageRequest) -> Answer<wit::PaymentPage> {
        let list = |c: Arc<dyn cap::Customer>| async move { c.payments(convert::page_request(page)?).await };
        self.ask(&this, list, |p| wit::PaymentPage {
            items: shapes::each(p.items, shapes::payment),
            next: p.next,
        })
        .await
    }

    async fn payment(&mut self, this: Resource<CustomerHandle>, id: String) -> Answer<wit::Payment> {
        let find = |c: Arc<dyn cap::Customer>| async move {
            known_length(&id)?;
            c.payment(&id).await
        };
        self.ask(&this, find, shapes::payment).await
    }

    async fn requests(&mut self, this: Resource<CustomerHandle>, page: PageRequest) -> Answer<wit::RequestPage> {
        let list = |c: Arc<dyn cap::Customer>| async move { c.requests(convert::page_request(page)?).await };
        self.ask(&this, list, |p| wit::RequestPage {
            items: shapes::each(p.items, shapes::request),
            next: p.next,
        })
        .await
    }

    async fn booking_url(&mut self, this: Resource<CustomerHandle>) -> Answer<String> {
        self.ask(&this, |c| async move { c.booking_url().await }, |url| url)
            .await
    }

    async fn drop(&mut self, this: Resource<CustomerHandle>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

fn acceptance_of(acceptance: wit::Acceptance) -> cap::Result<cap::Acceptance> {
    if acceptance
        .signature_png
        .as_ref()
        .is_some_and(|png| png.len() > 64 * 1024)
    {
        return Err(cap::Error::invalid(
            "signature-png",
            "too-long",
            "A signature has at most 64 KiB.",
        ));
    }
    if acceptance.selected_lines.len() > 1_000 {
        return Err(cap::Error::invalid(
            "selected-lines",
            "too-long",
            "At most 1,000 lines can be selected.",
        ));
    }
    acceptance.selected_lines.iter().try_for_each(|id| known_length(id))?;
    if acceptance.typed_name.trim().is_empty() {
        return Err(cap::Error::invalid("typed-name", "required", "The name is missing."));
    }
    at_most("typed-name", &acceptance.typed_name, 200)?;
    at_most("consent", &acceptance.consent, 4_000)?;
    at_most("idempotency-key", &acceptance.idempotency_key, 128)?;
    Ok(cap::Acceptance {
        expected_version: acceptance.expected_version,
        selected_lines: acceptance.selected_lines,
        typed_name: acceptance.typed_name,
        signature_png: acceptance.signature_png,
        consent: acceptance.consent,
        attribution: shapes::attribution(acceptance.attribution),
        idempotency_key: acceptance.idempotency_key,
    })
}

fn reply_of(reply: wit::Reply) -> cap::Result<cap::Reply> {
    at_most("comment", &reply.comment, 4_000)?;
    at_most("idempotency-key", &reply.idempotency_key, 128)?;
    if reply.line_comments.len() > 1_000 {
        return Err(cap::Error::invalid(
            "line-comments",
            "too-long",
            "At most 1,000 lines can be commented.",
        ));
    }
    for (line, comment) in &reply.line_comments {
        known_length(line)?;
        at_most("line-comments", comment, 4_000)?;
    }
    Ok(cap::Reply {
        expected_version: reply.expected_version,
        comment: reply.comment,
        line_comments: reply.line_comments,
        attribution: shapes::attribution(reply.attribution),
        idempotency_key: reply.idempotency_key,
    })
}
