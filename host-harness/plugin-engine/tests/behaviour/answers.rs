//! `greedy`: answers with too many headers or bytes, with other bytes than announced, and without end are refused,
//! or cut off so that nobody takes a part for the whole.

use crate::guests::{beside, crowd, engine, get, limits, load, page, plugin, tenant};
use http_body_util::BodyExt;
use plugin_engine::{BodyError, Failure, Limits, ServeError};

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_bounded_in_number_and_size() {
    let engine = engine(limits());
    let plugin = load(&engine, "greedy").await;
    assert!(get(&plugin, &tenant("bad"), "headers?20").await.is_ok());
    // A few too many are refused to the host; far too many already to the guest.
    for too_many in [
        "headers?80",
        "headers?40000",
        "long-header?100000",
        "long-header?1000000",
    ] {
        for answer in beside(&engine, crowd(&plugin, too_many)).await {
            match answer {
                Err(ServeError::BadResponse(_) | ServeError::Failed(Failure::Trapped(_))) => {}
                // A header that the guest itself was refused is not in the answer.
                Ok(answer) if too_many.starts_with("long") => assert!(!answer.headers().contains_key("x-long")),
                other => panic!("{too_many}: {other:?}"),
            }
        }
    }
    assert_eq!(plugin.in_flight(), 0);
    assert_eq!(page(&plugin, &tenant("bad"), "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_do_not_leave() {
    let plugin = plugin("greedy").await;
    let answer = get(&plugin, &tenant("bad"), "trailers").await.unwrap();
    let body = answer.into_body().collect().await.unwrap();
    assert!(body.trailers().is_none());
    assert_eq!(body.to_bytes(), "trailed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_is_about_the_connection_is_refused() {
    let plugin = plugin("greedy").await;
    for status in [100, 101, 103, 199, 600, 999] {
        let answer = get(&plugin, &tenant("bad"), &format!("status?{status}")).await;
        assert!(answer.is_err(), "{status}: {answer:?}");
    }
    let answer = get(&plugin, &tenant("bad"), "status?418").await.unwrap();
    assert_eq!(answer.status(), 418);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_length_than_announced_is_no_answer() {
    let plugin = plugin("greedy").await;
    for page in ["less", "more"] {
        let answer = get(&plugin, &tenant("bad"), page).await;
        assert!(matches!(answer, Err(ServeError::BadResponse(_))), "{page}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_written_byte_by_byte_arrives_whole() {
    let plugin = plugin("greedy").await;
    let seen = page(&plugin, &tenant("bad"), "crumbs?20000").await;
    assert_eq!(seen.len(), 20_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_cut_off_by_size() {
    let engine = engine(Limits {
        response_body_bytes: 4 << 20,
        ..limits()
    });
    let plugin = load(&engine, "greedy").await;
    beside(&engine, async {
        for _ in 0..20 {
            let answer = get(&plugin, &tenant("bad"), "endless").await.unwrap();
            assert_eq!(answer.into_body().collect().await.unwrap_err(), BodyError::TooLarge);
        }
    })
    .await;
    plugin.drained().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_cut_off_by_time() {
    let engine = engine(Limits {
        stream_time: std::time::Duration::from_millis(300),
        request_time: std::time::Duration::from_millis(1_000),
        ..limits()
    });
    let plugin = load(&engine, "greedy").await;
    let cut = beside(&engine, async {
        let answer = get(&plugin, &tenant("bad"), "trickle").await.unwrap();
        answer.into_body().collect().await.unwrap_err()
    });
    assert_eq!(cut.await, BodyError::Failed(Failure::TimedOut));
    plugin.drained().await;
}
