//! The staff's panel: a fresh link each time, the checkbox that acts at once, the status.
//! What the panel promises is what the link then does.

use crate::fake::{Browser, Fake};
use customer_portal::{
    Error,
    bindings::{
        exports::fieldservice::plugins::actions_menu::{
            Actor, Badge, Checkbox, CopyableLink, Element, InputValue, Panel, Subject, Submission, Target,
        },
        fieldservice::plugins::{activity::Kind, company::FeatureSet},
    },
    panel,
};

pub(crate) fn target(customer: &str) -> Target {
    let actor = Actor {
        id: "s1".to_owned(),
        name: "Marta Ruiz".to_owned(),
    };
    Target {
        subject: Subject::Customer(customer.to_owned()),
        actor,
    }
}

/// Press a button of a panel.
pub(crate) fn press(fake: &Fake, item: &str, customer: &str, button: &str) -> Result<Panel, Error> {
    let submission = Submission {
        button: button.to_owned(),
        values: Vec::new(),
    };
    panel::submit(fake, item, &target(customer), &submission)
}

/// Key of the button with these words.
fn key_of(panel: &Panel, label: &str) -> Option<String> {
    let buttons = panel
        .elements
        .iter()
        .filter_map(|e| if let Element::Button(b) = e { Some(b) } else { None });
    buttons.into_iter().find(|b| b.label == label).map(|b| b.key.clone())
}

fn links_minted(fake: &Fake) -> usize {
    fake.store
        .borrow()
        .keys()
        .filter(|key| key.starts_with("link/"))
        .count()
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
    assert_eq!(
        (items[1].id.as_str(), items[1].label.as_str()),
        ("portal-access", "Customer Portal Access")
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
fn staff_see_when_somebody_last_signed_in_and_that_sign_ins_are_slowed_down() {
    let fake = Fake::new();
    fake.passwords.borrow_mut().insert(
        "c1".to_owned(),
        ("dana@example.com".to_owned(), "secret words".to_owned()),
    );
    fake.last_signed_in.set(Some(fake.unix.get() - 3_600));
    fake.throttled_until.set(Some(fake.unix.get() + 600));
    switch(&fake, "true").unwrap();
    for item in [panel::ITEM, panel::ACCESS] {
        let panel = panel::open(&fake, item, &target("c1")).unwrap();
        let shown = format!("{panel:?}");
        assert!(shown.contains("Last signed in Sun, Nov 22 · 1:05 PM"), "{shown}");
        assert!(
            shown.contains("Slowed down until 2:15 PM after wrong passwords"),
            "{shown}"
        );
    }
}

#[test]
fn staff_are_told_what_a_missing_e_mail_means_for_signing_up() {
    let fake = Fake::new();
    let told = || {
        let panel = switch(&fake, "true").unwrap();
        let texts = panel.elements.into_iter().filter_map(|e| {
            if let Element::Text(text) = e {
                Some(text.body)
            } else {
                None
            }
        });
        texts
            .filter(|text| text.contains("no e-mail address"))
            .collect::<Vec<_>>()
    };
    assert!(told().is_empty());
    fake.edit("c1", |records| records.contact.email = String::new());
    assert_eq!(
        told(),
        ["This customer has no e-mail address on file; they enter one when they sign up, and a code proves it."]
    );
    // Without e-mail nothing can be proven: then an address has to be on file first.
    fake.features.set(FeatureSet::SMS.bits());
    assert_eq!(
        told(),
        ["This customer has no e-mail address on file and needs one to sign up."]
    );
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

#[test]
fn a_link_can_be_shown_as_a_qr_code() {
    let fake = Fake::new();
    let panel = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    assert!(parts(&panel).2.qr);
}

#[test]
fn emailing_sends_a_link_of_its_own_to_the_address_on_file() {
    let fake = Fake::new();
    let panel = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    let shown = parts(&panel).2.url.clone();
    let key = key_of(&panel, "E-mail it now").unwrap();
    let panel = press(&fake, panel::ITEM, "c1", &key).unwrap();
    assert_eq!(panel.notice.as_ref().unwrap().text, "Sent to dana@example.com.");
    let (to, message) = fake.messages.borrow()[0].clone();
    assert_eq!(to, "dana@example.com");
    assert!(message.subject.contains("Summit Heating & Air"));
    let url = message
        .body
        .split_whitespace()
        .find(|word| word.contains("/l/"))
        .unwrap();
    assert_ne!(url, shown);
    assert_eq!(open_link(&fake, url), "/summit/portal/");
    let activity = fake.activity.borrow();
    let told: Vec<&str> = activity
        .iter()
        .filter(|entry| matches!(entry.kind, Kind::LinkShared))
        .map(|entry| entry.summary.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "Made a portal link copied by Marta Ruiz",
            "Made a portal link e-mailed by Marta Ruiz"
        ]
    );
    assert!(
        activity
            .iter()
            .any(|entry| entry.via == "portal link e-mailed by Marta Ruiz")
    );
}

#[test]
fn a_protected_customer_is_sent_a_registration_link_in_their_own_language() {
    let fake = Fake::new();
    fake.edit("c1", |records| records.contact.language = "es".to_owned());
    let panel = switch(&fake, "true").unwrap();
    let key = key_of(&panel, "E-mail it now").unwrap();
    press(&fake, panel::ITEM, "c1", &key).unwrap();
    let message = fake.messages.borrow()[0].1.clone();
    assert!(message.body.contains("portal de cliente"), "{}", message.body);
    let url = message
        .body
        .split_whitespace()
        .find(|word| word.contains("/l/"))
        .unwrap();
    assert_eq!(open_link(&fake, url), "/summit/portal/sign-up");
}

#[test]
fn texting_goes_to_the_number_on_file() {
    let fake = Fake::new();
    fake.edit("c1", |records| {
        records.contact.mobile = "(303) 555-0199".to_owned();
    });
    let panel = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    let key = key_of(&panel, "Text it now").unwrap();
    let panel = press(&fake, panel::ITEM, "c1", &key).unwrap();
    assert_eq!(panel.notice.as_ref().unwrap().text, "Sent to (303) 555-0199.");
    let (to, message) = fake.messages.borrow()[0].clone();
    assert_eq!(to, "(303) 555-0199");
    assert!(message.body.contains("/l/") && message.subject.is_empty());
}

#[test]
fn the_same_press_twice_sends_once_and_makes_one_link() {
    let fake = Fake::new();
    let panel = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    let key = key_of(&panel, "E-mail it now").unwrap();
    let first = press(&fake, panel::ITEM, "c1", &key).unwrap();
    let minted = links_minted(&fake);
    let again = press(&fake, panel::ITEM, "c1", &key).unwrap();
    assert_eq!(first.notice.unwrap().text, again.notice.unwrap().text);
    assert_eq!((fake.messages.borrow().len(), links_minted(&fake)), (1, minted));
    // The panel drawn afterwards is another press.
    let panel = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    press(&fake, panel::ITEM, "c1", &key_of(&panel, "E-mail it now").unwrap()).unwrap();
    assert_eq!(fake.messages.borrow().len(), 2);
}

#[test]
fn a_message_that_cannot_be_sent_leaves_no_link_and_can_be_tried_again() {
    let fake = Fake::new();
    let panel = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    let key = key_of(&panel, "E-mail it now").unwrap();
    let minted = links_minted(&fake);
    for (refusal, said) in [
        (Error::Unavailable("away".to_owned()), "could not be sent"),
        (Error::RateLimited(100), "in 2 minutes"),
    ] {
        *fake.message_answer.borrow_mut() = Some(refusal);
        let panel = press(&fake, panel::ITEM, "c1", &key).unwrap();
        assert!(panel.notice.as_ref().unwrap().text.contains(said), "{:?}", panel.notice);
        assert_eq!(links_minted(&fake), minted);
    }
    *fake.message_answer.borrow_mut() = None;
    press(&fake, panel::ITEM, "c1", &key).unwrap();
    assert_eq!(fake.messages.borrow().len(), 1);
}

#[test]
fn after_sending_no_link_is_made_until_staff_ask() {
    let fake = Fake::new();
    let panel = panel::open(&fake, panel::ITEM, &target("c1")).unwrap();
    let minted = links_minted(&fake);
    let panel = press(&fake, panel::ITEM, "c1", &key_of(&panel, "E-mail it now").unwrap()).unwrap();
    assert_eq!(links_minted(&fake), minted + 1, "the one that was sent");
    assert!(!panel.elements.iter().any(|e| matches!(e, Element::Link(_))));
    let key = key_of(&panel, "Make a link to copy").unwrap();
    let panel = press(&fake, panel::ITEM, "c1", &key).unwrap();
    assert_eq!(open_link(&fake, &parts(&panel).2.url), "/summit/portal/");
}

#[test]
fn only_ways_that_reach_the_customer_are_offered() {
    let offered = |fake: &Fake, customer: &str| {
        let panel = panel::open(fake, panel::ITEM, &target(customer)).unwrap();
        (
            key_of(&panel, "E-mail it now").is_some(),
            key_of(&panel, "Text it now").is_some(),
        )
    };
    let fake = Fake::new();
    fake.edit("c2", |records| {
        records.contact.email = String::new();
        records.contact.phone = String::new();
        records.contact.mobile = String::new();
    });
    assert_eq!(offered(&fake, "c2"), (false, false));
    fake.edit("c2", |records| records.contact.email = "omar@example.com".to_owned());
    assert_eq!(offered(&fake, "c2"), (true, false));
    fake.edit("c2", |records| records.contact.phone = "(303) 555-0111".to_owned());
    assert_eq!(offered(&fake, "c2"), (true, true));
    fake.features.set(FeatureSet::SMS.bits());
    assert_eq!(offered(&fake, "c2"), (false, true));
    // A button that is not there does nothing, and a press is not a word of one's own.
    let press_of = "0123456789abcdefghjkmnpqrs";
    let refused = press(&fake, panel::ITEM, "c2", &format!("email:{press_of}")).unwrap();
    assert!(refused.notice.unwrap().text.contains("could not be sent"));
    assert!(matches!(
        press(&fake, panel::ITEM, "c2", "text:x"),
        Err(Error::NotFound)
    ));
    assert!(fake.messages.borrow().is_empty());
}
