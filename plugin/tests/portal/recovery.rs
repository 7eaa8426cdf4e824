//! Forgotten passwords: one answer for every address, links that work once and for an hour, and
//! what a new password ends.

use crate::fake::{Answer, Browser, Fake};
use crate::passwords::sign_up;
use customer_portal::{
    Error, access,
    bindings::fieldservice::plugins::{activity::Kind, types::Channel},
    http::Method,
    links::Purpose,
    recovery::{self, Sent},
    session,
};

const NEW: &str = "password=brand+new+phrase";

fn ask(fake: &Fake, email: &str) -> Answer {
    Browser::new(fake).post("/forgot", &format!("email={}", email.replace('@', "%40")))
}

/// Asks for a link and answers its path.
fn reset_path(fake: &Fake) -> String {
    assert_eq!(ask(fake, "dana@example.com").status, 303);
    fake.path_in_message()
}

#[test]
fn the_answer_is_the_same_byte_for_byte_whoever_asks() {
    let fake = Fake::new();
    sign_up(&fake);
    fake.messages.borrow_mut().clear();
    let whole = |answer: Answer| (answer.status, answer.headers, answer.bytes);
    let mut answers = Vec::new();
    // Registered, unregistered, unknown, on file twice, and registered once more than may be.
    fake.edit("c2", |records| records.contact.email = "omar@example.com".to_owned());
    for email in [
        "dana@example.com",
        "omar@example.com",
        "nobody@example.com",
        "Dana@Example.com",
    ] {
        answers.push(whole(ask(&fake, email)));
    }
    *fake.message_answer.borrow_mut() = Some(Error::Unavailable("No mail today.".to_owned()));
    fake.later(3_600);
    answers.push(whole(ask(&fake, "dana@example.com")));
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(fake.messages.borrow().len(), 2);
    let page = Browser::new(&fake).get("/forgot?sent");
    assert_eq!(page.status, 200);
    page.shows("If we know this address, a link is on its way to it.");
}

#[test]
fn what_is_no_address_is_said_and_kept() {
    let fake = Fake::new();
    let page = ask(&fake, "dana at home");
    assert_eq!(page.status, 422);
    page.shows("Enter an e-mail address like name@example.com");
    assert!(page.text.contains("value=\"dana at home\""));
}

#[test]
fn a_link_lets_the_customer_choose_a_new_password_once() {
    let fake = Fake::new();
    let mut old = sign_up(&fake);
    let path = reset_path(&fake);
    let (to, subject, body) = fake.last_message();
    assert_eq!(
        (to.as_str(), subject.as_str()),
        ("dana@example.com", "Choose a new password for Summit Heating & Air")
    );
    assert!(body.contains(&format!("\n\nhttps://portal.example/summit/portal{path}\n\n")));
    let key = fake.messages.borrow().last().unwrap().1.idempotency_key.clone();
    assert!(
        fake.confidential.borrow().contains(&key),
        "staff could set the password"
    );
    let mut browser = Browser::new(&fake);
    browser.cookie = Some("0123456789abcdefghjkmnpqrs".to_owned());
    let planted = browser.cookie.clone();
    browser.get(&path).shows("Choose a new password");
    let answer = browser.post(&path, NEW);
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/summit/portal/account?password-changed")
    );
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_ne!(browser.cookie, planted);
    browser
        .get("/account?password-changed")
        .shows("Your password is changed");
    assert_eq!(fake.passwords.borrow()["c1"].1, "brand new phrase");
    // Every session of before is over, and the customer is told.
    assert_eq!(old.get("/").status, 303);
    let (to, subject, body) = fake.last_message();
    assert_eq!(
        (to.as_str(), subject.as_str()),
        ("dana@example.com", "Your password for Summit Heating & Air was changed")
    );
    assert!(body.contains("https://portal.example/summit/portal/forgot"));
    let told = fake.messages.borrow().len();
    for method in [Method::Get, Method::Post] {
        let over = Browser::new(&fake).send(method, &path, &[], Some(NEW.as_bytes()));
        assert_eq!(over.status, 404);
        over.shows("This link no longer works").shows("Forgot your password?");
    }
    assert_eq!(fake.passwords.borrow()["c1"].1, "brand new phrase");
    assert_eq!(fake.messages.borrow().len(), told);
    assert!(fake.activity.borrow().iter().any(|entry| {
        matches!(entry.kind, Kind::AccessChanged)
            && entry.summary == "Chose a new password by a link sent to their e-mail address"
    }));
}

#[test]
fn opening_the_link_changes_nothing_however_often() {
    let fake = Fake::new();
    sign_up(&fake);
    let path = reset_path(&fake);
    fake.forget_writes();
    for method in [Method::Get, Method::Head, Method::Get, Method::Get, Method::Head] {
        let answer = Browser::new(&fake).send(method, &path, &[], Some(b""));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert!(fake.writes.borrow().is_empty());
    assert_eq!(Browser::new(&fake).post(&path, NEW).status, 303);
}

#[test]
fn a_link_works_for_an_hour_and_unknown_garbled_and_old_ones_are_one() {
    let fake = Fake::new();
    sign_up(&fake);
    let path = reset_path(&fake);
    fake.later(3_599);
    assert_eq!(Browser::new(&fake).get(&path).status, 200);
    fake.later(1);
    let mut pages: Vec<String> = Vec::new();
    for path in [path.as_str(), "/r/0123456789abcdefghjkmnpqrs", "/r/x", "/r/%20"] {
        for answer in [Browser::new(&fake).get(path), Browser::new(&fake).post(path, NEW)] {
            assert_eq!(answer.status, 404, "{path}");
            pages.push(answer.text);
        }
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    assert_eq!(fake.passwords.borrow()["c1"].1, "correct horse battery");
}

#[test]
fn a_new_password_ends_the_links_of_before() {
    let fake = Fake::new();
    sign_up(&fake);
    let first = reset_path(&fake);
    fake.later(120);
    let second = reset_path(&fake);
    assert_ne!(first, second);
    assert_eq!(Browser::new(&fake).post(&second, NEW).status, 303);
    assert_eq!(
        Browser::new(&fake)
            .post(&first, "password=somebody+elses+phrase")
            .status,
        404
    );
    assert_eq!(fake.passwords.borrow()["c1"].1, "brand new phrase");
    fake.later(120);
    let third = reset_path(&fake);
    session::end_all(&fake, "c1").unwrap();
    assert_eq!(Browser::new(&fake).get(&third).status, 404, "signed out everywhere");
}

#[test]
fn of_two_who_use_one_link_at_once_one_wins() {
    let fake = Fake::new();
    sign_up(&fake);
    let path = reset_path(&fake);
    let found = recovery::find_reset(&fake, path.strip_prefix("/r/").unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(
        recovery::set_new_password(&fake, &found, "first phrase here").unwrap(),
        Some(1)
    );
    assert_eq!(
        recovery::set_new_password(&fake, &found, "second phrase here").unwrap(),
        None
    );
    assert_eq!(fake.passwords.borrow()["c1"].1, "first phrase here");
}

#[test]
fn a_link_of_somebody_who_has_no_password_any_more_is_over() {
    let fake = Fake::new();
    sign_up(&fake);
    let path = reset_path(&fake);
    let password = fake.passwords.borrow_mut().remove("c1").unwrap();
    for answer in [Browser::new(&fake).get(&path), Browser::new(&fake).post(&path, NEW)] {
        assert_eq!(answer.status, 404);
        answer.shows("This link no longer works");
    }
    assert!(fake.passwords.borrow().is_empty());
    fake.passwords.borrow_mut().insert("c1".to_owned(), password);
    assert_eq!(Browser::new(&fake).get(&path).status, 200);
}

#[test]
fn a_password_that_will_not_do_leaves_the_link_as_it_was() {
    let fake = Fake::new();
    let mut old = sign_up(&fake);
    let path = reset_path(&fake);
    let mut browser = Browser::new(&fake);
    for password in ["short", "password1", "dana%40example.com", ""] {
        let page = browser.post(&path, &format!("password={password}"));
        assert_eq!(page.status, 422, "{password}");
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    }
    assert_eq!(old.get("/").status, 200);
    assert_eq!(browser.post(&path, NEW).status, 303);
}

#[test]
fn a_customer_without_a_password_gets_a_fresh_link_instead() {
    let fake = Fake::new();
    access::protect(&fake, "c1", true).unwrap();
    ask(&fake, "dana@example.com");
    let (to, subject, body) = fake.last_message();
    assert_eq!(
        (to.as_str(), subject.as_str()),
        ("dana@example.com", "Your customer portal at Summit Heating & Air")
    );
    assert!(body.contains("it lets you create a password") && body.contains("The link works through Feb 20, 2027"));
    let path = fake.path_in_message();
    assert_eq!(Browser::new(&fake).post(&path, "").location(), "/summit/portal/sign-up");
    // Without protection there is no password to make.
    ask(&fake, "omar@example.com");
    let (_, _, body) = fake.last_message();
    assert!(body.contains("Here is a fresh link") && !body.contains("password"));
    assert_eq!(
        Browser::new(&fake).post(&fake.path_in_message(), "").location(),
        "/summit/portal/"
    );
}

#[test]
fn the_mail_goes_to_the_address_one_signs_in_with() {
    let fake = Fake::new();
    fake.passwords.borrow_mut().insert(
        "c1".to_owned(),
        ("dana.home@example.net".to_owned(), "correct horse battery".to_owned()),
    );
    // Asked by the address on file, too.
    ask(&fake, "dana@example.com");
    assert_eq!(fake.last_message().0, "dana.home@example.net");
    fake.later(120);
    ask(&fake, "dana.home@example.net");
    assert_eq!(fake.last_message().0, "dana.home@example.net");
    assert_eq!(fake.messages.borrow().len(), 2);
}

#[test]
fn asking_often_sends_little_and_locks_nobody() {
    let fake = Fake::new();
    sign_up(&fake);
    let before = fake.messages.borrow().len();
    for _ in 0..50 {
        assert_eq!(ask(&fake, "dana@example.com").status, 303);
        fake.later(61);
    }
    assert_eq!(fake.messages.borrow().len() - before, 5, "five within the hour");
    let answer = Browser::new(&fake).post("/sign-in", "email=dana%40example.com&password=correct+horse+battery");
    assert_eq!((answer.status, answer.location()), (303, "/summit/portal/"));
}

#[test]
fn messages_are_in_the_customers_language_and_hold_no_line_of_their_own_in_the_subject() {
    let fake = Fake::new();
    sign_up(&fake);
    fake.edit("c1", |records| {
        records.contact.language = "es".to_owned();
        records.contact.first_name = "Dana\r\nBcc: all@example.com".to_owned();
    });
    fake.company.borrow_mut().name = "Summit\r\nBcc: evil@example.com".to_owned();
    ask(&fake, "dana@example.com");
    let (_, subject, body) = fake.last_message();
    assert_eq!(subject, "Elija una contraseña nueva para Summit  Bcc: evil@example.com");
    assert!(body.starts_with("Hola, Dana  Bcc: all@example.com:\n\n"), "{body}");
}

#[test]
fn staff_send_a_reset_to_the_login_address_and_learn_where_it_went() {
    let fake = Fake::new();
    assert!(matches!(recovery::send_reset(&fake, "c1"), Err(Error::NotFound)));
    sign_up(&fake);
    let sent = recovery::send_reset(&fake, "c1").unwrap();
    let expected = Sent {
        channel: Channel::Email,
        to: "dana@example.com".to_owned(),
    };
    assert_eq!(sent, expected);
    assert!(matches!(recovery::send_reset(&fake, "c1"), Err(Error::RateLimited(60))));
    assert!(matches!(recovery::send_reset(&fake, "nobody"), Err(Error::NotFound)));
}

#[test]
fn a_fresh_link_goes_by_text_when_there_is_no_e_mail_and_nowhere_when_there_is_nothing() {
    let fake = Fake::new();
    fake.edit("c1", |records| {
        records.contact.email = String::new();
        records.contact.mobile = "303-555-0199".to_owned();
    });
    let sent = recovery::send_fresh_link(&fake, "c1").unwrap();
    assert_eq!((sent.channel, sent.to.as_str()), (Channel::Sms, "303-555-0199"));
    let (to, subject, body) = fake.last_message();
    assert_eq!((to.as_str(), subject.as_str()), ("303-555-0199", ""));
    assert!(body.starts_with("Summit Heating & Air: your customer portal https://portal.example/summit/portal/l/"));
    assert_eq!(
        Browser::new(&fake).post(&fake.path_in_message(), "").location(),
        "/summit/portal/"
    );
    assert!(matches!(
        recovery::send_fresh_link(&fake, "c1"),
        Err(Error::RateLimited(300))
    ));
    fake.features.set(0);
    assert!(matches!(
        recovery::send_fresh_link(&fake, "c1"),
        Err(Error::Unavailable(_))
    ));
}

#[test]
fn a_company_that_sends_no_e_mail_says_how_to_get_back_in() {
    let fake = Fake::new();
    fake.features.set(0);
    let page = Browser::new(&fake).get("/forgot");
    assert_eq!(page.status, 200);
    page.shows("We cannot send you an e-mail.")
        .hides("action=\"/summit/portal/forgot\"");
}

#[test]
fn no_token_of_a_message_stands_in_the_store() {
    let fake = Fake::new();
    sign_up(&fake);
    let path = reset_path(&fake);
    fake.link("c1", Purpose::Plain);
    let token = path.strip_prefix("/r/").unwrap();
    for (key, (value, _)) in fake.store.borrow().iter() {
        assert!(!key.contains(token) && !String::from_utf8_lossy(value).contains(token));
    }
}

#[test]
fn forms_that_cannot_be_read_are_answered_in_words_and_change_nothing() {
    let fake = Fake::new();
    let mut registered = sign_up(&fake);
    let reset = reset_path(&fake);
    let mut invited = Browser::new(&fake);
    invited.post(&format!("/l/{}", fake.link("c2", Purpose::Registration)), "");
    invited.post("/sign-up", "email=omar.home%40example.net");
    fake.forget_writes();
    let json = [("content-type", "application/json")];
    for path in [
        "/forgot",
        reset.as_str(),
        "/sign-up",
        "/sign-up/code",
        "/account/password",
    ] {
        let browser = if path.starts_with("/sign-up") {
            &mut invited
        } else {
            &mut registered
        };
        let malformed = browser.send(Method::Post, path, &json, Some(b"{}"));
        assert_eq!(malformed.status, 400, "{path}");
        malformed.shows("This could not be understood");
        let long = browser.send(Method::Post, path, &[], None);
        assert_eq!(long.status, 413, "{path}");
        let empty = browser.post(path, "");
        assert_eq!(empty.status, 422, "{path}");
        empty.shows("There is a problem");
    }
    assert!(fake.writes.borrow().is_empty(), "{:?}", fake.writes.borrow());
}
