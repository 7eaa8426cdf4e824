//! Values of the host's own merge fields, for many customers.
//! Records are read only when a template uses one of their fields.

use crate::words;
use capabilities::{ListFilter, Page, PageRequest};
use messaging::HostField;
use platform::{Company, Customer, Estimate, Invoice, Job, ListQuery, Platform, Result};
use std::{collections::BTreeMap, future::Future, ops::ControlFlow};

/// Rows of one look into a customer's records.
const ROWS: u32 = 200;

/// One map per customer id, in order, of the host's fields among `used`. An unknown customer's map is empty.
pub(super) async fn of_host(
    platform: &Platform,
    company_id: &str,
    used: &[String],
    customer_ids: &[String],
) -> Result<Vec<BTreeMap<String, String>>> {
    let fields: Vec<HostField> = used.iter().filter_map(|name| HostField::from_name(name)).collect();
    if fields.is_empty() {
        return Ok(vec![BTreeMap::new(); customer_ids.len()]);
    }
    let company = platform.companies().get(company_id).await?;
    let customers: BTreeMap<String, Customer> = platform
        .customers()
        .many(company_id, customer_ids)
        .await?
        .into_iter()
        .map(|customer| (customer.id.clone(), customer))
        .collect();
    let mut rows = Vec::with_capacity(customer_ids.len());
    for id in customer_ids {
        rows.push(match customers.get(id) {
            Some(customer) => of_customer(platform, &company, customer, &fields).await?,
            None => BTreeMap::new(),
        });
    }
    Ok(rows)
}

/// The records of a customer that some field needs.
#[derive(Default)]
struct Records {
    visit: Option<Job>,
    estimate: Option<Estimate>,
    invoice: Option<Invoice>,
    balance: i64,
}

async fn of_customer(
    platform: &Platform,
    company: &Company,
    customer: &Customer,
    fields: &[HostField],
) -> Result<BTreeMap<String, String>> {
    let records = records(platform, company, customer, fields).await?;
    let mut values = BTreeMap::new();
    for field in fields {
        if let Some(value) = value(*field, company, customer, &records).filter(|value| !value.trim().is_empty()) {
            values.insert(field.name().to_owned(), value);
        }
    }
    Ok(values)
}

async fn records(platform: &Platform, company: &Company, customer: &Customer, fields: &[HostField]) -> Result<Records> {
    use HostField as F;
    let needs = |some: &[F]| fields.iter().any(|field| some.contains(field));
    let mut records = Records::default();
    if needs(&[F::JobTitle, F::JobStarts]) {
        let now = company.moment(platform.now()).local;
        let upcoming = |job: Job| match job.details.starts {
            Some(starts) if starts >= now => {
                records.visit = Some(job);
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        };
        let page = |query| async move { platform.jobs().list(&company.id, &query).await };
        each_open(&customer.id, page, upcoming).await?;
    }
    if needs(&[F::EstimateNumber, F::EstimateTotal, F::EstimateExpirationDate]) {
        let sent = |estimate: Estimate| {
            if estimate.details.status == "draft" {
                return ControlFlow::Continue(());
            }
            records.estimate = Some(estimate);
            ControlFlow::Break(())
        };
        let page = |query| async move { platform.estimates().list(&company.id, &query).await };
        each_open(&customer.id, page, sent).await?;
    }
    if needs(&[
        F::InvoiceNumber,
        F::InvoiceAmountDue,
        F::InvoiceDueDate,
        F::CustomerBalanceDue,
    ]) {
        let owed = |invoice: Invoice| {
            if invoice.details.status == "issued" && invoice.amount_due > 0 {
                records.balance = records.balance.saturating_add(invoice.amount_due);
                records.invoice.get_or_insert(invoice);
            }
            ControlFlow::Continue(())
        };
        let page = |query| async move { platform.invoices().list(&company.id, &query).await };
        each_open(&customer.id, page, owed).await?;
    }
    Ok(records)
}

/// Shows `visit` a customer's open records in their list's order, page by page, until it has seen enough.
async fn each_open<T, P>(
    customer_id: &str,
    page: impl Fn(ListQuery) -> P,
    mut visit: impl FnMut(T) -> ControlFlow<()>,
) -> Result<()>
where
    P: Future<Output = Result<Page<T>>>,
{
    let mut cursor = None;
    loop {
        let found = page(ListQuery {
            customer_id: Some(customer_id.to_owned()),
            status: None,
            page: PageRequest {
                filter: ListFilter::Open,
                cursor,
                limit: ROWS,
                search: None,
            },
        })
        .await?;
        if found.items.into_iter().try_for_each(&mut visit).is_break() || found.next.is_none() {
            return Ok(());
        }
        cursor = found.next;
    }
}

fn value(field: HostField, company: &Company, customer: &Customer, records: &Records) -> Option<String> {
    use HostField as F;
    let text = |value: &str| Some(value.to_owned());
    let money = |minor: i64| words::money(minor, &company.currency);
    match field {
        F::CustomerFirstName => text(&customer.first_name),
        F::CustomerLastName => text(&customer.last_name),
        F::CustomerFullName => Some(customer.display_name()),
        F::CustomerCompanyName => text(&customer.company_name),
        F::CustomerEmail => text(&customer.email),
        F::CustomerPhone => text(customer.text_number()),
        F::CustomerAddress => Some(one_line(&customer.address)),
        F::CustomerBalanceDue => (records.balance > 0).then(|| money(records.balance)),
        F::CompanyName => text(&company.name),
        F::CompanyPhone => text(&company.phone),
        F::CompanyEmail => text(&company.email),
        F::CompanyWebsite => text(&company.website),
        F::JobTitle => records.visit.as_ref().map(|job| job.details.title.clone()),
        F::JobStarts => records
            .visit
            .as_ref()
            .and_then(|job| job.details.starts)
            .map(words::date_time),
        F::EstimateNumber => records
            .estimate
            .as_ref()
            .map(|estimate| estimate.details.number.clone()),
        F::EstimateTotal => records.estimate.as_ref().map(|estimate| money(estimate.totals.total)),
        F::EstimateExpirationDate => records
            .estimate
            .as_ref()
            .and_then(|estimate| estimate.details.expires)
            .map(words::date),
        F::InvoiceNumber => records.invoice.as_ref().map(|invoice| invoice.details.number.clone()),
        F::InvoiceAmountDue => records.invoice.as_ref().map(|invoice| money(invoice.amount_due)),
        F::InvoiceDueDate => records
            .invoice
            .as_ref()
            .and_then(|invoice| invoice.details.due)
            .map(words::date),
    }
}

/// `2418 Alder St, Unit 4, Denver, CO 80205`.
pub(crate) fn one_line(address: &capabilities::Address) -> String {
    let place = [address.region.as_str(), address.postal_code.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    [
        address.street.as_str(),
        address.unit.as_str(),
        address.city.as_str(),
        place.as_str(),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(", ")
}
