//! `endless-loop`: a guest that spins costs its own request, never the server or a neighbour.
//! Judged from outside: by the answers and by what a neighbour notices.

use crate::guests::{beside, crowd, engine, engine_with, get, limits, load, page, tenant};
use http_body_util::BodyExt;
use plugin_engine::{BodyError, EngineConfig, Failure, Limits, Pause, Registry, ServeError};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

#[tokio::test(flavor = "current_thread")]
async fn a_neighbour_is_served_while_it_spins() {
    let engine = engine(limits());
    let (spinning, good) = (load(&engine, "endless-loop").await, load(&engine, "good").await);
    let spinner = Arc::clone(&spinning);
    // One thread for everything: were the guest not to give way, nothing else would ever run.
    let stuck = tokio::spawn(async move { get(&spinner, &tenant("bad"), "spin").await.unwrap_err() });
    let mut served = 0;
    while !stuck.is_finished() {
        assert_eq!(page(&good, &tenant("summit"), "count").await, "1");
        served += 1;
        tokio::task::yield_now().await;
    }
    assert_eq!(stuck.await.unwrap(), ServeError::Failed(Failure::TimedOut));
    assert!(served > 0, "none was served beside it");
    assert_eq!(page(&spinning, &tenant("bad"), "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_answers_gives_its_place_back() {
    let engine = engine(limits());
    let plugin = load(&engine, "endless-loop").await;
    // Asleep, with half a page out, and busy in the host's own calls.
    for page in ["sleep", "half", "calls"] {
        for answer in beside(&engine, crowd(&plugin, page)).await {
            assert_eq!(answer.unwrap_err(), ServeError::Failed(Failure::TimedOut), "{page}");
        }
        assert_eq!(plugin.in_flight(), 0);
    }
    assert_eq!(page(&plugin, &tenant("bad"), "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn spinning_or_sleeping_in_a_stream_breaks_it_off() {
    let engine = engine(limits());
    let plugin = load(&engine, "endless-loop").await;
    for page in ["late", "asleep"] {
        let response = get(&plugin, &tenant("bad"), page).await.unwrap();
        let broken = beside(&engine, response.into_body().collect()).await.unwrap_err();
        assert_eq!(broken, BodyError::Failed(Failure::TimedOut), "{page}");
        plugin.drained().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_sleeps_at_every_company_leaves_room_for_other_plugins() {
    let engine = engine(Limits {
        concurrent: 8,
        concurrent_per_plugin: 6,
        concurrent_per_company: 4,
        // Shorter than one sleeps: a neighbour that had to wait for a place would get none.
        queue_time: Duration::from_millis(200),
        ..limits()
    });
    let plugin = load(&engine, "endless-loop").await;
    let companies: Vec<_> = (0..8).map(|n| tenant(&format!("bad-{n}"))).collect();
    let slept = beside(&engine, async {
        futures_util::future::join_all(companies.iter().map(|company| get(&plugin, company, "sleep"))).await
    });
    for answer in slept.await {
        let error = answer.unwrap_err();
        assert!(
            matches!(error, ServeError::Failed(Failure::TimedOut) | ServeError::Overloaded),
            "{error:?}"
        );
    }
    assert_eq!(plugin.in_flight(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_failures_pause_it_for_that_company_only() {
    let told = Arc::<Mutex<Vec<Pause>>>::default();
    let listener = Arc::clone(&told);
    let engine = engine_with(EngineConfig {
        limits: Limits {
            breaker_failures: 2,
            breaker_window: Duration::from_secs(3600),
            ..limits()
        },
        on_pause: Some(Arc::new(move |pause| listener.lock().unwrap().push(pause.clone()))),
        ..EngineConfig::default()
    });
    let registry = Registry::new(&engine);
    let plugin = load(&engine, "endless-loop").await;
    for _ in 0..2 {
        get(&plugin, &tenant("bad"), "spin").await.unwrap_err();
    }
    assert_eq!(
        get(&plugin, &tenant("bad"), "fine").await.unwrap_err(),
        ServeError::Paused
    );
    assert_eq!(page(&plugin, &tenant("other"), "fine").await, "fine");
    let pauses = told.lock().unwrap().clone();
    assert_eq!(pauses.len(), 1);
    assert_eq!(
        (pauses[0].company.as_str(), pauses[0].plugin.as_str()),
        ("bad", "endless-loop")
    );
    assert!(registry.resume("endless-loop", "bad"));
    assert_eq!(page(&plugin, &tenant("bad"), "fine").await, "fine");
}
