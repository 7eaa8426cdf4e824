//! Tables and memories: one that grows without end stops at the limit, and a component with many of them is not
//! installed, because with a few of its kind there would be none left for anybody else.

use crate::{
    craft::{module, with_modules},
    guests::{beside, engine, get, limits, page, tenant},
};
use plugin_engine::{Failure, Limits, ServeError};
use wasm_encoder::{BlockType, HeapType, Instruction};

/// Grow table 0 by `entries` and go on if that was refused, or crash.
fn must_be_refused(entries: i32) -> Vec<Instruction<'static>> {
    vec![
        Instruction::RefNull(HeapType::FUNC),
        Instruction::I32Const(entries),
        Instruction::TableGrow(0),
        Instruction::I32Const(-1),
        Instruction::I32Ne,
        Instruction::If(BlockType::Empty),
        Instruction::Unreachable,
        Instruction::End,
    ]
}

/// Grow table 0 for ever, and crash when it does not grow.
fn for_ever() -> Vec<Instruction<'static>> {
    vec![
        Instruction::Loop(BlockType::Empty),
        Instruction::RefNull(HeapType::FUNC),
        Instruction::I32Const(1_000),
        Instruction::TableGrow(0),
        Instruction::I32Const(-1),
        Instruction::I32Ne,
        Instruction::BrIf(0),
        Instruction::End,
        Instruction::Unreachable,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_grows_no_further_than_the_limit() {
    let engine = engine(limits());
    let guest = |body: &[Instruction<'_>]| with_modules("upgrade-v1", &module(1, 0, body), 1);
    let within = engine.load(guest(&must_be_refused(50_000))).await.unwrap();
    let error = get(&within, &tenant("bad"), "any").await.unwrap_err();
    assert!(
        matches!(error, ServeError::Failed(Failure::Trapped(_))),
        "50,000 are allowed: {error:?}"
    );
    let beyond = engine.load(guest(&must_be_refused(100_001))).await.unwrap();
    assert!(page(&beyond, &tenant("bad"), "any").await.starts_with("v1"));
    let endless = engine.load(guest(&for_ever())).await.unwrap();
    beside(&engine, async {
        for _ in 0..40 {
            let error = get(&endless, &tenant("bad"), "any").await.unwrap_err();
            assert!(matches!(error, ServeError::Failed(Failure::Trapped(_))), "{error:?}");
        }
    })
    .await;
    assert_eq!(endless.in_flight(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_tables_memories_or_instances_than_fit_the_pool_are_refused_at_install() {
    let engine = engine(limits());
    for (module, times) in [
        (module(20, 0, &[]), 1),
        (module(1, 0, &[]), 3),
        (module(0, 20, &[]), 1),
        (module(0, 1, &[]), 2),
        (module(0, 0, &[]), 20),
    ] {
        let refused = engine
            .load(with_modules("upgrade-v1", &module, times))
            .await
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "This plugin is too complex to be run safely: it has more core instances, memories or tables than the \
             6, 2 and 4 allowed."
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_that_are_let_in_leave_everybody_their_place() {
    // As many at once as the host allows, each as large as it allows, and a neighbour besides.
    let engine = engine(Limits {
        concurrent: 9,
        concurrent_per_plugin: 8,
        ..limits()
    });
    let sleeper = engine
        .load(with_modules("endless-loop", &module(1, 1, &[]), 1))
        .await
        .unwrap();
    let slept = beside(&engine, async {
        let bad = tenant("bad");
        futures_util::future::join_all((0..16).map(|_| get(&sleeper, &bad, "sleep"))).await
    });
    for answer in slept.await {
        assert_eq!(answer.unwrap_err(), ServeError::Failed(Failure::TimedOut));
    }
    assert_eq!(sleeper.in_flight(), 0);
}
