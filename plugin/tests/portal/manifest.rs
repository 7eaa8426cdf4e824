//! `plugin.toml` and the code must say the same: settings with their defaults and ranges, the
//! menu item, the fields. What an admin may not store is refused with the field's name.

use crate::fake::Fake;
use customer_portal::{
    Error, MANIFEST, bindings::fieldservice::plugins::company::Setting, fields, panel, settings::Settings,
};
use toml::{Table, Value};

fn manifest() -> Table {
    MANIFEST.parse().unwrap()
}

fn list<'m>(manifest: &'m Table, key: &str) -> Vec<&'m Table> {
    manifest[key]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry.as_table().unwrap())
        .collect()
}

fn setting(key: &str, value: &str) -> Setting {
    Setting {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

#[test]
fn the_manifests_defaults_are_the_codes() {
    let manifest = manifest();
    let stored: Vec<Setting> = list(&manifest, "settings")
        .into_iter()
        .map(|entry| {
            let value = match &entry["default"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            setting(entry["key"].as_str().unwrap(), &value)
        })
        .collect();
    assert_eq!(stored.len(), 14);
    assert_eq!(Settings::check(&stored).unwrap(), Settings::default());
    assert_eq!(Settings::read(&[]), Settings::default());
}

#[test]
fn the_manifests_ranges_are_the_codes() {
    let manifest = manifest();
    for entry in list(&manifest, "settings")
        .into_iter()
        .filter(|entry| entry["type"].as_str() == Some("integer"))
    {
        let key = entry["key"].as_str().unwrap();
        let (min, max) = (entry["min"].as_integer().unwrap(), entry["max"].as_integer().unwrap());
        let check = |number: i64| {
            // A long session leaves room for every idle time.
            let days = setting("session_days", "30");
            Settings::check(&[days, setting(key, &number.to_string())]).is_ok()
        };
        assert!(check(min) && check(max), "{key}");
        assert!(!check(min - 1) && !check(max + 1), "{key}");
    }
}

#[test]
fn the_manifests_actions_and_fields_are_the_codes() {
    let manifest = manifest();
    let actions = list(&manifest, "actions");
    assert_eq!(actions[0]["id"].as_str(), Some(panel::ITEM));
    assert_eq!(actions[1]["id"].as_str(), Some(panel::ACCESS));
    let declared: Vec<_> = list(&manifest, "template-fields")
        .iter()
        .map(|f| {
            (
                f["key"].as_str().unwrap().to_owned(),
                f["label"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let real: Vec<_> = fields::all(&Fake::new())
        .into_iter()
        .map(|field| (field.key, field.label))
        .collect();
    assert_eq!(declared, real);
    assert_eq!(manifest["id"].as_str(), Some("customer-portal"));
    assert_eq!(manifest["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(manifest["routes"]["mount"].as_str(), Some("portal"));
    for reason in manifest["permissions"].as_table().unwrap().values() {
        assert!(reason.as_str().unwrap().ends_with('.'));
    }
}

#[test]
fn settings_that_cannot_be_are_refused_by_name() {
    for (key, value, code) in [
        ("link_lifetime_days", "0", "out-of-range"),
        ("link_lifetime_days", "many", "malformed"),
        ("show_jobs", "yes", "malformed"),
        ("surprise", "1", "not-allowed"),
        ("welcome_text", &"x".repeat(501), "too-long"),
    ] {
        let Err(Error::Invalid(errors)) = Settings::check(&[setting(key, value)]) else {
            panic!("{key} {value}")
        };
        assert_eq!((errors[0].field.as_str(), errors[0].code.as_str()), (key, code));
    }
    let both = [setting("session_days", "1"), setting("session_idle_hours", "25")];
    let Err(Error::Invalid(errors)) = Settings::check(&both) else {
        panic!()
    };
    assert_eq!(errors[0].field, "session_idle_hours");
}

#[test]
fn one_wrong_value_in_the_store_keeps_nobody_out() {
    let settings = Settings::read(&[setting("session_days", "broken"), setting("show_jobs", "false")]);
    assert_eq!((settings.session_days, settings.show_jobs), (14, false));
}
