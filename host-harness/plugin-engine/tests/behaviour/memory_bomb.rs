//! `memory-bomb`: memory beyond the manifest's limit is refused, and only that request is lost.
//! Judged from outside: by the answers and by what a neighbour notices.

use crate::guests::{engine, get, limits, load, page, plugin, tenant};
use plugin_engine::{Failure, Limits, ServeError};

#[tokio::test(flavor = "multi_thread")]
async fn it_loses_its_own_request_and_a_neighbour_none() {
    let engine = engine(limits());
    let (bomb, good) = (load(&engine, "memory-bomb").await, load(&engine, "good").await);
    let (bad, summit) = (tenant("bad"), tenant("summit"));
    for _ in 0..3 {
        let (exploded, served) = tokio::join!(get(&bomb, &bad, "explode"), page(&good, &summit, "count"));
        assert_eq!(exploded.unwrap_err(), ServeError::Failed(Failure::OutOfMemory));
        assert_eq!(served, "1");
    }
    assert_eq!(page(&bomb, &bad, "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_is_the_manifests_and_never_more_than_the_hosts() {
    let within = plugin("memory-bomb").await;
    assert_eq!(page(&within, &tenant("bad"), "take?8").await, "took 8 MiB");
    let engine = engine(Limits {
        memory_bytes: 4 << 20,
        ..limits()
    });
    let tight = load(&engine, "memory-bomb").await;
    let refused = get(&tight, &tenant("bad"), "take?8").await.unwrap_err();
    assert_eq!(refused, ServeError::Failed(Failure::OutOfMemory));
}
