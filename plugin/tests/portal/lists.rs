//! The five lists: their columns, open and past, search, pages and what they say when empty.
//! Columns are exactly the ones the product promises, after the record's own name.

use crate::fake::Fake;
use crate::sample::*;
use customer_portal::bindings::fieldservice::plugins::types::Tone;

fn heads(html: &str) -> Vec<String> {
    let head = html.split("<thead").nth(1).unwrap().split("</thead>").next().unwrap();
    head.split("<th ")
        .skip(1)
        .map(|th| th.split_once('>').unwrap().1.split('<').next().unwrap().to_owned())
        .collect()
}

#[test]
fn each_list_has_its_columns() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    for (path, expected) in [
        ("/jobs", &["Job", "Date", "Time", "Status"][..]),
        ("/projects", &["Project", "Date", "Time", "Status", "Completion"]),
        (
            "/estimates",
            &["Estimate", "Status", "Sent date", "Expiration date", "Total amount"],
        ),
        (
            "/invoices",
            &["Invoice", "Invoice date", "Due date", "Amount paid", "Amount due"],
        ),
        ("/payments", &["Payment", "Date", "Method"]),
    ] {
        assert_eq!(heads(&browser.get(path).text), expected, "{path}");
    }
}

#[test]
fn open_jobs_come_first_and_past_ones_are_one_click_away() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let open = browser.get("/jobs");
    open.shows("Annual maintenance")
        .shows("Tue, Nov 24")
        .shows("9:00–11:00 AM")
        .shows("Waiting for parts")
        .shows("1:00 PM")
        .shows("Not scheduled yet")
        .hides("Filter change");
    assert!(open.text.contains("href=\"/summit/portal/jobs?show=past\""));
    let past = browser.get("/jobs?show=past");
    past.shows("Filter change")
        .shows("Mon, Jun 2, 2025")
        .shows("11:30 AM–1:00 PM")
        .hides("Annual maintenance");
}

#[test]
fn projects_say_how_far_they_are() {
    let fake = Fake::new();
    let page = fake.visit("c1").get("/projects");
    page.shows("HVAC upgrade")
        .shows("Mon, Nov 2")
        .shows("until Fri, Dec 18")
        .shows("45%");
    assert!(page.text.contains("<progress max=\"100\" value=\"45\""));
}

#[test]
fn estimates_invoices_and_payments_show_dates_and_amounts() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    browser
        .get("/estimates")
        .shows("EST-0231")
        .shows("Nov 12, 2026")
        .shows("Nov 30, 2026")
        .shows("$8,940.00");
    browser
        .get("/invoices")
        .shows("Oct 14, 2026")
        .shows("Dec 4, 2026")
        .shows("$500.00")
        .shows("$700.00")
        .hides("INV-0990");
    browser
        .get("/invoices?show=past")
        .shows("INV-0990")
        .shows("$180.50")
        .shows("$0.00");
    browser
        .get("/payments")
        .shows("Sep 2, 2026")
        .shows("Check")
        .shows("Card")
        .shows("For invoice INV-1051");
}

#[test]
fn searching_looks_in_the_half_that_is_shown() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    browser
        .get("/jobs?q=THERMO")
        .shows("Thermostat install")
        .hides("Annual maintenance");
    let nothing = browser.get("/jobs?q=%3Cb%3Efilter");
    nothing.shows("No matches").shows("Clear the search");
    assert!(nothing.text.contains("“&#60;b&#62;filter”"));
    browser.get("/jobs?show=past&q=filter").shows("Filter change");
}

#[test]
fn long_lists_come_in_pages() {
    let fake = Fake::new();
    fake.edit("c1", |records| {
        let open = status("unpaid", "Unpaid", Tone::Info, true);
        records.invoices = (0..120)
            .map(|n| {
                invoice(
                    &format!("n{n}"),
                    &format!("INV-{n:04}"),
                    open.clone(),
                    date(2026, 12, 1),
                    5_000,
                    0,
                )
            })
            .collect();
    });
    let mut browser = fake.visit("c1");
    let first = browser.get("/invoices");
    assert_eq!(first.text.matches("<tr role=\"row\">").count(), 51);
    first.shows("Next page").hides("Back to the first page");
    assert!(first.text.contains("href=\"/summit/portal/invoices?after=at%3A50\""));
    let last = browser.get("/invoices?after=at%3A100");
    last.shows("INV-0119")
        .shows("Back to the first page")
        .hides("Next page");
}

#[test]
fn a_place_that_is_no_longer_one_leads_to_the_beginning() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let answer = browser.get("/jobs?show=past&after=garbage");
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/summit/portal/jobs?show=past")
    );
    assert_eq!(
        browser.get("/requests?after=garbage").location(),
        "/summit/portal/requests"
    );
}

#[test]
fn an_empty_list_says_what_will_appear() {
    let fake = Fake::new();
    let mut browser = fake.visit("c2");
    browser
        .get("/jobs")
        .shows("Visits that are planned or under way appear here")
        .shows("Submit Request");
    browser.get("/invoices").shows("You owe nothing.");
    browser.get("/invoices?show=past").shows("Paid invoices appear here.");
    browser
        .get("/payments")
        .shows("Every payment you make appears here")
        .hides("show=past");
    browser.get("/requests").shows("Requests you send us appear here");
}

#[test]
fn empty_sections_leave_the_tabs_when_the_company_says_so() {
    let fake = Fake::new();
    fake.set("hide_empty_sections", "true");
    let page = fake.visit("c2").get("/");
    page.shows("My Details")
        .shows("Submit Request")
        .hides("/summit/portal/jobs")
        .hides("/summit/portal/payments");
    fake.visit("c1").get("/").shows("My Jobs").shows("My Payments");
    // The address itself still answers, with its own tab.
    fake.visit("c2").get("/jobs").shows("My Jobs");
}

#[test]
fn a_section_that_is_switched_off_is_gone_everywhere() {
    for (setting, path, detail) in [
        ("show_jobs", "/jobs", "/jobs/j1"),
        ("show_projects", "/projects", "/projects/p1"),
        ("show_estimates", "/estimates", "/estimates/e1"),
        ("show_invoices", "/invoices", "/invoices/i1"),
        ("show_payments", "/payments", "/payments/y1"),
        ("show_requests", "/request", "/requests"),
    ] {
        let fake = Fake::new();
        fake.set(setting, "false");
        let mut browser = fake.visit("c1");
        assert_eq!(browser.get(path).status, 404, "{path}");
        assert_eq!(browser.get(detail).status, 404, "{detail}");
        for page in ["/", "/jobs/j1", "/projects/p1", "/invoices/i2", "/payments/y1"] {
            browser.get(page).hides(&format!("href=\"/summit/portal{path}"));
        }
    }
}

#[test]
fn submit_request_leads_to_the_booking_page() {
    let fake = Fake::new();
    let answer = fake.visit("c1").get("/request");
    assert_eq!(
        (answer.status, answer.location()),
        (303, "https://portal.example/summit/book/k/abc")
    );
}

#[test]
fn requests_show_their_status() {
    let fake = Fake::new();
    fake.visit("c1")
        .get("/requests")
        .shows("The boiler makes a knocking sound")
        .shows("Received")
        .shows("Sent Nov 20, 2026 · for Fri, Nov 27");
}
