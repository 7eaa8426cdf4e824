//! The JSON API: keys and scopes, fields and their values in a batch, a customer's actions.
//! Another company's customers are the same 404 as ones that do not exist.

use crate::running::{Answer, Running};
use platform::Actor;
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) async fn key(host: &Running, slug: &str, scopes: &[&str]) -> String {
    let company = host.company(slug).await;
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    host.state
        .platform
        .api_keys()
        .create(&company.id, "Test", &scopes, &Actor::system())
        .await
        .unwrap()
        .1
}

async fn ask(host: &Running, key: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    host.send(
        method,
        &format!("{}/api/v1{path}", host.staff),
        &headers,
        body.map(|body| body.to_string()),
    )
    .await
}

pub(crate) const ALL: [&str; 4] = ["fields:read", "fields:resolve", "actions:read", "actions:run"];

#[tokio::test]
async fn fields_of_host_and_plugins_are_listed_and_resolved_in_one_call() {
    let host = Running::with("good").await;
    let key = key(&host, "acme", &ALL).await;
    let listed = ask(&host, &key, Method::GET, "/template-fields", None).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let listed = listed.json();
    let names: Vec<&str> = listed["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"customer.first_name") && names.contains(&"plugin.good.link"),
        "{names:?}"
    );
    let texts = ask(&host, &key, Method::GET, "/template-fields?channel=sms", None).await;
    assert!(
        !texts.text.contains("plugin.good.link"),
        "the guest offers it for e-mail only"
    );

    let body = json!({
        "channel": "email",
        "fields": ["customer.full_name", "invoice.amount_due", "plugin.good.link"],
        "customers": ["C3", "nobody", "C1"],
    });
    let resolved = ask(
        &host,
        &key,
        Method::POST,
        "/template-fields/resolve",
        Some(body.clone()),
    )
    .await;
    assert_eq!(resolved.status, 200, "{}", resolved.text);
    let resolved = resolved.json();
    let rows = resolved["results"].as_array().unwrap();
    let ids: Vec<&str> = rows.iter().map(|row| row["customer"].as_str().unwrap()).collect();
    assert_eq!(ids, ["C3", "nobody", "C1"]);
    assert_eq!(rows[0]["values"]["customer.full_name"], "Zoë Müller");
    assert_eq!(rows[0]["missing"], json!(["invoice.amount_due"]));
    assert_eq!(rows[1]["error"], "not-found");
    assert_eq!(rows[2]["values"]["invoice.amount_due"], "$1,234.50");
    let message = rows[2]["message"].as_str().unwrap();
    assert_eq!(rows[2]["values"]["plugin.good.link"], format!("C1/Some({message:?})"));
    assert_ne!(rows[0]["message"], rows[2]["message"]);

    let mut preview = body;
    preview["preview"] = json!(true);
    let preview = ask(&host, &key, Method::POST, "/template-fields/resolve", Some(preview))
        .await
        .json();
    assert_eq!(preview["results"][2]["values"]["plugin.good.link"], "C1/None");
    assert!(preview["results"][2].get("message").is_none());
}

#[tokio::test]
async fn a_customers_actions_are_listed_opened_and_submitted() {
    let host = Running::with("good").await;
    let key = key(&host, "acme", &ALL).await;
    let menu = ask(&host, &key, Method::GET, "/customers/C1/actions", None).await;
    assert_eq!(
        menu.json(),
        json!({"actions": [{"plugin": "good", "item": "share", "label": "Share it"}]})
    );
    let panel = ask(&host, &key, Method::POST, "/customers/C1/actions/good/share", None).await;
    assert_eq!(panel.status, 200, "{}", panel.text);
    assert!(
        panel.json()["elements"]
            .as_array()
            .unwrap()
            .iter()
            .any(|element| element["type"] == "link"),
        "{}",
        panel.text
    );
    let pressed = json!({"button": "save", "values": [{"key": "note", "value": "hello"}]});
    let panel = ask(
        &host,
        &key,
        Method::POST,
        "/customers/C1/actions/good/share/submit",
        Some(pressed),
    )
    .await;
    assert_eq!(panel.json()["notice"]["text"], "save note=hello");
    for (path, why) in [
        ("/customers/nobody/actions/good/share", "customer"),
        ("/customers/C1/actions/good/undeclared", "item"),
        ("/customers/C1/actions/other/share", "plugin"),
    ] {
        assert_eq!(ask(&host, &key, Method::POST, path, None).await.status, 404, "{why}");
    }
}

#[tokio::test]
async fn a_key_reaches_its_scopes_and_its_company_only() {
    let host = Running::with("good").await;
    let reader = key(&host, "acme", &["fields:read"]).await;
    assert_eq!(
        ask(&host, &reader, Method::GET, "/template-fields", None).await.status,
        200
    );
    let refused = ask(&host, &reader, Method::GET, "/customers/C1/actions", None).await;
    assert_eq!(
        (refused.status, refused.header("content-type")),
        (403, "application/problem+json")
    );
    assert!(refused.json()["detail"].as_str().unwrap().contains("actions:read"));
    for wrong in ["", "fsk_", "fsk_wrong", &format!("{reader}x")] {
        let refused = ask(&host, wrong, Method::GET, "/template-fields", None).await;
        assert_eq!(
            (refused.status, refused.header("www-authenticate")),
            (401, "Bearer"),
            "{wrong:?}"
        );
    }
    // Brook has not enabled the plugin: neither its fields nor its actions are there.
    let brook = key(&host, "brook", &ALL).await;
    assert!(
        !ask(&host, &brook, Method::GET, "/template-fields", None)
            .await
            .text
            .contains("plugin.good")
    );
    assert_eq!(
        ask(&host, &brook, Method::GET, "/customers/C1/actions", None)
            .await
            .json(),
        json!({"actions": []})
    );
    assert_eq!(
        ask(&host, &brook, Method::POST, "/customers/C1/actions/good/share", None)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn bad_calls_say_what_is_wrong() {
    let host = Running::with("good").await;
    let key = key(&host, "acme", &ALL).await;
    let many: Vec<String> = (0..1_001).map(|n| n.to_string()).collect();
    for (body, says) in [
        (
            json!({"channel": "pigeon", "fields": ["customer.email"], "customers": ["C1"]}),
            "pigeon",
        ),
        (
            json!({"channel": "email", "fields": ["customer.frist_name"], "customers": ["C1"]}),
            "customer.first_name",
        ),
        (
            json!({"channel": "sms", "fields": ["plugin.good.link"], "customers": ["C1"]}),
            "plugin.good.link",
        ),
        (json!({"channel": "email", "fields": [], "customers": ["C1"]}), "fields"),
        (
            json!({"channel": "email", "fields": ["customer.email"], "customers": many}),
            "1000",
        ),
        (
            json!({"channel": "email", "fields": ["customer.email"], "customers": ["C1"], "extra": 1}),
            "extra",
        ),
    ] {
        let refused = ask(&host, &key, Method::POST, "/template-fields/resolve", Some(body)).await;
        assert!((400..500).contains(&refused.status), "{says}: {}", refused.status);
        assert_eq!(refused.header("content-type"), "application/problem+json");
        assert!(
            refused.json()["detail"].as_str().unwrap().contains(says),
            "{says}: {}",
            refused.text
        );
    }
}
