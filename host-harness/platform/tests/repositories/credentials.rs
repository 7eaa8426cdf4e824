//! Customers' passwords: modes, equal work, waiting, rules.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use capabilities::{Credentials, Error as Refusal, Origin, SetMode};
use std::sync::Arc;

const PASSWORD: &str = "correct horse battery";

on_both_engines! {
    a_password_is_created_once_and_replaced_afterwards
    every_mismatch_is_the_same_and_costs_the_same
    failures_wait_and_waiting_ends
    rules_are_told_by_field
    a_login_belongs_to_one_customer
    status_tells_what_happened
    a_login_finds_its_customer_and_nobody_elses
    a_login_is_changed_with_the_same_password_and_written_down
    a_login_is_not_changed_to_a_taken_or_malformed_one_nor_by_whoever_only_looks
}

async fn registered(world: &World) -> (platform::Customer, Arc<dyn Credentials>) {
    let ann = world.customer("Ann", "Able").await;
    let credentials = world.grants().credentials.unwrap();
    credentials
        .set(&ann.id, "Ann@Example.com", PASSWORD, SetMode::Create)
        .await
        .unwrap();
    (ann, credentials)
}

async fn a_password_is_created_once_and_replaced_afterwards(world: Arc<World>) {
    let (ann, credentials) = registered(&world).await;
    assert_eq!(credentials.verify("ann@example.com", PASSWORD).await.unwrap(), ann.id);
    let again = credentials
        .set(&ann.id, "evil@example.com", "another password 1", SetMode::Create)
        .await;
    assert!(matches!(again, Err(Refusal::Conflict(_))), "{again:?}");
    assert_eq!(credentials.verify("ann@example.com", PASSWORD).await.unwrap(), ann.id);
    credentials
        .set(&ann.id, "ann@example.com", "another password 1", SetMode::Replace)
        .await
        .unwrap();
    assert!(credentials.verify("ann@example.com", PASSWORD).await.is_err());
    credentials
        .verify("ann@example.com", "another password 1")
        .await
        .unwrap();
    credentials.clear(&ann.id).await.unwrap();
    credentials.clear(&ann.id).await.unwrap();
    let replace = credentials
        .set(&ann.id, "ann@example.com", PASSWORD, SetMode::Replace)
        .await;
    assert_eq!(replace, Err(Refusal::NotFound));
}

async fn every_mismatch_is_the_same_and_costs_the_same(world: Arc<World>) {
    let (_, credentials) = registered(&world).await;
    let before = world.platform.password_hashes();
    let wrong = credentials.verify("ann@example.com", "wrong password").await;
    let one = world.platform.password_hashes() - before;
    let unknown = credentials.verify("nobody@example.com", "wrong password").await;
    let two = world.platform.password_hashes() - before - one;
    assert_eq!((wrong.clone(), one), (unknown, two));
    assert!(matches!(wrong, Err(Refusal::Denied(_))) && one == 1);
}

async fn failures_wait_and_waiting_ends(world: Arc<World>) {
    let (ann, credentials) = registered(&world).await;
    for login in ["ann@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            assert!(matches!(
                credentials.verify(login, "wrong").await,
                Err(Refusal::Denied(_))
            ));
        }
        assert!(
            matches!(
                credentials.verify(login, PASSWORD).await,
                Err(Refusal::RateLimited(1..=2))
            ),
            "{login}"
        );
    }
    assert!(credentials.status(&ann.id).await.unwrap().throttled_until.is_some());
    let mut longest = 0;
    for _ in 0..14 {
        let wait = match credentials.verify("ann@example.com", "wrong").await {
            Err(Refusal::RateLimited(seconds)) => seconds,
            other => panic!("{other:?}"),
        };
        longest = longest.max(wait);
        world.clock.advance(i64::from(wait));
        assert!(matches!(
            credentials.verify("ann@example.com", "wrong").await,
            Err(Refusal::Denied(_))
        ));
    }
    assert!(
        (800..=901).contains(&longest),
        "the wait grows to a quarter of an hour, not beyond: {longest}"
    );
    world.clock.advance(901);
    credentials.verify("ann@example.com", PASSWORD).await.unwrap();
    assert_eq!(credentials.status(&ann.id).await.unwrap().throttled_until, None);
}

async fn rules_are_told_by_field(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let credentials = world.grants().credentials.unwrap();
    let code =
        async |login: &str, password: &str| match credentials.set(&ann.id, login, password, SetMode::Create).await {
            Err(Refusal::Invalid(fields)) => fields
                .iter()
                .map(|field| format!("{} {}", field.field, field.code))
                .collect::<Vec<_>>()
                .join(", "),
            other => panic!("{other:?}"),
        };
    assert_eq!(code("ann@example.com", "short").await, "password too-short");
    assert_eq!(code("ann@example.com", "iloveyou1").await, "password too-common");
    assert_eq!(code("ann@example.com", &"long ".repeat(60)).await, "password too-long");
    assert_eq!(
        code("not an address", "short").await,
        "password too-short, login malformed"
    );
    assert_eq!(world.platform.password_hashes(), 0);
}

async fn a_login_belongs_to_one_customer(world: Arc<World>) {
    let (_, credentials) = registered(&world).await;
    let bob = world.customer("Bob", "Baker").await;
    let taken = credentials
        .set(&bob.id, "ann@EXAMPLE.com", PASSWORD, SetMode::Create)
        .await;
    let Err(Refusal::Invalid(fields)) = taken else {
        panic!("{taken:?}")
    };
    assert_eq!((fields[0].field.as_str(), fields[0].code.as_str()), ("login", "taken"));
}

async fn status_tells_what_happened(world: Arc<World>) {
    let bob = world.customer("Bob", "Baker").await;
    let (ann, credentials) = registered(&world).await;
    assert_eq!(credentials.status(&bob.id).await.unwrap(), Default::default());
    let status = credentials.status(&ann.id).await.unwrap();
    assert!(status.registered && status.last_signed_in.is_none());
    assert_eq!(status.login, "Ann@Example.com");
    world.clock.advance(60);
    credentials.verify("ann@example.com", PASSWORD).await.unwrap();
    let status = credentials.status(&ann.id).await.unwrap();
    assert_eq!(
        status.last_signed_in.unwrap().unix_seconds - status.registered_at.unwrap().unix_seconds,
        60
    );
}

async fn a_login_finds_its_customer_and_nobody_elses(world: Arc<World>) {
    let (ann, credentials) = registered(&world).await;
    let find = async |login: &str| credentials.find(login).await.unwrap();
    assert_eq!(find(" ANN@example.com ").await.as_deref(), Some(ann.id.as_str()));
    assert_eq!(find("nobody@example.com").await, None);
    assert_eq!(find("").await, None);
    let neighbour = world.grants_for(&world.other, Origin::Public, false);
    assert_eq!(
        neighbour.credentials.unwrap().find("ann@example.com").await.unwrap(),
        None
    );
    credentials.clear(&ann.id).await.unwrap();
    assert_eq!(find("ann@example.com").await, None);
}

async fn a_login_is_changed_with_the_same_password_and_written_down(world: Arc<World>) {
    let (ann, credentials) = registered(&world).await;
    credentials
        .change_login(&ann.id, " Ann.Able@example.com ")
        .await
        .unwrap();
    // A repeat of the same change is no second entry.
    credentials.change_login(&ann.id, "Ann.Able@example.com").await.unwrap();
    assert!(matches!(
        credentials.verify("ann@example.com", PASSWORD).await,
        Err(Refusal::Denied(_))
    ));
    assert_eq!(
        credentials.verify("ann.able@example.com", PASSWORD).await.unwrap(),
        ann.id
    );
    assert_eq!(credentials.status(&ann.id).await.unwrap().login, "Ann.Able@example.com");
    let timeline = world
        .platform
        .activity()
        .timeline(world.id(), &ann.id, None, 50)
        .await
        .unwrap();
    let changes: Vec<_> = timeline
        .items
        .iter()
        .filter(|entry| entry.entry.kind == "credentials.login_changed")
        .flat_map(|entry| &entry.entry.changes)
        .map(|change| (change.field.as_str(), change.before.as_str(), change.after.as_str()))
        .collect();
    assert_eq!(changes, [("login", "Ann@Example.com", "Ann.Able@example.com")]);
}

async fn a_login_is_not_changed_to_a_taken_or_malformed_one_nor_by_whoever_only_looks(world: Arc<World>) {
    let (ann, credentials) = registered(&world).await;
    let bob = world.customer("Bob", "Baker").await;
    let nothing = credentials.change_login(&bob.id, "bobby@example.com").await;
    assert_eq!(nothing, Err(Refusal::NotFound));
    credentials
        .set(&bob.id, "bob@example.com", PASSWORD, SetMode::Create)
        .await
        .unwrap();
    for (login, code) in [
        ("ANN@example.com", "taken"),
        ("bob at home", "malformed"),
        ("", "malformed"),
    ] {
        let Err(Refusal::Invalid(fields)) = credentials.change_login(&bob.id, login).await else {
            panic!("{login}")
        };
        assert_eq!((fields[0].field.as_str(), fields[0].code.as_str()), ("login", code));
    }
    assert_eq!(credentials.verify("bob@example.com", PASSWORD).await.unwrap(), bob.id);
    let looking = world
        .grants_for(&world.company, Origin::Public, true)
        .credentials
        .unwrap();
    assert!(matches!(
        looking.change_login(&ann.id, "ann2@example.com").await,
        Err(Refusal::Denied(_))
    ));
    let neighbour = world
        .grants_for(&world.other, Origin::Public, false)
        .credentials
        .unwrap();
    assert_eq!(
        neighbour.change_login(&ann.id, "ann2@example.com").await,
        Err(Refusal::NotFound)
    );
}
