//! The table of routes, walked: who is let in, which methods answer, that reading writes nothing,
//! and that the portal works under any mount.

use crate::fake::{Answer, Browser, Fake};
use customer_portal::{
    assets,
    http::{Method, Request},
    portal,
    routes::{Handler, ROUTES},
    theme,
};

fn example(pattern: &str) -> String {
    let id = match pattern.split('/').nth(1) {
        Some("jobs") => "j1",
        Some("projects") => "p1",
        Some("estimates") => "e1",
        Some("invoices") => "i1",
        Some("payments") => "y1",
        Some("files") => "f1",
        _ => "x",
    };
    pattern.replace("{id}", id)
}

#[test]
fn without_a_session_every_customer_route_leads_to_sign_in() {
    for route in ROUTES
        .iter()
        .filter(|route| matches!(route.handler, Handler::Customer(_)))
    {
        let fake = Fake::new();
        let answer = Browser::new(&fake).send(route.method, &example(route.pattern), &[], Some(b""));
        if route.method == Method::Post && route.pattern != "/sign-out" {
            // A form stays one step back.
            assert_eq!((answer.status, answer.location()), (401, ""), "{}", route.pattern);
            answer.shows("Your visit has ended, nothing was saved");
        } else {
            assert_eq!(answer.status, 303, "{}", route.pattern);
            assert!(
                answer.location().starts_with("/summit/portal/sign-in"),
                "{}",
                route.pattern
            );
            assert!(answer.text.is_empty(), "{}", route.pattern);
        }
        assert!(fake.writes.borrow().is_empty() && fake.activity.borrow().is_empty());
        assert_eq!(answer.header("set-cookie"), None, "{}", route.pattern);
    }
    let fake = Fake::new();
    let mut stranger = Browser::new(&fake);
    assert_eq!(stranger.get("/nowhere").location(), "/summit/portal/sign-in");
    assert_eq!(
        stranger.get("/invoices/i1").location(),
        "/summit/portal/sign-in?next=%2Finvoices%2Fi1"
    );
    assert_eq!(
        stranger.get("/invoices/unknown").status,
        stranger.get("/invoices/i1").status
    );
}

#[test]
fn a_form_that_comes_after_the_visit_ended_says_that_nothing_was_saved_and_what_to_do() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    browser.get("/");
    fake.later(25 * 3_600);
    fake.forget_writes();
    let page = browser.post("/details", "version=7&first_name=Changed");
    assert_eq!(page.status, 401);
    page.shows("Your visit has ended, nothing was saved")
        .shows("what you typed is still there")
        .hides("Changed")
        .hides("Dana")
        // Another step away from the form.
        .hides("/summit/portal/language");
    for way in [
        "/summit/portal/sign-in?next=%2Fdetails\"",
        "/summit/portal/fresh-link\"",
    ] {
        let link = page.text.split("<a ").find(|link| link.contains(way)).unwrap();
        assert!(
            link.contains("target=\"_blank\""),
            "the form stays one step back: {link}"
        );
    }
    assert!(fake.writes.borrow().is_empty());
    // On with the form's own page, which need not be where the form went.
    for (form, next) in [
        ("/details", "/details"),
        ("/account/password", "/account/password"),
        ("/details/email/code", "/details/email"),
        ("/account/devices/x", "/account"),
    ] {
        let page = browser.post(form, "");
        let href = format!("/summit/portal/sign-in?next={}\"", next.replace('/', "%2F"));
        assert!(page.text.contains(&href), "{form}: {}", page.text);
    }
    // What is not there is not told from what is.
    let texts = ["/jobs/j1", "/jobs/unknown", "/nowhere"].map(|path| {
        let page = browser.post(path, "");
        assert_eq!(page.status, 401, "{path}");
        page.text
            .replace("?next=%2Fjobs%2Fj1", "")
            .replace("?next=%2Fjobs%2Funknown", "")
    });
    assert!(texts.iter().all(|text| *text == texts[0]));
    // Signing out has happened already.
    assert_eq!(browser.post("/sign-out", "").location(), "/summit/portal/sign-in");
}

#[test]
fn reading_any_route_writes_nothing() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    for route in ROUTES.iter().filter(|route| route.method == Method::Get) {
        fake.forget_writes();
        for method in [Method::Get, Method::Head] {
            let answer = browser.send(method, &example(route.pattern), &[], Some(b""));
            assert!(matches!(answer.status, 200 | 303 | 404), "{}", route.pattern);
            assert_eq!(answer.header("set-cookie"), None, "{}", route.pattern);
        }
        assert!(
            fake.writes.borrow().is_empty(),
            "{}: {:?}",
            route.pattern,
            fake.writes.borrow()
        );
    }
}

#[test]
fn head_answers_like_get_without_a_body() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    for route in ROUTES.iter().filter(|route| route.method == Method::Get) {
        let path = example(route.pattern);
        let get = browser.get(&path);
        let head = browser.send(Method::Head, &path, &[], Some(b""));
        assert_eq!(
            (get.status, &get.headers, get.length),
            (head.status, &head.headers, head.length),
            "{path}"
        );
        assert!(head.bytes.is_empty());
    }
}

#[test]
fn a_method_that_is_not_answered_says_which_are() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let answer = browser.post("/jobs", "");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
    let answer = browser.get("/sign-out");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    let answer = browser.send(Method::Other, "/details", &[], Some(b""));
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, POST")));
    let answer = Browser::new(&fake).send(Method::Other, "/l/x", &[], Some(b""));
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, POST")));
}

#[test]
fn an_unknown_page_has_the_tabs_and_a_way_back() {
    let fake = Fake::new();
    let page = fake.visit("c1").get("/nowhere");
    assert_eq!(page.status, 404);
    page.shows("There is nothing here")
        .shows("My Invoices")
        .shows("Back to My Details");
    for path in [
        "/jobs/",
        "/jobs/a/b",
        "/jobs/%ff",
        &format!("/jobs/{}", "x".repeat(65)),
        "//jobs",
        "/details/",
    ] {
        assert_eq!(fake.visit("c1").get(path).status, 404, "{path}");
    }
}

#[test]
fn every_page_has_one_heading_a_title_and_a_way_to_reach_the_company() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    for route in ROUTES.iter().filter(|route| route.method == Method::Get) {
        let path = example(route.pattern);
        let page = browser.get(&path);
        if page.status == 303 || !page.header("content-type").unwrap().starts_with("text/html") {
            continue;
        }
        assert_eq!(page.text.matches("<h1").count(), 1, "{path}");
        assert!(page.text.contains("· Summit Heating &#38; Air</title>"), "{path}");
        assert!(
            page.text.contains("href=\"tel:3035550142\"") && page.text.contains("mailto:office@summit.example"),
            "{path}"
        );
        assert!(page.text.starts_with("<!doctype html>"), "{path}");
    }
}

#[test]
fn addresses_are_the_mounts_and_others_are_not_answered() {
    let fake = Fake::new();
    let ask = |target: &str| {
        let request = Request {
            method: Method::Get,
            target: target.to_owned(),
            headers: Vec::new(),
            body: Some(Vec::new()),
        };
        Answer::of(portal::handle(&fake, &request))
    };
    assert_eq!(ask("/summit/portal").location(), "/summit/portal/sign-in");
    assert_eq!(ask("/summit/portal?saved").location(), "/summit/portal/sign-in");
    for outside in ["/", "", "/summit", "/summit/portals", "/brook/portal/", "/summit/porta"] {
        assert_eq!(ask(outside).status, 404, "{outside}");
    }
}

#[test]
fn the_pages_link_to_assets_that_exist_and_may_be_kept() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let page = browser.get("/");
    for name in [
        assets::CSS.to_owned(),
        assets::JS.to_owned(),
        theme::file_name(Some("#0f766e")),
    ] {
        assert!(page.text.contains(&format!("/summit/portal/assets/{name}")), "{name}");
        fake.forget_writes();
        let asset = Browser::new(&fake).get(&format!("/assets/{name}"));
        assert_eq!(asset.status, 200);
        assert_eq!(
            asset.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert!(!asset.bytes.is_empty());
        // An asset needs nothing of the host.
        assert!(fake.calls.borrow().is_empty());
    }
    assert_eq!(Browser::new(&fake).get("/assets/other.css").status, 404);
    assert_eq!(
        Browser::new(&fake).post(&format!("/assets/{}", assets::CSS), "").status,
        405
    );
}

#[test]
fn the_stylesheet_and_the_script_stay_small_and_at_home() {
    let fake = Fake::new();
    let css = Browser::new(&fake).get(&format!("/assets/{}", assets::CSS));
    let js = Browser::new(&fake).get(&format!("/assets/{}", assets::JS));
    assert!(css.length <= 25_000, "{}", css.length);
    assert!(js.length <= 10_000, "{}", js.length);
    for text in [&css.text, &js.text] {
        assert!(!text.contains("http:") && !text.contains("https:") && !text.contains("@import"));
    }
}

#[test]
fn a_host_that_is_out_of_order_is_said_plainly() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.profile_fails.set(true);
    let answer = browser.get("/");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")));
    answer.shows("cannot be shown right now").hides("the store is away");
}
