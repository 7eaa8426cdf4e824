//! The main page: what needs the customer, and changing contact details in every way it can go.
//! Nothing that was typed may ever be lost.

use crate::fake::Fake;
use crate::sample::*;
use customer_portal::bindings::fieldservice::plugins::{activity::Kind, types::Tone};

const FORM: &str = "version=7&first_name=Dana&last_name=Whitfield&company_name=&email=dana%40example.com\
&phone=%28303%29+555-0178&mobile=&street=214+Alder+Ct&unit=&city=Boulder&region=CO&postal_code=80304";

#[test]
fn greets_and_says_what_needs_the_customer() {
    let fake = Fake::new();
    let page = fake.visit("c1").get("/");
    assert_eq!(page.status, 200);
    page.shows("Good afternoon, Dana")
        .shows("3 things need you.")
        .shows("Expires Mon, Nov 30")
        .shows("$8,940.00")
        .shows("9 days overdue")
        .shows("$312.40")
        .shows("Next visit")
        .shows("Tue, Nov 24 · 9:00–11:00 AM")
        .shows("Annual maintenance with Luis Ortega")
        .shows("The boiler makes a knocking sound")
        .shows("Last changed Oct 3, 2026");
    assert!(page.text.contains("value=\"214 Alder Ct\""));
}

#[test]
fn a_customer_without_records_is_told_that_nothing_is_waiting() {
    let fake = Fake::new();
    let page = fake.visit("c2").get("/");
    page.shows("Good afternoon, Omar")
        .shows("Nothing needs you right now.")
        .hides("Needs you");
}

#[test]
fn the_tabs_have_exactly_the_products_words() {
    let fake = Fake::new();
    let page = fake.visit("c1").get("/");
    let nav = page
        .text
        .split("<nav class=\"tabs\"")
        .nth(1)
        .unwrap()
        .split("</nav>")
        .next()
        .unwrap();
    let labels: Vec<&str> = nav
        .split("<a ")
        .skip(1)
        .map(|link| link.split_once('>').unwrap().1.split('<').next().unwrap().trim())
        .collect();
    let expected = [
        "My Details",
        "Submit Request",
        "My Jobs",
        "My Projects",
        "My Estimates",
        "My Invoices",
        "My Payments",
    ];
    assert_eq!(labels, expected);
    assert!(nav.contains("href=\"/summit/portal/request\" target=\"_blank\" rel=\"noopener\""));
    assert_eq!(nav.matches("aria-current").count(), 1);
}

#[test]
fn saving_changes_only_what_differs_and_says_saved() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    let answer = browser.post(
        "/details",
        &FORM
            .replace("214+Alder+Ct", "9+Birch+Rd")
            .replace("mobile=", "mobile=303-555-0199"),
    );
    assert_eq!((answer.status, answer.location()), (303, "/summit/portal/?saved"));
    let contact = fake.customers.borrow()["c1"].contact.clone();
    assert_eq!(
        (contact.address.street.as_str(), contact.mobile.as_str()),
        ("9 Birch Rd", "303-555-0199")
    );
    assert_eq!((contact.address.country.as_str(), contact.version), ("US", 8));
    let entry = fake.activity.borrow()[0].clone();
    assert!(matches!(entry.kind, Kind::Edited));
    assert_eq!(entry.summary, "Changed mobile, street");
    assert_eq!(entry.via, "portal link copied by Marta Ruiz");
    browser
        .get("/?saved")
        .shows("Saved Your details are up to date.")
        .shows("Save Changes");
}

#[test]
fn saving_what_is_there_already_writes_nothing() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    assert_eq!(browser.post("/details", FORM).location(), "/summit/portal/?saved");
    assert!(fake.writes.borrow().is_empty());
}

#[test]
fn mistakes_are_listed_and_marked_and_keep_what_was_typed() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    let long = "x".repeat(101);
    let form = FORM
        .replace("dana%40example.com", "dana+at+home")
        .replace("city=Boulder", &format!("city={long}"));
    let page = browser.post("/details", &form);
    assert_eq!(page.status, 422);
    page.shows("There is a problem")
        .shows("E-mail: Enter an e-mail address like name@example.com")
        .shows("City: Use 100 characters at most");
    assert!(page.text.contains("<title>Error: My Details"));
    assert!(page.text.contains("href=\"#f-email\""));
    assert!(page.text.contains("value=\"dana at home\""));
    assert!(page.text.contains(&format!("value=\"{long}\"")));
    assert_eq!(page.text.matches("aria-invalid=\"true\"").count(), 2);
    assert!(fake.writes.borrow().is_empty());
}

#[test]
fn somebody_has_to_have_a_name() {
    let fake = Fake::new();
    let page = fake
        .visit("c1")
        .post("/details", &FORM.replace("=Dana", "=+").replace("Whitfield", ""));
    assert_eq!(page.status, 422);
    page.shows("First name: Enter a first name, a last name or a company name");
}

#[test]
fn fields_that_came_twice_or_not_at_all_are_refused_politely() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    let twice = browser.post("/details", &format!("{FORM}&city=Denver"));
    assert_eq!(twice.status, 422);
    twice.shows("A field arrived twice.");
    let missing = browser.post("/details", &FORM.replace("&city=Boulder", ""));
    assert_eq!(missing.status, 422);
    missing.shows("The form arrived incomplete.");
    assert!(missing.text.contains("value=\"Boulder\""));
    let versionless = browser.post(
        "/details",
        &FORM.replace("version=7", "version=seven").replace("=Dana", "=Dora"),
    );
    assert_eq!(versionless.status, 422);
    assert!(versionless.text.contains("value=\"Dora\""));
    assert!(fake.writes.borrow().is_empty());
}

#[test]
fn the_hosts_refusal_stands_beside_its_field() {
    let fake = Fake::new();
    let page = fake
        .visit("c1")
        .post("/details", &FORM.replace("city=Boulder", "city=Nowhere"));
    assert_eq!(page.status, 422);
    page.shows("City: This cannot be used here");
    assert!(page.text.contains("id=\"e-city\""));
}

#[test]
fn another_tabs_change_is_shown_beside_what_was_typed() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.edit("c1", |records| {
        records.contact.phone = "(303) 555-7777".to_owned();
        records.contact.version = 8;
    });
    let form = FORM.replace("214+Alder+Ct", "9+Birch+Rd");
    let page = browser.post("/details", &form);
    assert_eq!(page.status, 409);
    page.shows("Your details changed in the meantime")
        .shows("On file now: (303) 555-7777")
        .shows("On file now: 214 Alder Ct");
    assert!(page.text.contains("value=\"9 Birch Rd\""));
    assert!(page.text.contains("name=\"version\" value=\"8\""));
    assert_eq!(fake.customers.borrow()["c1"].contact.address.street, "214 Alder Ct");
    // Saving again builds on what is there now.
    let answer = browser.post(
        "/details",
        &form.replace("version=7", "version=8").replace("555-0178", "555-7777"),
    );
    assert_eq!(answer.status, 303);
    assert_eq!(fake.customers.borrow()["c1"].contact.address.street, "9 Birch Rd");
}

#[test]
fn a_change_between_reading_and_writing_is_a_conflict_too() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    *fake.before_update.borrow_mut() = Some(Box::new(|state| {
        let mut customers = state.customers.borrow_mut();
        let contact = &mut customers.get_mut("c1").unwrap().contact;
        contact.last_name = "Whitfield-Ruiz".to_owned();
        contact.version = 8;
    }));
    let page = browser.post("/details", &FORM.replace("city=Boulder", "city=Lyons"));
    assert_eq!(page.status, 409);
    page.shows("On file now: Whitfield-Ruiz");
    assert!(page.text.contains("value=\"Lyons\""));
}

#[test]
fn details_can_be_shown_without_the_form() {
    let fake = Fake::new();
    fake.set("edit_details", "false");
    let mut browser = fake.visit("c1");
    let page = browser.get("/");
    page.shows("214 Alder Ct, Boulder, CO 80304").hides("Save Changes");
    assert_eq!(browser.post("/details", FORM).status, 404);
}

#[test]
fn the_welcome_text_is_shown() {
    let fake = Fake::new();
    fake.set("welcome_text", "We are closed <over> Thanksgiving.");
    let page = fake.visit("c1").get("/");
    assert!(page.text.contains("We are closed &#60;over&#62; Thanksgiving."));
}

#[test]
fn many_estimates_and_invoices_do_not_fill_the_page_with_cards() {
    let fake = Fake::new();
    fake.edit("c1", |records| {
        let estimate = records.estimates[0].clone();
        records.estimates = vec![estimate; 4];
        let overdue = status("overdue", "Overdue", Tone::Danger, true);
        records.invoices = (0..5)
            .map(|n| {
                invoice(
                    &format!("i{n}"),
                    &format!("INV-{n}"),
                    overdue.clone(),
                    date(2026, 11, 22),
                    100,
                    0,
                )
            })
            .collect();
    });
    let page = fake.visit("c1").get("/");
    assert_eq!(page.text.matches("<article").count(), 5);
    page.shows("All 4 open estimates")
        .shows("All 5 open invoices")
        .shows("Due today");
    assert_eq!(page.text.matches("button primary\" href").count(), 1);
}
