//! The pages of single records, and that another customer's record looks like none at all.
//! Each reading is noted once on the customer's timeline; `HEAD` is not a reading.

use crate::fake::Fake;
use crate::sample::usd;
use customer_portal::{
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        company::FeatureSet,
        customers::{Decision, Verdict},
    },
    http::Method,
};

#[test]
fn a_job_shows_when_who_where_and_its_files() {
    let fake = Fake::new();
    let page = fake.visit("c1").get("/jobs/j1");
    page.shows("Annual maintenance")
        .shows("Tue, Nov 24 · 9:00–11:00 AM")
        .shows("Luis Ortega")
        .shows("Please keep the cat inside.")
        .shows("Before – boiler room.jpg")
        .shows("Image · 185 KB · Nov 19, 2026")
        .shows("INV-1048");
    assert!(page.text.contains("href=\"/summit/portal/files/f1\" target=\"_blank\""));
    assert!(page.text.contains("href=\"/summit/portal/files/f1?download\""));
    // What a browser cannot show is only offered for download.
    assert!(!page.text.contains("href=\"/summit/portal/files/f2\" "));
    assert!(page.text.contains("href=\"/summit/portal/files/f2?download\""));
    assert!(page.text.contains("href=\"/summit/portal/projects/p1\""));
}

#[test]
fn a_project_shows_its_progress_and_its_jobs() {
    let fake = Fake::new();
    let page = fake.visit("c1").get("/projects/p1");
    page.shows("45% complete")
        .shows("Thermostat install")
        .shows("Plan.pdf")
        .shows("Planned end Dec 18, 2026");
}

#[test]
fn an_estimate_shows_lines_taxes_and_total() {
    let fake = Fake::new();
    let page = fake.visit("c1").get("/estimates/e1");
    page.shows("Heat pump replacement")
        .shows("Estimate EST-0231 · Valid through Mon, Nov 30")
        .shows("14 h")
        .shows("$130.00")
        .shows("Optional")
        .shows("Not included")
        .shows("Subtotal $7,970.00")
        .shows("Discount −$100.00")
        .shows("Sales tax 8.63% $710.00")
        .shows("Total $8,940.00")
        .shows("Half on acceptance, half on completion.")
        .shows("Call or write to us to accept this estimate");
}

#[test]
fn a_decided_estimate_says_so_and_asks_for_nothing() {
    let fake = Fake::new();
    fake.edit("c1", |records| {
        let estimate = &mut records.estimates[0];
        estimate.decidable = false;
        estimate.why_not = "This estimate was already accepted.".to_owned();
        estimate.decision = Some(Decision {
            verdict: Verdict::Accepted,
            by: "Dana Whitfield".to_owned(),
            at: crate::fake::moment(crate::fake::NOW),
            comment: "Please start soon".to_owned(),
            by_staff: false,
        });
    });
    let page = fake.visit("c1").get("/estimates/e1");
    page.shows("Accepted by Dana Whitfield on Nov 22, 2026")
        .shows("Please start soon")
        .hides("Ready to go ahead?");
}

#[test]
fn why_an_estimate_cannot_be_decided_is_said_plainly() {
    let fake = Fake::new();
    fake.edit("c1", |records| {
        records.estimates[0].decidable = false;
        records.estimates[0].why_not = "This estimate expired on November 1.".to_owned();
    });
    fake.visit("c1")
        .get("/estimates/e1")
        .shows("This estimate expired on November 1.");
}

#[test]
fn an_invoice_shows_what_was_paid_and_what_is_due() {
    let fake = Fake::new();
    let page = fake.visit("c1").get("/invoices/i2");
    page.shows("Invoice INV-1051")
        .shows("Amount due $700.00")
        .shows("Due Fri, Dec 4")
        .shows("Boulder sales tax 8.63% $24.82")
        .shows("Total $1,200.00")
        .shows("Amount paid $500.00")
        .shows("How to pay Check to Summit Heating & Air")
        .shows("Sep 2, 2026 · Check")
        .hides("Pay now");
    fake.visit("c1")
        .get("/invoices/i3")
        .shows("Total $180.50")
        .hides("How to pay");
}

#[test]
fn paying_online_is_offered_only_where_the_host_can() {
    let fake = Fake::new();
    fake.edit("c1", |records| {
        records.invoices[0].payment_url = Some("https://pay.example/i1".to_owned())
    });
    fake.visit("c1").get("/invoices/i1").hides("Pay now");
    fake.features.set(FeatureSet::ONLINE_PAYMENT.bits());
    let page = fake.visit("c1").get("/invoices/i1");
    page.shows("Pay now");
    assert!(page.text.contains("href=\"https://pay.example/i1\""));
    fake.edit("c1", |records| {
        records.invoices[0].payment_url = Some("javascript:alert(1)".to_owned())
    });
    fake.visit("c1")
        .get("/invoices/i1")
        .hides("Pay now")
        .hides("javascript:");
}

#[test]
fn a_payment_names_its_invoice() {
    let fake = Fake::new();
    let page = fake.visit("c1").get("/payments/y1");
    page.shows("Payment of $500.00")
        .shows("Check")
        .shows("4242")
        .shows("INV-1051");
    assert!(page.text.contains("href=\"/summit/portal/invoices/i2\""));
}

#[test]
fn an_unknown_record_and_another_customers_are_the_same_page() {
    let fake = Fake::new();
    let mut dana = fake.visit("c1");
    let mut omar = fake.visit("c2");
    for path in [
        "/jobs/j1",
        "/projects/p1",
        "/estimates/e1",
        "/invoices/i1",
        "/payments/y1",
        "/files/f1",
    ] {
        let unknown = omar.get(&path.replace(|c: char| c.is_ascii_digit(), "999"));
        let others = omar.get(path);
        assert_eq!((others.status, unknown.status), (404, 404), "{path}");
        assert_eq!(others.text, unknown.text, "{path}");
        others
            .shows("There is nothing here")
            .shows("Back to My Details")
            .shows("(303) 555-0142");
        assert_eq!(dana.get(path).status, 200, "{path}");
    }
}

#[test]
fn reading_is_noted_once_and_head_is_not_reading() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    for (path, subject) in [
        ("/jobs/j1", Subject::Job("j1".to_owned())),
        ("/projects/p1", Subject::Project("p1".to_owned())),
        ("/estimates/e1", Subject::Estimate("e1".to_owned())),
        ("/invoices/i1", Subject::Invoice("i1".to_owned())),
        ("/payments/y1", Subject::Payment("y1".to_owned())),
        ("/files/f1", Subject::File("f1".to_owned())),
    ] {
        fake.forget_writes();
        let full = browser.get(path);
        let entries = fake.activity.borrow().clone();
        assert_eq!(entries.len(), 1, "{path}");
        assert!(matches!(entries[0].kind, Kind::Viewed));
        assert_eq!(format!("{:?}", entries[0].subject), format!("{subject:?}"));
        assert_eq!(entries[0].via, "portal link copied by Marta Ruiz");
        let head = browser.send(Method::Head, path, &[], Some(b""));
        assert_eq!(
            (head.status, head.length, head.bytes.len()),
            (full.status, full.length, 0),
            "{path}"
        );
        assert_eq!(fake.activity.borrow().len(), 1, "{path}");
        assert!(fake.writes.borrow().is_empty(), "{path}: {:?}", fake.writes.borrow());
    }
}

#[test]
fn a_paid_invoice_has_no_deadline() {
    let fake = Fake::new();
    fake.edit("c1", |records| {
        records.invoices[0].invoice.amount_due = usd(0);
    });
    fake.visit("c1").get("/invoices/i1").hides("days overdue");
}
