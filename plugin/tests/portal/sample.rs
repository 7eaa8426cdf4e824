//! A customer with a record of every kind, and one with none.
//! Names and amounts are those of a small heating firm.

use crate::fake::{NOW, Records, moment};
use customer_portal::bindings::fieldservice::plugins::{
    customers::{
        Contact, Estimate, EstimateDetail, File, Invoice, InvoiceDetail, Job, JobDetail, Line, Payment, Project,
        ProjectDetail, ServiceRequest, Tax, Totals,
    },
    types::{Address, Date, LocalTime, Money, Status, Tone},
};

pub(crate) fn usd(minor: i64) -> Money {
    Money {
        minor,
        currency: "USD".to_owned(),
    }
}

pub(crate) fn date(year: i32, month: u8, day: u8) -> Date {
    Date { year, month, day }
}

pub(crate) fn status(code: &str, label: &str, tone: Tone, open: bool) -> Status {
    Status {
        code: code.to_owned(),
        label: label.to_owned(),
        tone,
        open,
    }
}

fn at(year: i32, month: u8, day: u8, hour: u8, minute: u8) -> LocalTime {
    LocalTime {
        date: date(year, month, day),
        hour,
        minute,
    }
}

pub(crate) fn contact(first: &str, last: &str) -> Contact {
    Contact {
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        company_name: String::new(),
        email: format!("{}@example.com", first.to_lowercase()),
        phone: "(303) 555-0178".to_owned(),
        mobile: String::new(),
        address: Address {
            street: "214 Alder Ct".to_owned(),
            unit: String::new(),
            city: "Boulder".to_owned(),
            region: "CO".to_owned(),
            postal_code: "80304".to_owned(),
            country: "US".to_owned(),
        },
        language: String::new(),
        version: 7,
        changed_at: moment(NOW - 50 * 86_400),
    }
}

pub(crate) fn empty(first: &str, last: &str) -> Records {
    Records {
        contact: contact(first, last),
        jobs: Vec::new(),
        projects: Vec::new(),
        estimates: Vec::new(),
        invoices: Vec::new(),
        payments: Vec::new(),
        requests: Vec::new(),
        files: Vec::new(),
    }
}

pub(crate) fn job(
    id: &str,
    title: &str,
    status: Status,
    starts: Option<LocalTime>,
    ends: Option<LocalTime>,
) -> JobDetail {
    JobDetail {
        job: Job {
            id: id.to_owned(),
            title: title.to_owned(),
            status,
            starts,
            ends,
            technician: "Luis Ortega".to_owned(),
            service_address: "214 Alder Ct, Boulder".to_owned(),
        },
        description: "Clean the burners, check the flue.\nPlease keep the cat inside.".to_owned(),
        project: Some(("p1".to_owned(), "HVAC upgrade".to_owned())),
        invoices: Vec::new(),
        files: Vec::new(),
    }
}

pub(crate) fn file(id: &str, name: &str, media_type: &str, viewable: bool) -> File {
    File {
        id: id.to_owned(),
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        size: 184_320,
        added: moment(NOW - 3 * 86_400),
        viewable,
    }
}

pub(crate) fn invoice(id: &str, number: &str, status: Status, due: Date, total: i64, paid: i64) -> InvoiceDetail {
    InvoiceDetail {
        invoice: Invoice {
            id: id.to_owned(),
            number: number.to_owned(),
            title: "Furnace repair".to_owned(),
            status,
            issued: Some(date(2026, 10, 14)),
            due: Some(due),
            total: usd(total),
            amount_paid: usd(paid),
            amount_due: usd(total - paid),
        },
        lines: vec![line("l1", "Ignition board", 1_000, "", total, false, true)],
        totals: Totals {
            subtotal: usd(total - 2_482),
            discount: usd(0),
            taxes: vec![Tax {
                name: "Boulder sales tax".to_owned(),
                rate_millionths: 86_300,
                amount: usd(2_482),
            }],
            total: usd(total),
        },
        notes: "Thank you!".to_owned(),
        job: Some(("j1".to_owned(), "Annual maintenance".to_owned())),
        payments: Vec::new(),
        payment_url: None,
        remit_to: "Check to Summit Heating & Air\n1 Main St, Denver".to_owned(),
        version: 1,
        files: Vec::new(),
    }
}

pub(crate) fn line(id: &str, name: &str, milli: i64, unit: &str, price: i64, optional: bool, selected: bool) -> Line {
    Line {
        id: id.to_owned(),
        name: name.to_owned(),
        description: "As discussed".to_owned(),
        quantity_milli: milli,
        unit: unit.to_owned(),
        unit_price: usd(price),
        amount: usd(price * milli / 1_000),
        optional,
        selected,
        taxable: true,
    }
}

pub(crate) fn dana() -> Records {
    let scheduled = || status("scheduled", "Scheduled", Tone::Info, true);
    let paid = || status("paid", "Paid", Tone::Success, false);
    let mut first = job(
        "j1",
        "Annual maintenance",
        scheduled(),
        Some(at(2026, 11, 24, 9, 0)),
        Some(at(2026, 11, 24, 11, 0)),
    );
    first.files = vec![
        file("f1", "Before – boiler room.jpg", "image/jpeg", true),
        file("f2", "Permit.docx", "application/octet-stream", false),
    ];
    first.invoices = vec![
        invoice(
            "i1",
            "INV-1048",
            status("overdue", "Overdue", Tone::Danger, true),
            date(2026, 11, 13),
            31_240,
            0,
        )
        .invoice,
    ];
    let payment = |id: &str, minor: i64, method: &str, invoice: Option<(&str, &str)>| Payment {
        id: id.to_owned(),
        date: date(2026, 9, 2),
        amount: usd(minor),
        method: method.to_owned(),
        reference: "4242".to_owned(),
        invoice: invoice.map(|(id, number)| (id.to_owned(), number.to_owned())),
    };
    let mut partly = invoice(
        "i2",
        "INV-1051",
        status("partly_paid", "Partly paid", Tone::Warning, true),
        date(2026, 12, 4),
        120_000,
        50_000,
    );
    partly.payments = vec![payment("y1", 50_000, "check", Some(("i2", "INV-1051")))];
    Records {
        contact: contact("Dana", "Whitfield"),
        jobs: vec![
            first,
            job(
                "j2",
                "Thermostat install",
                status("on_hold", "Waiting for parts", Tone::Warning, true),
                Some(at(2026, 12, 3, 13, 0)),
                None,
            ),
            job(
                "j3",
                "Duct inspection",
                status("unscheduled", "Not scheduled", Tone::Neutral, true),
                None,
                None,
            ),
            job(
                "j4",
                "Filter change",
                status("completed", "Completed", Tone::Success, false),
                Some(at(2025, 6, 2, 11, 30)),
                Some(at(2025, 6, 2, 13, 0)),
            ),
        ],
        projects: vec![ProjectDetail {
            project: Project {
                id: "p1".to_owned(),
                name: "HVAC upgrade".to_owned(),
                status: status("active", "Active", Tone::Info, true),
                starts: Some(date(2026, 11, 2)),
                target: Some(date(2026, 12, 18)),
                percent_complete: 45,
                manager: "Marta Ruiz".to_owned(),
            },
            description: "Heat pump, ducts and thermostat.".to_owned(),
            jobs: vec![
                job(
                    "j2",
                    "Thermostat install",
                    scheduled(),
                    Some(at(2026, 12, 3, 13, 0)),
                    None,
                )
                .job,
            ],
            estimates: Vec::new(),
            files: vec![file("f3", "Plan.pdf", "application/pdf", true)],
        }],
        estimates: vec![EstimateDetail {
            estimate: Estimate {
                id: "e1".to_owned(),
                number: "EST-0231".to_owned(),
                title: "Heat pump replacement".to_owned(),
                status: status("sent", "Waiting for you", Tone::Info, true),
                sent: Some(date(2026, 11, 12)),
                expires: Some(date(2026, 11, 30)),
                total: usd(894_000),
            },
            lines: vec![
                line("l1", "3-ton cold-climate heat pump", 1_000, "", 615_000, false, true),
                line("l2", "Installation and commissioning", 14_000, "h", 13_000, false, true),
                line("l3", "Smart thermostat", 1_000, "", 26_000, true, false),
            ],
            totals: Totals {
                subtotal: usd(797_000),
                discount: usd(10_000),
                taxes: vec![Tax {
                    name: "Sales tax".to_owned(),
                    rate_millionths: 86_300,
                    amount: usd(71_000),
                }],
                total: usd(894_000),
            },
            notes: "We can start within two weeks.".to_owned(),
            terms: "Half on acceptance, half on completion.".to_owned(),
            prepared_by: "Marta Ruiz".to_owned(),
            service_address: "214 Alder Ct, Boulder".to_owned(),
            project: Some(("p1".to_owned(), "HVAC upgrade".to_owned())),
            version: 3,
            decision: None,
            decidable: true,
            why_not: String::new(),
            files: Vec::new(),
        }],
        invoices: vec![
            invoice(
                "i1",
                "INV-1048",
                status("overdue", "Overdue", Tone::Danger, true),
                date(2026, 11, 13),
                31_240,
                0,
            ),
            partly,
            invoice("i3", "INV-0990", paid(), date(2026, 3, 1), 18_050, 18_050),
        ],
        payments: vec![
            payment("y1", 50_000, "check", Some(("i2", "INV-1051"))),
            payment("y2", 18_050, "card", None),
        ],
        requests: vec![ServiceRequest {
            id: "r1".to_owned(),
            summary: "The boiler makes a knocking sound".to_owned(),
            details: "Mostly at night.".to_owned(),
            status: status("new", "Received", Tone::Info, true),
            submitted: moment(NOW - 2 * 86_400),
            preferred: Some(date(2026, 11, 27)),
            job: None,
        }],
        files: vec![
            (
                file("f1", "Before – boiler room.jpg", "image/jpeg", true),
                b"0123456789".to_vec(),
            ),
            (
                file("f2", "Permit.docx", "application/octet-stream", false),
                b"word".to_vec(),
            ),
            (file("f3", "Plan.pdf", "application/pdf", true), b"%PDF-1.7".to_vec()),
        ],
    }
}
