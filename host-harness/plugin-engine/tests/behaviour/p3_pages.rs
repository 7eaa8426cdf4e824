//! `p3-pages`: `wasi:http/handler@0.3.0` is served like 0.2, with the same bounds.
//! Judged from outside: by the answers and by what a neighbour notices.

use crate::guests::{get, page, plugin, tenant, text};
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::{BodyExt, Full};
use plugin_engine::{Failure, HttpVersion, ServeError};

#[tokio::test(flavor = "multi_thread")]
async fn pages_bodies_and_imports_work() {
    let plugin = plugin("p3-pages").await;
    assert_eq!(plugin.exports().http, Some(HttpVersion::P3));
    let tenant = tenant("summit");
    let response = get(&plugin, &tenant, "hello").await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(text(response).await, "p3 /summit/any/hello");
    let request = http::Request::post("/summit/p3/echo")
        .body(Full::new(Bytes::from("body in, body out")))
        .unwrap();
    assert_eq!(
        text(plugin.handle(tenant.clone(), request).await.unwrap()).await,
        "body in, body out"
    );
    assert_eq!(page(&plugin, &tenant, "visits").await, "1 Ok(())");
    assert_eq!(page(&plugin, &tenant, "visits").await, "2 Ok(())");
}

#[tokio::test(flavor = "multi_thread")]
async fn small_answers_are_whole_and_large_ones_stream() {
    let plugin = plugin("p3-pages").await;
    let small = get(&plugin, &tenant("summit"), "large?400000").await.unwrap();
    assert_eq!(small.body().size_hint().exact(), Some(400_000));
    let large = get(&plugin, &tenant("summit"), "large?3000000").await.unwrap();
    assert_eq!(large.into_body().collect().await.unwrap().to_bytes().len(), 3_000_000);
    plugin.drained().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_told_apart() {
    let plugin = plugin("p3-pages").await;
    let error = |page: &'static str| {
        let plugin = plugin.clone();
        async move { get(&plugin, &tenant("bad"), page).await.unwrap_err() }
    };
    assert!(matches!(error("panic").await, ServeError::Failed(Failure::Trapped(_))));
    assert!(matches!(error("error").await, ServeError::BadResponse(_)));
    assert_eq!(error("spin").await, ServeError::Failed(Failure::TimedOut));
}
