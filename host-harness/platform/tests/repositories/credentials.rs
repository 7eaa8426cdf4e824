//! Customers' passwords: modes, equal work, waiting, rules.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use capabilities::{Credentials, Error as Refusal, SetMode};
use std::sync::Arc;

const PASSWORD: &str = "correct horse battery";

on_both_engines! {
    a_password_is_created_once_and_replaced_afterwards
    every_mismatch_is_the_same_and_costs_the_same
    failures_wait_and_waiting_ends
    rules_are_told_by_field
    a_login_belongs_to_one_customer
    status_tells_what_happened
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
