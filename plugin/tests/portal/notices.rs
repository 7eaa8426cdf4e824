//! What a customer is told when contact details change, and changes that cannot be told or proven.
//! The old address hears of the new one before it is gone.

use crate::{
    email_change::{DONE, FORM, asked, on_file, with_email},
    fake::Fake,
};
use customer_portal::{Error, bindings::fieldservice::plugins::messages::Recipient};

#[test]
fn the_old_address_is_told_before_it_is_gone() {
    let fake = Fake::new();
    let (mut browser, digits) = asked(&fake);
    assert_eq!(fake.messages.borrow().len(), 1, "asking alone tells nobody else");
    browser.post("/details/email", &format!("code={digits}"));
    let messages = fake.messages.borrow();
    let (to, notice) = messages.last().unwrap();
    assert_eq!(to, "dana@example.com");
    assert!(matches!(notice.to, Recipient::OnFile));
    assert!(
        notice.body.contains("n•••@e•••.com") && !notice.body.contains("new@"),
        "{}",
        notice.body
    );
    assert!(notice.body.contains("(303) 555-0142") && !notice.body.contains(&digits));
}

#[test]
fn an_old_address_that_cannot_be_told_keeps_its_place() {
    let fake = Fake::new();
    let (mut browser, digits) = asked(&fake);
    *fake.message_answer.borrow_mut() = Some(Error::RateLimited(600));
    let answer = browser.post("/details/email", &format!("code={digits}"));
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("600")));
    assert_eq!(on_file(&fake), "dana@example.com");
    *fake.message_answer.borrow_mut() = None;
    assert_eq!(
        browser.post("/details/email", &format!("code={digits}")).location(),
        DONE
    );
}

#[test]
fn an_address_is_taken_off_file_only_when_nothing_hangs_on_it_and_it_is_told() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let login = ("dana@example.com".to_owned(), "correct horse battery".to_owned());
    fake.passwords.borrow_mut().insert("c1".to_owned(), login);
    let page = browser.post("/details", &with_email(""));
    assert_eq!(page.status, 422);
    page.shows("E-mail: You sign in with this address.");
    assert_eq!(on_file(&fake), "dana@example.com");
    fake.passwords.borrow_mut().clear();
    assert_eq!(browser.post("/details", &with_email("")).location(), DONE);
    assert_eq!(on_file(&fake), "");
    let messages = fake.messages.borrow();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].0, "dana@example.com");
}

#[test]
fn a_changed_telephone_is_told_at_the_e_mail_on_file() {
    let fake = Fake::new();
    fake.edit("c1", |records| records.contact.language = "es".to_owned());
    let mut browser = fake.visit("c1");
    browser.post("/details", &FORM.replace("555-0178", "555-0179"));
    {
        let messages = fake.messages.borrow();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].0, "dana@example.com");
        assert!(messages[0].1.body.contains("teléfono") && !messages[0].1.body.contains("0179"));
    }
    browser.post(
        "/details",
        &FORM
            .replace("555-0178", "555-0179")
            .replace("version=7", "version=8")
            .replace("city=Boulder", "city=Lyons"),
    );
    assert_eq!(fake.messages.borrow().len(), 1, "a new city is no alarm");
    // Not being able to tell is no reason to lose what was saved.
    *fake.message_answer.borrow_mut() = Some(Error::RateLimited(60));
    let form = FORM
        .replace("mobile=", "mobile=303+555+0100")
        .replace("555-0178", "555-0179");
    let form = form
        .replace("version=7", "version=9")
        .replace("city=Boulder", "city=Lyons");
    assert_eq!(browser.post("/details", &form).location(), DONE);
    assert_eq!(fake.customers.borrow()["c1"].contact.mobile, "303 555 0100");
}

#[test]
fn an_address_the_host_cannot_write_to_stands_beside_its_field() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    *fake.message_answer.borrow_mut() = Some(Error::Invalid(Vec::new()));
    let form = with_email("new%40example.com").replace("city=Boulder", "city=Lyons");
    let page = browser.post("/details", &form);
    assert_eq!(page.status, 422);
    page.shows("E-mail: This does not look right");
    assert!(page.text.contains("value=\"new@example.com\"") && page.text.contains("name=\"version\" value=\"8\""));
    assert_eq!(browser.get("/details/email").location(), "/summit/portal/");
}

#[test]
fn without_e_mail_at_the_company_an_address_is_the_offices_business() {
    let fake = Fake::new();
    fake.features.set(0);
    let page = fake.visit("c1").post("/details", &with_email("new%40example.com"));
    assert_eq!(page.status, 422);
    page.shows("E-mail: We cannot check a new address right now.");
    assert!(page.text.contains("value=\"new@example.com\""));
}
