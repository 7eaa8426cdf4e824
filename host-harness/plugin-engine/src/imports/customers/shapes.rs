//! A customer's records from `capabilities` to the contract, field by field.
//! Source: `wit/customers.wit`. A field that is not named here never reaches a plugin.

use super::super::convert::{address, date, local_time, moment, money, status, written_address};
use crate::bindings::fieldservice::plugins::customers as wit;
use capabilities as cap;

pub(super) fn each<T, U>(items: Vec<T>, convert: impl FnMut(T) -> U) -> Vec<U> {
    items.into_iter().map(convert).collect()
}

fn reference(reference: cap::Reference) -> (String, String) {
    (reference.id, reference.name)
}

pub(super) fn contact(contact: cap::Contact) -> wit::Contact {
    wit::Contact {
        first_name: contact.first_name,
        last_name: contact.last_name,
        company_name: contact.company_name,
        email: contact.email,
        phone: contact.phone,
        mobile: contact.mobile,
        address: address(contact.address),
        language: contact.language,
        version: contact.version,
        changed_at: moment(contact.changed_at),
    }
}

pub(super) fn contact_change(change: wit::ContactChange) -> cap::ContactChange {
    cap::ContactChange {
        first_name: change.first_name,
        last_name: change.last_name,
        company_name: change.company_name,
        email: change.email,
        phone: change.phone,
        mobile: change.mobile,
        address: change.address.map(written_address),
        language: change.language,
    }
}

fn count(count: cap::SectionCount) -> wit::SectionCount {
    wit::SectionCount {
        open: count.open,
        past: count.past,
    }
}

pub(super) fn summary(summary: cap::Summary) -> wit::Summary {
    wit::Summary {
        jobs: count(summary.jobs),
        projects: count(summary.projects),
        estimates: count(summary.estimates),
        invoices: count(summary.invoices),
        payments: summary.payments,
        requests: count(summary.requests),
        balance_due: money(summary.balance_due),
        estimates_to_decide: each(summary.estimates_to_decide, estimate),
        invoices_due: each(summary.invoices_due, invoice),
        next_visits: each(summary.next_visits, job),
    }
}

pub(super) fn job(job: cap::Job) -> wit::Job {
    wit::Job {
        id: job.id,
        title: job.title,
        status: status(job.status),
        starts: job.starts.map(local_time),
        ends: job.ends.map(local_time),
        technician: job.technician,
        service_address: job.service_address,
    }
}

pub(super) fn job_detail(detail: cap::JobDetail) -> wit::JobDetail {
    wit::JobDetail {
        job: job(detail.job),
        description: detail.description,
        project: detail.project.map(reference),
        invoices: each(detail.invoices, invoice),
        files: each(detail.files, file),
    }
}

pub(super) fn project(project: cap::Project) -> wit::Project {
    wit::Project {
        id: project.id,
        name: project.name,
        status: status(project.status),
        starts: project.starts.map(date),
        target: project.target.map(date),
        percent_complete: project.percent_complete,
        manager: project.manager,
    }
}

pub(super) fn project_detail(detail: cap::ProjectDetail) -> wit::ProjectDetail {
    wit::ProjectDetail {
        project: project(detail.project),
        description: detail.description,
        jobs: each(detail.jobs, job),
        estimates: each(detail.estimates, estimate),
        files: each(detail.files, file),
    }
}

fn line(line: cap::Line) -> wit::Line {
    wit::Line {
        id: line.id,
        name: line.name,
        description: line.description,
        quantity_milli: line.quantity_milli,
        unit: line.unit,
        unit_price: money(line.unit_price),
        amount: money(line.amount),
        optional: line.optional,
        selected: line.selected,
        taxable: line.taxable,
    }
}

fn totals(totals: cap::Totals) -> wit::Totals {
    wit::Totals {
        subtotal: money(totals.subtotal),
        discount: money(totals.discount),
        taxes: each(totals.taxes, |tax| wit::Tax {
            name: tax.name,
            rate_millionths: tax.rate_millionths,
            amount: money(tax.amount),
        }),
        total: money(totals.total),
    }
}

pub(super) fn estimate(estimate: cap::Estimate) -> wit::Estimate {
    wit::Estimate {
        id: estimate.id,
        number: estimate.number,
        title: estimate.title,
        status: status(estimate.status),
        sent: estimate.sent.map(date),
        expires: estimate.expires.map(date),
        total: money(estimate.total),
    }
}

pub(super) fn estimate_detail(detail: cap::EstimateDetail) -> wit::EstimateDetail {
    wit::EstimateDetail {
        estimate: estimate(detail.estimate),
        lines: each(detail.lines, line),
        totals: totals(detail.totals),
        notes: detail.notes,
        terms: detail.terms,
        prepared_by: detail.prepared_by,
        service_address: detail.service_address,
        project: detail.project.map(reference),
        version: detail.version,
        decision: detail.decision.map(decision),
        decidable: detail.decidable,
        why_not: detail.why_not,
        files: each(detail.files, file),
    }
}

pub(super) fn decision(decision: cap::Decision) -> wit::Decision {
    wit::Decision {
        verdict: match decision.verdict {
            cap::Verdict::Accepted => wit::Verdict::Accepted,
            cap::Verdict::Declined => wit::Verdict::Declined,
            cap::Verdict::ChangesRequested => wit::Verdict::ChangesRequested,
        },
        by: decision.by,
        at: moment(decision.at),
        comment: decision.comment,
        by_staff: decision.by_staff,
    }
}

pub(super) fn attribution(attribution: wit::Attribution) -> cap::Attribution {
    match attribution {
        wit::Attribution::Link(label) => cap::Attribution::Link(label),
        wit::Attribution::Account(email) => cap::Attribution::Account(email),
    }
}

pub(super) fn invoice(invoice: cap::Invoice) -> wit::Invoice {
    wit::Invoice {
        id: invoice.id,
        number: invoice.number,
        title: invoice.title,
        status: status(invoice.status),
        issued: invoice.issued.map(date),
        due: invoice.due.map(date),
        total: money(invoice.total),
        amount_paid: money(invoice.amount_paid),
        amount_due: money(invoice.amount_due),
    }
}

pub(super) fn invoice_detail(detail: cap::InvoiceDetail) -> wit::InvoiceDetail {
    wit::InvoiceDetail {
        invoice: invoice(detail.invoice),
        lines: each(detail.lines, line),
        totals: totals(detail.totals),
        notes: detail.notes,
        job: detail.job.map(reference),
        payments: each(detail.payments, payment),
        payment_url: detail.payment_url,
        remit_to: detail.remit_to,
        version: detail.version,
        files: each(detail.files, file),
    }
}

pub(super) fn payment(payment: cap::Payment) -> wit::Payment {
    wit::Payment {
        id: payment.id,
        date: date(payment.date),
        amount: money(payment.amount),
        method: payment.method,
        reference: payment.reference,
        invoice: payment.invoice.map(reference),
    }
}

pub(super) fn request(request: cap::ServiceRequest) -> wit::ServiceRequest {
    wit::ServiceRequest {
        id: request.id,
        summary: request.summary,
        details: request.details,
        status: status(request.status),
        submitted: moment(request.submitted),
        preferred: request.preferred.map(date),
        job: request.job.map(reference),
    }
}

fn file(file: cap::File) -> wit::File {
    wit::File {
        id: file.id,
        name: file.name,
        media_type: file.media_type,
        size: file.size,
        added: moment(file.added),
        viewable: file.viewable,
    }
}
