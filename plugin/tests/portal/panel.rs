//! The staff's panel: a fresh link each time, the checkbox that acts at once, the status.
//! What the panel promises is what the link then does.

use crate::fake::{Browser, Fake};
use customer_portal::{
    Error,
    bindings::{
        exports::fieldservice::plugins::actions_menu::{
            Actor, Badge, Checkbox, CopyableLink, Element, InputValue, Panel, Subject, Submission, Target,
        },
        fieldservice::plugins::activity::Kind,
    },
    panel,
};

fn target(customer: &str) -> Target {
    let actor = Actor {
        id: "s1".to_owned(),
        name: "Marta Ruiz".to_owned(),
    };
    Target {
        subject: Subject::Customer(customer.to_owned()),
        actor,
    }
}

fn switch(fake: &Fake, on: &str) -> Result<Panel, Error> {
    let values = vec![InputValue {
        key: "password_protected".to_owned(),
        value: on.to_owned(),
    }];
    panel::submit(
        fake,
        panel::ITEM,
        &target("c1"),
        &Submission {
            button: "password_protected".to_owned(),
            values,
        },
    )
}

fn parts(panel: &Panel) -> (&Checkbox, Option<&Badge>, &CopyableLink) {
    let checkbox = panel
        .elements
        .iter()
        .find_map(|e| if let Element::Checkbox(c) = e { Some(c) } else { None });
    let badge = panel
        .elements
        .iter()
        .find_map(|e| if let Element::Badge(b) = e { Some(b) } else { None });
    let link = panel
        .elements
        .iter()
        .find_map(|e| if let Element::Link(l) = e { Some(l) } else { None });
    (checkbox.unwrap(), badge, link.unwrap())
}

fn open_link(fake: &Fake, url: &str) -> String {
    let path = url.strip_prefix("https://portal.example/summit/portal").unwrap();
    Browser::new(fake).post(path, "").location().to_owned()
}

#[test]
fn the_menu_has_the_products_words() {
    let items = panel::items(&target("c1"));
    assert_eq!(
        (items[0].id.as_str(), items[0].label.as_str()),
        ("copy-portal-link", "Copy Customer Portal Link")
    );
}

#[test]
fn an_open_portals_panel_has_a_link_that_opens_it() {
    let fake = Fake::new();
    let panel = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    let (checkbox, badge, link) = parts(&panel);
    assert_eq!(
        (checkbox.label.as_str(), checkbox.checked, checkbox.immediate),
        ("Password Protected", false, true)
    );
    assert!(checkbox.help.contains("links you sent before"));
    assert!(badge.is_none());
    assert_eq!(link.copy_label, "Copy Customer Portal Link");
    assert_eq!(
        link.help,
        "Made just now for this customer. It works through Feb 20, 2027."
    );
    assert_eq!(open_link(&fake, &link.url), "/summit/portal/");
    assert!(
        fake.activity
            .borrow()
            .iter()
            .any(|e| matches!(e.kind, Kind::LinkShared) && e.summary.contains("Marta Ruiz"))
    );
}

#[test]
fn each_opening_mints_another_link() {
    let fake = Fake::new();
    let first = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    let second = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    assert_ne!(parts(&first).2.url, parts(&second).2.url);
}

#[test]
fn switching_protection_on_is_real_and_gives_a_registration_link() {
    let fake = Fake::new();
    let before = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    let mut visitor = fake.visit("c1");
    fake.later(1);
    let panel = switch(&fake, "true").unwrap();
    assert!(
        panel
            .notice
            .as_ref()
            .unwrap()
            .text
            .contains("Password protection is on.")
    );
    let (checkbox, badge, link) = parts(&panel);
    assert!(checkbox.checked);
    assert_eq!(badge.unwrap().value, "Unregistered");
    assert_eq!(link.copy_label, "Copy Registration Link");
    assert_eq!(visitor.get("/").status, 303);
    assert_eq!(open_link(&fake, &link.url), "/summit/portal/sign-up");
    assert_eq!(open_link(&fake, &parts(&before).2.url), "/summit/portal/sign-up");
    // It is still on when the panel opens the next time.
    assert!(
        parts(&panel::open(&fake, panel::ITEM, &target("c1")).unwrap())
            .0
            .checked
    );
    assert!(
        !parts(&panel::open(&fake, panel::ITEM, &target("c2")).unwrap())
            .0
            .checked
    );
    assert!(
        fake.activity
            .borrow()
            .iter()
            .any(|e| matches!(e.kind, Kind::AccessChanged))
    );
}

#[test]
fn a_registered_customer_is_shown_as_registered() {
    let fake = Fake::new();
    fake.passwords.borrow_mut().insert(
        "c1".to_owned(),
        ("dana@example.com".to_owned(), "secret words".to_owned()),
    );
    let panel = switch(&fake, "true").unwrap();
    assert_eq!(parts(&panel).1.unwrap().value, "Registered");
    let panel = switch(&fake, "false").unwrap();
    let (checkbox, badge, link) = parts(&panel);
    assert!(!checkbox.checked && badge.is_none());
    assert_eq!(open_link(&fake, &link.url), "/summit/portal/");
}

#[test]
fn staff_are_told_when_nobody_could_sign_up() {
    let fake = Fake::new();
    fake.edit("c1", |records| records.contact.email = String::new());
    let panel = switch(&fake, "true").unwrap();
    let told = panel
        .elements
        .iter()
        .any(|e| matches!(e, Element::Text(text) if text.body.contains("no e-mail address")));
    assert!(told);
}

#[test]
fn unknown_items_buttons_and_customers_are_refused() {
    let fake = Fake::new();
    assert!(matches!(
        panel::open(&fake, "other", &target("c1")),
        Err(Error::NotFound)
    ));
    assert!(matches!(
        panel::open(&fake, panel::ITEM, &target("c9")),
        Err(Error::NotFound)
    ));
    let submission = Submission {
        button: "other".to_owned(),
        values: Vec::new(),
    };
    assert!(matches!(
        panel::submit(&fake, panel::ITEM, &target("c1"), &submission),
        Err(Error::NotFound)
    ));
    assert!(matches!(switch(&fake, "maybe"), Err(Error::Conflict(_))));
    assert!(fake.writes.borrow().is_empty());
}
