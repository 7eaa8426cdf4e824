//! *Customer Portal Access*: live links and their end, devices, the link for a new password.
//! What staff end here is over for the customer at the next click.

use crate::{
    fake::{Browser, Fake},
    panel::{press, target},
};
use customer_portal::{
    Error,
    bindings::{
        exports::fieldservice::plugins::actions_menu::{Badge, Element, Panel, Table},
        fieldservice::plugins::{activity::Kind, company::FeatureSet},
    },
    links::{self, Link, Purpose, Way},
    panel::{self, ACCESS},
    tokens,
};

fn open(fake: &Fake, customer: &str) -> Panel {
    panel::open(fake, ACCESS, &target(customer)).unwrap()
}

fn table(panel: &Panel) -> &Table {
    panel
        .elements
        .iter()
        .find_map(|e| {
            if let Element::Table(table) = e {
                Some(table)
            } else {
                None
            }
        })
        .unwrap()
}

fn badge<'p>(panel: &'p Panel, label: &str) -> &'p Badge {
    panel
        .elements
        .iter()
        .filter_map(|e| {
            if let Element::Badge(badge) = e {
                Some(badge)
            } else {
                None
            }
        })
        .find(|badge| badge.label == label)
        .unwrap()
}

fn buttons(panel: &Panel) -> Vec<&str> {
    panel
        .elements
        .iter()
        .filter_map(|e| {
            if let Element::Button(b) = e {
                Some(b.key.as_str())
            } else {
                None
            }
        })
        .collect()
}

fn told(fake: &Fake, kind: Kind) -> Vec<String> {
    let same = |entry: &&customer_portal::bindings::fieldservice::plugins::activity::Entry| {
        std::mem::discriminant(&entry.kind) == std::mem::discriminant(&kind)
    };
    fake.activity
        .borrow()
        .iter()
        .filter(same)
        .map(|entry| entry.summary.clone())
        .collect()
}

fn register(fake: &Fake) {
    let account = ("dana@example.com".to_owned(), "correct horse battery".to_owned());
    fake.passwords.borrow_mut().insert("c1".to_owned(), account);
}

#[test]
fn live_links_say_who_made_them_and_how_they_went() {
    let fake = Fake::new();
    fake.plain_link("c1");
    fake.later(60);
    let mut sent = Link::new(
        &fake.as_read(),
        Purpose::Registration,
        "c1",
        Way::Email,
        fake.unix.get(),
    );
    sent.message = Some("m7".to_owned());
    let token = links::mint(&fake, &[sent]).unwrap().remove(0);
    Browser::new(&fake).post(&format!("/l/{token}"), "");
    fake.plain_link("c2");
    let panel = open(&fake, "c1");
    let table = table(&panel);
    assert_eq!(
        table.columns,
        ["Link", "Created by", "Sent via", "Created", "Last opened", "Expires"]
    );
    let cells: Vec<Vec<&str>> = table
        .rows
        .iter()
        .map(|row| row.cells.iter().map(String::as_str).collect())
        .collect();
    assert_eq!(
        cells,
        [
            [
                "Registration link",
                "Message",
                "E-mail",
                "Sun, Nov 22 · 2:06 PM",
                "Sun, Nov 22 · 2:06 PM",
                "Feb 20, 2027"
            ],
            [
                "Customer portal link",
                "Marta Ruiz",
                "Copied",
                "Sun, Nov 22 · 2:05 PM",
                "Never",
                "Feb 20, 2027"
            ],
        ]
    );
    assert!(table.rows.iter().all(|row| row.buttons[0].label == "Revoke"));
    let shown = format!("{panel:?}");
    assert!(!shown.contains(&token), "a token is never shown again");
    // Opening this panel makes nothing.
    fake.forget_writes();
    open(&fake, "c1");
    assert!(fake.writes.borrow().is_empty());
}

#[test]
fn revoking_a_link_ends_the_sessions_born_from_it_at_once_and_no_others() {
    let fake = Fake::new();
    let mut theirs = fake.visit("c1");
    fake.later(1);
    let mut kept = fake.visit("c1");
    let panel = open(&fake, "c1");
    let older = table(&panel).rows[1].buttons[0].key.clone();
    let panel = press(&fake, ACCESS, "c1", &older).unwrap();
    assert!(panel.notice.as_ref().unwrap().text.contains("revoked"));
    assert_eq!(table(&panel).rows.len(), 1);
    assert_eq!((theirs.get("/").status, kept.get("/").status), (303, 200));
    assert_eq!(
        told(&fake, Kind::LinkRevoked),
        ["Revoked by Marta Ruiz: portal link copied by Marta Ruiz"]
    );
    // Pressed again by an old page: it stays revoked.
    press(&fake, ACCESS, "c1", &older).unwrap();
}

#[test]
fn another_customers_link_cannot_be_revoked_from_here() {
    let fake = Fake::new();
    let mut theirs = fake.visit("c2");
    let token = fake.plain_link("c2");
    for hash in [
        tokens::hash(&token),
        token.clone(),
        "x".repeat(64),
        "../".to_owned(),
        String::new(),
    ] {
        let refused = press(&fake, ACCESS, "c1", &format!("revoke:{hash}"));
        assert!(matches!(refused, Err(Error::NotFound)), "{hash}");
    }
    assert_eq!(theirs.get("/").status, 200);
}

#[test]
fn revoking_all_ends_every_link_and_visit_of_this_customer_only() {
    let fake = Fake::new();
    let mut visitor = fake.visit("c1");
    let mut neighbour = fake.visit("c2");
    for _ in 0..1_200 {
        fake.plain_link("c1");
    }
    let token = fake.plain_link("c1");
    let panel = press(&fake, ACCESS, "c1", "revoke_all").unwrap();
    assert!(table(&panel).rows.is_empty());
    assert!(!table(&panel).empty.is_empty());
    assert_eq!((visitor.get("/").status, neighbour.get("/").status), (303, 200));
    assert_eq!(Browser::new(&fake).get(&format!("/l/{token}")).status, 404);
    assert_eq!(
        told(&fake, Kind::LinkRevoked),
        ["Every link revoked by Marta Ruiz (1202)"]
    );
}

#[test]
fn a_long_list_goes_on_page_by_page_and_shows_each_link_once() {
    let fake = Fake::new();
    for n in 0..120 {
        let mut link = Link::new(&fake.as_read(), Purpose::Plain, "c1", Way::Copied, fake.unix.get());
        link.created_by = format!("n{n}");
        links::mint(&fake, &[link]).unwrap();
        fake.later(1);
    }
    // An id with a slash puts another customer's keys among this one's.
    let stray = Link::new(&fake.as_read(), Purpose::Plain, "c1/0", Way::Copied, fake.unix.get());
    links::mint(&fake, &[stray]).unwrap();
    let mut seen = Vec::new();
    let mut panel = open(&fake, "c1");
    loop {
        seen.extend(table(&panel).rows.iter().map(|row| row.cells[1].clone()));
        let more = buttons(&panel)
            .into_iter()
            .find(|key| key.starts_with("more:"))
            .map(str::to_owned);
        let Some(more) = more else { break };
        assert!(table(&panel).rows.len() >= 50);
        panel = press(&fake, ACCESS, "c1", &more).unwrap();
        assert!(buttons(&panel).contains(&"newest"));
    }
    let expected: Vec<String> = (0..120).rev().map(|n| format!("n{n}")).collect();
    assert_eq!(seen, expected);
    let first = press(&fake, ACCESS, "c1", "newest").unwrap();
    assert_eq!(table(&first).rows[0].cells[1], "n119");
}

#[test]
fn links_that_ended_are_not_listed() {
    let fake = Fake::new();
    fake.set("link_lifetime_days", "1");
    for _ in 0..60 {
        fake.plain_link("c1");
    }
    fake.later(86_400);
    fake.plain_link("c1");
    let panel = open(&fake, "c1");
    assert_eq!(table(&panel).rows.len(), 1);
    assert!(!buttons(&panel).iter().any(|key| key.starts_with("more:")));
}

#[test]
fn signing_out_everywhere_ends_every_session_but_no_link() {
    let fake = Fake::new();
    let mut phone = fake.visit("c1");
    let mut neighbour = fake.visit("c2");
    let panel = open(&fake, "c1");
    assert_eq!(badge(&panel, "Signed in on").value, "1 device");
    fake.visit("c1");
    assert_eq!(badge(&open(&fake, "c1"), "Signed in on").value, "2 devices");
    let panel = press(&fake, ACCESS, "c1", "sign_out").unwrap();
    assert_eq!(badge(&panel, "Signed in on").value, "no device");
    assert!(!buttons(&panel).contains(&"sign_out"));
    assert_eq!((phone.get("/").status, neighbour.get("/").status), (303, 200));
    assert_eq!(table(&panel).rows.len(), 2);
    assert_eq!(
        told(&fake, Kind::AccessChanged),
        ["Signed out everywhere by Marta Ruiz"]
    );
}

#[test]
fn a_reset_is_a_message_to_the_customer_and_nothing_staff_could_use() {
    let fake = Fake::new();
    assert!(
        !buttons(&open(&fake, "c1")).contains(&"reset_password"),
        "nobody signed up"
    );
    let unregistered = press(&fake, ACCESS, "c1", "reset_password").unwrap();
    assert!(unregistered.notice.unwrap().text.contains("has not signed up"));
    register(&fake);
    let panel = open(&fake, "c1");
    assert_eq!(badge(&panel, "Status").value, "Registered");
    assert!(buttons(&panel).contains(&"reset_password"));
    let panel = press(&fake, ACCESS, "c1", "reset_password").unwrap();
    assert!(panel.notice.as_ref().unwrap().text.contains("dana@example.com"));
    let messages = fake.messages.borrow();
    assert_eq!((messages.len(), messages[0].0.as_str()), (1, "dana@example.com"));
    let token = messages[0]
        .1
        .body
        .split("/reset/")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    assert!(!format!("{panel:?}").contains(token));
    assert_eq!(fake.passwords.borrow()["c1"].1, "correct horse battery");
    assert_eq!(
        told(&fake, Kind::AccessChanged),
        ["Link to choose a new password sent by Marta Ruiz"]
    );
    drop(messages);
    // At once again: told how long to wait, and nothing is sent.
    let again = press(&fake, ACCESS, "c1", "reset_password").unwrap();
    assert!(again.notice.unwrap().text.contains("try again"));
    assert_eq!(fake.messages.borrow().len(), 1);
    fake.features.set(FeatureSet::empty().bits());
    assert!(!buttons(&open(&fake, "c1")).contains(&"reset_password"));
}

#[test]
fn unknown_buttons_and_customers_are_refused_here_too() {
    let fake = Fake::new();
    assert!(matches!(press(&fake, ACCESS, "c1", "other"), Err(Error::NotFound)));
    assert!(matches!(press(&fake, ACCESS, "c9", "sign_out"), Err(Error::NotFound)));
    assert!(fake.writes.borrow().is_empty());
}
