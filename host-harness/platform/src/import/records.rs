//! From a row of each CSV file to the record it describes; what is wrong is noted on the row.
//! The rules are those of the forms in the console: the same `check` of each domain judges both.

use super::table::{Layout, Row};
use crate::{
    Address, Catalogue, Channel, CustomerDetails, JobDetails, NewFile, OwnerKind, PAYMENT_METHODS, PaymentDetails,
    ProjectDetails, RequestDetails, TemplateDetails,
    domain::{customers, files, jobs, payments, projects, requests, templates},
    validate::Check,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

pub(super) const CUSTOMERS: Layout = Layout {
    file: "customers.csv",
    required: &["id", "first_name", "last_name"],
    optional: &[
        "company_name",
        "email",
        "phone",
        "mobile",
        "street",
        "unit",
        "city",
        "region",
        "postal_code",
        "country",
        "language",
        "internal_notes",
    ],
};
pub(super) const PROJECTS: Layout = Layout {
    file: "projects.csv",
    required: &["id", "customer_id", "name", "status"],
    optional: &[
        "description",
        "start_date",
        "target_date",
        "percent_complete",
        "manager",
    ],
};
pub(super) const JOBS: Layout = Layout {
    file: "jobs.csv",
    required: &["id", "customer_id", "title", "status"],
    optional: &[
        "project_id",
        "description",
        "starts",
        "ends",
        "technician",
        "service_address",
        "internal_notes",
    ],
};
pub(super) const PAYMENTS: Layout = Layout {
    file: "payments.csv",
    required: &["id", "customer_id", "date", "amount", "method"],
    optional: &["invoice_id", "reference"],
};
pub(super) const REQUESTS: Layout = Layout {
    file: "requests.csv",
    required: &["id", "customer_id", "summary", "status", "submitted_date"],
    optional: &["details", "preferred_date", "job_id"],
};
pub(super) const FILES: Layout = Layout {
    file: "files.csv",
    required: &["id", "customer_id", "owner_kind", "owner_id", "name", "path"],
    optional: &["visible"],
};
pub(super) const TEMPLATES: Layout = Layout {
    file: "templates.csv",
    required: &["id", "channel", "name", "body"],
    optional: &["subject"],
};

pub(super) fn customer(row: &mut Row) -> CustomerDetails {
    let details = customers::tidy(CustomerDetails {
        first_name: row.text("first_name"),
        last_name: row.text("last_name"),
        company_name: row.text("company_name"),
        email: row.text("email"),
        phone: row.text("phone"),
        mobile: row.text("mobile"),
        address: Address {
            street: row.text("street"),
            unit: row.text("unit"),
            city: row.text("city"),
            region: row.text("region"),
            postal_code: row.text("postal_code"),
            country: row.text("country"),
        },
        language: row.text("language"),
        internal_notes: row.text("internal_notes"),
    });
    row.check(customers::check(&details, &customers::Rules::default()));
    details
}

pub(super) fn project(row: &mut Row, catalogue: &Catalogue) -> ProjectDetails {
    let percent = row.whole("percent_complete").unwrap_or(0);
    let details = ProjectDetails {
        customer_id: row.id("customer_id"),
        name: row.text("name"),
        description: row.text("description"),
        status: row.required("status"),
        starts: row.date("start_date"),
        target: row.date("target_date"),
        percent_complete: u8::try_from(percent).unwrap_or(u8::MAX),
        manager: row.text("manager"),
    };
    row.check(projects::check(&details, catalogue));
    details
}

pub(super) fn job(row: &mut Row, catalogue: &Catalogue) -> JobDetails {
    let details = JobDetails {
        customer_id: row.id("customer_id"),
        project_id: row.opt_id("project_id"),
        title: row.text("title"),
        description: row.text("description"),
        status: row.required("status"),
        starts: row.date_time("starts"),
        ends: row.date_time("ends"),
        technician: row.text("technician"),
        service_address: row.text("service_address"),
        internal_notes: row.text("internal_notes"),
    };
    row.check(jobs::check(&details, catalogue));
    details
}

pub(super) fn payment(row: &mut Row) -> Option<PaymentDetails> {
    let (date, amount) = (row.date("date"), row.amount("amount"));
    if row.text("date").is_empty() || row.text("amount").is_empty() {
        row.refuse("date and amount must be given");
    }
    let method = row.required("method");
    if !method.is_empty() && !PAYMENT_METHODS.contains(&method.as_str()) {
        row.refuse(format!("method {method:?} is none of {}", PAYMENT_METHODS.join(", ")));
    }
    let (customer_id, invoice_id) = (row.id("customer_id"), row.opt_id("invoice_id"));
    let reference = row.text("reference");
    let details = PaymentDetails {
        customer_id,
        invoice_id,
        date: date?,
        amount: amount?,
        method,
        reference,
    };
    row.check(payments::check(&details));
    Some(details)
}

/// A request and when it was submitted.
pub(super) fn request(row: &mut Row, catalogue: &Catalogue, zone: &TimeZone) -> Option<(RequestDetails, Timestamp)> {
    let submitted = submitted(row, zone);
    let details = RequestDetails {
        customer_id: Some(row.id("customer_id")),
        summary: row.text("summary"),
        details: row.text("details"),
        status: row.required("status"),
        preferred: row.date("preferred_date"),
        job_id: row.opt_id("job_id"),
        ..RequestDetails::default()
    };
    row.check(requests::check(&details, catalogue));
    Some((details, submitted?))
}

/// A day alone means the opening of business on it.
fn submitted(row: &mut Row, zone: &TimeZone) -> Option<Timestamp> {
    let text = row.required("submitted_date");
    let local = match text.contains('T') {
        true => row.date_time("submitted_date")?,
        false => row.date("submitted_date").map(|day: Date| day.at(9, 0, 0, 0))?,
    };
    let instant = local.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
    if instant.is_err() {
        row.refuse(format!("submitted_date {text:?} is out of range"));
    }
    instant.ok()
}

/// A file's record, its customer and its path under `files/`.
pub(super) fn file(row: &mut Row) -> Option<(NewFile, String, String)> {
    let kind = row.required("owner_kind");
    let owner_kind = OwnerKind::parse(&kind);
    if owner_kind.is_none() && !kind.is_empty() {
        row.refuse(format!(
            "owner_kind {kind:?} is none of job, project, estimate, invoice"
        ));
    }
    let (customer_id, owner_id, path) = (row.id("customer_id"), row.id("owner_id"), row.required("path"));
    let (name, visible) = (row.text("name"), row.yes("visible", true));
    let mut check = Check::default();
    files::check_name(&mut check, &name);
    row.check(check.finish());
    Some((
        NewFile {
            owner_kind: owner_kind?,
            owner_id,
            name,
            visible,
        },
        customer_id,
        path,
    ))
}

pub(super) fn template(row: &mut Row) -> Option<TemplateDetails> {
    let channel = match row.required("channel").as_str() {
        "email" => Some(Channel::Email),
        "sms" => Some(Channel::Sms),
        other => {
            row.refuse(format!("channel {other:?} is neither email nor sms"));
            None
        }
    };
    let details = TemplateDetails {
        channel: channel?,
        name: row.text("name"),
        subject: row.text("subject"),
        body: row.text("body"),
    };
    row.check(templates::check(&details));
    Some(details)
}
