//! Who may depend on what. The compiler enforces the walls between crates; this enforces that nobody adds a door.
//! Dev-dependencies count too: a test that crosses a wall is a wall crossed.

use serde_json::Value;

use super::Fault;

/// A crate (or every crate whose name starts so) and the only packages that may depend on it.
struct Reserved {
    dependency: &'static str,
    owners: &'static [&'static str],
    why: &'static str,
}

const RESERVED: [Reserved; 8] = [
    Reserved {
        dependency: "sqlx",
        owners: &["platform"],
        why: "SQL stands in `platform` only",
    },
    Reserved {
        dependency: "wasmtime",
        owners: &["plugin-engine"],
        why: "wasmtime is `plugin-engine`'s own affair",
    },
    Reserved {
        dependency: "lettre",
        owners: &["messaging"],
        why: "mail is `messaging`'s own affair",
    },
    Reserved {
        dependency: "axum",
        owners: &["host-harness"],
        why: "routes stand in `host-harness` only",
    },
    Reserved {
        dependency: "customer-portal",
        owners: &[],
        why: "nothing links the plugin: it is a component (tests read its table of routes)",
    },
    Reserved {
        dependency: "host-harness",
        owners: &[],
        why: "nothing stands on the host's binary crate",
    },
    Reserved {
        dependency: "platform",
        owners: &["host-harness"],
        why: "only the host wires the platform",
    },
    Reserved {
        dependency: "messaging",
        owners: &["host-harness"],
        why: "only the host wires messaging",
    },
];

/// What a package of ours may use among our own packages.
const OWN: [(&str, &[&str]); 8] = [
    ("customer-portal", &[]),
    ("capabilities", &[]),
    ("plugin-engine", &["capabilities"]),
    ("platform", &["capabilities"]),
    ("messaging", &[]),
    (
        "host-harness",
        &["capabilities", "plugin-engine", "platform", "messaging"],
    ),
    // Its access matrix walks the plugin's table of routes; `sources` sees to it that it reads nothing else.
    ("conformance", &["customer-portal"]),
    ("xtask", &[]),
];

pub(crate) fn check(metadata: &Value) -> Vec<Fault> {
    let packages = list(metadata, "packages");
    let names: Vec<&str> = packages.iter().map(|package| text(package, "name")).collect();
    let mut faults = Vec::new();
    for package in packages {
        let name = text(package, "name");
        let Some((_, may_use)) = OWN.iter().find(|(known, _)| *known == name) else {
            faults.push(format!(
                "{name}: a new package; say in xtask/src/walls/manifests.rs what it may depend on"
            ));
            continue;
        };
        for dependency in list(package, "dependencies")
            .iter()
            .map(|dependency| text(dependency, "name"))
        {
            if names.contains(&dependency) && !may_use.contains(&dependency) {
                faults.push(format!(
                    "{name} depends on {dependency}: its walls allow {may_use:?} of our own crates"
                ));
            }
            for rule in &RESERVED {
                if is(dependency, rule.dependency) && !rule.owners.contains(&name) && !names.contains(&dependency) {
                    faults.push(format!("{name} depends on {dependency}: {}", rule.why));
                }
            }
        }
    }
    faults
}

/// `wasmtime` and `wasmtime-wasi`, but not `wasmtimeline`.
fn is(dependency: &str, reserved: &str) -> bool {
    dependency
        .strip_prefix(reserved)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(name: &str, dependency: &str) -> Vec<Fault> {
        check(&json!({ "packages": [
            { "name": name, "dependencies": [{ "name": dependency }] },
            { "name": "platform", "dependencies": [] },
            { "name": "customer-portal", "dependencies": [] },
        ]}))
    }

    #[test]
    fn sql_and_wasmtime_stay_behind_their_walls() {
        assert_eq!(faults("messaging", "sqlx").len(), 1);
        assert_eq!(faults("host-harness", "wasmtime-wasi").len(), 1);
        assert!(faults("plugin-engine", "wasmtime-wasi").is_empty());
    }

    #[test]
    fn the_host_never_links_the_plugin_and_the_plugin_nothing_of_the_host() {
        assert_eq!(faults("host-harness", "customer-portal").len(), 1);
        assert_eq!(faults("customer-portal", "platform").len(), 1);
        assert!(faults("host-harness", "platform").is_empty());
    }

    #[test]
    fn a_package_nobody_placed_is_a_fault() {
        assert_eq!(faults("helpers", "serde").len(), 1);
    }
}
