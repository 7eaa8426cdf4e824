//! Password-protected portals: plain links show no data, signing up makes a password once, and
//! signing in tells nobody what was wrong.

use crate::fake::{Browser, Fake};
use customer_portal::{Error, access, bindings::fieldservice::plugins::activity::Kind, links::Purpose};

pub(crate) const GOOD: &str = "email=dana%40example.com&password=correct+horse+battery";

pub(crate) fn sign_up(fake: &Fake) -> Browser {
    let mut browser = Browser::new(fake);
    let token = fake.link("c1", Purpose::Registration);
    assert_eq!(
        browser.post(&format!("/l/{token}"), "").location(),
        "/summit/portal/sign-up"
    );
    assert_eq!(browser.post("/sign-up", GOOD).location(), "/summit/portal/");
    browser
}

#[test]
fn a_protected_customers_plain_link_shows_no_data_and_leads_to_sign_up() {
    let fake = Fake::new();
    access::protect(&fake, "c1", true).unwrap();
    let mut browser = Browser::new(&fake);
    let token = fake.plain_link("c1");
    let answer = browser.post(&format!("/l/{token}"), "");
    assert_eq!((answer.status, answer.location()), (303, "/summit/portal/sign-up"));
    for path in ["/", "/jobs", "/jobs/j1", "/files/f1", "/requests", "/nowhere"] {
        let answer = browser.get(path);
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.location().starts_with("/summit/portal/sign-in"), "{path}");
        assert!(answer.text.is_empty());
    }
    browser.get("/sign-up").shows("Sign Up").hides("Dana").hides("Alder");
}

#[test]
fn signing_up_makes_a_password_and_a_new_session_and_protects_the_portal() {
    let fake = Fake::new();
    let mut plain = fake.visit("c1");
    fake.later(1);
    let mut browser = Browser::new(&fake);
    let token = fake.link("c1", Purpose::Registration);
    browser.post(&format!("/l/{token}"), "");
    let before = browser.cookie.clone();
    let page = browser.get("/sign-up");
    assert!(
        page.text
            .contains("value=\"dana@example.com\" autocomplete=\"username\"")
    );
    page.shows("At least 8 characters.");
    let answer = browser.post("/sign-up", GOOD);
    assert_eq!((answer.status, answer.location()), (303, "/summit/portal/"));
    assert_ne!(browser.cookie, before);
    browser.get("/").shows("Good afternoon, Dana");
    assert_eq!(plain.get("/").status, 303);
    assert!(
        fake.activity
            .borrow()
            .iter()
            .any(|entry| matches!(entry.kind, Kind::SignedUp))
    );
    assert_eq!(fake.passwords.borrow()["c1"].0, "dana@example.com");
}

#[test]
fn a_registered_customers_links_lead_to_sign_in() {
    let fake = Fake::new();
    sign_up(&fake);
    for purpose in [Purpose::Plain, Purpose::Registration] {
        let token = fake.link("c1", purpose);
        let answer = Browser::new(&fake).post(&format!("/l/{token}"), "");
        assert_eq!(
            (answer.location(), answer.header("set-cookie")),
            ("/summit/portal/sign-in", None)
        );
    }
}

#[test]
fn a_second_registration_never_overwrites_a_password() {
    let fake = Fake::new();
    let mut late = Browser::new(&fake);
    let token = fake.link("c1", Purpose::Registration);
    late.post(&format!("/l/{token}"), "");
    sign_up(&fake);
    let answer = late.post("/sign-up", "email=dana%40example.com&password=another+password");
    assert_eq!(answer.location(), "/summit/portal/sign-in");
    assert_eq!(fake.passwords.borrow()["c1"].1, "correct horse battery");
}

#[test]
fn passwords_that_will_not_do_are_refused_with_the_reason() {
    let fake = Fake::new();
    fake.set("password_min_length", "10");
    let mut browser = Browser::new(&fake);
    let token = fake.link("c1", Purpose::Registration);
    browser.post(&format!("/l/{token}"), "");
    let long = "p".repeat(300);
    for (password, reason) in [
        ("", "Use at least 10 characters for the password"),
        ("ninechars", "Use at least 10 characters for the password"),
        (long.as_str(), "Use a shorter password"),
        ("Dana%40Example.com", "Use a password that is harder to guess"),
        ("SUMMIT+heating+%26+air", "Use a password that is harder to guess"),
    ] {
        let page = browser.post("/sign-up", &format!("email=dana%40example.com&password={password}"));
        assert_eq!(page.status, 422, "{password}");
        page.shows(reason).hides("value=\"ninechars\"");
    }
    // Characters count, not bytes: ten of any script are enough.
    let answer = browser.post(
        "/sign-up",
        &format!("email=dana%40example.com&password={}", "%E6%B0%B4".repeat(10)),
    );
    assert_eq!(answer.status, 303);
}

#[test]
fn the_hosts_word_on_a_password_counts_too() {
    let fake = Fake::new();
    let mut browser = Browser::new(&fake);
    let token = fake.link("c1", Purpose::Registration);
    browser.post(&format!("/l/{token}"), "");
    let page = browser.post("/sign-up", "email=dana%40example.com&password=password1");
    assert_eq!(page.status, 422);
    page.shows("Use a password that is harder to guess");
}

#[test]
fn the_sign_up_page_is_only_for_those_who_opened_a_link() {
    let fake = Fake::new();
    assert_eq!(Browser::new(&fake).get("/sign-up").location(), "/summit/portal/sign-in");
    assert_eq!(
        Browser::new(&fake).post("/sign-up", GOOD).location(),
        "/summit/portal/sign-in"
    );
    assert_eq!(
        fake.visit("c1").post("/sign-up", GOOD).location(),
        "/summit/portal/sign-in"
    );
    let mut slow = Browser::new(&fake);
    let token = fake.link("c1", Purpose::Registration);
    slow.post(&format!("/l/{token}"), "");
    fake.later(3_601);
    assert_eq!(slow.get("/sign-up").location(), "/summit/portal/sign-in");
}

#[test]
fn signing_in_leads_to_the_page_that_was_asked_for() {
    let fake = Fake::new();
    sign_up(&fake);
    let mut browser = Browser::new(&fake);
    let answer = browser.get("/invoices/i1");
    assert_eq!(answer.location(), "/summit/portal/sign-in?next=%2Finvoices%2Fi1");
    let page = browser.get("/sign-in?next=%2Finvoices%2Fi1");
    assert!(
        page.text
            .contains("action=\"/summit/portal/sign-in?next=%2Finvoices%2Fi1\"")
    );
    let answer = browser.post("/sign-in?next=%2Finvoices%2Fi1", GOOD);
    assert_eq!((answer.status, answer.location()), (303, "/summit/portal/invoices/i1"));
    assert_eq!(browser.get("/invoices/i1").status, 200);
    let signed_in = fake
        .activity
        .borrow()
        .iter()
        .filter(|entry| matches!(entry.kind, Kind::SignedIn))
        .count();
    assert_eq!(signed_in, 1);
    assert_eq!(browser.get("/sign-in").location(), "/summit/portal/");
}

#[test]
fn nobody_is_sent_elsewhere_after_signing_in() {
    let fake = Fake::new();
    sign_up(&fake);
    for next in [
        "//evil.example",
        "%2F%2Fevil.example",
        "/%5Cevil",
        "https://evil.example",
        "/l/x",
        "/sign-in",
        "/nowhere",
        "jobs",
        // What cannot stand in a header would take the cookie with it.
        "/jobs/a%0Ab",
        "/jobs/a%0D%0Aset-cookie:%20session=x",
        "/jobs/a%20b",
        "/jobs/%7F",
        "/jobs/%C3%A9",
    ] {
        let answer = Browser::new(&fake).post(&format!("/sign-in?next={next}"), GOOD);
        assert_eq!(answer.location(), "/summit/portal/", "{next}");
        assert!(answer.header("set-cookie").is_some(), "{next}");
    }
    // Encoded once more it is an address like any other.
    let answer = Browser::new(&fake).post("/sign-in?next=/jobs/a%250Ab", GOOD);
    assert_eq!(answer.location(), "/summit/portal/jobs/a%0Ab");
}

#[test]
fn everything_wrong_is_answered_alike() {
    let fake = Fake::new();
    sign_up(&fake);
    let mut answers = Vec::new();
    let reads = |form: &str| {
        fake.forget_writes();
        Browser::new(&fake).post("/sign-in", form);
        fake.calls.borrow().clone()
    };
    // The same way for everybody, also to what is kept of whose e-mail it is.
    assert_eq!(
        reads("email=dana%40example.com&password=wrong+password"),
        reads("email=omar%40example.com&password=wrong+password")
    );
    for form in [
        "email=dana%40example.com&password=wrong+password",
        "email=dana%40example.com&password=",
        "email=dana%40example.com",
    ] {
        let answer = Browser::new(&fake).post("/sign-in", form);
        assert_eq!(answer.status, 422);
        answer
            .shows("The e-mail address or the password is not right.")
            .hides("wrong password");
        answers.push(answer.text);
    }
    let unknown = Browser::new(&fake).post("/sign-in", "email=omar%40example.com&password=wrong+password");
    answers.push(unknown.text.replace("omar@", "dana@"));
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert!(answers[0].contains("value=\"dana@example.com\""));
}

#[test]
fn too_many_attempts_are_slowed_down_with_the_time_to_wait() {
    let fake = Fake::new();
    *fake.verify_answer.borrow_mut() = Some(Error::RateLimited(130));
    let answer = Browser::new(&fake).post("/sign-in", GOOD);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("130")));
    answer.shows("Try again in about 3 minutes.");
}

#[test]
fn a_password_session_outlives_protection_and_links() {
    let fake = Fake::new();
    let mut browser = sign_up(&fake);
    fake.later(10);
    access::protect(&fake, "c1", true).unwrap();
    assert_eq!(browser.get("/jobs").status, 200);
}
