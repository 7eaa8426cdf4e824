//! `greedy`: resources that a guest opens and keeps run out for itself alone: in words where the contract has
//! some, with its end where it has not. What it kept is given back.

use crate::guests::{beside, crowd, engine, get, limits, load, page, plugin, resident, tenant};
use plugin_engine::{Failure, Limits, ServeError};

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
async fn documents_open_for_reading_run_out_before_the_hosts_files_do() {
    let plugin = plugin("greedy").await;
    for _ in 0..20 {
        let seen = page(&plugin, &tenant("bad"), "documents").await;
        assert!(
            seen.starts_with("4 open, then") && seen.contains("Unavailable"),
            "{seen}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_never_sent_timers_and_header_maps_end_their_guest_and_nothing_else() {
    let engine = engine(limits());
    let plugin = load(&engine, "greedy").await;
    let before = resident();
    for kind in ["bodies", "pollables", "header-maps"] {
        for answer in beside(&engine, crowd(&plugin, kind)).await {
            let error = answer.unwrap_err();
            assert!(
                matches!(error, ServeError::Failed(Failure::Trapped(_) | Failure::OutOfMemory)),
                "{kind}: {error:?}"
            );
        }
        assert_eq!(plugin.in_flight(), 0);
    }
    // Eight at once: were every answer never sent to hold what one that is sent may, it would be gigabytes.
    let grown = resident().saturating_sub(before);
    assert!(grown < 1_200 << 20, "{} MiB more", grown >> 20);
    assert_eq!(page(&plugin, &tenant("bad"), "fine").await, "fine");
}
