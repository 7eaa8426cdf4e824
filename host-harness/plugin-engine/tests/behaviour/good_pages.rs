//! `good`: every import reaches the host and comes back; every request has an instance of its own.
//! Judged from outside: by the answers and by what a neighbour notices.

use crate::{
    guests::{engine, get, limits, load, page, plugin, tenant, text},
    host::World,
};
use bytes::Bytes;
use http::header;
use http_body::Body as _;
use http_body_util::{BodyExt, Full, StreamBody};
use plugin_engine::{Limits, ServeError, Tenant};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_arrives_as_it_was_sent_but_for_what_is_the_hosts() {
    let plugin = plugin("good").await;
    let request = http::Request::post("/summit/good/echo?a=1")
        .header("host", "evil.example")
        .header("connection", "upgrade")
        .header("x-test", "yes")
        .body(Full::new(Bytes::from("form=1")))
        .unwrap();
    let response = plugin.handle(tenant("summit"), request).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    let seen = text(response).await;
    assert!(
        seen.starts_with("POST /summit/good/echo?a=1 at example.com\n"),
        "{seen}"
    );
    assert!(seen.contains("x-test: yes") && seen.ends_with("form=1"), "{seen}");
    assert!(!seen.contains("evil.example") && !seen.contains("connection"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_has_a_fresh_instance() {
    let plugin = plugin("good").await;
    for _ in 0..3 {
        assert_eq!(page(&plugin, &tenant("summit"), "count").await, "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_is_reached() {
    let plugin = plugin("good").await;
    assert_eq!(
        page(&plugin, &tenant("summit"), "outside").await,
        "env 0 args 0 file false"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_company_is_the_tenants() {
    let plugin = plugin("good").await;
    for company in ["summit", "brook"] {
        let seen = page(&plugin, &tenant(company), "company").await;
        assert!(
            seen.starts_with(&format!("Company {company} at https://example.com/{company}/good")),
            "{seen}"
        );
        assert!(
            seen.contains("PDF | EMAIL") || seen.contains("PDF | FeatureSet(EMAIL)"),
            "{seen}"
        );
        assert!(
            seen.contains(r#"("days", "30")"#) && seen.ends_with("now 1767225600 UTC"),
            "{seen}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_records_come_through_their_handle() {
    let plugin = plugin("good").await;
    let seen = page(&plugin, &tenant("summit"), "customer").await;
    assert!(
        seen.starts_with(r#"C1 Ok(("Ann", 7)) invoices Ok([("INV-1", 12345), ("INV-2", -1)])"#),
        "{seen}"
    );
    assert!(seen.contains("changed meanwhile"), "{seen}");
    assert!(seen.ends_with("unknown Err(Error::NotFound)"), "{seen}");
    assert!(page(&plugin, &tenant("summit"), "stranger").await.contains("NotFound"));
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_keeps_and_swaps() {
    let plugin = plugin("good").await;
    let world = World::new("summit");
    let seen = page(&plugin, &Tenant::new("summit", world.grants()), "storage").await;
    let expected = r#"Ok(()) Ok([Some([116, 119, 111]), None]) Ok(true) Ok(false) Ok(true) Ok(["a/1"]) true"#;
    assert_eq!(seen, expected);
    assert_eq!(world.stored.lock().unwrap()["a/1"], b"uno");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_spliced_whole_and_in_part() {
    let plugin = plugin("good").await;
    let response = get(&plugin, &tenant("summit"), "file").await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "image/png");
    assert_eq!(text(response).await, "0123456789");
    assert_eq!(page(&plugin, &tenant("summit"), "part").await, "234");
    assert!(
        page(&plugin, &tenant("summit"), "beyond")
            .await
            .contains("out-of-range")
    );
    let statement = page(&plugin, &tenant("summit"), "statement").await;
    assert!(statement.starts_with(r#"Ok(Ok("statement.pdf")) Err"#), "{statement}");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_messages_and_activity_reach_the_host() {
    let plugin = plugin("good").await;
    let world = World::new("summit");
    let tenant = Tenant::new("summit", world.grants());
    let seen = page(&plugin, &tenant, "sign-in").await;
    assert!(seen.starts_with(r#"Ok(()) Ok("C1") Err"#), "{seen}");
    assert!(seen.ends_with(r#"Ok((true, "ann@example.com")) Ok(())"#), "{seen}");
    let seen = page(&plugin, &tenant, "message").await;
    assert!(
        seen.starts_with(r#"Ok("M1") Err"#) && world.sent.lock().unwrap().len() == 1,
        "{seen}"
    );
    let seen = page(&plugin, &tenant, "activity").await;
    assert!(seen.starts_with("Ok(()) Err") && seen.contains("too-long"), "{seen}");
    assert_eq!(world.recorded.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_granted_is_denied_in_words() {
    let plugin = plugin("good").await;
    let mut grants = World::new("summit").grants();
    grants.messages = None;
    grants.customers = None;
    let tenant = Tenant::new("summit", grants);
    for denied in ["message", "customer"] {
        let seen = page(&plugin, &tenant, denied).await;
        assert!(seen.contains("Denied") && seen.contains("was not granted"), "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_answer_is_whole_and_a_large_one_streams() {
    let plugin = plugin("good").await;
    let small = get(&plugin, &tenant("summit"), "big?400000").await.unwrap();
    assert_eq!(small.body().size_hint().exact(), Some(400_000));
    let large = get(&plugin, &tenant("summit"), "big?3000000").await.unwrap();
    assert_eq!(large.body().size_hint().exact(), None);
    assert_eq!(large.into_body().collect().await.unwrap().to_bytes().len(), 3_000_000);
    plugin.drained().await;
    assert_eq!(plugin.in_flight(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_nobody_reads_ends_with_its_reader() {
    let plugin = plugin("good").await;
    let abandoned = get(&plugin, &tenant("summit"), "big?20000000").await.unwrap();
    assert_eq!(plugin.in_flight(), 1);
    drop(abandoned);
    plugin.drained().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_the_limit_breaks_off() {
    let engine = engine(Limits {
        request_body_bytes: 10,
        ..limits()
    });
    let plugin = load(&engine, "good").await;
    let pieces = ["12345", "67890", "1"].map(|p| Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from(p))));
    let body = StreamBody::new(futures_util::stream::iter(pieces));
    let request = http::Request::post("/summit/good/echo").body(body).unwrap();
    let seen = text(plugin.handle(tenant("summit"), request).await.unwrap()).await;
    assert!(seen.contains("broken body"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capability_that_hangs_is_unavailable_in_time() {
    let engine = engine(Limits {
        capability_time: Duration::from_millis(1),
        ..limits()
    });
    let plugin = load(&engine, "good").await;
    let seen = page(&plugin, &tenant("summit"), "wait").await;
    assert!(seen.contains("Unavailable"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_at_once_are_turned_away() {
    let engine = engine(Limits {
        concurrent: 2,
        concurrent_per_company: 1,
        queue_time: Duration::from_millis(1),
        ..limits()
    });
    let plugin = load(&engine, "good").await;
    let held = get(&plugin, &tenant("summit"), "big?20000000").await.unwrap();
    let refused = get(&plugin, &tenant("summit"), "count").await.unwrap_err();
    assert_eq!(refused, ServeError::Overloaded);
    // The company's share is full, the engine is not.
    assert_eq!(page(&plugin, &tenant("brook"), "count").await, "1");
    drop(held);
    plugin.drained().await;
    assert_eq!(page(&plugin, &tenant("summit"), "count").await, "1");
}
