//! Links that heal: whoever holds one that no longer opens gets a fresh one at the address on file,
//! and nobody learns anything by asking.

use crate::fake::{Answer, Browser, Fake};
use crate::passwords::sign_up;
use customer_portal::{
    Error, access,
    bindings::fieldservice::plugins::{activity::Kind, company::FeatureSet, messages::Recipient, types::Channel},
    http::Method,
    links::{self, Link, Purpose, Way},
    store::Record,
    tokens,
};

/// A link of this customer that has expired.
fn expired(fake: &Fake, customer: &str) -> String {
    let token = fake.plain_link(customer);
    fake.later(91 * 86_400);
    token
}

fn ask_by_link(fake: &Fake, token: &str) -> Answer {
    Browser::new(fake).post("/fresh-link", &format!("link={token}"))
}

fn ask_by_email(fake: &Fake, email: &str) -> Answer {
    let email = customer_portal::http::percent_encode(email);
    Browser::new(fake).post("/fresh-link", &format!("email={email}"))
}

/// Everything a browser gets to see of an answer.
fn seen(answer: &Answer) -> (u16, Vec<(&'static str, String)>, Vec<u8>) {
    (answer.status, answer.headers.clone(), answer.bytes.clone())
}

/// The token in the message sent last.
fn token_in_last_message(fake: &Fake) -> String {
    let messages = fake.messages.borrow();
    let body = &messages.last().unwrap().1.body;
    body.split_once("/l/").unwrap().1.chars().take(26).collect()
}

#[test]
fn an_expired_or_revoked_link_offers_a_fresh_one_to_the_masked_address() {
    let fake = Fake::new();
    let token = expired(&fake, "c1");
    let page = Browser::new(&fake).get(&format!("/l/{token}"));
    assert_eq!(page.status, 404);
    page.shows("This link no longer works")
        .shows("d•••@e•••.com")
        .shows("Send me a fresh link")
        .shows("(303) 555-0142")
        .hides("dana@")
        .hides("Dana")
        .hides("id=\"f-email\"");
    assert!(page.text.contains(&format!("name=\"link\" value=\"{token}\"")));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
}

#[test]
fn the_fresh_link_goes_to_the_address_on_file_and_opens_the_portal() {
    let fake = Fake::new();
    let token = expired(&fake, "c1");
    fake.forget_writes();
    let answer = ask_by_link(&fake, &token);
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/summit/portal/fresh-link?sent")
    );
    Browser::new(&fake)
        .get("/fresh-link?sent")
        .shows("a fresh link is on its way to you");
    let (to, message) = fake.messages.borrow()[0].clone();
    assert_eq!(to, "dana@example.com");
    assert!(matches!(message.to, Recipient::OnFile) && message.channel == Channel::Email);
    assert_eq!(message.subject, "Your customer portal at Summit Heating & Air");
    assert!(
        message.body.contains("https://portal.example/summit/portal/l/"),
        "{}",
        message.body
    );
    assert!(!message.body.contains(&token));
    let entry = fake.activity.borrow()[0].clone();
    assert!(matches!(entry.kind, Kind::LinkShared), "{}", entry.summary);

    let fresh = token_in_last_message(&fake);
    let stored = fake.store.borrow()[&links::key(&tokens::hash(&fresh))].0.clone();
    let link = Link::read(&stored).unwrap();
    assert_eq!(
        (link.customer.as_str(), link.purpose, link.way),
        ("c1", Purpose::Plain, Way::Email)
    );
    let mut browser = Browser::new(&fake);
    assert_eq!(browser.post(&format!("/l/{fresh}"), "").location(), "/summit/portal/");
    browser.get("/").shows("Good afternoon, Dana");
}

#[test]
fn whatever_is_asked_the_answer_is_the_same_to_the_byte() {
    let fake = Fake::new();
    let orphaned = fake.plain_link("c3-gone");
    let known = expired(&fake, "c1");
    fake.edit("c2", |records| records.contact.email = "twins@example.com".to_owned());
    let again = crate::sample::empty("Olga", "Haddad");
    fake.customers.borrow_mut().insert("c4".to_owned(), again);
    fake.edit("c4", |records| records.contact.email = "twins@example.com".to_owned());
    let first = seen(&ask_by_link(&fake, &known));
    assert_eq!(fake.messages.borrow().len(), 1);
    for answer in [
        // Too soon for a second one.
        ask_by_link(&fake, &known),
        ask_by_email(&fake, "dana@example.com"),
        ask_by_link(&fake, &orphaned),
        ask_by_link(&fake, &"0".repeat(26)),
        ask_by_link(&fake, "garbled"),
        ask_by_link(&fake, ""),
        ask_by_email(&fake, "nobody@example.com"),
        // Two customers have it: it is nobody's.
        ask_by_email(&fake, "twins@example.com"),
    ] {
        assert_eq!(seen(&answer), first);
    }
    assert_eq!(fake.messages.borrow().len(), 1, "only the first was sent");
    fake.later(301);
    assert_eq!(seen(&ask_by_email(&fake, " Dana@Example.com ")), first);
    assert_eq!(fake.messages.borrow().len(), 2);
    // A host that refuses the message is nobody's business either.
    fake.later(301);
    *fake.message_answer.borrow_mut() = Some(Error::RateLimited(60));
    assert_eq!(seen(&ask_by_link(&fake, &known)), first);
    assert_eq!(fake.messages.borrow().len(), 2);
}

#[test]
fn one_customer_gets_one_in_five_minutes_and_five_a_day() {
    let fake = Fake::new();
    let token = expired(&fake, "c1");
    for _ in 0..20 {
        ask_by_link(&fake, &token);
        fake.later(30);
    }
    assert_eq!(fake.messages.borrow().len(), 2, "ten minutes");
    for _ in 0..20 {
        fake.later(301);
        ask_by_link(&fake, &token);
    }
    assert_eq!(fake.messages.borrow().len(), 5);
    fake.later(86_400);
    ask_by_link(&fake, &token);
    assert_eq!(fake.messages.borrow().len(), 6);
}

#[test]
fn a_company_sends_so_many_an_hour_and_no_customer_is_locked_out_for_good() {
    let fake = Fake::new();
    for n in 0..310 {
        let id = format!("x{n}");
        let mut records = crate::sample::empty("Customer", "Number");
        records.contact.email = format!("{n}@example.com");
        fake.customers.borrow_mut().insert(id, records);
        ask_by_email(&fake, &format!("{n}@example.com"));
    }
    assert_eq!(fake.messages.borrow().len(), 300);
    fake.later(3_601);
    ask_by_email(&fake, "309@example.com");
    assert_eq!(fake.messages.borrow().len(), 301);
}

#[test]
fn the_purpose_follows_protection_and_the_words_the_customers_language() {
    let fake = Fake::new();
    let token = expired(&fake, "c1");
    access::protect(&fake, "c1", true).unwrap();
    fake.edit("c1", |records| records.contact.language = "es".to_owned());
    ask_by_link(&fake, &token);
    let (_, message) = fake.messages.borrow()[0].clone();
    assert_eq!(message.subject, "Su portal de cliente en Summit Heating & Air");
    let fresh = token_in_last_message(&fake);
    let answer = Browser::new(&fake).post(&format!("/l/{fresh}"), "");
    assert_eq!(answer.location(), "/summit/portal/sign-up");
}

#[test]
fn a_customer_who_has_only_a_telephone_gets_a_text_message() {
    let fake = Fake::new();
    let token = expired(&fake, "c1");
    fake.edit("c1", |records| records.contact.email = String::new());
    let page = Browser::new(&fake).get(&format!("/l/{token}"));
    page.shows("••• 78").hides("555-0178");
    ask_by_link(&fake, &token);
    let (to, message) = fake.messages.borrow()[0].clone();
    assert_eq!((to.as_str(), message.channel), ("(303) 555-0178", Channel::Sms));
    assert!(message.subject.is_empty() && message.body.contains("/l/"));
    // Where the company sends no text messages there is nowhere to send it.
    fake.features.set(FeatureSet::EMAIL.bits());
    let page = Browser::new(&fake).get(&format!("/l/{token}"));
    assert!(page.text.contains("id=\"f-email\""));
    fake.later(301);
    ask_by_link(&fake, &token);
    assert_eq!(fake.messages.borrow().len(), 1);
}

#[test]
fn a_company_that_sends_no_messages_offers_its_telephone_only() {
    let fake = Fake::new();
    let token = expired(&fake, "c1");
    fake.features.set(0);
    for path in [format!("/l/{token}"), "/l/garbled".to_owned(), "/fresh-link".to_owned()] {
        let page = Browser::new(&fake).get(&path);
        page.hides("Send me a fresh link").shows("(303) 555-0142");
    }
}

#[test]
fn looking_at_a_dead_link_sends_nothing_and_changes_nothing() {
    let fake = Fake::new();
    let token = expired(&fake, "c1");
    fake.forget_writes();
    for method in [Method::Get, Method::Head, Method::Get, Method::Head, Method::Get] {
        for path in [
            format!("/l/{token}"),
            "/fresh-link".to_owned(),
            "/fresh-link?sent".to_owned(),
        ] {
            let answer = Browser::new(&fake).send(method, &path, &[], Some(b""));
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
    // The continue button of a page that was opened while the link still worked.
    assert_eq!(Browser::new(&fake).post(&format!("/l/{token}"), "").status, 404);
    assert!(fake.writes.borrow().is_empty() && fake.messages.borrow().is_empty());
    assert!(fake.activity.borrow().is_empty());
    assert_eq!(ask_by_link(&fake, &token).status, 303);
    assert_eq!(fake.messages.borrow().len(), 1);
}

#[test]
fn a_link_that_was_broken_on_its_way_is_answered_like_an_unknown_one() {
    let fake = Fake::new();
    let token = fake.plain_link("c1");
    let unknown = Browser::new(&fake).get(&format!("/l/{}", "0".repeat(26)));
    assert_eq!(unknown.status, 404);
    unknown.shows("This link no longer works").shows("Send me a fresh link");
    assert!(unknown.text.contains("id=\"f-email\""));
    let long = "x".repeat(65);
    for broken in [
        "",
        "%ff",
        "%",
        "%00",
        "a/b",
        "preview",
        "%3Cscript%3E",
        &token[..20],
        &format!("{token}."),
        &format!("{token}/"),
        &format!("{token}%20Best%20regards"),
        &long,
        &"x".repeat(4_000),
    ] {
        for method in [Method::Get, Method::Post] {
            let page = Browser::new(&fake).send(method, &format!("/l/{broken}"), &[], Some(b""));
            assert_eq!(page.status, 404, "{broken}");
            assert_eq!(page.text, unknown.text, "{broken}");
            assert_eq!(page.headers, unknown.headers, "{broken}");
        }
    }
    assert_eq!(
        Browser::new(&fake)
            .send(Method::Other, &format!("/l/{long}"), &[], Some(b""))
            .header("allow"),
        Some("GET, HEAD, POST")
    );
}

#[test]
fn an_address_with_a_mistake_is_refused_and_kept() {
    let fake = Fake::new();
    for typed in ["", "dana at home", "dana@", "@example.com"] {
        let page = ask_by_email(&fake, typed);
        assert_eq!(page.status, 422, "{typed}");
        page.shows("E-mail: Enter an e-mail address like name@example.com");
        assert!(
            page.text
                .contains(&format!("name=\"email\" type=\"email\" value=\"{typed}\""))
        );
        assert!(page.text.contains("aria-invalid=\"true\""));
    }
    assert_eq!(Browser::new(&fake).post("/fresh-link", "").status, 422);
    assert_eq!(Browser::new(&fake).post("/fresh-link", "email=%").status, 400);
    assert!(fake.messages.borrow().is_empty());
}

#[test]
fn a_link_for_a_new_password_that_was_broken_on_its_way_offers_another() {
    let fake = Fake::new();
    let unknown = Browser::new(&fake).get(&format!("/r/{}", "0".repeat(26)));
    unknown
        .shows("This link no longer works")
        .shows("Forgot your password?");
    for broken in ["", "%ff", "a/b", &"x".repeat(300)] {
        let page = Browser::new(&fake).get(&format!("/r/{broken}"));
        assert_eq!(
            (page.status, page.text),
            (unknown.status, unknown.text.clone()),
            "{broken}"
        );
    }
}

#[test]
fn the_answer_takes_as_long_whoever_asks() {
    let fake = Fake::new();
    sign_up(&fake);
    fake.edit("c2", |records| records.contact.email = "omar@example.com".to_owned());
    let dead = fake.plain_link("c1");
    let sent = fake.messages.borrow().len();
    for (path, form) in [
        ("/forgot", "email=dana%40example.com"),
        ("/forgot", "email=omar%40example.com"),
        ("/forgot", "email=nobody%40example.com"),
        ("/fresh-link", "email=dana%40example.com"),
        ("/fresh-link", "email=nobody%40example.com"),
        ("/fresh-link", &format!("link={dead}")),
        ("/fresh-link", "link=0123456789abcdefghjkmnpqrs"),
    ] {
        fake.later(3_600);
        let began = fake.clock.get();
        assert_eq!(Browser::new(&fake).post(path, form).status, 303, "{path} {form}");
        // From the beginning: what was sent in between does not make it longer.
        let rests = std::mem::take(&mut *fake.rests.borrow_mut());
        assert_eq!(rests, [began + 300_000_000], "{path} {form}");
    }
    assert_eq!(fake.messages.borrow().len() - sent, 4);
    Browser::new(&fake).get("/forgot");
    Browser::new(&fake).get("/fresh-link");
    assert!(fake.rests.borrow().is_empty(), "the pages themselves tell nothing");
}
