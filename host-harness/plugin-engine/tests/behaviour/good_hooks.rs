//! `good`: every hook is called and answers, and what the manifest does not declare is not offered.
//! Judged from outside: by the answers and by what a neighbour notices.

use crate::guests::{plugin, tenant};
use capabilities::{Channel, Error, Setting, Tone};
use plugin_engine::{
    Actor, Element, FieldRequest, HookError, InputValue, Occasion, Panel, RESOLVE_BATCH, Submission, Target,
};

fn target() -> Target {
    Target::customer(
        "C1",
        Actor {
            id: "S1".into(),
            name: "Sam".into(),
        },
    )
}

fn days(value: &str) -> Vec<Setting> {
    vec![Setting {
        key: "days".into(),
        value: value.into(),
    }]
}

#[tokio::test(flavor = "multi_thread")]
async fn lifecycle_answers_and_refuses() {
    let plugin = plugin("good").await;
    let tenant = tenant("summit");
    assert_eq!(plugin.enable(&tenant, &Occasion::Enabled, &days("30")).await, Ok(()));
    let refused = plugin
        .enable(&tenant, &Occasion::Upgraded("0.9.0".into()), &days("30"))
        .await;
    assert_eq!(
        refused,
        Err(HookError::Refused(Error::Conflict(
            "cannot upgrade from 0.9.0 with 1 settings".into()
        )))
    );
    assert_eq!(plugin.settings_changed(&tenant, &days("14")).await, Ok(()));
    let Err(HookError::Refused(Error::Invalid(fields))) = plugin.settings_changed(&tenant, &days("13")).await else {
        panic!("13 is not allowed")
    };
    assert_eq!(fields[0].field, "days");
    assert_eq!(plugin.disable(&tenant).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_declared_menu_items_show() {
    let plugin = plugin("good").await;
    let items = plugin.menu_items(&tenant("summit"), &target()).await.unwrap();
    assert_eq!(items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["share"]);
    let opened = plugin.open_panel(&tenant("summit"), "undeclared", &target()).await;
    assert_eq!(opened, Err(HookError::Refused(Error::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_opens_with_every_element_and_takes_a_submission() {
    let plugin = plugin("good").await;
    let panel = plugin.open_panel(&tenant("summit"), "share", &target()).await.unwrap();
    assert_eq!((panel.title.as_str(), panel.elements.len()), ("C1 by Sam", 8));
    assert!(matches!(
        &panel.elements[5],
        Element::Badge {
            tone: Tone::Success,
            ..
        }
    ));
    let json = serde_json::to_string(&panel).unwrap();
    assert_eq!(serde_json::from_str::<Panel>(&json).unwrap(), panel);
    let submission = Submission {
        button: "save".into(),
        values: vec![InputValue {
            key: "protected".into(),
            value: "false".into(),
        }],
    };
    let after = plugin
        .submit_panel(&tenant("summit"), "share", &target(), &submission)
        .await
        .unwrap();
    assert_eq!(after.notice.unwrap().text, "save protected=false");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_resolved_in_order() {
    let plugin = plugin("good").await;
    let count = RESOLVE_BATCH + 10;
    let requests = (0..count)
        .map(|n| FieldRequest {
            field: if n == 3 { "unknown" } else { "link" }.into(),
            customer: format!("C{n}"),
            channel: Channel::Email,
            message: (n % 2 == 0).then(|| format!("M{n}")),
        })
        .collect();
    let values = plugin.resolve(&tenant("summit"), requests).await.unwrap();
    assert_eq!(values.len(), count);
    assert_eq!(values[2].as_deref(), Ok("C2/Some(\"M2\")"));
    assert_eq!(values[3], Err(Error::NotFound));
    assert_eq!(
        values[count - 1].as_deref(),
        Ok(format!("C{}/None", count - 1).as_str())
    );
}
