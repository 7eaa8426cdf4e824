//! `trap`: a crash is an error of its own wherever it happens, never half a page that looks whole.
//! Judged from outside: by the answers and by what a neighbour notices.

use crate::guests::{get, page, plugin, tenant};
use http_body_util::BodyExt;
use plugin_engine::{BodyError, Failure, HookError, Occasion, ServeError};

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_during_or_after_a_page_is_one_error() {
    let plugin = plugin("trap").await;
    for crash in ["panic", "exit", "midway"] {
        let error = get(&plugin, &tenant("bad"), crash).await.unwrap_err();
        assert!(
            matches!(error, ServeError::Failed(Failure::Trapped(_))),
            "{crash}: {error:?}"
        );
    }
    assert_eq!(page(&plugin, &tenant("bad"), "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_a_stream_breaks_it_off() {
    let plugin = plugin("trap").await;
    let response = get(&plugin, &tenant("bad"), "late").await.unwrap();
    let broken = response.into_body().collect().await.unwrap_err();
    assert!(matches!(broken, BodyError::Failed(Failure::Trapped(_))), "{broken:?}");
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
