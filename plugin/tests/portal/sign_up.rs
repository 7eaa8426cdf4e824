//! Signing up with another e-mail than the one on file, or without one on file: nothing is stored
//! before a code has proven the address, and a password that exists is never overwritten.

use crate::fake::{Browser, Fake};
use customer_portal::{
    Error,
    bindings::fieldservice::plugins::{activity::Kind, types::FieldError},
    links::Purpose,
};

fn invited(fake: &Fake) -> Browser {
    let mut browser = Browser::new(fake);
    let token = fake.link("c1", Purpose::Registration);
    browser.post(&format!("/l/{token}"), "");
    browser
}

fn answer_with(code: &str, password: &str) -> String {
    format!("code={code}&password={password}")
}

const OTHER: &str = "email=dana.home%40example.net&password=correct+horse+battery";

#[test]
fn another_e_mail_has_to_be_proven_by_a_code_before_anything_is_stored() {
    let fake = Fake::new();
    let mut browser = invited(&fake);
    browser
        .get("/sign-up")
        .shows("we send a code to it first, and you choose your password on the next page.");
    let answer = browser.post("/sign-up", OTHER);
    assert_eq!((answer.status, answer.location()), (303, "/summit/portal/sign-up/code"));
    assert!(fake.passwords.borrow().is_empty());
    let (to, _, body) = fake.last_message();
    assert_eq!(to, "dana.home@example.net");
    assert!(body.starts_with("Hello Dana,\n\nYour code is ") && body.ends_with("office@summit.example"));
    let code = fake.code_in_message();
    // Neither the code nor the password that was typed stands anywhere in the store.
    for (value, _) in fake.store.borrow().values() {
        let text = String::from_utf8_lossy(value);
        assert!(!text.contains("correct horse") && !text.contains(&format!("\"{code}\"")));
    }
    let page = browser.get("/sign-up/code");
    page.shows("We sent a code of six digits to dana.home@example.net.")
        .shows("Enter your password again: it is not kept until the address is proven.");
    assert!(page.text.contains("autocomplete=\"one-time-code\"") && page.text.contains("inputmode=\"numeric\""));
    let answer = browser.post("/sign-up/code", &answer_with(&code, "correct+horse+battery"));
    assert_eq!((answer.status, answer.location()), (303, "/summit/portal/"));
    browser.get("/").shows("Good afternoon, Dana");
    let (login, password) = fake.passwords.borrow()["c1"].clone();
    assert_eq!(
        (login.as_str(), password.as_str()),
        ("dana.home@example.net", "correct horse battery")
    );
    // The address on file stays, and hears of it.
    assert_eq!(fake.customers.borrow()["c1"].contact.email, "dana@example.com");
    let (to, subject, body) = fake.last_message();
    assert_eq!(
        (to.as_str(), subject.as_str()),
        ("dana@example.com", "A password was created for your customer portal")
    );
    assert!(body.contains("If this was not you, contact us at once.") && !body.contains("dana.home"));
    let entry = fake
        .activity
        .borrow()
        .iter()
        .find(|entry| matches!(entry.kind, Kind::SignedUp))
        .cloned()
        .unwrap();
    assert_eq!(
        entry.summary,
        "Signed up for the password-protected portal with an e-mail address proven by a code"
    );
    assert!(fake.store.borrow().keys().all(|key| !key.starts_with("code/")));
}

#[test]
fn a_customer_without_an_e_mail_on_file_signs_up_by_proving_one() {
    let fake = Fake::new();
    fake.edit("c1", |records| records.contact.email = String::new());
    let mut browser = invited(&fake);
    let page = browser.get("/sign-up");
    page.shows("We send a code to this address.")
        .shows("Send the code")
        .hides("type=\"password\"");
    assert_eq!(
        browser.post("/sign-up", "email=dana%40example.org").location(),
        "/summit/portal/sign-up/code"
    );
    // No password was typed before.
    browser.get("/sign-up/code").hides("Enter your password again");
    let code = fake.code_in_message();
    let answer = browser.post("/sign-up/code", &answer_with(&code, "correct+horse+battery"));
    assert_eq!(answer.location(), "/summit/portal/");
    // A proven address is worth keeping where there was none.
    assert_eq!(fake.customers.borrow()["c1"].contact.email, "dana@example.org");
    assert_eq!(fake.messages.borrow().len(), 1);
}

#[test]
fn a_company_whose_customers_do_not_edit_keeps_its_own_details() {
    let fake = Fake::new();
    fake.set("edit_details", "false");
    fake.edit("c1", |records| records.contact.email = String::new());
    let mut browser = invited(&fake);
    browser.post("/sign-up", "email=dana%40example.org");
    browser.post(
        "/sign-up/code",
        &answer_with(&fake.code_in_message(), "correct+horse+battery"),
    );
    assert_eq!(fake.passwords.borrow()["c1"].0, "dana@example.org");
    assert_eq!(fake.customers.borrow()["c1"].contact.email, "");
}

#[test]
fn without_e_mail_on_either_side_the_page_says_how_to_go_on() {
    let fake = Fake::new();
    fake.features.set(0);
    let mut browser = invited(&fake);
    let page = browser.post("/sign-up", OTHER);
    assert_eq!(page.status, 422);
    page.shows("Use the e-mail address on file.");
    fake.edit("c1", |records| records.contact.email = String::new());
    browser
        .get("/sign-up")
        .shows("We have no e-mail address for you yet")
        .hides("action=\"/summit/portal/sign-up\"");
    assert!(fake.messages.borrow().is_empty());
}

#[test]
fn a_wrong_code_keeps_the_form_and_five_of_them_end_it() {
    let fake = Fake::new();
    let mut browser = invited(&fake);
    browser.post("/sign-up", OTHER);
    let code = fake.code_in_message();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        let page = browser.post("/sign-up/code", &answer_with(wrong, "correct+horse+battery"));
        assert_eq!(page.status, 422);
        page.shows("The code is not right.").hides("correct horse");
        assert!(page.text.contains(&format!("value=\"{wrong}\"")));
    }
    browser
        .post("/sign-up/code", &answer_with(wrong, "correct+horse+battery"))
        .shows("This code no longer works.");
    let page = browser.post("/sign-up/code", &answer_with(&code, "correct+horse+battery"));
    page.shows("This code no longer works.");
    assert!(fake.passwords.borrow().is_empty());
    // Another one can be sent without typing the address again.
    fake.later(31);
    assert_eq!(
        browser.post("/sign-up/code/again", "").location(),
        "/summit/portal/sign-up/code?resent"
    );
    browser.get("/sign-up/code?resent").shows("A new code is on its way");
    let answer = browser.post(
        "/sign-up/code",
        &answer_with(&fake.code_in_message(), "correct+horse+battery"),
    );
    assert_eq!(answer.location(), "/summit/portal/");
}

#[test]
fn a_password_that_will_not_do_does_not_use_the_code_up() {
    let fake = Fake::new();
    let mut browser = invited(&fake);
    browser.post("/sign-up", OTHER);
    let code = fake.code_in_message();
    for password in ["short", "dana.home%40example.net", "password1"] {
        let page = browser.post("/sign-up/code", &answer_with(&code, password));
        assert_eq!(page.status, 422, "{password}");
        assert!(
            page.text.contains(&format!("value=\"{code}\"")),
            "the code stays in its field"
        );
    }
    let answer = browser.post("/sign-up/code", &answer_with(&code, "correct+horse+battery"));
    assert_eq!(answer.location(), "/summit/portal/");
}

#[test]
fn an_address_that_somebody_else_signs_in_with_is_refused_once_proven() {
    let fake = Fake::new();
    fake.passwords.borrow_mut().insert(
        "c2".to_owned(),
        ("dana.home@example.net".to_owned(), "some other words".to_owned()),
    );
    let mut browser = invited(&fake);
    // Whose address it is says only the code's page, to whoever has the code.
    assert_eq!(
        browser.post("/sign-up", OTHER).location(),
        "/summit/portal/sign-up/code"
    );
    let page = browser.post(
        "/sign-up/code",
        &answer_with(&fake.code_in_message(), "correct+horse+battery"),
    );
    assert_eq!(page.status, 422);
    page.shows("This e-mail address already has a portal.");
    assert_eq!(fake.passwords.borrow()["c2"].1, "some other words");
}

#[test]
fn what_is_no_address_is_refused_and_kept() {
    let fake = Fake::new();
    let mut browser = invited(&fake);
    let long = format!("{}@example.com", "x".repeat(250));
    for typed in ["dana", "", long.as_str()] {
        let page = browser.post("/sign-up", &format!("email={typed}&password=correct+horse+battery"));
        assert_eq!(page.status, 422, "{typed}");
        page.shows("Enter an e-mail address like name@example.com");
        assert!(page.text.contains(&format!("value=\"{typed}\"")));
        assert!(page.text.contains("href=\"#f-email\""));
    }
    *fake.message_answer.borrow_mut() = Some(Error::Invalid(vec![FieldError {
        field: "to".to_owned(),
        code: "malformed".to_owned(),
        message: "No address.".to_owned(),
    }]));
    browser
        .post("/sign-up", OTHER)
        .shows("Enter an e-mail address like name@example.com");
    assert!(fake.passwords.borrow().is_empty());
}

#[test]
fn codes_are_not_sent_without_end() {
    let fake = Fake::new();
    let mut browser = invited(&fake);
    browser.post("/sign-up", OTHER);
    // Pressed twice, the first code is on its way already.
    assert_eq!(
        browser.post("/sign-up", OTHER).location(),
        "/summit/portal/sign-up/code"
    );
    let other = browser.post("/sign-up", "email=third%40example.net");
    assert_eq!((other.status, other.header("retry-after")), (429, Some("30")));
    assert!(other.text.contains("value=\"third@example.net\""));
    let again = browser.post("/sign-up/code/again", "");
    assert_eq!((again.status, again.header("retry-after")), (429, Some("30")));
    assert_eq!(fake.messages.borrow().len(), 1);
    for _ in 0..8 {
        fake.later(40);
        browser.post("/sign-up/code/again", "");
    }
    assert_eq!(fake.messages.borrow().len(), 5);
}

#[test]
fn the_faster_of_two_registrations_wins_and_the_other_is_told_to_sign_in() {
    let fake = Fake::new();
    let (mut first, mut second, mut third) = (invited(&fake), invited(&fake), invited(&fake));
    first.post("/sign-up", OTHER);
    let code = fake.code_in_message();
    assert_eq!(
        second
            .post("/sign-up", "email=dana%40example.com&password=faster+than+you")
            .location(),
        "/summit/portal/"
    );
    let late = first.post("/sign-up/code", &answer_with(&code, "correct+horse+battery"));
    assert_eq!(late.location(), "/summit/portal/sign-in");
    // Nor does a registered customer's link send any more codes.
    let sent = fake.messages.borrow().len();
    assert_eq!(third.post("/sign-up", OTHER).location(), "/summit/portal/sign-in");
    let page = third.get("/sign-up");
    assert_eq!(page.location(), "/summit/portal/sign-in");
    page.hides("dana@example.com");
    assert_eq!(third.get("/sign-up/code").location(), "/summit/portal/sign-in");
    assert_eq!(
        third.post("/sign-up/code/again", "").location(),
        "/summit/portal/sign-in"
    );
    assert_eq!(fake.messages.borrow().len(), sent);
    assert_eq!(fake.passwords.borrow()["c1"].1, "faster than you");
}

#[test]
fn the_code_page_is_only_for_those_who_are_signing_up() {
    let fake = Fake::new();
    let mut stranger = Browser::new(&fake);
    assert_eq!(stranger.get("/sign-up/code").location(), "/summit/portal/sign-in");
    assert_eq!(
        stranger.post("/sign-up/code", "code=000000").location(),
        "/summit/portal/sign-in"
    );
    assert_eq!(
        stranger.post("/sign-up/code/again", "").location(),
        "/summit/portal/sign-in"
    );
    let mut early = invited(&fake);
    assert_eq!(early.get("/sign-up/code").location(), "/summit/portal/sign-up");
}
