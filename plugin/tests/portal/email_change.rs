//! Changing one's e-mail: nothing is stored before the code that was sent to the new address comes
//! back, the old address is told, and the sign-in moves along.

use crate::fake::{Browser, Fake};
use customer_portal::{
    bindings::fieldservice::plugins::{activity::Kind, messages::Recipient},
    http::Method,
    links::Purpose,
};

pub(crate) const FORM: &str = "version=7&first_name=Dana&last_name=Whitfield&company_name=&email=dana%40example.com\
&phone=%28303%29+555-0178&mobile=&street=214+Alder+Ct&unit=&city=Boulder&region=CO&postal_code=80304";

pub(crate) const DONE: &str = "/summit/portal/?saved";

pub(crate) fn with_email(email: &str) -> String {
    FORM.replace("dana%40example.com", email)
}

pub(crate) fn on_file(fake: &Fake) -> String {
    fake.customers.borrow()["c1"].contact.email.clone()
}

/// The code in the message that was sent last, and where it went.
fn code(fake: &Fake) -> (String, String) {
    let messages = fake.messages.borrow();
    let (to, message) = messages.last().unwrap();
    assert!(matches!(message.to, Recipient::Unverified(_)));
    let digits = message
        .body
        .split(|c: char| !c.is_ascii_digit())
        .find(|run| run.len() == 6);
    (to.clone(), digits.unwrap().to_owned())
}

fn wrong(code: &str) -> String {
    let other = if code.starts_with('1') { '2' } else { '1' };
    format!("{other}{}", &code[1..])
}

/// A browser whose customer has asked for `new@example.com`, and the code that was sent.
pub(crate) fn asked(fake: &Fake) -> (Browser, String) {
    let mut browser = fake.visit("c1");
    let answer = browser.post("/details", &with_email("new%40example.com"));
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/summit/portal/details/email")
    );
    let (to, digits) = code(fake);
    assert_eq!(to, "new@example.com");
    (browser, digits)
}

#[test]
fn a_new_e_mail_waits_for_the_code_that_was_sent_to_it() {
    let fake = Fake::new();
    let (mut browser, digits) = asked(&fake);
    assert_eq!(on_file(&fake), "dana@example.com");
    let page = browser.get("/details/email");
    page.shows("Confirm your new e-mail").shows("new@example.com");
    assert!(
        page.text
            .contains("inputmode=\"numeric\" autocomplete=\"one-time-code\"")
    );
    // Leaving and coming back loses nothing, and the main page says what waits.
    browser
        .get("/")
        .shows("Your new e-mail waits for you")
        .shows("new@example.com");
    browser.get("/details/email").shows("new@example.com");
    fake.forget_writes();
    let answer = browser.post("/details/email", &format!("code={digits}"));
    assert_eq!((answer.status, answer.location()), (303, DONE));
    assert_eq!(on_file(&fake), "new@example.com");
    let edited: Vec<String> = fake
        .activity
        .borrow()
        .iter()
        .filter(|entry| matches!(entry.kind, Kind::Edited))
        .map(|entry| entry.summary.clone())
        .collect();
    assert_eq!(edited, ["Changed email, proven by a code"]);
    browser.get("/").hides("waits for you");
    assert_eq!(browser.get("/details/email").location(), "/summit/portal/");
}

#[test]
fn everything_else_of_the_form_is_saved_at_once() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let form = with_email("new%40example.com").replace("city=Boulder", "city=Lyons");
    let answer = browser.post("/details", &form);
    assert_eq!(answer.location(), "/summit/portal/details/email?saved");
    browser
        .get("/details/email?saved")
        .shows("Everything else you changed is saved.");
    let contact = fake.customers.borrow()["c1"].contact.clone();
    assert_eq!(
        (contact.address.city.as_str(), contact.email.as_str()),
        ("Lyons", "dana@example.com")
    );
    let summary = fake.activity.borrow().last().unwrap().summary.clone();
    assert_eq!(summary, "Changed city");
}

#[test]
fn a_wrong_code_changes_nothing_and_five_of_them_are_the_end_of_it() {
    let fake = Fake::new();
    let (mut browser, digits) = asked(&fake);
    for _ in 0..4 {
        let page = browser.post("/details/email", &format!("code={}", wrong(&digits)));
        assert_eq!(page.status, 422);
        page.shows("The code is not right.");
        assert!(page.text.contains("<title>Error: "));
    }
    for code in [wrong(&digits), digits.clone()] {
        let page = browser.post("/details/email", &format!("code={code}"));
        assert_eq!(page.status, 422);
        page.shows("This code no longer works");
    }
    assert_eq!(on_file(&fake), "dana@example.com");
    // A new code can be had, and it works.
    fake.later(60);
    let answer = browser.post("/details/email/code", "");
    assert_eq!(answer.location(), "/summit/portal/details/email?sent");
    let (to, fresh) = code(&fake);
    assert_eq!(to, "new@example.com");
    assert_eq!(
        browser.post("/details/email", &format!("code={fresh}")).location(),
        DONE
    );
}

#[test]
fn a_code_expires_and_so_does_the_wish_a_day_later() {
    let fake = Fake::new();
    let (_, digits) = asked(&fake);
    fake.later(16 * 60);
    let mut browser = fake.visit("c1");
    let page = browser.post("/details/email", &format!("code={digits}"));
    assert_eq!(page.status, 422);
    page.shows("This code no longer works").shows("new@example.com");
    fake.later(86_400);
    let mut browser = fake.visit("c1");
    assert_eq!(browser.get("/details/email").location(), "/summit/portal/");
    assert_eq!(
        browser.post("/details/email", "code=123456").location(),
        "/summit/portal/"
    );
    assert_eq!(browser.post("/details/email/code", "").location(), "/summit/portal/");
    assert_eq!(on_file(&fake), "dana@example.com");
}

#[test]
fn a_code_is_good_for_the_address_it_went_to_only() {
    let fake = Fake::new();
    let (mut browser, digits) = asked(&fake);
    // Asked for another one at once: no second code goes out so soon, and the first is not for it.
    let answer = browser.post("/details", &with_email("other%40example.com"));
    assert_eq!(answer.location(), "/summit/portal/details/email?later");
    browser.get("/details/email?later").shows("other@example.com");
    let page = browser.post("/details/email", &format!("code={digits}"));
    assert_eq!(page.status, 422);
    assert_eq!(on_file(&fake), "dana@example.com");
    fake.later(60);
    browser.post("/details/email/code", "");
    let (to, fresh) = code(&fake);
    assert_eq!(to, "other@example.com");
    browser.post("/details/email", &format!("code={fresh}"));
    assert_eq!(on_file(&fake), "other@example.com");
}

#[test]
fn leaving_things_as_they_are_forgets_the_address_and_its_code() {
    let fake = Fake::new();
    let (mut browser, digits) = asked(&fake);
    assert_eq!(browser.post("/details/email/cancel", "").location(), "/summit/portal/");
    browser.get("/").hides("waits for you");
    assert_eq!(
        browser.post("/details/email", &format!("code={digits}")).location(),
        "/summit/portal/"
    );
    assert_eq!(on_file(&fake), "dana@example.com");
    assert!(
        fake.store
            .borrow()
            .keys()
            .all(|key| !key.starts_with("code/") && !key.starts_with("email-change/"))
    );
}

#[test]
fn the_offices_change_in_the_meantime_is_not_overwritten() {
    let fake = Fake::new();
    let (mut browser, digits) = asked(&fake);
    fake.edit("c1", |records| {
        records.contact.email = "office@example.com".to_owned();
        records.contact.version += 1;
    });
    let page = browser.post("/details/email", &format!("code={digits}"));
    assert_eq!(page.status, 409);
    page.shows("The address on file was changed in the meantime.")
        .shows("Back to My Details");
    assert_eq!(on_file(&fake), "office@example.com");
    assert_eq!(browser.get("/details/email").location(), "/summit/portal/");
}

#[test]
fn another_tabs_change_of_another_field_is_no_conflict_of_the_codes() {
    let fake = Fake::new();
    let (mut browser, digits) = asked(&fake);
    *fake.before_update.borrow_mut() = Some(Box::new(|state| {
        let mut customers = state.customers.borrow_mut();
        let contact = &mut customers.get_mut("c1").unwrap().contact;
        contact.address.city = "Lyons".to_owned();
        contact.version += 1;
    }));
    assert_eq!(
        browser.post("/details/email", &format!("code={digits}")).location(),
        DONE
    );
    let contact = fake.customers.borrow()["c1"].contact.clone();
    assert_eq!(
        (contact.address.city.as_str(), contact.email.as_str()),
        ("Lyons", "new@example.com")
    );
}

#[test]
fn a_stale_form_sends_no_code_and_keeps_what_was_typed() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.edit("c1", |records| records.contact.version = 8);
    let page = browser.post("/details", &with_email("new%40example.com"));
    assert_eq!(page.status, 409);
    page.shows("Your details changed in the meantime");
    assert!(page.text.contains("value=\"new@example.com\""));
    assert!(fake.messages.borrow().is_empty());
}

#[test]
fn the_sign_in_moves_with_the_address_and_other_sessions_end() {
    let fake = Fake::new();
    let token = fake.link("c1", Purpose::Registration);
    let mut browser = Browser::new(&fake);
    browser.post(&format!("/l/{token}"), "");
    browser.post("/sign-up", "email=dana%40example.com&password=correct+horse+battery");
    let mut other = Browser::new(&fake);
    other.post("/sign-in", "email=dana%40example.com&password=correct+horse+battery");
    assert_eq!(other.get("/jobs").status, 200);
    browser.post("/details", &with_email("new%40example.com"));
    let (_, digits) = code(&fake);
    assert_eq!(
        browser.post("/details/email", &format!("code={digits}")).location(),
        DONE
    );
    assert_eq!(fake.passwords.borrow()["c1"].0, "new@example.com");
    assert_eq!(browser.get("/jobs").status, 200, "this one stays");
    assert_eq!(other.get("/jobs").status, 303, "the others end");
    let mut again = Browser::new(&fake);
    let form = "email=new%40example.com&password=correct+horse+battery";
    assert_eq!(again.post("/sign-in", form).location(), "/summit/portal/");
}

#[test]
fn with_a_link_alone_nobody_takes_the_sign_in_over() {
    let fake = Fake::new();
    let login = ("dana@example.com".to_owned(), "correct horse battery".to_owned());
    fake.passwords.borrow_mut().insert("c1".to_owned(), login);
    // Protection is off, and somebody got hold of a plain link.
    let (mut thief, digits) = asked(&fake);
    assert_eq!(thief.post("/details/email", &format!("code={digits}")).location(), DONE);
    assert_eq!(on_file(&fake), "new@example.com");
    assert_eq!(fake.passwords.borrow()["c1"].0, "dana@example.com");
    // Whichever address is typed, the means to choose a new password go to the owner's.
    for email in ["new%40example.com", "dana%40example.com"] {
        fake.later(120);
        let before = fake.messages.borrow().len();
        thief.post("/forgot", &format!("email={email}"));
        let messages = fake.messages.borrow();
        let sent: Vec<&str> = messages.iter().skip(before).map(|(to, _)| to.as_str()).collect();
        assert_eq!(sent, ["dana@example.com"], "{email}");
    }
    // The owner signs in as before.
    let mut owner = Browser::new(&fake);
    let form = "email=dana%40example.com&password=correct+horse+battery";
    assert_eq!(owner.post("/sign-in", form).location(), "/summit/portal/");
    assert_eq!(owner.get("/jobs").status, 200);
}

#[test]
fn a_sign_in_of_its_own_stays_where_it_is() {
    let fake = Fake::new();
    let login = ("own@example.com".to_owned(), "correct horse battery".to_owned());
    fake.passwords.borrow_mut().insert("c1".to_owned(), login);
    let (mut browser, digits) = asked(&fake);
    let mut other = fake.visit("c1");
    assert_eq!(
        browser.post("/details/email", &format!("code={digits}")).location(),
        DONE
    );
    assert_eq!(fake.passwords.borrow()["c1"].0, "own@example.com");
    assert_eq!(other.get("/jobs").status, 200);
}

#[test]
fn an_address_somebody_else_signs_in_with_is_refused_only_once_it_is_proven() {
    let fake = Fake::new();
    let login = ("new@example.com".to_owned(), "correct horse battery".to_owned());
    fake.passwords.borrow_mut().insert("c2".to_owned(), login);
    let (mut browser, digits) = asked(&fake);
    let page = browser.post("/details/email", &format!("code={digits}"));
    assert_eq!(page.status, 422);
    page.shows("Someone else uses this already");
    assert_eq!(on_file(&fake), "dana@example.com");
}

#[test]
fn an_address_the_host_refuses_ends_the_wish_with_the_reason() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    browser.post("/details", &with_email("taken%40example.com"));
    let (_, digits) = code(&fake);
    let page = browser.post("/details/email", &format!("code={digits}"));
    assert_eq!(page.status, 422);
    page.shows("Someone else uses this already");
    assert_eq!(browser.get("/details/email").location(), "/summit/portal/");
}

#[test]
fn the_first_address_ever_needs_a_code_too() {
    let fake = Fake::new();
    fake.edit("c1", |records| records.contact.email = String::new());
    let (mut browser, digits) = asked(&fake);
    assert_eq!(on_file(&fake), "");
    assert_eq!(
        browser.post("/details/email", &format!("code={digits}")).location(),
        DONE
    );
    assert_eq!(on_file(&fake), "new@example.com");
    assert_eq!(fake.messages.borrow().len(), 1, "there is no old address to tell");
}

#[test]
fn looking_at_the_page_sends_nothing_and_strangers_do_not_see_it() {
    let fake = Fake::new();
    let (mut browser, digits) = asked(&fake);
    fake.forget_writes();
    for method in [Method::Get, Method::Head] {
        for path in ["/details/email", "/details/email?sent", "/"] {
            assert_eq!(browser.send(method, path, &[], Some(b"")).status, 200);
        }
    }
    assert!(fake.writes.borrow().is_empty());
    assert_eq!(fake.messages.borrow().len(), 1);
    // Another customer has nothing there, whatever code is typed.
    let mut omar = fake.visit("c2");
    assert_eq!(
        omar.post("/details/email", &format!("code={digits}")).location(),
        "/summit/portal/"
    );
    let mut stranger = Browser::new(&fake);
    let page = stranger.post("/details/email", &format!("code={digits}"));
    assert_eq!(page.status, 401);
    page.hides(&digits).hides("Dana");
    // Neither the code nor a way to compute it is stored.
    for (key, (value, _)) in fake.store.borrow().iter() {
        assert!(!String::from_utf8_lossy(value).contains(&digits), "{key}");
    }
    fake.set("edit_details", "false");
    browser.get("/").hides("waits for you");
    for path in ["/details/email", "/details/email/code"] {
        let answer = browser.post(path, &format!("code={digits}"));
        assert_eq!((answer.status, answer.location()), (303, "/summit/portal/"));
    }
    assert_eq!(on_file(&fake), "dana@example.com");
    assert_eq!(fake.messages.borrow().len(), 1);
}
