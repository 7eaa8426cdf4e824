//! *Sign-in & security*: changing the password, the devices and signing them out.
//! The id is new after a change, and what was signed out opens nothing.

use crate::fake::{Browser, Fake};
use crate::passwords::sign_up;
use customer_portal::{Error, bindings::fieldservice::plugins::activity::Kind, tokens};

const CHANGE: &str = "current=correct+horse+battery&password=brand+new+phrase";

fn sign_in(fake: &Fake, agent: &'static str) -> Browser {
    let mut browser = Browser::new(fake);
    browser.agent = agent;
    let answer = browser.post("/sign-in", "email=dana%40example.com&password=correct+horse+battery");
    assert_eq!(answer.status, 303);
    browser
}

fn device_path(browser: &Browser) -> String {
    format!("/account/devices/{}", tokens::hash(browser.cookie.as_ref().unwrap()))
}

#[test]
fn a_plain_links_visitor_sees_devices_and_no_password() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let page = browser.get("/account");
    page.shows("Sign-in & security")
        .shows("Signed-in devices")
        .shows("A browser Since Nov 22, 2026 · in use now")
        .shows("This device")
        .hides("Change password")
        .hides("Sign out the others");
    assert_eq!(browser.get("/account/password").location(), "/summit/portal/account");
    assert_eq!(
        browser.post("/account/password", CHANGE).location(),
        "/summit/portal/account"
    );
    // The foot of every page leads here; the head only for those who have a password.
    assert_eq!(
        browser.get("/").text.matches("href=\"/summit/portal/account\"").count(),
        1
    );
    let mut registered = sign_up(&fake);
    assert_eq!(
        registered
            .get("/")
            .text
            .matches("href=\"/summit/portal/account\"")
            .count(),
        2
    );
}

#[test]
fn the_devices_are_listed_with_this_one_first() {
    let fake = Fake::new();
    sign_up(&fake);
    fake.later(-40 * 3_600);
    let mut phone = sign_in(&fake, "Android Chrome/141.0");
    fake.later(20 * 3_600);
    phone.get("/");
    fake.later(20 * 3_600);
    let mut desk = sign_in(&fake, "Windows NT 10.0 Firefox/144.0");
    let words = desk.get("/account").words();
    let (desk_at, phone_at) = (
        words
            .find("Firefox on Windows Since Nov 22, 2026 · in use now")
            .unwrap(),
        words
            .find("Chrome on Android Since Nov 20, 2026 · used 20 hours ago")
            .unwrap(),
    );
    assert!(desk_at < phone_at);
    assert!(words.contains("You sign in with dana@example.com."));
}

#[test]
fn one_device_is_signed_out_and_the_others_stay() {
    let fake = Fake::new();
    sign_up(&fake);
    let (mut phone, mut desk) = (sign_in(&fake, ""), sign_in(&fake, ""));
    let path = device_path(&phone);
    let answer = desk.post(&path, "");
    assert_eq!(answer.location(), "/summit/portal/account?device-signed-out");
    desk.get("/account?device-signed-out").shows("The device is signed out");
    assert_eq!((phone.get("/").status, desk.get("/").status), (303, 200));
    // Twice, unknown and another customer's: the same answer, and nobody is signed out by it.
    let mut neighbour = fake.visit("c2");
    for path in [path, device_path(&neighbour), "/account/devices/x".to_owned()] {
        assert_eq!(
            desk.post(&path, "").location(),
            "/summit/portal/account?device-signed-out"
        );
    }
    assert_eq!(neighbour.get("/").status, 200);
}

#[test]
fn signing_out_this_device_from_the_list_is_signing_out() {
    let fake = Fake::new();
    let mut browser = sign_up(&fake);
    let path = device_path(&browser);
    let answer = browser.post(&path, "");
    assert_eq!(answer.location(), "/summit/portal/sign-in?signed-out");
    assert!(answer.header("clear-site-data").is_some());
    assert_eq!(browser.get("/").status, 303);
}

#[test]
fn the_others_are_signed_out_together() {
    let fake = Fake::new();
    let mut first = sign_up(&fake);
    let (mut phone, mut desk) = (sign_in(&fake, ""), sign_in(&fake, ""));
    desk.get("/account").shows("Sign out the others");
    assert_eq!(
        desk.post("/account/sign-out-others", "").location(),
        "/summit/portal/account?others-signed-out"
    );
    assert_eq!(
        (first.get("/").status, phone.get("/").status, desk.get("/").status),
        (303, 303, 200)
    );
    desk.get("/account?others-signed-out")
        .shows("The other devices are signed out")
        .hides("Sign out the others");
    let entry = fake.activity.borrow().last().cloned().unwrap();
    assert!(matches!(entry.kind, Kind::SignedOut));
    assert_eq!(entry.summary, "Signed every other device out of the portal");
}

#[test]
fn changing_the_password_asks_for_the_current_one_and_renews_the_session() {
    let fake = Fake::new();
    let mut other = sign_up(&fake);
    let mut browser = sign_in(&fake, "");
    browser
        .get("/account/password")
        .shows("Current password")
        .shows("At least 8 characters.");
    let before = browser.cookie.clone();
    let answer = browser.post("/account/password", CHANGE);
    assert_eq!(answer.location(), "/summit/portal/account?password-changed");
    assert_ne!(browser.cookie, before);
    assert_eq!(browser.get("/account?password-changed").status, 200);
    assert_eq!(other.get("/").status, 303);
    let mut stale = Browser::new(&fake);
    stale.cookie = before;
    assert_eq!(stale.get("/").status, 303, "the id of before opens nothing");
    let (login, password) = fake.passwords.borrow()["c1"].clone();
    assert_eq!(
        (login.as_str(), password.as_str()),
        ("dana@example.com", "brand new phrase")
    );
    let (to, subject, _) = fake.last_message();
    assert_eq!(
        (to.as_str(), subject.as_str()),
        ("dana@example.com", "Your password for Summit Heating & Air was changed")
    );
}

#[test]
fn a_wrong_current_password_changes_nothing_and_is_slowed_down() {
    let fake = Fake::new();
    let mut browser = sign_up(&fake);
    for current in ["wrong+password", "", &"x".repeat(2_000)] {
        let page = browser.post(
            "/account/password",
            &format!("current={current}&password=brand+new+phrase"),
        );
        assert_eq!(page.status, 422);
        page.shows("The current password is not right")
            .hides("brand new phrase");
        assert!(page.text.contains("href=\"#f-current\""));
    }
    let page = browser.post("/account/password", "current=correct+horse+battery&password=short");
    assert_eq!(page.status, 422);
    page.shows("Use at least 8 characters for the password")
        .hides("correct horse");
    *fake.verify_answer.borrow_mut() = Some(Error::RateLimited(130));
    let page = browser.post("/account/password", CHANGE);
    assert_eq!((page.status, page.header("retry-after")), (429, Some("130")));
    assert_eq!(fake.passwords.borrow()["c1"].1, "correct horse battery");
    assert!(fake.messages.borrow().is_empty());
    assert_eq!(browser.get("/").status, 200);
}

#[test]
fn somebody_elses_password_is_not_the_customers_own() {
    let fake = Fake::new();
    let mut browser = sign_up(&fake);
    // A store that mixes customers up must not let one change another's password.
    fake.passwords.borrow_mut().insert(
        "c0".to_owned(),
        ("dana@example.com".to_owned(), "the neighbours phrase".to_owned()),
    );
    let page = browser.post(
        "/account/password",
        "current=the+neighbours+phrase&password=brand+new+phrase",
    );
    assert_eq!(page.status, 422);
    assert_eq!(fake.passwords.borrow()["c1"].1, "correct horse battery");
}
