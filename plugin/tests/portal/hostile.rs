//! Data that wants to be more than data: markup, quotes, marks that turn text, endless words.
//! Whatever the office or a customer typed is shown as text.

use crate::fake::{Browser, Fake};
use crate::sample::status;
use customer_portal::{bindings::fieldservice::plugins::types::Tone, http::Response};

const EVIL: &str = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&{{7*7}}";

#[test]
fn hostile_data_is_shown_as_text_on_every_page() {
    let fake = Fake::new();
    {
        let mut company = fake.company.borrow_mut();
        company.name = EVIL.to_owned();
        company.phone = EVIL.to_owned();
        company.email = EVIL.to_owned();
        company.logo_path = Some(format!("/logo{EVIL}"));
        company.accent = Some(EVIL.to_owned());
    }
    fake.set("welcome_text", EVIL);
    fake.edit("c1", |records| {
        records.contact.first_name = EVIL.to_owned();
        records.contact.address.street = EVIL.to_owned();
        let evil = || status("custom", EVIL, Tone::Info, true);
        for job in &mut records.jobs {
            job.job.title = EVIL.to_owned();
            job.job.technician = EVIL.to_owned();
            job.job.service_address = EVIL.to_owned();
            job.job.status = evil();
            job.description = EVIL.to_owned();
            job.project = Some((EVIL.to_owned(), EVIL.to_owned()));
            for file in &mut job.files {
                file.name = EVIL.to_owned();
            }
        }
        let project = &mut records.projects[0];
        project.project.name = EVIL.to_owned();
        project.project.manager = EVIL.to_owned();
        project.description = EVIL.to_owned();
        let estimate = &mut records.estimates[0];
        estimate.estimate.title = EVIL.to_owned();
        estimate.estimate.number = EVIL.to_owned();
        estimate.notes = EVIL.to_owned();
        estimate.terms = EVIL.to_owned();
        estimate.prepared_by = EVIL.to_owned();
        estimate.lines[0].name = EVIL.to_owned();
        estimate.lines[0].description = EVIL.to_owned();
        estimate.lines[0].unit = EVIL.to_owned();
        estimate.totals.taxes[0].name = EVIL.to_owned();
        let invoice = &mut records.invoices[1];
        invoice.invoice.number = EVIL.to_owned();
        invoice.invoice.title = EVIL.to_owned();
        invoice.notes = EVIL.to_owned();
        invoice.remit_to = EVIL.to_owned();
        records.payments[0].method = EVIL.to_owned();
        records.payments[0].reference = EVIL.to_owned();
        records.requests[0].summary = EVIL.to_owned();
    });
    let token = fake.plain_link("c1");
    let mut stranger = Browser::new(&fake);
    let mut pages = vec![
        stranger.get(&format!("/l/{token}")),
        stranger.get("/l/nothing"),
        stranger.get("/fresh-link"),
        stranger.post(
            "/fresh-link",
            &format!("email={}", customer_portal::http::percent_encode(EVIL)),
        ),
        stranger.get("/sign-in"),
        stranger.post(
            "/sign-in",
            &format!("email={}&password=x", customer_portal::http::percent_encode(EVIL)),
        ),
    ];
    let mut browser = fake.visit("c1");
    let address = format!("new{EVIL}@example.com").replace(' ', "");
    let form = format!(
        "version=7&first_name={}&last_name=Whitfield&company_name=&email={}&phone=%28303%29+555-0178&mobile=\
&street={}&unit=&city=Boulder&region=CO&postal_code=80304",
        customer_portal::http::percent_encode(EVIL),
        customer_portal::http::percent_encode(&address),
        customer_portal::http::percent_encode(EVIL),
    );
    assert_eq!(browser.post("/details", &form).status, 303);
    for path in [
        "/",
        "/jobs",
        "/jobs/j1",
        "/projects",
        "/projects/p1",
        "/estimates",
        "/estimates/e1",
        "/invoices",
        "/invoices/i2",
        "/payments",
        "/payments/y1",
        "/requests",
        "/opened",
        "/details/email",
        "/nothing",
        "/jobs?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ] {
        pages.push(browser.get(path));
    }
    for page in &pages {
        let html = &page.text;
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains("<img src=x"), "{html}");
        assert!(html.contains("&#60;script&#62;alert(1)"), "{html}");
        assert_eq!(html.matches("<script").count(), 1, "only the portal's own script");
        assert!(!html.contains(" style=") && !html.contains(" onclick="));
    }
}

#[test]
fn the_timeline_gets_one_line_without_control_characters() {
    let fake = Fake::new();
    fake.edit("c1", |records| {
        records.jobs[0].job.title = format!("a\r\nb{}", "x".repeat(1_000))
    });
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    browser.get("/jobs/j1");
    let entry = fake.activity.borrow()[0].clone();
    assert!(entry.summary.starts_with("Viewed job abxxx"));
    assert_eq!(entry.summary.chars().count(), 300);
}

#[test]
fn long_and_foreign_names_come_through_whole() {
    let fake = Fake::new();
    for name in [
        "نورة بنت عبدالعزيز",
        "山田 太郎",
        "Wolfeschlegelsteinhausenbergerdorff ".repeat(3).trim(),
        "Zoë 🛠️",
    ] {
        fake.edit("c1", |records| records.contact.first_name = name.to_owned());
        fake.visit("c1").get("/").shows(name);
    }
}

#[test]
fn a_header_that_cannot_be_sent_is_missing_alone() {
    let response = Response::see_other("/jobs/a\nset-cookie: session=x".to_owned())
        .with("set-cookie", "session=y".to_owned())
        .with("x-text", "Zo\u{eb}\tM\u{fc}ller".to_owned())
        .with("x-delete", "\u{7f}".to_owned());
    let fields = response.fields();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        fields,
        [
            ("set-cookie", "session=y"),
            ("x-text", "Zo\u{eb}\tM\u{fc}ller"),
            ("content-length", "0")
        ]
    );
}
