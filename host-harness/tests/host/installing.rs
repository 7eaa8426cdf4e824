//! Installing, upgrading, rolling back; what is refused leaves everything as it was.
//! A company that has a plugin enabled keeps it through every change of version.

use crate::running::{Running, bytes, call, rebuilt};
use capabilities::Setting;
use host_harness::plugins::{Change, PluginError, Rebuilds};

#[tokio::test]
async fn what_cannot_be_installed_is_refused_in_words_and_leaves_no_trace() {
    let host = Running::start().await;
    let core_module = b"\0asm\x01\0\0\0".to_vec();
    for (file, says) in [
        (Vec::new(), "not a plugin"),
        (b"hello".to_vec(), "not WebAssembly"),
        (core_module, "not a component"),
        (bytes("ungranted-import"), "does not ask for the permission"),
        (bytes("good")[..5_000].to_vec(), ""),
        (vec![0; 65 << 20], "too large"),
    ] {
        let refused = host
            .state
            .plugins
            .install(file, Rebuilds::Refuse, &call())
            .await
            .unwrap_err();
        assert!(matches!(refused, PluginError::Refused(_)), "{refused:?}");
        assert!(refused.message().contains(says), "{says}: {}", refused.message());
    }
    assert!(host.state.plugins.installed().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_version_is_one_file_unless_a_developer_says_otherwise() {
    let host = Running::with("good").await;
    let same = host
        .state
        .plugins
        .install(bytes("good"), Rebuilds::Refuse, &call())
        .await
        .unwrap();
    assert_eq!(same.change, Change::Unchanged);
    let refused = host
        .state
        .plugins
        .install(rebuilt("good"), Rebuilds::Refuse, &call())
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, PluginError::Clash(why) if why.contains("1.2.3")),
        "{refused:?}"
    );
    let kept = host
        .state
        .plugins
        .install(rebuilt("good"), Rebuilds::Keep, &call())
        .await
        .unwrap();
    assert_eq!(kept.change, Change::Replaced("1.2.3".into()));
    assert!(kept.version.starts_with("1.2.3+"), "{}", kept.version);
    assert_eq!(host.get("/acme/good/count").await.status, 200, "still enabled");
}

#[tokio::test]
async fn an_upgrade_and_a_rollback_keep_companies_enabled() {
    let host = Running::with("upgrade-v1").await;
    assert!(host.get("/acme/upgrade/").await.text.starts_with("v1"));
    let upgraded = host
        .state
        .plugins
        .install(bytes("upgrade-v2"), Rebuilds::Refuse, &call())
        .await
        .unwrap();
    assert_eq!(
        (upgraded.version.as_str(), upgraded.change),
        ("2.0.0", Change::Replaced("1.0.0".into()))
    );
    assert!(host.get("/acme/upgrade/").await.text.starts_with("v2"));
    assert_eq!(host.get("/brook/upgrade/").await.status, 404);
    let installed = host.state.plugins.installed().await.unwrap();
    assert_eq!(
        (installed[0].enabled_companies, installed[0].previous_version.as_deref()),
        (1, Some("1.0.0"))
    );
    host.state.plugins.rollback("upgrade", &call()).await.unwrap();
    assert!(host.get("/acme/upgrade/").await.text.starts_with("v1"));
}

#[tokio::test]
async fn uninstalling_waits_for_every_company_and_keeps_or_erases_as_told() {
    let host = Running::with("good").await;
    let acme = host.company("acme").await;
    let plugins = &host.state.plugins;
    let setting = Setting {
        key: "days".into(),
        value: "60".into(),
    };
    plugins
        .save_settings(&acme.id, "good", vec![setting], &call())
        .await
        .unwrap();
    let page = || async { host.get("/acme/good/count").await.status };
    let refused = plugins.uninstall("good", true, &call()).await.unwrap_err();
    assert!(refused.message().contains("Disable it there first"), "{refused:?}");
    assert_eq!(page().await, 200, "nothing happened");

    plugins.disable(&acme.id, "good", &call()).await.unwrap();
    plugins.uninstall("good", false, &call()).await.unwrap();
    assert!(plugins.installed().await.unwrap().is_empty());
    assert_eq!(page().await, 404);
    let again = || async {
        plugins.install(bytes("good"), Rebuilds::Refuse, &call()).await.unwrap();
        plugins.enable(&acme.id, "good", &call()).await.unwrap();
    };
    again().await;
    assert_eq!(page().await, 200);
    let days = || async { plugins.settings(&acme.id, "good").await.unwrap()[0].value.clone() };
    assert_eq!(days().await, "60", "what was kept is there again");

    plugins.disable(&acme.id, "good", &call()).await.unwrap();
    plugins.uninstall("good", true, &call()).await.unwrap();
    again().await;
    assert_eq!(days().await, "30", "what was erased is gone");
    let twice = plugins.uninstall("unknown", true, &call()).await.unwrap_err();
    assert!(matches!(twice, PluginError::NotFound), "{twice:?}");
}

#[tokio::test]
async fn a_plugin_whose_enable_crashes_stays_off() {
    let host = Running::start().await;
    let acme = host.company("acme").await;
    host.state
        .plugins
        .install(bytes("trap"), Rebuilds::Refuse, &call())
        .await
        .unwrap();
    let refused = host.state.plugins.enable(&acme.id, "trap", &call()).await.unwrap_err();
    assert!(matches!(refused, PluginError::Failed), "{refused:?}");
    assert!(!host.state.plugins.for_company(&acme.id).await.unwrap()[0].enabled);
    assert_eq!(host.get("/acme/trap/fine").await.status, 404);
}

#[tokio::test]
async fn settings_pass_the_manifest_and_the_plugin_before_they_are_stored() {
    let host = Running::with("good").await;
    let acme = host.company("acme").await;
    let save = |key: &str, value: &str| {
        let (state, company) = (host.state.clone(), acme.id.clone());
        let setting = Setting {
            key: key.into(),
            value: value.into(),
        };
        async move {
            state
                .plugins
                .save_settings(&company, "good", vec![setting], &call())
                .await
        }
    };
    assert!(
        matches!(save("days", "999").await, Err(PluginError::Invalid(fields)) if fields[0].message.contains("at most 365"))
    );
    assert!(matches!(save("surprise", "1").await, Err(PluginError::Invalid(_))));
    assert!(
        save("days", "13").await.unwrap_err().message().contains("Not 13"),
        "the plugin has the last word"
    );
    let days = || async {
        host.state.plugins.settings(&acme.id, "good").await.unwrap()[0]
            .value
            .clone()
    };
    assert_eq!(days().await, "30");
    save("days", "60").await.unwrap();
    assert_eq!(days().await, "60");
    assert!(host.get("/acme/good/company").await.text.contains("(\"days\", \"60\")"));
}

#[tokio::test]
async fn a_restart_finds_plugins_companies_and_pauses_as_they_were() {
    let mut first = Running::with("good").await;
    let acme = first.company("acme").await;
    let config = first.state.config.clone();
    first.tell_to_stop();
    let folder = std::mem::replace(&mut first.folder, tempfile::tempdir().unwrap());
    first.ended().await.unwrap();
    let platform = host_harness::serve::open_platform(&config).await.unwrap();
    platform
        .plugins()
        .set_paused(&acme.id, "good", Some("It failed."), &platform::Actor::system())
        .await
        .unwrap();
    let host = host_harness::serve::Host::assemble(config, platform).await.unwrap();
    let plugins = &host.state.plugins;
    let seen = plugins.for_company(&acme.id).await.unwrap().remove(0);
    assert!(seen.enabled);
    assert_eq!(seen.paused.as_deref(), Some("It failed."));
    assert!(matches!(
        plugins.open_panel(&acme.id, "good", "share", "C1", &call()).await,
        Err(PluginError::Paused)
    ));
    plugins.resume(&acme.id, "good", &call()).await.unwrap();
    assert!(
        plugins
            .open_panel(&acme.id, "good", "share", "C1", &call())
            .await
            .is_ok()
    );
    drop(folder);
}
