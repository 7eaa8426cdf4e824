//! Reading forms and queries: what is refused as a whole and what is told apart field by field.
//! Any bytes at all must be survived.

use crate::fake::{Browser, Fake};
use customer_portal::{
    forms::{Field, Form, Unreadable, one_line},
    http::{Method, percent_decode, percent_encode},
};
use proptest::prelude::*;

#[test]
fn a_field_is_there_once_twice_or_not_at_all() {
    let form = Form::parse("a=1&b=&c=x&c=y&d&%61%62=%C3%A9+%26").unwrap();
    assert_eq!(form.field("a"), Field::One("1"));
    assert_eq!(form.field("b"), Field::One(""));
    assert_eq!(form.field("c"), Field::Twice);
    assert_eq!(form.field("d"), Field::One(""));
    assert_eq!(form.field("e"), Field::Missing);
    assert_eq!(form.get("ab"), Some("é &"));
    assert_eq!(form.get("c"), None);
}

#[test]
fn broken_escapes_and_floods_of_fields_are_no_form() {
    assert_eq!(Form::parse("a=%2"), Err(Unreadable::Malformed));
    assert_eq!(Form::parse("a=%zz"), Err(Unreadable::Malformed));
    assert_eq!(Form::parse("a=%ff"), Err(Unreadable::Malformed));
    assert_eq!(Form::parse(&"a=1&".repeat(101)), Err(Unreadable::Malformed));
}

#[test]
fn a_form_that_cannot_be_read_is_answered_in_words() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    for path in ["/details", "/language"] {
        let kind = [("content-type", "application/json")];
        let answer = browser.send(Method::Post, path, &kind, Some(b"{}"));
        assert_eq!(answer.status, 400, "{path}");
        answer.shows("This could not be understood").shows("(303) 555-0142");
        assert_eq!(browser.post(path, "a=%").status, 400);
    }
    assert_eq!(browser.send(Method::Post, "/details", &[], None).status, 413);
    let mut stranger = Browser::new(&fake);
    assert_eq!(stranger.send(Method::Post, "/sign-in", &[], None).status, 413);
    assert_eq!(stranger.post("/sign-in", "%").status, 400);
    assert!(fake.writes.borrow().is_empty());
}

#[test]
fn one_line_is_one_line() {
    assert_eq!(one_line("  a\r\nb\u{0}c\t "), "a  b c");
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(text in "\\PC*") {
        prop_assert_eq!(percent_decode(&percent_encode(&text), true), Some(text.clone()));
        let form = Form::parse(&format!("k={}", percent_encode(&text))).unwrap();
        prop_assert_eq!(form.get("k"), Some(text.as_str()));
    }

    #[test]
    fn no_text_makes_the_parser_fail(text in "[ -~]{0,200}") {
        let _ = Form::parse(&text);
    }

    #[test]
    fn no_body_makes_a_page_fail(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let fake = Fake::new();
        let mut browser = fake.visit("c1");
        let answer = browser.send(Method::Post, "/details", &[], Some(&body));
        prop_assert!(matches!(answer.status, 303 | 400 | 422), "{}", answer.status);
    }

    #[test]
    fn no_address_makes_a_page_fail(path in "(/[ -~]{0,20}){1,4}") {
        let fake = Fake::new();
        let answer = fake.visit("c1").get(&path);
        prop_assert!(matches!(answer.status, 200 | 303 | 404 | 405), "{path}: {}", answer.status);
    }
}
