//! Customers: search, pages, versions, diffs.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use platform::*;
use std::sync::Arc;

on_both_engines! {
    pages_neither_repeat_nor_lose_anybody
    search_finds_by_every_word_in_any_field
    a_change_needs_the_present_version_and_leaves_a_diff
    a_change_of_nothing_changes_nothing
    fields_are_checked
    an_email_names_one_customer_or_none
    cursors_of_other_lists_are_refused
}

async fn pages_neither_repeat_nor_lose_anybody(world: Arc<World>) {
    for n in 0..7 {
        world
            .customer(&format!("F{n}"), if n % 2 == 0 { "Same" } else { "Éclair" })
            .await;
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = world
            .platform
            .customers()
            .list(world.id(), None, cursor.as_deref(), 3)
            .await
            .unwrap();
        seen.extend(page.items.into_iter().map(|customer| customer.details.first_name));
        // Somebody who arrives in between must not shift the pages.
        if seen.len() == 3 {
            world.customer("Aaa", "Aaa").await;
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["F0", "F2", "F4", "F6", "F1", "F3", "F5"]);
    assert_eq!(world.platform.customers().count(world.id()).await.unwrap(), 8);
}

async fn search_finds_by_every_word_in_any_field(world: Arc<World>) {
    world.customer("Zoë", "Müller").await;
    world.customer("Ann", "100%_sure").await;
    let find = async |words: &str| {
        let found = world
            .platform
            .customers()
            .list(world.id(), Some(words), None, 10)
            .await
            .unwrap();
        found
            .items
            .into_iter()
            .map(|customer| customer.details.first_name)
            .collect::<Vec<_>>()
    };
    assert_eq!(find("MÜLLER zoë").await, ["Zoë"]);
    assert_eq!(find("zoë able").await, Vec::<String>::new());
    assert_eq!(find("3035550134").await.len(), 2);
    assert_eq!(find("%_").await, ["Ann"]);
    assert_eq!(find("ann@example").await, ["Ann"]);
    assert_eq!(find("' OR 1=1 --").await, Vec::<String>::new());
}

async fn a_change_needs_the_present_version_and_leaves_a_diff(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let mut details = ann.details.clone();
    details.phone = "720 555 0100".into();
    let changed = world
        .platform
        .customers()
        .update(world.id(), &ann.id, ann.version, details.clone(), &staff())
        .await
        .unwrap();
    assert_eq!(
        (changed.version, changed.phone.as_str()),
        (ann.version + 1, "720 555 0100")
    );
    details.phone = "1 555 0000".into();
    let stale = world
        .platform
        .customers()
        .update(world.id(), &ann.id, ann.version, details, &staff())
        .await;
    assert!(matches!(stale, Err(Error::Conflict(_))));

    let timeline = world
        .platform
        .activity()
        .timeline(world.id(), &ann.id, None, 10)
        .await
        .unwrap()
        .items;
    let diff = FieldChange {
        field: "phone".into(),
        before: "(303) 555-0134".into(),
        after: "720 555 0100".into(),
    };
    assert_eq!(timeline[0].entry.changes, [diff]);
    assert_eq!(
        (timeline[0].entry.kind.as_str(), timeline[0].actor_name.as_str()),
        ("customer.updated", "Sam")
    );
}

async fn a_change_of_nothing_changes_nothing(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let same = world
        .platform
        .customers()
        .update(world.id(), &ann.id, ann.version, ann.details.clone(), &staff())
        .await
        .unwrap();
    assert_eq!(same, ann);
    assert_eq!(
        world
            .platform
            .activity()
            .timeline(world.id(), &ann.id, None, 10)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
}

async fn fields_are_checked(world: Arc<World>) {
    let bad = CustomerDetails {
        email: "ann@example.com\r\nBcc: everyone@example.com".into(),
        phone: "call me".into(),
        address: Address {
            country: "USA".into(),
            street: "x".repeat(201),
            ..Address::default()
        },
        language: "english please".into(),
        ..CustomerDetails::default()
    };
    let fields = refused(world.platform.customers().create(world.id(), bad, &staff()).await);
    assert_eq!(
        fields,
        [
            "last_name required",
            "email not-allowed",
            "phone malformed",
            "street too-long",
            "country malformed",
            "language malformed"
        ]
    );
}

async fn an_email_names_one_customer_or_none(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let find = async |email: &str| {
        world
            .platform
            .customers()
            .find_by_email(world.id(), email)
            .await
            .unwrap()
    };
    assert_eq!(find("ANN@example.com").await, Some(ann.id));
    assert_eq!(find("nobody@example.com").await, None);
    assert_eq!(find("").await, None);
    world.customer("Ann", "Baker").await;
    assert_eq!(find("ann@example.com").await, None);
}

async fn cursors_of_other_lists_are_refused(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    for n in 0..3 {
        world.job(&ann, &format!("Job {n}"), "scheduled", None).await;
    }
    let query = ListQuery {
        page: page(ListFilter::All, 2),
        ..ListQuery::default()
    };
    let cursor = world
        .platform
        .jobs()
        .list(world.id(), &query)
        .await
        .unwrap()
        .next
        .unwrap();
    for bad in [cursor.as_str(), "garbage", "", "AAAA", "é"] {
        let fields = refused(world.platform.customers().list(world.id(), None, Some(bad), 10).await);
        assert_eq!(fields, ["cursor malformed"], "{bad:?}");
    }
}
