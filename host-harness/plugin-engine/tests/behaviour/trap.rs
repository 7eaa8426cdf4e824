//! `trap`: a crash is an error of its own wherever it happens, never half a page that looks whole.
//! Judged from outside: by the answers and by what a neighbour notices.

use crate::guests::{beside, crowd, engine, get, limits, load, page, plugin, tenant};
use http_body_util::BodyExt;
use plugin_engine::{BodyError, Failure, HookError, Limits, Occasion, ServeError};

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_during_or_after_a_page_is_one_error() {
    let engine = engine(limits());
    let plugin = load(&engine, "trap").await;
    for crash in ["panic", "exit", "midway", "recurse"] {
        for answer in beside(&engine, crowd(&plugin, crash)).await {
            let error = answer.unwrap_err();
            assert!(
                matches!(error, ServeError::Failed(Failure::Trapped(_))),
                "{crash}: {error:?}"
            );
        }
        assert_eq!(plugin.in_flight(), 0);
    }
    assert_eq!(page(&plugin, &tenant("bad"), "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_a_stream_breaks_it_off() {
    let engine = engine(limits());
    let (plugin, good) = (load(&engine, "trap").await, load(&engine, "good").await);
    // A neighbour whose own stream is half out when the other one crashes gets all of it.
    let mut whole = get(&good, &tenant("summit"), "big?3000000").await.unwrap().into_body();
    let first = whole.frame().await.unwrap().unwrap().into_data().unwrap();
    for _ in 0..40 {
        let response = get(&plugin, &tenant("bad"), "late").await.unwrap();
        let broken = response.into_body().collect().await.unwrap_err();
        assert!(matches!(broken, BodyError::Failed(Failure::Trapped(_))), "{broken:?}");
    }
    let rest = whole.collect().await.unwrap().to_bytes();
    assert_eq!(first.len() + rest.len(), 3_000_000);
    plugin.drained().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_failures_of_its_own_pause_it() {
    let engine = engine(Limits {
        breaker_failures: 2,
        breaker_window: std::time::Duration::from_secs(3_600),
        ..limits()
    });
    let plugin = load(&engine, "greedy").await;
    let bad = tenant("bad");
    // A client that gives up, or sends half a form, is no failure of the plugin's.
    for _ in 0..5 {
        let crashes_when_left = get(&plugin, &bad, "crash?4000000").await.unwrap();
        drop(crashes_when_left);
        let broken =
            futures_util::stream::iter([Err::<http_body::Frame<bytes::Bytes>, _>(std::io::Error::other("gone"))]);
        let request = http::Request::post("/summit/any/fine")
            .body(http_body_util::StreamBody::new(broken))
            .unwrap();
        plugin.handle(bad.clone(), request).await.unwrap();
    }
    plugin.drained().await;
    assert_eq!(page(&plugin, &bad, "fine").await, "fine");
    for _ in 0..2 {
        get(&plugin, &bad, "crash?100").await.unwrap_err();
    }
    assert_eq!(get(&plugin, &bad, "fine").await.unwrap_err(), ServeError::Paused);
    assert_eq!(page(&plugin, &tenant("other"), "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_enable_is_an_error_and_not_an_enabled_plugin() {
    let plugin = plugin("trap").await;
    let error = plugin
        .enable(&tenant("bad"), &Occasion::Enabled, &[])
        .await
        .unwrap_err();
    assert!(matches!(error, HookError::Failed(Failure::Trapped(_))), "{error:?}");
}
