//! `greedy`: lists and values beyond the contract's are `invalid`, and those beyond all measure end the guest
//! before the host has copied them.

use crate::guests::{beside, crowd, engine, limits, load, page, plugin, resident, tenant};
use plugin_engine::{Failure, ServeError};

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_and_large_values_are_invalid() {
    let plugin = plugin("greedy").await;
    let bad = tenant("bad");
    assert_eq!(page(&plugin, &bad, "keys?1000").await, "Ok(1000)");
    assert_eq!(page(&plugin, &bad, "bytes?65536").await, "Ok(())");
    for (asked, said) in [
        ("keys?1001", "At most 1000 keys"),
        ("entries?1001", "At most 1000 keys"),
        ("activity?2001", "At most 2000 entries"),
        ("bytes?65537", "64 KiB"),
    ] {
        let seen = page(&plugin, &bad, asked).await;
        assert!(seen.contains("Invalid") && seen.contains(said), "{asked}: {seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_call_may_carry_ends_the_guest_and_is_never_copied() {
    let engine = engine(limits());
    let plugin = load(&engine, "greedy").await;
    let before = resident();
    for asked in [
        "keys?1000000",
        "entries?1000000",
        "activity?500000",
        "bytes?40000000",
        "poll?10000",
        "zeroes",
    ] {
        for answer in beside(&engine, crowd(&plugin, asked)).await {
            let error = answer.unwrap_err();
            assert!(
                matches!(error, ServeError::Failed(Failure::Trapped(_) | Failure::OutOfMemory)),
                "{asked}: {error:?}"
            );
        }
        assert_eq!(plugin.in_flight(), 0);
    }
    // Eight guests at once with 64 MiB each, and as little of the host's own as their calls may carry.
    let grown = resident().saturating_sub(before);
    assert!(grown < 900 << 20, "{} MiB more", grown >> 20);
    assert_eq!(page(&plugin, &tenant("bad"), "fine").await, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_one_moment_over_and_over_is_waited_for_once() {
    let plugin = plugin("greedy").await;
    assert_eq!(page(&plugin, &tenant("bad"), "poll?1000").await, "1000 ready");
}
