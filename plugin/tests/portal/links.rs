//! Links and the sessions they give: what opens, what does not, and what ends when.
//! Every link that does not open gives the same answer.

use crate::fake::{Browser, Fake};
use customer_portal::{
    access,
    bindings::fieldservice::plugins::activity::Kind,
    http::Method,
    links::{self, Link, Purpose},
    session,
    store::Record,
    tokens,
};

fn revoke(fake: &Fake, token: &str) {
    let key = links::key(&tokens::hash(token));
    let mut store = fake.store.borrow_mut();
    let (bytes, _) = store.get_mut(&key).unwrap();
    let mut link = Link::read(bytes).unwrap();
    link.revoked = Some(fake.unix.get());
    *bytes = link.write();
}

#[test]
fn opening_a_link_gives_a_session_and_an_address_without_the_token() {
    let fake = Fake::new();
    let mut browser = Browser::new(&fake);
    let token = fake.plain_link("c1");
    let page = browser.get(&format!("/l/{token}"));
    assert_eq!(page.status, 200);
    page.shows("Continue to Summit Heating & Air");
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert!(page.text.contains("data-continue"));
    let answer = browser.post(&format!("/l/{token}"), "");
    assert_eq!((answer.status, answer.location()), (303, "/summit/portal/"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    browser.get("/").shows("Good afternoon, Dana").hides(&token);
    let entries = fake.activity.borrow().clone();
    assert!(matches!(entries[0].kind, Kind::LinkOpened));
    assert_eq!(entries[0].via, "portal link copied by Marta Ruiz");
}

#[test]
fn looking_at_a_link_changes_nothing() {
    let fake = Fake::new();
    let token = fake.plain_link("c1");
    fake.forget_writes();
    for method in [Method::Get, Method::Head, Method::Get, Method::Head, Method::Get] {
        let page = Browser::new(&fake).send(method, &format!("/l/{token}"), &[], Some(b""));
        assert_eq!(page.status, 200);
        assert_eq!(page.header("set-cookie"), None);
    }
    assert!(fake.writes.borrow().is_empty());
    assert!(fake.activity.borrow().is_empty());
    let answer = Browser::new(&fake).post(&format!("/l/{token}"), "");
    assert_eq!(answer.status, 303);
}

#[test]
fn links_that_do_not_open_say_so_with_one_status_and_do_nothing() {
    let fake = Fake::new();
    let expired = fake.plain_link("c1");
    fake.later(91 * 86_400);
    let revoked = fake.plain_link("c1");
    revoke(&fake, &revoked);
    let unknown = "0".repeat(26);
    let mut texts = Vec::new();
    for token in [
        expired.as_str(),
        &revoked,
        &unknown,
        "x",
        "preview",
        "%3Cscript%3E",
        "%00",
    ] {
        fake.forget_writes();
        for method in [Method::Get, Method::Post] {
            let page = Browser::new(&fake).send(method, &format!("/l/{token}"), &[], Some(b""));
            assert_eq!(page.status, 404, "{token}");
            page.shows("This link no longer works")
                .shows("(303) 555-0142")
                .shows("office@summit.example");
            assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
            texts.push(page.text.replace(&format!("value=\"{token}\""), ""));
        }
        assert!(fake.writes.borrow().is_empty(), "{token}");
        assert!(fake.activity.borrow().is_empty(), "{token}");
    }
    // Whether a link expired or was revoked is not told, nor what was wrong with an unknown one.
    texts.dedup();
    assert_eq!(texts.len(), 2);
}

#[test]
fn a_removed_customers_link_is_like_an_unknown_one_once_it_is_pressed() {
    let fake = Fake::new();
    let orphaned = fake.plain_link("c3-gone");
    fake.forget_writes();
    let pressed = Browser::new(&fake).post(&format!("/l/{orphaned}"), "");
    let unknown = Browser::new(&fake).post(&format!("/l/{}", "0".repeat(26)), "");
    assert_eq!((pressed.status, pressed.text), (404, unknown.text));
    assert!(fake.writes.borrow().is_empty() && fake.activity.borrow().is_empty());
}

#[test]
fn only_the_hash_of_a_token_is_stored() {
    let fake = Fake::new();
    let mut browser = Browser::new(&fake);
    let token = fake.plain_link("c1");
    browser.post(&format!("/l/{token}"), "");
    let cookie = browser.cookie.clone().unwrap();
    assert!(token.len() == 26 && cookie.len() == 26 && token != cookie);
    for (key, (value, _)) in fake.store.borrow().iter() {
        let text = format!("{key} {}", String::from_utf8_lossy(value));
        assert!(!text.contains(&token) && !text.contains(&cookie), "{text}");
    }
    assert!(fake.store.borrow().contains_key(&links::key(&tokens::hash(&token))));
}

#[test]
fn a_link_is_listed_for_its_customer_and_notes_when_it_was_opened() {
    let fake = Fake::new();
    let token = fake.plain_link("c1");
    let listed: Vec<String> = fake
        .store
        .borrow()
        .keys()
        .filter(|key| key.starts_with("links-of/c1/"))
        .cloned()
        .collect();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].ends_with(&tokens::hash(&token)));
    fake.later(60);
    Browser::new(&fake).post(&format!("/l/{token}"), "");
    let stored = fake.store.borrow()[&links::key(&tokens::hash(&token))].0.clone();
    let link = Link::read(&stored).unwrap();
    assert_eq!(link.opened, Some(fake.unix.get()));
    assert_eq!(link.created_by, "Marta Ruiz");
    assert_eq!(link.purpose, Purpose::Plain);
}

#[test]
fn a_revoked_link_ends_the_sessions_born_from_it_at_once() {
    let fake = Fake::new();
    let mut browser = Browser::new(&fake);
    let token = fake.plain_link("c1");
    browser.post(&format!("/l/{token}"), "");
    assert_eq!(browser.get("/jobs").status, 200);
    revoke(&fake, &token);
    let answer = browser.get("/jobs");
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/summit/portal/sign-in?next=%2Fjobs")
    );
}

#[test]
fn sessions_end_after_idleness_and_after_their_absolute_lifetime() {
    let fake = Fake::new();
    fake.set("session_idle_hours", "2");
    fake.set("session_days", "1");
    let mut idle = fake.visit("c1");
    fake.later(2 * 3_600 + 1);
    assert_eq!(idle.get("/").status, 303);
    let mut busy = fake.visit("c1");
    for _ in 0..23 {
        fake.later(3_600);
        assert_eq!(busy.get("/").status, 200);
    }
    fake.later(3_600);
    assert_eq!(busy.get("/").status, 303);
}

#[test]
fn use_is_noted_seldom_and_never_by_head() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    browser.get("/");
    assert!(fake.writes.borrow().is_empty());
    fake.later(301);
    browser.send(Method::Head, "/", &[], Some(b""));
    assert!(fake.writes.borrow().is_empty());
    browser.get("/");
    assert_eq!(fake.writes.borrow().len(), 1);
}

#[test]
fn a_session_id_that_was_planted_is_never_adopted() {
    let fake = Fake::new();
    let mut browser = Browser::new(&fake);
    let planted = "a".repeat(26);
    browser.cookie = Some(planted.clone());
    let token = fake.plain_link("c1");
    browser.post(&format!("/l/{token}"), "");
    assert_ne!(browser.cookie.as_ref(), Some(&planted));
    let mut thief = Browser::new(&fake);
    thief.cookie = Some(planted);
    assert_eq!(thief.get("/").status, 303);
}

#[test]
fn a_new_visit_ends_the_one_before_it_in_the_same_browser() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let before = browser.cookie.clone();
    let token = fake.plain_link("c2");
    browser.post(&format!("/l/{token}"), "");
    browser.get("/").shows("Omar");
    let mut old = Browser::new(&fake);
    old.cookie = before;
    assert_eq!(old.get("/").status, 303);
}

#[test]
fn signing_out_ends_the_session_on_the_server() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let cookie = browser.cookie.clone();
    let answer = browser.post("/sign-out", "");
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/summit/portal/sign-in?signed-out")
    );
    assert!(answer.header("set-cookie").unwrap().starts_with("session=; Max-Age=0"));
    assert!(answer.header("clear-site-data").is_some());
    assert_eq!(browser.cookie, None);
    browser.cookie = cookie;
    assert_eq!(browser.get("/").status, 303);
    browser.cookie = None;
    browser.get("/sign-in?signed-out").shows("You are signed out");
    assert!(matches!(fake.activity.borrow().last().unwrap().kind, Kind::SignedOut));
}

#[test]
fn two_cookies_of_one_name_are_nobodys() {
    let fake = Fake::new();
    let browser = fake.visit("c1");
    let cookie = browser.cookie.clone().unwrap();
    let header = format!("session={cookie}; session={}", "b".repeat(26));
    let answer = Browser::new(&fake).send(Method::Get, "/", &[("cookie", &header)], Some(b""));
    assert_eq!(answer.status, 303);
}

#[test]
fn a_removed_customers_session_has_nobody_left() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.customers.borrow_mut().remove("c1");
    assert_eq!(browser.get("/").location(), "/summit/portal/sign-in");
}

#[test]
fn protection_ends_plain_sessions_for_good() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.later(1);
    access::protect(&fake, "c1", true).unwrap();
    assert_eq!(browser.get("/jobs").status, 303);
    fake.later(1);
    access::protect(&fake, "c1", false).unwrap();
    assert_eq!(browser.get("/jobs").status, 303);
    assert_eq!(fake.visit("c1").get("/jobs").status, 200);
}

#[test]
fn the_companys_default_protects_customers_nobody_decided_about() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let mut decided = fake.visit("c2");
    access::protect(&fake, "c2", false).unwrap();
    fake.set("default_password_protected", "true");
    assert_eq!(browser.get("/").status, 303);
    assert_eq!(decided.get("/").status, 200);
}

#[test]
fn a_forged_session_record_is_no_session() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let key = fake
        .store
        .borrow()
        .keys()
        .find(|key| key.starts_with("session/"))
        .cloned()
        .unwrap();
    fake.store.borrow_mut().get_mut(&key).unwrap().0 = b"{\"customer\":\"c1\"}".to_vec();
    assert_eq!(browser.get("/").status, 303);
    assert_eq!(
        session::find(&fake, &Default::default(), Some("short"), false)
            .unwrap()
            .map(|live| live.hash),
        None
    );
}
