//! `upgrade-v1`, `upgrade-v2`: another version is swapped in under load without a refused request.
//! Judged from outside: by the answers and by what a neighbour notices.

use crate::guests::{engine, limits, load, page, tenant};
use plugin_engine::Registry;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_go_to_the_new_version_while_old_ones_end() {
    let engine = engine(limits());
    let (v1, v2) = (load(&engine, "upgrade-v1").await, load(&engine, "upgrade-v2").await);
    let registry = Arc::new(Registry::new(&engine));
    assert!(registry.install(v1).is_none());
    let over = Arc::new(AtomicBool::new(false));
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (registry, over) = (Arc::clone(&registry), Arc::clone(&over));
        clients.spawn(async move {
            let tenant = tenant("summit");
            let mut seen = Vec::new();
            while !over.load(Ordering::SeqCst) {
                let plugin = registry.by_mount("upgrade").unwrap();
                let version = plugin.manifest().version.clone();
                let answer = page(&plugin, &tenant, "any").await;
                let expected = if version == "1.0.0" { "v1 v1 true" } else { "v2 v2 true" };
                assert_eq!(answer, expected, "an answer is of one version");
                seen.push(version);
            }
            seen
        });
    }
    // The swap happens while requests of the old version are under way.
    while registry.get("upgrade").unwrap().in_flight() == 0 {
        tokio::task::yield_now().await;
    }
    let old = registry.install(v2).unwrap();
    old.drained().await;
    assert_eq!(old.manifest().version, "1.0.0");
    while registry.get("upgrade").unwrap().in_flight() == 0 {
        tokio::task::yield_now().await;
    }
    over.store(true, Ordering::SeqCst);
    let mut versions = BTreeSet::new();
    while let Some(seen) = clients.join_next().await {
        let seen = seen.unwrap();
        assert!(seen.is_sorted(), "nobody goes back to the old version");
        versions.extend(seen);
    }
    assert_eq!(versions.into_iter().collect::<Vec<_>>(), ["1.0.0", "2.0.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rollback_swaps_back_and_forth() {
    let engine = engine(limits());
    let registry = Registry::new(&engine);
    registry.install(load(&engine, "upgrade-v1").await);
    assert!(registry.rollback("upgrade").is_none());
    registry.install(load(&engine, "upgrade-v2").await);
    let now = || registry.get("upgrade").unwrap().manifest().version.clone();
    assert_eq!(registry.rollback("upgrade").unwrap().manifest().version, "1.0.0");
    assert_eq!(now(), "1.0.0");
    assert_eq!(registry.rollback("upgrade").unwrap().manifest().version, "2.0.0");
    assert_eq!(registry.all().len(), 1);
    assert!(registry.remove("upgrade").is_some() && registry.get("upgrade").is_none());
}
