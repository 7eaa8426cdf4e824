//! From the platform's records to the contract's: what a customer may see of each, and nothing else.
//! Internal notes have no field to go to.

use crate::{self as platform, Company, Line};
use ::capabilities::{
    Contact, Estimate, File, Invoice, Job, Money, Payment, Project, Reference, ServiceRequest, Tax, Totals,
};

pub(super) fn money(company: &Company, minor: i64) -> Money {
    Money {
        minor,
        currency: company.details.currency.clone(),
    }
}

pub(super) fn contact(company: &Company, customer: platform::Customer) -> Contact {
    let details = customer.details;
    Contact {
        first_name: details.first_name,
        last_name: details.last_name,
        company_name: details.company_name,
        email: details.email,
        phone: details.phone,
        mobile: details.mobile,
        address: details.address,
        language: details.language,
        version: customer.version.unsigned_abs(),
        changed_at: company.moment(customer.changed_at),
    }
}

pub(super) fn job(job: platform::Job) -> Job {
    Job {
        id: job.id,
        title: job.details.title,
        status: job.status,
        starts: job.details.starts,
        ends: job.details.ends,
        technician: job.details.technician,
        service_address: job.details.service_address,
    }
}

pub(super) fn project(project: platform::Project) -> Project {
    Project {
        id: project.id,
        name: project.details.name,
        status: project.status,
        starts: project.details.starts,
        target: project.details.target,
        percent_complete: project.details.percent_complete,
        manager: project.details.manager,
    }
}

pub(super) fn estimate(company: &Company, estimate: platform::Estimate) -> Estimate {
    Estimate {
        id: estimate.id,
        number: estimate.details.number,
        title: estimate.details.title,
        status: estimate.status,
        sent: estimate.details.sent,
        expires: estimate.details.expires,
        total: money(company, estimate.totals.total),
    }
}

pub(super) fn invoice(company: &Company, invoice: platform::Invoice) -> Invoice {
    Invoice {
        id: invoice.id,
        number: invoice.details.number,
        title: invoice.details.title,
        status: invoice.status,
        issued: invoice.details.issued,
        due: invoice.details.due,
        total: money(company, invoice.totals.total),
        amount_paid: money(company, invoice.amount_paid),
        amount_due: money(company, invoice.amount_due),
    }
}

pub(super) fn totals(company: &Company, sums: &platform::money::Totals, tax: Option<&platform::TaxRate>) -> Totals {
    let taxes = tax.map(|rate| Tax {
        name: rate.name.clone(),
        rate_millionths: rate.rate_millionths,
        amount: money(company, sums.tax),
    });
    Totals {
        subtotal: money(company, sums.subtotal),
        discount: money(company, sums.discount),
        taxes: taxes.into_iter().collect(),
        total: money(company, sums.total),
    }
}

pub(super) fn line(company: &Company, line: Line) -> ::capabilities::Line {
    let details = line.details;
    ::capabilities::Line {
        id: line.id,
        name: details.name,
        description: details.description,
        quantity_milli: details.quantity_milli,
        unit: details.unit,
        unit_price: money(company, details.unit_price),
        amount: money(company, line.amount),
        optional: details.optional,
        selected: details.selected,
        taxable: details.taxable,
    }
}

pub(super) fn payment(company: &Company, payment: platform::Payment) -> Payment {
    let details = payment.details;
    let number = payment.invoice_number;
    Payment {
        id: payment.id,
        date: details.date,
        amount: money(company, details.amount),
        method: details.method,
        reference: details.reference,
        invoice: details
            .invoice_id
            .filter(|_| payment.invoice_visible)
            .map(|id| Reference { id, name: number }),
    }
}

pub(super) fn request(company: &Company, request: platform::ServiceRequest) -> ServiceRequest {
    let (details, title) = (request.details, request.job_title);
    ServiceRequest {
        id: request.id,
        summary: details.summary,
        details: details.details,
        status: request.status,
        submitted: company.moment(request.submitted_at),
        preferred: details.preferred,
        job: details.job_id.map(|id| Reference { id, name: title }),
    }
}

pub(super) fn file(company: &Company, file: platform::StoredFile) -> File {
    let viewable = file.viewable();
    File {
        id: file.id,
        name: file.name,
        media_type: file.media_type,
        size: file.size,
        added: company.moment(file.added_at),
        viewable,
    }
}
