//! `greedy`: too many headers, handles, keys, bytes, log lines or an answer without end are refused,
//! as an answer where the contract has one and as a failed request where it has not.

use crate::guests::{engine, get, limits, load, page, plugin, tenant};
use http_body_util::BodyExt;
use plugin_engine::{BodyError, Failure, Limits, ServeError};

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_bounded_in_number_and_size() {
    let plugin = plugin("greedy").await;
    assert!(get(&plugin, &tenant("bad"), "headers?20").await.is_ok());
    // A few too many are refused to the host; far too many already to the guest.
    for too_many in ["headers?80", "headers?40000", "long-header?100000"] {
        match get(&plugin, &tenant("bad"), too_many).await {
            Err(ServeError::BadResponse(_) | ServeError::Failed(Failure::Trapped(_))) => {}
            other => panic!("{too_many}: {other:?}"),
        }
    }
    assert_eq!(page(&plugin, &tenant("bad"), "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_run_out_in_words() {
    let engine = engine(Limits {
        resources: 100,
        ..limits()
    });
    let plugin = load(&engine, "greedy").await;
    let seen = page(&plugin, &tenant("bad"), "handles").await;
    assert!(seen.contains("Unavailable"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_beyond_the_component_models_bound_crash_only_it() {
    let engine = engine(Limits {
        handles: 100,
        ..limits()
    });
    let plugin = load(&engine, "greedy").await;
    let error = get(&plugin, &tenant("bad"), "handles").await.unwrap_err();
    assert!(matches!(error, ServeError::Failed(Failure::Trapped(_))), "{error:?}");
    assert_eq!(page(&plugin, &tenant("bad"), "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_and_large_values_are_invalid() {
    let plugin = plugin("greedy").await;
    assert_eq!(page(&plugin, &tenant("bad"), "keys?1000").await, "Ok(1000)");
    assert!(
        page(&plugin, &tenant("bad"), "keys?1001")
            .await
            .contains("At most 1000 keys")
    );
    assert_eq!(page(&plugin, &tenant("bad"), "bytes?65536").await, "Ok(())");
    assert!(page(&plugin, &tenant("bad"), "bytes?65537").await.contains("64 KiB"));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_bytes_than_a_call_may_carry_crash_only_it() {
    let plugin = plugin("greedy").await;
    let error = get(&plugin, &tenant("bad"), &format!("bytes?{}", 9 << 20))
        .await
        .unwrap_err();
    assert!(matches!(error, ServeError::Failed(Failure::Trapped(_))), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_cut_off() {
    let engine = engine(Limits {
        response_body_bytes: 4 << 20,
        ..limits()
    });
    let plugin = load(&engine, "greedy").await;
    let response = get(&plugin, &tenant("bad"), "endless").await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap_err(), BodyError::TooLarge);
    plugin.drained().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_log_lines_does_no_harm() {
    let plugin = plugin("greedy").await;
    assert_eq!(page(&plugin, &tenant("bad"), "log?10000").await, "logged");
}
