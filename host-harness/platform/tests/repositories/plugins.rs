//! Installed plugins and what companies do with them.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use bytes::Bytes;
use platform::*;
use std::{collections::BTreeSet, sync::Arc};

on_both_engines! {
    a_version_is_installed_upgraded_and_rolled_back
    the_same_version_with_other_bytes_is_refused
    a_company_enables_pauses_and_disables
    secret_settings_stay_out_of_the_log
    an_enabled_plugin_is_not_uninstalled
}

fn version(version: &str, wasm: &'static [u8]) -> NewPlugin {
    NewPlugin {
        plugin_id: "customer-portal".into(),
        version: version.into(),
        manifest_json: format!("{{\"version\":\"{version}\"}}"),
        wasm: Bytes::from_static(wasm),
    }
}

fn permissions() -> BTreeSet<String> {
    ["customers", "storage"].into_iter().map(str::to_owned).collect()
}

async fn a_version_is_installed_upgraded_and_rolled_back(world: Arc<World>) {
    let plugins = world.platform.plugins();
    plugins.install(version("1.0.0", b"one"), &staff()).await.unwrap();
    world.clock.advance(1);
    let two = plugins.install(version("1.1.0", b"two"), &staff()).await.unwrap();
    assert!(two.active);
    assert_eq!(plugins.wasm(&two).await.unwrap(), Bytes::from_static(b"two"));
    let back = plugins.activate("customer-portal", "1.0.0", &staff()).await.unwrap();
    assert_eq!(
        (back.version.as_str(), back.manifest_json.as_str()),
        ("1.0.0", "{\"version\":\"1.0.0\"}")
    );
    let versions: Vec<_> = plugins
        .versions("customer-portal")
        .await
        .unwrap()
        .into_iter()
        .map(|v| (v.version, v.active))
        .collect();
    assert_eq!(versions, [("1.1.0".to_owned(), false), ("1.0.0".to_owned(), true)]);
    assert_eq!(plugins.list().await.unwrap().len(), 1);
    assert!(matches!(
        plugins.activate("customer-portal", "9.9.9", &staff()).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(plugins.active("nothing").await, Err(Error::NotFound)));
}

async fn the_same_version_with_other_bytes_is_refused(world: Arc<World>) {
    let plugins = world.platform.plugins();
    plugins.install(version("1.0.0", b"one"), &staff()).await.unwrap();
    plugins.install(version("1.0.0", b"one"), &staff()).await.unwrap();
    assert!(matches!(
        plugins.install(version("1.0.0", b"other"), &staff()).await,
        Err(Error::Conflict(_))
    ));
}

async fn a_company_enables_pauses_and_disables(world: Arc<World>) {
    let plugins = world.platform.plugins();
    let early = plugins
        .enable(world.id(), "customer-portal", &permissions(), &staff())
        .await;
    assert!(matches!(early, Err(Error::NotFound)));
    plugins.install(version("1.0.0", b"one"), &staff()).await.unwrap();
    assert_eq!(plugins.enablement(world.id(), "customer-portal").await.unwrap(), None);
    let enabled = plugins
        .enable(world.id(), "customer-portal", &permissions(), &staff())
        .await
        .unwrap();
    assert!(enabled.enabled && enabled.permissions == permissions() && enabled.version == "1.0.0");
    plugins
        .set_paused(
            world.id(),
            "customer-portal",
            Some("five traps in a minute"),
            &Actor::system(),
        )
        .await
        .unwrap();
    let paused = plugins
        .enablement(world.id(), "customer-portal")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(paused.paused_reason.as_deref(), Some("five traps in a minute"));
    assert_eq!(plugins.companies_with("customer-portal").await.unwrap().len(), 1);
    plugins
        .set_paused(world.id(), "customer-portal", None, &staff())
        .await
        .unwrap();
    plugins.disable(world.id(), "customer-portal", &staff()).await.unwrap();
    assert!(!plugins.of_company(world.id()).await.unwrap()[0].enabled);
    assert_eq!(plugins.of_company(&world.other.id).await.unwrap(), []);
    let kinds: Vec<_> = world
        .platform
        .activity()
        .audit(world.id(), Some("plugin."), None, 10)
        .await
        .unwrap()
        .items
        .into_iter()
        .map(|entry| entry.entry.kind)
        .collect();
    assert_eq!(
        kinds,
        ["plugin.disabled", "plugin.resumed", "plugin.paused", "plugin.enabled"]
    );
}

async fn secret_settings_stay_out_of_the_log(world: Arc<World>) {
    let setting = |key: &str, value: &str| Setting {
        key: key.into(),
        value: value.into(),
    };
    let settings = [setting("api_token", "hunter2hunter2"), setting("days", "30")];
    let secret = BTreeSet::from(["api_token".to_owned()]);
    world
        .platform
        .plugins()
        .set_settings(world.id(), "p", &settings, &secret, &staff())
        .await
        .unwrap();
    assert_eq!(
        world.platform.plugins().settings(world.id(), "p").await.unwrap(),
        settings
    );
    let entry = world
        .platform
        .activity()
        .audit(world.id(), Some("plugin.settings"), None, 1)
        .await
        .unwrap()
        .items
        .remove(0);
    let told = format!("{entry:?}");
    assert!(
        !told.contains("hunter2") && told.contains("(secret)") && told.contains("30"),
        "{told}"
    );
}

async fn an_enabled_plugin_is_not_uninstalled(world: Arc<World>) {
    let plugins = world.platform.plugins();
    plugins.install(version("1.0.0", b"one"), &staff()).await.unwrap();
    plugins
        .enable(world.id(), "customer-portal", &permissions(), &staff())
        .await
        .unwrap();
    let storage = world.grants().storage.unwrap();
    let entry = || capabilities::Entry {
        key: "k".into(),
        value: b"v".to_vec(),
        ttl: None,
    };
    storage.set(entry()).await.unwrap();
    assert!(matches!(
        plugins.uninstall("customer-portal", true, &staff()).await,
        Err(Error::Conflict(_))
    ));
    plugins.disable(world.id(), "customer-portal", &staff()).await.unwrap();
    plugins.uninstall("customer-portal", false, &staff()).await.unwrap();
    assert_eq!(plugins.list().await.unwrap(), []);
    assert!(storage.get("k").await.unwrap().is_some(), "kept data must stay");
    plugins.install(version("1.0.0", b"one"), &staff()).await.unwrap();
    plugins.uninstall("customer-portal", true, &staff()).await.unwrap();
    assert_eq!(storage.get("k").await.unwrap(), None);
    storage.set(entry()).await.unwrap();
}
