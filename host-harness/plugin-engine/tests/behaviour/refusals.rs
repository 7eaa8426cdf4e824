//! What is refused before any of it runs, and in which words: `ungranted-import`, `reaches-out`, files
//! that are no components, and components whose `plugin.toml` does not hold.

use crate::guests::{bytes, engine, limits};
use plugin_engine::{EngineConfig, Permission, Refusal, inspect};

/// A component in which some text of its manifest is replaced by text of the same length.
fn altered(name: &str, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes(name);
    let found: Vec<_> = (0..bytes.len() - from.len())
        .filter(|at| bytes[*at..].starts_with(from.as_bytes()))
        .collect();
    assert!(!found.is_empty(), "{from} is not in {name}");
    // The manifest may stand in the guest's own data as well.
    for at in found {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_beyond_the_manifest_are_refused() {
    let engine = engine(limits());
    let refusal = engine.load(bytes("ungranted-import")).await.unwrap_err();
    let Refusal::NotAskedFor {
        permission: Permission::Messages,
        ..
    } = &refusal
    else {
        panic!("{refusal:?}")
    };
    assert_eq!(
        refusal.to_string(),
        "This plugin uses fieldservice:plugins/messages@1.0.0, but its plugin.toml does not ask for the permission “messages”."
    );
    let refusal = engine.load(bytes("reaches-out")).await.unwrap_err();
    assert!(refusal.to_string().contains("wasi:sockets/"), "{refusal}");
    assert!(refusal.to_string().ends_with("which no plugin may use."), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_contracts_and_other_files_are_refused() {
    let engine = engine(limits());
    let wrong = altered("good", "fieldservice:plugins@1.0\"", "fieldservice:plugins@2.0\"");
    assert!(matches!(engine.load(wrong).await, Err(Refusal::WrongContract { .. })));
    let nameless = altered("good", "name = \"Good\"", "name = \"    \"");
    assert!(matches!(engine.load(nameless).await, Err(Refusal::BadManifest(why)) if why.contains("name")));
    assert_eq!(
        engine.load(b"not wasm".to_vec()).await.unwrap_err(),
        Refusal::NotWebAssembly
    );
    let huge = engine.load(vec![0; 100_000_000]).await.unwrap_err();
    assert!(huge.to_string().contains("100.0 MB"), "{huge}");
    let mut broken = bytes("good");
    broken.truncate(broken.len() / 2);
    assert!(matches!(engine.load(broken).await, Err(Refusal::Malformed(_))));
}

#[test]
fn a_good_one_is_described() {
    let inspection = inspect(&bytes("good"), &EngineConfig::default()).unwrap();
    assert!(inspection.exports.lifecycle && inspection.exports.actions_menu && inspection.exports.template_fields);
    assert!(
        inspection
            .imports
            .iter()
            .any(|import| import.starts_with("fieldservice:plugins/credentials@"))
    );
    let printed = inspection.to_string();
    for part in [
        "Good 1.2.3 (good) by Fixtures",
        "/{company}/good/",
        "To sign customers in.",
        "can be installed",
    ] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
}
