//! Other programs: the JSON API on the staff listener, with a company's key and its scopes.
//! OpenAPI document, template fields, batch resolution, a customer's menu actions.

use conformance::scenario;
use conformance::{Browser, Host, Page};
use reqwest::Method;
use serde_json::{Value, json};

async fn call(host: &Host, key: &str, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Page> {
    let authorization = format!("Bearer {key}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
    ];
    let client = Browser::new(&host.staff);
    client
        .send(method, path, &headers, body.map(|body| body.to_string().into_bytes()))
        .await
}

fn make_key(host: &Host, company: &str, scopes: &str) -> anyhow::Result<String> {
    let output = conformance::host::command(
        &host.folder(),
        &[
            "api-key",
            "create",
            "--company",
            company,
            "--scopes",
            scopes,
            "--data-dir",
            &host.data().display().to_string(),
        ],
    )?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

const ALL: &str = "fields:read,fields:resolve,actions:read,actions:run";

#[tokio::test]
async fn a_program_lists_fields_resolves_them_and_runs_an_action() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let key = make_key(&host, "summit", ALL)?;
    assert!(key.starts_with("fsk_"), "{key}");

    let document = call(&host, &key, Method::GET, "/api/v1/openapi.json", None)
        .await?
        .expect(200)?
        .json()?;
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1")),
        "{document}"
    );
    for path in [
        "/template-fields",
        "/template-fields/resolve",
        "/customers/{id}/actions",
    ] {
        let paths = document["paths"].as_object().expect("paths");
        assert!(
            paths.keys().any(|known| known.ends_with(path)),
            "{path} is described: {:?}",
            paths.keys()
        );
    }

    let fields = call(&host, &key, Method::GET, "/api/v1/template-fields", None)
        .await?
        .expect(200)?
        .text();
    for name in [
        "customer.first_name",
        "plugin.customer_portal.portal_link",
        "plugin.customer_portal.portal_link_password",
    ] {
        assert!(fields.contains(name), "{name} in {fields}");
    }
    assert!(fields.contains("Customer Portal Link w/ Password"), "{fields}");

    let ids: Vec<String> = scenario::demo_rows("summit", "customers.csv")?
        .iter()
        .take(5)
        .map(|row| row["id"].clone())
        .collect();
    let body = json!({
        "channel": "email",
        "fields": ["customer.first_name", "plugin.customer_portal.portal_link"],
        "customers": ids,
    });
    let resolved = call(
        &host,
        &key,
        Method::POST,
        "/api/v1/template-fields/resolve",
        Some(&body),
    )
    .await?
    .expect(200)?;
    let text = resolved.text();
    let links: Vec<&str> = text
        .split('"')
        .filter(|part| part.contains("/summit/portal/l/"))
        .collect();
    assert_eq!(links.len(), ids.len(), "{text}");
    let mut unique = links.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), links.len(), "every customer has a link of their own");
    let (_, main) = scenario::open_portal(&host, links[0]).await?;
    assert!(main.words().contains("My Invoices"), "a resolved link works");

    let path = format!("/api/v1/customers/{}/actions", ids[0]);
    let actions = call(&host, &key, Method::GET, &path, None).await?.expect(200)?.text();
    assert!(
        actions.contains("Copy Customer Portal Link") && actions.contains("copy-portal-link"),
        "{actions}"
    );
    let panel = call(
        &host,
        &key,
        Method::POST,
        &format!("{path}/customer-portal/copy-portal-link"),
        Some(&json!({})),
    )
    .await?;
    let text = panel.expect(200)?.text();
    assert!(
        text.contains("Password Protected") && text.contains("/summit/portal/l/"),
        "{text}"
    );
    Ok(())
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_for_its_company_and_nothing_else() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let reader = make_key(&host, "summit", "fields:read")?;
    call(&host, &reader, Method::GET, "/api/v1/template-fields", None)
        .await?
        .expect(200)?;
    let customer = scenario::demo_rows("summit", "customers.csv")?[0]["id"].clone();
    let body = json!({ "channel": "email", "fields": ["customer.first_name"], "customers": [customer] });
    let refused = call(
        &host,
        &reader,
        Method::POST,
        "/api/v1/template-fields/resolve",
        Some(&body),
    )
    .await?;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(
        refused.header("content-type").starts_with("application/problem+json"),
        "{}",
        refused.header("content-type")
    );
    assert_eq!(refused.json()?["status"], 403);

    for wrong in [
        "",
        "fsk_",
        "fsk_wrong",
        &reader[..reader.len() - 1],
        &format!("{reader}x"),
    ] {
        let refused = call(&host, wrong, Method::GET, "/api/v1/template-fields", None).await?;
        assert_eq!(refused.status, 401, "key {wrong:?}");
    }

    // Another company's customer is the same 404 as one that does not exist. Ids are each company's own, so the
    // customer must be one whose id the second company does not use as well.
    let brook = make_key(&host, "brook", ALL)?;
    let theirs: Vec<String> = scenario::demo_rows("brook", "customers.csv")?
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    let ours = scenario::demo_rows("summit", "customers.csv")?;
    let customer = ours
        .iter()
        .map(|row| &row["id"])
        .find(|id| !theirs.contains(id))
        .expect("an id of the first only");
    let theirs = call(
        &host,
        &brook,
        Method::GET,
        &format!("/api/v1/customers/{customer}/actions"),
        None,
    )
    .await?;
    let nobody = call(&host, &brook, Method::GET, "/api/v1/customers/nobody/actions", None).await?;
    assert_eq!(
        (theirs.status.as_u16(), nobody.status.as_u16()),
        (404, 404),
        "{}",
        theirs.text()
    );
    Ok(())
}

#[tokio::test]
async fn bad_requests_are_problems_that_say_what_is_wrong() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let key = make_key(&host, "summit", ALL)?;
    let customer = scenario::demo_rows("summit", "customers.csv")?[0]["id"].clone();
    let resolve = "/api/v1/template-fields/resolve";
    let cases = [
        (
            json!({ "channel": "pigeon", "fields": ["customer.first_name"], "customers": [customer] }),
            "channel",
        ),
        (
            json!({ "channel": "email", "fields": ["customer.frist_name"], "customers": [customer] }),
            "customer.first_name",
        ),
        (json!({ "channel": "email" }), "fields"),
        (json!([]), ""),
    ];
    for (body, says) in cases {
        let refused = call(&host, &key, Method::POST, resolve, Some(&body)).await?;
        assert!(
            refused.status.is_client_error(),
            "{body}: {} {}",
            refused.status,
            refused.text()
        );
        assert!(
            refused.header("content-type").starts_with("application/problem+json"),
            "{body}"
        );
        assert!(refused.text().contains(says), "{body} → {}", refused.text());
    }
    let unknown = json!({ "channel": "email", "fields": ["customer.first_name"], "customers": ["nobody"] });
    let answer = call(&host, &key, Method::POST, resolve, Some(&unknown)).await?;
    assert!(
        answer.text().to_lowercase().contains("not") && !answer.status.is_server_error(),
        "{}",
        answer.text()
    );
    Ok(())
}
