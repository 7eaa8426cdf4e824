//! Manifests that are too large, too deep or said twice, and files that boast of what is not in them, are refused
//! in plain words, without a crash and without the memory they ask for.

use crate::craft::{boastful, component, deep_type, importing, manifest};
use plugin_engine::{EngineConfig, Refusal, inspect};
use wasm_encoder::CustomSection;

const HEAD: &str = "id = \"bomb\"\nname = \"Bomb\"\nversion = \"1.0.0\"\npublisher = \"P\"\n\
                    description = \"D\"\nwit = \"fieldservice:plugins@1.0\"\n";

fn refusal(bytes: &[u8]) -> Refusal {
    inspect(bytes, &EngineConfig::default()).unwrap_err()
}

fn bad_manifest(text: &str) -> String {
    match refusal(&component(&[&manifest(text)])) {
        Refusal::BadManifest(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_that_is_too_large_or_said_twice_is_refused() {
    assert!(bad_manifest(&format!("{HEAD}# {}", "x".repeat(64 << 10))).contains("64 KiB"));
    let twice = component(&[&manifest(HEAD), &manifest(HEAD)]);
    assert!(matches!(refusal(&twice), Refusal::BadManifest(why) if why.contains("two of them")));
    let many: Vec<_> = (0..10_000).map(|_| manifest(HEAD)).collect();
    let many: Vec<&dyn wasm_encoder::ComponentSection> = many.iter().map(|one| one as _).collect();
    assert!(matches!(refusal(&component(&many)), Refusal::BadManifest(_)));
    // A huge section that is not a manifest is only bytes.
    let ballast = vec![0; 30 << 20];
    let other = CustomSection {
        name: "ballast".into(),
        data: (&ballast[..]).into(),
    };
    assert_eq!(refusal(&component(&[&manifest(HEAD), &other])), Refusal::NoExports);
}

#[test]
fn one_that_is_nested_without_end_is_refused_and_crashes_nothing() {
    for bomb in [
        format!("x = {}", "[".repeat(60_000)),
        format!("x = {}1{}", "[".repeat(30_000), "]".repeat(30_000)),
        format!("x = {}", "{a=".repeat(20_000)),
        format!("{} = 1", vec!["a"; 30_000].join(".")),
        format!("[{}]", vec!["a"; 30_000].join(".")),
        "[[a]]\n".repeat(8_000),
        format!("x = \"{}\"", "\u{10ffff}".repeat(15_000)),
    ] {
        let why = bad_manifest(&format!("{HEAD}{bomb}"));
        assert!(why.len() < 300, "{why}");
    }
}

#[test]
fn files_that_boast_or_nest_types_are_only_damaged() {
    // Every section of a component, with four thousand million of its kind.
    for section in 1..=12 {
        let refused = refusal(&boastful(section, u32::MAX));
        assert!(
            matches!(refused, Refusal::Malformed(_) | Refusal::NoManifest),
            "section {section}: {refused:?}"
        );
    }
    assert!(matches!(refusal(&deep_type(100_000)), Refusal::Malformed(_)));
}

#[test]
fn whatever_reaches_out_is_refused_by_name() {
    for import in [
        "wasi:sockets/tcp@0.2.6",
        "wasi:sockets/ip-name-lookup@0.2.6",
        "wasi:http/outgoing-handler@0.2.12",
        "wasi:http/client@0.3.0",
        "wasi:filesystem/types@0.3.0",
        "wasi:keyvalue/store@0.2.0",
    ] {
        let refused = refusal(&importing(import, HEAD));
        assert_eq!(
            refused,
            Refusal::ForbiddenImport {
                import: import.to_owned()
            }
        );
        assert_eq!(
            refused.to_string(),
            format!("This plugin uses {import}, which no plugin may use.")
        );
    }
}
