//! Components that are cheap to send and dear to compile are refused before the compiler sees them, or given up
//! when it takes too long; meanwhile others are served.

use crate::{
    craft::{avalanche, large_function, nested, wanting_a_component, with_modules},
    guests::{beside, engine, limits, page, tenant},
};
use plugin_engine::{Engine, Limits, Refusal};
use std::time::Duration;

async fn refusal(engine: &Engine, component: Vec<u8>) -> String {
    let refused = beside(engine, engine.load(component)).await.unwrap_err();
    assert!(matches!(refused, Refusal::TooComplex(_)), "{refused:?}");
    refused.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn components_that_instantiate_each_other_over_and_over_are_refused() {
    let engine = engine(limits());
    // Two to the power of two hundred instances in a few kilobytes.
    let component = avalanche("upgrade-v1", 200, 2);
    assert!(component.len() < 200_000, "{}", component.len());
    let words = refusal(&engine, component).await;
    assert!(
        words.contains("instantiate each other more than 10000 times"),
        "{words}"
    );
    // A handful is what tools make.
    let few = engine.load(avalanche("upgrade-v1", 1, 2)).await.unwrap();
    assert!(page(&few, &tenant("bad"), "any").await.starts_with("v1"));
    let words = refusal(&engine, wanting_a_component()).await;
    assert!(words.contains("components around as values"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_function_is_refused() {
    let engine = engine(limits());
    let words = refusal(&engine, with_modules("upgrade-v1", &large_function(2 << 20), 1)).await;
    assert!(words.contains("one of its functions"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compilation_that_takes_too_long_is_given_up() {
    let engine = engine(Limits {
        compile_time: Duration::from_millis(1),
        ..limits()
    });
    // Compiling it anew takes far longer than a millisecond, wherever this runs.
    let slow = with_modules("good", &large_function(400 << 10), 1);
    let refused = engine.load(slow).await.unwrap_err();
    assert!(matches!(refused, Refusal::SlowToCompile { .. }), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deep_nest_is_only_a_file_without_a_manifest() {
    let engine = engine(limits());
    assert_eq!(engine.load(nested(300)).await.unwrap_err(), Refusal::NoManifest);
    let refused = engine.load(nested(3_000)).await.unwrap_err();
    assert!(matches!(refused, Refusal::Malformed(_)), "{refused:?}");
}
