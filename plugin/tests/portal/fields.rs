//! The template fields: one link per message, few calls for many recipients, and previews that
//! change nothing.

use crate::fake::{Browser, Fake};
use customer_portal::{
    Error,
    bindings::{exports::fieldservice::plugins::template_fields::Request, fieldservice::plugins::types::Channel},
    fields,
    links::{self, Link, Purpose, Way},
    store::Record,
    tokens,
};

fn request(field: &str, customer: &str, message: Option<&str>) -> Request {
    Request {
        field: field.to_owned(),
        customer: customer.to_owned(),
        channel: Channel::Email,
        message: message.map(str::to_owned),
    }
}

fn path(url: &str) -> &str {
    url.strip_prefix("https://portal.example/summit/portal").unwrap()
}

#[test]
fn the_fields_have_the_products_words() {
    let fields = fields::all(&Fake::new());
    let labels: Vec<_> = fields
        .iter()
        .map(|field| (field.key.as_str(), field.label.as_str()))
        .collect();
    assert_eq!(
        labels,
        [
            ("portal_link", "Customer Portal Link"),
            ("portal_link_password", "Customer Portal Link w/ Password")
        ]
    );
    assert!(
        fields
            .iter()
            .all(|field| field.channels.len() == 2 && !field.description.is_empty())
    );
}

#[test]
fn a_link_remembers_the_message_and_opens_the_portal() {
    let fake = Fake::new();
    let values = fields::resolve(&fake, &[request("portal_link", "c1", Some("m-17"))]);
    let url = values[0].as_ref().unwrap();
    let token = url.rsplit('/').next().unwrap();
    let stored = fake.store.borrow()[&links::key(&tokens::hash(token))].0.clone();
    let link = Link::read(&stored).unwrap();
    assert_eq!(
        (link.way, link.message.as_deref(), link.purpose),
        (Way::Email, Some("m-17"), Purpose::Plain)
    );
    assert_eq!(link.label(), "portal link in e-mail m-17");
    assert_eq!(Browser::new(&fake).post(path(url), "").location(), "/summit/portal/");
}

#[test]
fn the_link_with_password_leads_to_sign_up() {
    let fake = Fake::new();
    let values = fields::resolve(&fake, &[request("portal_link_password", "c1", Some("m-1"))]);
    assert_eq!(
        Browser::new(&fake)
            .post(path(values[0].as_ref().unwrap()), "")
            .location(),
        "/summit/portal/sign-up"
    );
    // Until the customer has a password, links that were sent before go on working.
    assert_eq!(fake.visit("c1").get("/").status, 200);
}

#[test]
fn a_preview_changes_nothing_and_opens_nothing() {
    let fake = Fake::new();
    let values = fields::resolve(&fake, &[request("portal_link", "c1", None)]);
    let url = values[0].as_ref().unwrap();
    assert_eq!(url, "https://portal.example/summit/portal/l/preview");
    assert!(fake.writes.borrow().is_empty());
    assert_eq!(Browser::new(&fake).post(path(url), "").status, 404);
}

#[test]
fn a_campaign_takes_few_calls_and_keeps_its_order() {
    let fake = Fake::new();
    let mut requests: Vec<Request> = (0..2_000)
        .map(|n| request("portal_link", &format!("c{n}"), Some(&format!("m-{n}"))))
        .collect();
    requests[3].field = "nonsense".to_owned();
    requests[4].message = None;
    let values = fields::resolve(&fake, &requests);
    assert_eq!(values.len(), 2_000);
    assert!(matches!(values[3], Err(Error::NotFound)));
    assert!(values[4].as_ref().unwrap().ends_with("/preview"));
    assert_eq!(
        fake.calls.borrow().iter().filter(|call| **call == "set_many").count(),
        4
    );
    let mut urls: Vec<&String> = values.iter().filter_map(|value| value.as_ref().ok()).collect();
    for n in [0, 2, 5, 1_999] {
        let token = values[n].as_ref().unwrap().rsplit('/').next().unwrap();
        let stored = fake.store.borrow()[&links::key(&tokens::hash(token))].0.clone();
        assert_eq!(Link::read(&stored).unwrap().customer, format!("c{n}"));
    }
    urls.sort();
    urls.dedup();
    assert_eq!(urls.len(), 1_999);
}
