//! What staff read on the timeline: opened, signed in, viewed, downloaded and edited stay apart,
//! each is there once with the way the customer came, and looking without reading is none of them.

use crate::fake::{Browser, Fake};
use customer_portal::{
    bindings::fieldservice::plugins::activity::{Entry, Kind, Subject},
    http::Method,
    links::Purpose,
};

const LINK: &str = "portal link copied by Marta Ruiz";

/// What was recorded since the last look: kind, subject and the way the customer came.
fn noted(fake: &Fake) -> Vec<(&'static str, String, String)> {
    let entries: Vec<Entry> = fake.activity.borrow_mut().drain(..).collect();
    let kind = |kind| match kind {
        Kind::LinkOpened => "opened",
        Kind::SignedUp => "signed up",
        Kind::SignedIn => "signed in",
        Kind::SignInFailed => "sign-in failed",
        Kind::SignedOut => "signed out",
        Kind::Viewed => "viewed",
        Kind::Downloaded => "downloaded",
        Kind::Edited => "edited",
        Kind::LinkShared => "link shared",
        Kind::LinkRevoked => "link revoked",
        Kind::AccessChanged => "access changed",
    };
    let subject = |subject| match subject {
        Subject::None => "nothing".to_owned(),
        Subject::Details => "details".to_owned(),
        Subject::Job(id) => format!("job {id}"),
        Subject::Project(id) => format!("project {id}"),
        Subject::Estimate(id) => format!("estimate {id}"),
        Subject::Invoice(id) => format!("invoice {id}"),
        Subject::Payment(id) => format!("payment {id}"),
        Subject::Request(id) => format!("request {id}"),
        Subject::File(id) => format!("file {id}"),
    };
    entries
        .into_iter()
        .map(|entry| {
            assert_eq!(entry.customer, "c1");
            (kind(entry.kind), subject(entry.subject), entry.via)
        })
        .collect()
}

fn one(kind: &'static str, subject: &str, via: &str) -> Vec<(&'static str, String, String)> {
    vec![(kind, subject.to_owned(), via.to_owned())]
}

#[test]
fn opening_a_link_is_opened_and_nothing_else() {
    let fake = Fake::new();
    fake.visit("c1");
    assert_eq!(noted(&fake), one("opened", "nothing", LINK));
}

#[test]
fn every_record_is_viewed_once_by_the_link_the_customer_came_with() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    noted(&fake);
    for (path, kind, subject) in [
        ("/jobs/j1", "viewed", "job j1"),
        ("/projects/p1", "viewed", "project p1"),
        ("/estimates/e1", "viewed", "estimate e1"),
        ("/invoices/i1", "viewed", "invoice i1"),
        ("/payments/y1", "viewed", "payment y1"),
        ("/files/f1", "viewed", "file f1"),
        ("/files/f1?download", "downloaded", "file f1"),
    ] {
        assert_eq!(browser.send(Method::Head, path, &[], Some(b"")).status, 200);
        assert_eq!(noted(&fake), [], "HEAD {path} is nobody reading");
        assert_eq!(browser.get(path).status, 200);
        assert_eq!(noted(&fake), one(kind, subject, LINK), "{path}");
    }
}

#[test]
fn lists_and_pages_about_oneself_are_no_views_of_a_record() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    noted(&fake);
    for path in [
        "/",
        "/details",
        "/jobs",
        "/projects",
        "/estimates",
        "/invoices?show=past",
        "/payments",
        "/requests",
        "/opened",
        "/nowhere",
        "/jobs/unknown",
        "/request",
    ] {
        browser.get(path);
        assert_eq!(noted(&fake), [], "{path}");
    }
}

#[test]
fn a_password_is_signed_up_and_signed_in_and_views_say_so() {
    let fake = Fake::new();
    let form = "email=dana%40example.com&password=correct+horse+battery";
    let token = fake.link("c1", Purpose::Registration);
    let mut browser = Browser::new(&fake);
    browser.post(&format!("/l/{token}"), "");
    let link = "registration link copied by Marta Ruiz";
    assert_eq!(noted(&fake), one("opened", "nothing", link));
    browser.post("/sign-up", form);
    assert_eq!(noted(&fake), one("signed up", "nothing", link));
    browser.get("/jobs/j1");
    assert_eq!(noted(&fake), one("viewed", "job j1", "password"));
    browser.post("/sign-out", "");
    assert_eq!(noted(&fake), one("signed out", "nothing", "password"));
    browser.post("/sign-in", form);
    assert_eq!(noted(&fake), one("signed in", "nothing", "password"));
}

#[test]
fn edits_are_edits_and_saving_nothing_is_nothing() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    noted(&fake);
    let form = "version=7&first_name=Dana&last_name=Whitfield&company_name=&email=dana%40example.com\
&phone=%28303%29+555-0178&mobile=&street=214+Alder+Ct&unit=&city=Boulder&region=CO&postal_code=80304";
    browser.post("/details", form);
    assert_eq!(noted(&fake), []);
    browser.post("/details", &form.replace("Boulder", "Lyons"));
    assert_eq!(noted(&fake), one("edited", "details", LINK));
    browser.post("/details", &form.replace("Boulder", "Niwot"));
    assert_eq!(noted(&fake), [], "a conflict is no edit");
}

#[test]
fn scanners_and_previews_leave_no_trace() {
    let fake = Fake::new();
    let token = fake.plain_link("c1");
    for method in [Method::Get, Method::Head, Method::Get, Method::Head, Method::Get] {
        for path in [format!("/l/{token}"), "/jobs/j1".to_owned(), "/".to_owned()] {
            Browser::new(&fake).send(method, &path, &[], Some(b""));
        }
    }
    assert_eq!(noted(&fake), []);
}
