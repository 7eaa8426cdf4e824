//! `bad-hooks`: hooks that never return, crash or answer far too much fail in their time, and their company's
//! pages and everybody else's go on.

use crate::{
    guests::{beside, engine, limits, load, resident},
    host::World,
};
use capabilities::{Channel, Error};
use plugin_engine::{
    Actor, Engine, Failure, FieldRequest, HookError, Limits, Occasion, Plugin, Submission, Target, Tenant,
};
use std::{fmt::Debug, sync::Arc, time::Duration};

fn impatient() -> Engine {
    engine(Limits {
        hook_time: Duration::from_millis(400),
        ..limits()
    })
}

fn tenant(mode: &str) -> Tenant {
    Tenant::new("bad", World::in_mode("bad", mode).grants())
}

fn target() -> Target {
    Target::customer(
        "C1",
        Actor {
            id: "S1".into(),
            name: "Sam".into(),
        },
    )
}

fn requests(count: usize) -> Vec<FieldRequest> {
    let request = FieldRequest {
        field: "link".into(),
        customer: "C1".into(),
        channel: Channel::Email,
        message: None,
    };
    vec![request; count]
}

/// What came of every hook, in the order of the contract.
async fn every_hook(plugin: &Arc<Plugin>, mode: &str) -> Vec<(&'static str, Result<usize, HookError>)> {
    let tenant = tenant(mode);
    let pressed = Submission {
        button: "save".into(),
        values: Vec::new(),
    };
    let parts = |panel: plugin_engine::Panel| panel.elements.len();
    vec![
        (
            "enable",
            plugin.enable(&tenant, &Occasion::Enabled, &[]).await.map(|()| 0),
        ),
        (
            "items",
            plugin.menu_items(&tenant, &target()).await.map(|items| items.len()),
        ),
        ("open", plugin.open_panel(&tenant, "share", &target()).await.map(parts)),
        (
            "submit",
            plugin
                .submit_panel(&tenant, "share", &target(), &pressed)
                .await
                .map(parts),
        ),
        ("fields", plugin.fields(&tenant).await.map(|fields| fields.len())),
        (
            "resolve",
            plugin.resolve(&tenant, requests(3)).await.map(|values| values.len()),
        ),
    ]
}

fn all_failed(seen: &[(&str, Result<usize, HookError>)], how: impl Fn(&Failure) -> bool) {
    for (hook, answer) in seen {
        assert!(
            matches!(answer, Err(HookError::Failed(failure)) if how(failure)),
            "{hook}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_that_never_return_are_cut_off_in_their_time() {
    let engine = impatient();
    let plugin = load(&engine, "bad-hooks").await;
    for mode in ["spin", "sleep"] {
        for _ in 0..3 {
            let seen = beside(&engine, every_hook(&plugin, mode)).await;
            all_failed(&seen, |failure| *failure == Failure::TimedOut);
        }
        assert_eq!(plugin.in_flight(), 0);
    }
    // Without time to lose they would have answered.
    let engine = self::engine(limits());
    let plugin = load(&engine, "bad-hooks").await;
    let seen = every_hook(&plugin, "").await;
    assert!(seen.iter().all(|(_, answer)| answer.is_ok()), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_that_crash_are_errors_each_by_itself() {
    let engine = engine(limits());
    let plugin = load(&engine, "bad-hooks").await;
    for _ in 0..5 {
        let seen = beside(&engine, every_hook(&plugin, "panic")).await;
        all_failed(&seen, |failure| matches!(failure, Failure::Trapped(_)));
    }
    assert_eq!(plugin.in_flight(), 0);
}

fn refused<T: Debug>(answer: Result<T, HookError>) {
    assert!(
        matches!(&answer, Err(HookError::Failed(Failure::Trapped(_)))),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_of_anything_is_never_copied() {
    let engine = engine(limits());
    let plugin = load(&engine, "bad-hooks").await;
    let before = resident();
    let seen = beside(&engine, every_hook(&plugin, "million")).await;
    all_failed(&seen[1..], |failure| {
        matches!(failure, Failure::Trapped(_) | Failure::OutOfMemory)
    });
    let grown = resident().saturating_sub(before);
    assert!(grown < 400 << 20, "{} MiB more", grown >> 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_beyond_what_a_page_can_show_is_refused_and_menus_are_cut() {
    let plugin = load(&engine(limits()), "bad-hooks").await;
    for mode in ["many", "words"] {
        let bad = tenant(mode);
        refused(plugin.open_panel(&bad, "share", &target()).await);
        let items = plugin.menu_items(&bad, &target()).await.unwrap();
        assert_eq!(items.len(), 1, "{mode}");
        assert!(
            items[0].label.len() <= 80 && !items[0].label.contains('\n'),
            "{items:?}"
        );
        let fields = plugin.fields(&bad).await.unwrap();
        assert_eq!(fields.len(), 1, "{mode}");
        assert!(fields[0].label.len() <= 80, "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_values_than_asked_for_is_no_answer() {
    let plugin = load(&engine(limits()), "bad-hooks").await;
    for mode in ["many", "few"] {
        refused(plugin.resolve(&tenant(mode), requests(3)).await);
    }
    assert_eq!(plugin.resolve(&tenant(""), requests(3)).await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_as_long_as_somebody_would_read() {
    let plugin = load(&engine(limits()), "bad-hooks").await;
    for answer in [
        plugin
            .enable(&tenant("wordy"), &Occasion::Enabled, &[])
            .await
            .unwrap_err(),
        plugin.menu_items(&tenant("wordy"), &target()).await.unwrap_err(),
        plugin
            .open_panel(&tenant("wordy"), "share", &target())
            .await
            .unwrap_err(),
    ] {
        assert!(
            matches!(&answer, HookError::Refused(Error::Conflict(why)) if why.len() == 500),
            "{answer:?}"
        );
    }
}
