//! Staff looking at the portal as a customer: the customer's pages without a session, nothing changed, nothing noted.
//! The fake counts every attempt to write during a look; the portal must not even try.

use crate::fake::{Browser, Fake};
use customer_portal::{bindings::fieldservice::plugins::customers::Viewing, http::Method, routes};

fn looking(customer: &str) -> (Fake, Browser) {
    let fake = Fake::new();
    *fake.viewing.borrow_mut() = Some(Viewing {
        customer: customer.to_owned(),
        staff: "Marta Ruiz".to_owned(),
        end_url: "/-/end-of-look".to_owned(),
    });
    let browser = Browser::new(&fake);
    (fake, browser)
}

/// An address of the sample data for a pattern with an id.
fn filled(pattern: &str) -> String {
    let id = match pattern.split('/').nth(1).unwrap_or_default() {
        "jobs" => "j1",
        "projects" => "p1",
        "estimates" => "e1",
        "invoices" => "i1",
        "payments" => "y1",
        "files" => "f1",
        _ => "x",
    };
    pattern.replace("{id}", id)
}

#[test]
fn the_main_page_is_the_customers_with_a_banner_and_no_forms_of_theirs() {
    let (fake, mut browser) = looking("c1");
    let page = browser.get("/");
    assert_eq!(page.status, 200, "{}", page.text);
    for part in [
        "You are viewing this as Dana",
        "Nothing can be changed.",
        "Stop viewing",
        "action=\"/-/end-of-look\"",
    ] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    assert_eq!(
        page.text.matches("<form").count(),
        1,
        "only the one that stops: {}",
        page.text
    );
    assert!(
        !page.text.contains("/account"),
        "devices are the customer's own: {}",
        page.text
    );
    assert!(page.header("set-cookie").is_none());
    assert!(fake.writes.borrow().is_empty() && fake.activity.borrow().is_empty());
}

#[test]
fn every_page_of_the_customer_opens_with_the_banner_and_writes_nothing() {
    let (fake, mut browser) = looking("c1");
    let mut opened = 0;
    for route in routes::ROUTES {
        if route.method != Method::Get {
            continue;
        }
        let page = browser.get(&filled(route.pattern));
        match page.status {
            200 if route.pattern == "/files/{id}" => {}
            200 => {
                opened += 1;
                assert!(page.text.contains("You are viewing this as Dana"), "{}", route.pattern);
            }
            303 => assert_eq!(page.location(), "/summit/portal/", "{}", route.pattern),
            403 => assert!(page.text.contains("Stop viewing"), "{}", route.pattern),
            404 => assert!(route.pattern.contains("{id}"), "{}", route.pattern),
            other => panic!("{other} at {}", route.pattern),
        }
        assert!(
            fake.writes.borrow().is_empty(),
            "{}: {:?}",
            route.pattern,
            fake.writes.borrow()
        );
    }
    assert!(opened >= 8, "{opened} pages opened");
    assert!(fake.activity.borrow().is_empty());
}

#[test]
fn links_and_sign_in_lead_home_and_account_pages_too() {
    let (fake, mut browser) = looking("c1");
    for path in [
        "/sign-in",
        "/sign-up",
        "/forgot",
        "/account",
        "/account/password",
        "/l/0123456789abcdefghjkmnpqrs",
    ] {
        let page = browser.get(path);
        assert_eq!((page.status, page.location()), (303, "/summit/portal/"), "{path}");
    }
    assert!(fake.writes.borrow().is_empty());
}

#[test]
fn submit_request_does_not_hand_out_a_booking_in_the_customers_name() {
    let (fake, mut browser) = looking("c1");
    let page = browser.get("/request");
    assert_eq!(page.status, 403);
    assert!(page.text.contains("Nothing can be changed or sent"), "{}", page.text);
    assert!(fake.writes.borrow().is_empty());
}

#[test]
fn no_form_is_taken_even_if_one_came_through() {
    let (fake, mut browser) = looking("c1");
    for route in routes::ROUTES.iter().filter(|route| route.method == Method::Post) {
        let page = browser.post(&filled(route.pattern), "first_name=Mallory&version=1&language=es");
        assert_eq!(page.status, 403, "{}", route.pattern);
        assert!(page.text.contains("You are viewing this as Dana"), "{}", route.pattern);
        assert!(page.header("set-cookie").is_none());
    }
    assert!(fake.writes.borrow().is_empty(), "{:?}", fake.writes.borrow());
}

#[test]
fn the_customers_own_session_is_untouched_and_unused() {
    let fake = Fake::new();
    let mut theirs = fake.visit("c2");
    fake.forget_writes();
    *fake.viewing.borrow_mut() = Some(Viewing {
        customer: "c1".to_owned(),
        staff: "Marta Ruiz".to_owned(),
        end_url: "/-/end-of-look".to_owned(),
    });
    // Even with another customer's cookie it is the look that counts.
    let page = theirs.get("/");
    assert!(
        page.text.contains("viewing this as Dana") && !page.text.contains("Omar"),
        "{}",
        page.text
    );
    *fake.viewing.borrow_mut() = None;
    let page = theirs.get("/");
    assert!(
        page.text.contains("Omar") && !page.text.contains("Stop viewing"),
        "{}",
        page.text
    );
}
