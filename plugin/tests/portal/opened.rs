//! "Who opened my portal": every opening once, in words of the customer's.
//! Nobody else's looks are on the list.

use crate::fake::{Browser, Fake};
use customer_portal::{
    bindings::fieldservice::plugins::{customers::Viewing, types::Channel},
    http::Method,
    links::{self, Link, Purpose, Way},
};

const PHONE: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) \
Chrome/131.0.0.0 Mobile Safari/537.36";

fn sent(fake: &Fake, channel: Channel) -> String {
    let link = Link::new(
        &fake.as_read(),
        Purpose::Plain,
        "c1",
        Way::from(channel),
        fake.unix.get(),
    );
    links::mint(fake, &[link]).unwrap().remove(0)
}

#[test]
fn every_opening_is_listed_with_when_how_and_with_what() {
    let fake = Fake::new();
    let by_mail = sent(&fake, Channel::Email);
    fake.later(2 * 86_400);
    let by_text = sent(&fake, Channel::Sms);
    let mut phone = Browser::new(&fake);
    phone.agent = PHONE;
    phone.post(&format!("/l/{by_mail}"), "");
    fake.later(60);
    phone.post(&format!("/l/{by_text}"), "");
    fake.later(60);
    let page = fake.visit("c1").get("/opened");
    assert_eq!(page.status, 200);
    page.shows("Who opened my portal")
        .shows("Link in an e-mail of Nov 22, 2026 Tue, Nov 24 · 2:05 PM · Chrome on Android")
        .shows("Link in a text message of Nov 24, 2026 Tue, Nov 24 · 2:06 PM · Chrome on Android")
        .shows("Link from our office of Nov 24, 2026 Tue, Nov 24 · 2:07 PM · A browser");
    let words = page.words();
    let place = |text: &str| words.find(text).unwrap();
    assert!(place("Link from our office") < place("Link in a text") && place("Link in a text") < place("Link in an e"));
}

#[test]
fn scanners_dead_links_and_reading_pages_are_no_openings() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let token = fake.plain_link("c1");
    for method in [Method::Get, Method::Head, Method::Get, Method::Head, Method::Get] {
        Browser::new(&fake).send(method, &format!("/l/{token}"), &[], Some(b""));
    }
    Browser::new(&fake).post("/l/unknown", "");
    for path in ["/", "/jobs", "/opened", "/opened"] {
        browser.get(path);
    }
    assert_eq!(browser.get("/opened").text.matches("<li class=\"row\"").count(), 1);
}

#[test]
fn a_link_that_only_leads_to_signing_up_opened_nothing_yet() {
    let fake = Fake::new();
    let token = fake.link("c1", Purpose::Registration);
    let mut browser = Browser::new(&fake);
    browser.post(&format!("/l/{token}"), "");
    assert!(!fake.store.borrow().contains_key("opens/c1"));
    browser.post("/sign-up", "email=dana%40example.com&password=correct+horse+battery");
    browser.get("/opened").shows("Signed up").hides("Password ");
    browser.post("/sign-out", "");
    browser.post("/sign-in", "email=dana%40example.com&password=correct+horse+battery");
    let page = browser.get("/opened");
    assert_eq!(page.text.matches("<li class=\"row\"").count(), 2);
    page.shows("Password Sun, Nov 22");
}

#[test]
fn the_last_hundred_of_half_a_year_are_kept_and_only_ones_own() {
    let fake = Fake::new();
    for _ in 0..105 {
        fake.visit("c1");
        fake.later(60);
    }
    let mut browser = fake.visit("c1");
    assert_eq!(browser.get("/opened").text.matches("<li class=\"row\"").count(), 100);
    assert_eq!(
        fake.visit("c2")
            .get("/opened")
            .text
            .matches("<li class=\"row\"")
            .count(),
        1
    );
    fake.later(181 * 86_400);
    let mut later = fake.visit("c1");
    assert_eq!(later.get("/opened").text.matches("<li class=\"row\"").count(), 1);
}

#[test]
fn staff_who_look_as_the_customer_are_on_no_list() {
    let fake = Fake::new();
    fake.visit("c1");
    *fake.viewing.borrow_mut() = Some(Viewing {
        customer: "c1".to_owned(),
        staff: "Marta Ruiz".to_owned(),
        end_url: "/-/view/end".to_owned(),
    });
    fake.forget_writes();
    let mut staff = Browser::new(&fake);
    for path in ["/", "/jobs/j1", "/opened"] {
        assert_eq!(staff.get(path).status, 200, "{path}");
    }
    assert!(fake.writes.borrow().is_empty() && fake.activity.borrow().is_empty());
    assert_eq!(staff.get("/opened").text.matches("<li class=\"row\"").count(), 1);
    // What waits for the customer is not theirs to confirm.
    assert_eq!(staff.get("/details/email").location(), "/summit/portal/");
    assert_eq!(staff.post("/details/email", "code=123456").status, 403);
}

#[test]
fn a_list_that_cannot_be_read_keeps_nobody_out() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let broken = (b"not a list".to_vec(), None);
    fake.store.borrow_mut().insert("opens/c1".to_owned(), broken);
    browser
        .get("/opened")
        .shows("Each time somebody opens your portal it appears here");
    fake.visit("c1").get("/opened").shows("Link from our office");
}
