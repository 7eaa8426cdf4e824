//! Sessions as a customer's list shows them: which there are, ending one, the others and all.
//! What ends is over at the next request, also for sessions that the list does not have.

use crate::fake::{Browser, Fake, NOW};
use crate::passwords::{GOOD, sign_up};
use customer_portal::{
    device::Device,
    i18n::Words,
    links,
    session::{self, Live},
    tokens,
};

const PHONE: &str =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36";

fn list(fake: &Fake, customer: &str) -> Vec<Live> {
    session::list(fake, &fake.as_read(), customer).unwrap()
}

fn hash(browser: &Browser) -> String {
    tokens::hash(browser.cookie.as_ref().unwrap())
}

fn live(fake: &Fake, browser: &Browser) -> Live {
    let hash = hash(browser);
    list(fake, "c1").into_iter().find(|live| live.hash == hash).unwrap()
}

#[test]
fn a_session_is_listed_with_its_device_and_the_last_used_comes_first() {
    let fake = Fake::new();
    let token = fake.plain_link("c1");
    let mut phone = Browser::new(&fake);
    phone.agent = PHONE;
    phone.post(&format!("/l/{token}"), "");
    fake.later(60);
    let desk = fake.visit("c1");
    fake.visit("c2");
    let hashes = |fake: &Fake| list(fake, "c1").into_iter().map(|live| live.hash).collect::<Vec<_>>();
    assert_eq!(hashes(&fake), [hash(&desk), hash(&phone)]);
    fake.later(600);
    phone.get("/");
    let sessions = list(&fake, "c1");
    assert_eq!(hashes(&fake), [hash(&phone), hash(&desk)]);
    let words = Words::choose("es", "", &crate::fake::company(), crate::sample::date(2026, 11, 22));
    let labels: Vec<String> = sessions.iter().map(|live| live.session.device.label(&words)).collect();
    assert_eq!(labels, ["Chrome en Android", "Un navegador"]);
    assert_eq!(
        (sessions[0].session.created, sessions[0].session.seen),
        (NOW, NOW + 660)
    );
}

#[test]
fn what_is_over_is_not_listed() {
    let fake = Fake::new();
    let mut out = fake.visit("c1");
    out.post("/sign-out", "");
    assert!(fake.store.borrow().keys().all(|key| !key.starts_with("sessions-of/")));
    fake.visit("c1");
    fake.later(25 * 3_600);
    assert!(list(&fake, "c1").is_empty(), "idle for too long");
    let token = fake.plain_link("c1");
    let mut browser = Browser::new(&fake);
    browser.post(&format!("/l/{token}"), "");
    assert_eq!(list(&fake, "c1").len(), 1);
    let key = links::key(&tokens::hash(&token));
    let revoked = fake.store.borrow()[&key].0.clone();
    let revoked = String::from_utf8(revoked).unwrap().replacen('{', "{\"revoked\":1,", 1);
    fake.store.borrow_mut().insert(key, (revoked.into_bytes(), None));
    assert!(list(&fake, "c1").is_empty(), "its link is revoked");
    assert_eq!(browser.get("/").status, 303);
}

#[test]
fn a_session_for_signing_up_is_not_a_device() {
    let fake = Fake::new();
    let token = fake.link("c1", links::Purpose::Registration);
    Browser::new(&fake).post(&format!("/l/{token}"), "");
    assert!(list(&fake, "c1").is_empty());
}

#[test]
fn one_session_is_ended_by_its_hash_and_only_by_its_own_customer() {
    let fake = Fake::new();
    let (mut first, mut second) = (fake.visit("c1"), fake.visit("c1"));
    assert!(!session::end_one(&fake, "c2", &hash(&first)).unwrap());
    assert_eq!(first.get("/").status, 200);
    assert!(session::end_one(&fake, "c1", &hash(&first)).unwrap());
    assert!(!session::end_one(&fake, "c1", &hash(&first)).unwrap());
    assert!(!session::end_one(&fake, "c1", "no hash").unwrap());
    assert_eq!((first.get("/").status, second.get("/").status), (303, 200));
    assert_eq!(list(&fake, "c1").len(), 1);
}

#[test]
fn ending_the_others_keeps_this_one_even_within_one_second() {
    let fake = Fake::new();
    let (mut mine, mut other, mut neighbour) = (fake.visit("c1"), fake.visit("c1"), fake.visit("c2"));
    session::end_others(&fake, &fake.as_read(), &live(&fake, &mine)).unwrap();
    assert_eq!(mine.get("/").status, 200);
    assert_eq!(other.get("/").status, 303);
    assert_eq!(neighbour.get("/").status, 200);
    assert_eq!(list(&fake, "c1").len(), 1);
    let mut later = fake.visit("c1");
    assert_eq!(later.get("/").status, 200);
}

#[test]
fn a_session_that_was_signed_out_is_not_brought_back_by_ending_the_others() {
    let fake = Fake::new();
    let mut mine = fake.visit("c1");
    let keep = live(&fake, &mine);
    let cookie = mine.cookie.clone();
    mine.post("/sign-out", "");
    session::end_others(&fake, &fake.as_read(), &keep).unwrap();
    mine.cookie = cookie;
    assert_eq!(mine.get("/").status, 303);
}

#[test]
fn ending_all_reaches_sessions_that_no_list_has() {
    let fake = Fake::new();
    let (mut listed, mut unlisted) = (fake.visit("c1"), fake.visit("c1"));
    let key = format!("sessions-of/c1/{}", hash(&unlisted));
    assert!(fake.store.borrow_mut().remove(&key).is_some());
    session::end_all(&fake, "c1").unwrap();
    assert_eq!((listed.get("/").status, unlisted.get("/").status), (303, 303));
    assert!(list(&fake, "c1").is_empty());
    // Who comes afterwards, be it in the same second, is let in.
    assert_eq!(fake.visit("c1").get("/").status, 200);
}

#[test]
fn a_session_of_an_older_version_still_stands() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let key = format!("session/{}", hash(&browser));
    let (bytes, until) = fake.store.borrow()[&key].clone();
    let mut record: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let fields = record.as_object_mut().unwrap();
    assert!(fields.remove("device").is_some() && fields.remove("generation").is_some());
    fake.store
        .borrow_mut()
        .insert(key, (record.to_string().into_bytes(), until));
    assert_eq!(browser.get("/").status, 200);
}

#[test]
fn a_pre_set_id_is_never_adopted() {
    let fake = Fake::new();
    let mut browser = Browser::new(&fake);
    let planted = "0123456789abcdefghjkmnpqrs".to_owned();
    browser.cookie = Some(planted.clone());
    let token = fake.plain_link("c1");
    browser.post(&format!("/l/{token}"), "");
    assert_ne!(browser.cookie.as_ref(), Some(&planted));
    let mut attacker = Browser::new(&fake);
    attacker.cookie = Some(planted);
    assert_eq!(attacker.get("/").status, 303);
}

#[test]
fn devices_are_named_after_their_browser_and_system() {
    let words = Words::choose("en", "", &crate::fake::company(), crate::sample::date(2026, 11, 22));
    let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15";
    let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0";
    let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0.7390.41 Mobile/15E148 Safari/604.1";
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
    for (agent, label) in [
        (PHONE, "Chrome on Android"),
        (mac, "Safari on Mac"),
        (edge, "Edge on Windows"),
        (iphone, "Chrome on iPhone"),
        (firefox, "Firefox on Linux"),
        ("Firefox/1.0", "Firefox"),
        ("Something (Windows)", "A browser on Windows"),
        ("curl/8.5.0", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
        ("", "A browser"),
    ] {
        assert_eq!(Device::of(agent).label(&words), label, "{agent}");
    }
}

/// What the owner does at a moment that a test chooses.
type Deed = Box<dyn FnOnce() -> u16>;

/// The ways to get rid of a password that somebody else knows too; each is answered with 303.
fn ways_to_change_the_password(fake: &Fake, mut owner: Browser) -> [(&'static str, Deed); 2] {
    Browser::new(fake).post("/forgot", "email=dana%40example.com");
    let (path, mut elsewhere) = (fake.path_in_message(), Browser::new(fake));
    let form = "current=correct+horse+battery&password=brand+new+phrase";
    [
        (
            "link",
            Box::new(move || elsewhere.post(&path, "password=brand+new+phrase").status),
        ),
        ("form", Box::new(move || owner.post("/account/password", form).status)),
    ]
}

#[test]
fn a_password_that_changes_during_its_own_check_gives_no_session() {
    for way in 0..2 {
        let fake = Fake::new();
        let owner = sign_up(&fake);
        let (name, deed) = ways_to_change_the_password(&fake, owner).into_iter().nth(way).unwrap();
        *fake.during_verify.borrow_mut() = Some(Box::new(move |_| assert_eq!(deed(), 303)));
        let mut thief = Browser::new(&fake);
        thief.post("/sign-in", GOOD);
        assert_eq!(fake.passwords.borrow()["c1"].1, "brand new phrase", "{name}");
        assert_eq!(thief.get("/jobs").status, 303, "{name}");
        let mut owner = Browser::new(&fake);
        owner.post("/sign-in", "email=dana%40example.com&password=brand+new+phrase");
        assert_eq!(owner.get("/jobs").status, 200, "{name}");
        assert_eq!(list(&fake, "c1").len(), 2, "{name}");
    }
}

#[test]
fn a_password_that_changes_during_its_own_check_is_not_changed_back() {
    for way in 0..2 {
        let fake = Fake::new();
        let owner = sign_up(&fake);
        let mut thief = Browser::new(&fake);
        thief.post("/sign-in", GOOD);
        let (name, deed) = ways_to_change_the_password(&fake, owner).into_iter().nth(way).unwrap();
        *fake.during_verify.borrow_mut() = Some(Box::new(move |_| assert_eq!(deed(), 303)));
        let form = "current=correct+horse+battery&password=phrase+of+the+thief";
        let answer = thief.post("/account/password", form);
        assert_eq!((answer.status, answer.location()), (303, "/summit/portal/sign-in"));
        assert_eq!(fake.passwords.borrow()["c1"].1, "brand new phrase", "{name}");
        assert_eq!(thief.get("/jobs").status, 303, "{name}");
    }
}

#[test]
fn an_e_mail_that_becomes_another_customers_during_the_check_is_refused() {
    let fake = Fake::new();
    sign_up(&fake);
    *fake.before_verify.borrow_mut() = Some(Box::new(|state| {
        let mut passwords = state.passwords.borrow_mut();
        let password = passwords.remove("c1").unwrap();
        passwords.insert("c2".to_owned(), password);
    }));
    let mut browser = Browser::new(&fake);
    let answer = browser.post("/sign-in", GOOD);
    assert_eq!((answer.status, answer.header("set-cookie")), (422, None));
    // Asked again, it is theirs.
    assert_eq!(browser.post("/sign-in", GOOD).location(), "/summit/portal/");
}

#[test]
fn what_ends_all_sessions_ends_the_one_that_is_just_beginning() {
    for purpose in [links::Purpose::Plain, links::Purpose::Registration] {
        let fake = Fake::new();
        let token = fake.link("c1", purpose);
        let other = fake.clone();
        *fake.before_swap.borrow_mut() = Some(Box::new(move |_| session::end_all(&other, "c1").unwrap()));
        let mut browser = Browser::new(&fake);
        assert_eq!(browser.post(&format!("/l/{token}"), "").status, 303);
        assert!(fake.before_swap.borrow().is_none());
        for path in ["/jobs", "/sign-up"] {
            let answer = browser.get(path);
            assert!(answer.location().starts_with("/summit/portal/sign-in"), "{path}");
        }
    }
    let fake = Fake::new();
    let mut browser = Browser::new(&fake);
    browser.post(&format!("/l/{}", fake.link("c1", links::Purpose::Registration)), "");
    let other = fake.clone();
    *fake.before_swap.borrow_mut() = Some(Box::new(move |_| session::end_all(&other, "c1").unwrap()));
    assert_eq!(browser.post("/sign-up", GOOD).status, 303);
    assert_eq!(browser.get("/jobs").status, 303);
}

#[test]
fn ending_the_others_keeps_nothing_that_a_new_password_ended_just_now() {
    let fake = Fake::new();
    let owner = sign_up(&fake);
    let mut thief = Browser::new(&fake);
    thief.post("/sign-in", GOOD);
    let (_, deed) = ways_to_change_the_password(&fake, owner).into_iter().next().unwrap();
    *fake.before_swap.borrow_mut() = Some(Box::new(move |_| assert_eq!(deed(), 303)));
    thief.post("/account/sign-out-others", "");
    assert_eq!(fake.passwords.borrow()["c1"].1, "brand new phrase");
    assert_eq!(thief.get("/jobs").status, 303);
}
