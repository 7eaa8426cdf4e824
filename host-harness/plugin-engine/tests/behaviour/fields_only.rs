//! `fields-only`: a plugin with one hook is a plugin; what it does not export answers with nothing.
//! Judged from outside: by the answers and by what a neighbour notices.

use crate::guests::{get, plugin, tenant};
use capabilities::{Channel, Error};
use plugin_engine::{Actor, Exports, FieldRequest, HookError, Occasion, ServeError, Target};

fn request(customer: &str) -> FieldRequest {
    FieldRequest {
        field: "greeting".into(),
        customer: customer.into(),
        channel: Channel::Sms,
        message: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_listed_and_resolved() {
    let plugin = plugin("fields-only").await;
    assert_eq!(
        plugin.exports(),
        Exports {
            template_fields: true,
            ..Exports::default()
        }
    );
    let fields = plugin.fields(&tenant("summit")).await.unwrap();
    assert_eq!(
        fields.iter().map(|field| field.key.as_str()).collect::<Vec<_>>(),
        ["greeting"]
    );
    let asked = vec![request("C1"), request("nobody"), request("count"), request("long")];
    let values = plugin.resolve(&tenant("summit"), asked).await.unwrap();
    assert_eq!(values[0].as_deref(), Ok("Hello C1"));
    assert_eq!(values[1], Err(Error::NotFound));
    assert_eq!(values[2].as_deref(), Ok("4"), "one call for all of them");
    assert!(matches!(values[3], Err(Error::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_hooks_answer_with_nothing() {
    let plugin = plugin("fields-only").await;
    let tenant = tenant("summit");
    let target = Target::customer(
        "C1",
        Actor {
            id: "S1".into(),
            name: "Sam".into(),
        },
    );
    assert_eq!(plugin.enable(&tenant, &Occasion::Enabled, &[]).await, Ok(()));
    assert_eq!(plugin.menu_items(&tenant, &target).await, Ok(Vec::new()));
    assert_eq!(
        plugin.open_panel(&tenant, "share", &target).await,
        Err(HookError::NotExported)
    );
    assert_eq!(get(&plugin, &tenant, "").await.unwrap_err(), ServeError::NotExported);
}
