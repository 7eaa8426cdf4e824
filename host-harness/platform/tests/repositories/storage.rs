//! A plugin's storage: lifetimes, limits, compare-and-swap, listing.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use capabilities::{Entry, Error as Refusal};
use std::sync::Arc;

on_both_engines! {
    what_is_set_is_read_until_its_time_is_over
    many_are_stored_all_or_none
    one_of_many_swaps_wins
    keys_list_in_byte_order_by_prefix
    limits_are_refusals
    one_answer_holds_eight_megabytes_of_values
    a_sweep_removes_what_is_past
}

fn entry(key: &str, value: &str, ttl: Option<u32>) -> Entry {
    Entry {
        key: key.into(),
        value: value.into(),
        ttl,
    }
}

async fn what_is_set_is_read_until_its_time_is_over(world: Arc<World>) {
    let storage = world.grants().storage.unwrap();
    storage.set(entry("k", "v1", None)).await.unwrap();
    storage.set(entry("k", "v2", Some(60))).await.unwrap();
    assert_eq!(storage.get("k").await.unwrap(), Some(b"v2".to_vec()));
    world.clock.advance(59);
    assert!(storage.get("k").await.unwrap().is_some());
    world.clock.advance(1);
    assert_eq!(storage.get("k").await.unwrap(), None);
    assert!(!storage.delete("k").await.unwrap());
    storage.set(entry("k", "v3", None)).await.unwrap();
    assert!(storage.delete("k").await.unwrap());
    assert!(!storage.delete("k").await.unwrap());
}

async fn many_are_stored_all_or_none(world: Arc<World>) {
    let storage = world.grants().storage.unwrap();
    let many = (0..700).map(|n| entry(&format!("k{n:04}"), "v", None)).collect();
    storage.set_many(many).await.unwrap();
    let asked = vec!["k0699".into(), "missing".into(), "k0000".into()];
    let found = storage.get_many(asked).await.unwrap();
    assert_eq!(
        found.iter().map(Option::is_some).collect::<Vec<_>>(),
        [true, false, true]
    );
    let bad = vec![entry("fine", "v", None), entry("", "v", None)];
    assert!(matches!(storage.set_many(bad).await, Err(Refusal::Invalid(_))));
    assert_eq!(storage.get("fine").await.unwrap(), None);
    storage
        .set_many(vec![entry("twice", "first", None), entry("twice", "last", None)])
        .await
        .unwrap();
    assert_eq!(storage.get("twice").await.unwrap(), Some(b"last".to_vec()));
}

async fn one_answer_holds_eight_megabytes_of_values(world: Arc<World>) {
    let storage = world.grants().storage.unwrap();
    let large = "v".repeat(64 * 1024);
    for part in 0..2 {
        let keys = part * 65..(part + 1) * 65;
        let many = keys.map(|n| entry(&format!("k{n:03}"), &large, None)).collect();
        storage.set_many(many).await.unwrap();
    }
    let first = |count: usize| (0..count).map(|n| format!("k{n:03}")).collect::<Vec<_>>();
    assert_eq!(storage.get_many(first(128)).await.unwrap().len(), 128);
    let refused = |answer| matches!(answer, Err(Refusal::Invalid(fields)) if fields[0].message.contains("8 MiB"));
    assert!(refused(storage.get_many(first(129)).await));
    // One key over and over is as much to carry.
    assert!(refused(storage.get_many(vec!["k000".into(); 129]).await));
    assert!(storage.get_many(vec!["k000".into(); 128]).await.is_ok());
}

async fn one_of_many_swaps_wins(world: Arc<World>) {
    let storage = world.grants().storage.unwrap();
    assert!(
        !storage
            .compare_and_swap(Some(b"x".to_vec()), entry("lock", "a", None))
            .await
            .unwrap()
    );
    let tries = (0..8).map(|n| {
        let storage = storage.clone();
        tokio::spawn(async move {
            storage
                .compare_and_swap(None, entry("lock", &n.to_string(), Some(60)))
                .await
                .unwrap()
        })
    });
    let wins = futures_util::future::join_all(tries)
        .await
        .into_iter()
        .filter(|won| *won.as_ref().unwrap())
        .count();
    assert_eq!(wins, 1);
    world.clock.advance(60);
    assert!(
        storage
            .compare_and_swap(None, entry("lock", "again", None))
            .await
            .unwrap(),
        "an expired key counts as none"
    );
    assert!(
        storage
            .compare_and_swap(Some(b"again".to_vec()), entry("lock", "next", None))
            .await
            .unwrap()
    );
    assert_eq!(storage.get("lock").await.unwrap(), Some(b"next".to_vec()));
}

async fn keys_list_in_byte_order_by_prefix(world: Arc<World>) {
    let storage = world.grants().storage.unwrap();
    for key in ["link/b", "link/B", "link/é", "link/a", "linx", "link", "link0", "other"] {
        storage.set(entry(key, "v", None)).await.unwrap();
    }
    storage.set(entry("link/gone", "v", Some(1))).await.unwrap();
    world.clock.advance(2);
    let first = storage.list("link/", None, 2).await.unwrap();
    assert_eq!(first.items, ["link/B", "link/a"]);
    let second = storage.list("link/", first.next, 2).await.unwrap();
    assert_eq!(
        (second.items, second.next),
        (vec!["link/b".to_owned(), "link/é".to_owned()], None)
    );
    assert_eq!(storage.list("", None, 100).await.unwrap().items.len(), 8);
}

async fn limits_are_refusals(world: Arc<World>) {
    let storage = world.grants().storage.unwrap();
    let long = "k".repeat(257);
    for key in ["", long.as_str(), "nul\0"] {
        assert!(matches!(storage.get(key).await, Err(Refusal::Invalid(_))), "{key:?}");
        assert!(
            matches!(storage.set(entry(key, "v", None)).await, Err(Refusal::Invalid(_))),
            "{key:?}"
        );
    }
    storage
        .set(Entry {
            key: "big".into(),
            value: vec![0; 64 * 1024],
            ttl: None,
        })
        .await
        .unwrap();
    let too_big = Entry {
        key: "big".into(),
        value: vec![0; 64 * 1024 + 1],
        ttl: None,
    };
    assert!(matches!(storage.set(too_big).await, Err(Refusal::Invalid(_))));
    let too_many = vec!["k".to_owned(); 1001];
    assert!(matches!(storage.get_many(too_many).await, Err(Refusal::Invalid(_))));
}

async fn a_sweep_removes_what_is_past(world: Arc<World>) {
    let storage = world.grants().storage.unwrap();
    storage.set(entry("short", "v", Some(10))).await.unwrap();
    storage.set(entry("long", "v", Some(1000))).await.unwrap();
    storage.set(entry("ever", "v", None)).await.unwrap();
    world.clock.advance(11);
    assert_eq!(world.platform.sweep().await.unwrap().storage_entries, 1);
    assert_eq!(world.platform.sweep().await.unwrap().storage_entries, 0);
    assert_eq!(storage.list("", None, 10).await.unwrap().items, ["ever", "long"]);
}
