//! The JSON API's refusals against its own document: every status that comes is listed there, what is listed comes,
//! and what is said of it is said to a program.

use crate::{
    api::{ALL, key},
    running::{Running, call},
};
use capabilities::Setting;
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;

const RESOLVE: &str = "/template-fields/resolve";
const MENU: &str = "/customers/{id}/actions";
const OPEN: &str = "/customers/{id}/actions/{plugin}/{item}";
const SUBMIT: &str = "/customers/{id}/actions/{plugin}/{item}/submit";

/// A call that is refused: the path as the document has it, its operation, and what is sent where.
struct Refused {
    path: &'static str,
    operation: &'static str,
    method: Method,
    at: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Option<String>,
    /// Whether the key lacks the scope.
    lacking: bool,
    status: u16,
}

/// A call of `path` with its variables filled, refused with this status.
fn refused(path: &'static str, at: impl Into<String>, status: u16) -> Refused {
    let operation = if path == "/template-fields" || path == MENU {
        "get"
    } else {
        "post"
    };
    Refused {
        path,
        operation,
        method: operation.to_uppercase().parse().unwrap(),
        at: at.into(),
        headers: vec![("content-type", "application/json")],
        body: None,
        lacking: false,
        status,
    }
}

impl Refused {
    fn with(mut self, body: impl ToString) -> Self {
        self.body = Some(body.to_string());
        self
    }

    fn lacking(self) -> Self {
        Self { lacking: true, ..self }
    }

    fn by(self, method: Method) -> Self {
        Self { method, ..self }
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        self
    }
}

/// Every refusal that a host in good order gives, of every operation.
fn refusals() -> Vec<Refused> {
    let good = "/customers/C1/actions/good/share";
    let press = |button: &str, status| {
        refused(SUBMIT, format!("{good}/submit"), status).with(json!({ "button": button, "values": [] }))
    };
    let mut all = vec![
        refused("/template-fields", "/template-fields?channel=pigeon", 400),
        refused(MENU, "/customers/%ff/actions", 400),
        refused(MENU, "/customers/nobody/actions", 404),
        refused(OPEN, "/customers/%ff/actions/good/share", 400),
        refused(OPEN, "/customers/C1/actions/good/undeclared", 404),
        refused(OPEN, "/customers/C1/actions/bad-hooks/share", 502),
        refused(SUBMIT, "/customers/C1/actions/good/%ff/submit", 400).with(json!({"button": "save"})),
        refused(SUBMIT, "/customers/C1/actions/none/share/submit", 404).with(json!({"button": "save"})),
        refused(SUBMIT, "/customers/C1/actions/bad-hooks/share/submit", 502).with(json!({"button": "save"})),
        press("denied", 403),
        press("conflict", 409),
        press("invalid", 422),
        press("invalid-all", 422),
        press("rate-limited", 429),
        press("unavailable", 503),
    ];
    for (path, at) in [(RESOLVE, RESOLVE.to_owned()), (SUBMIT, format!("{good}/submit"))] {
        let spaces = " ".repeat(300 * 1024);
        all.extend([
            refused(path, &at, 400).with("{"),
            refused(path, &at, 400).with(json!({"button": 1, "channel": 1})),
            refused(path, &at, 400).with(json!({"button": "save", "unheard": 1})),
            refused(path, &at, 413).with(format!("{spaces}{{}}")),
            refused(path, &at, 415).with("{}").header("content-type", "text/plain"),
        ]);
    }
    let each = [
        ("/template-fields", "/template-fields".to_owned(), Method::POST),
        (RESOLVE, RESOLVE.to_owned(), Method::GET),
        (MENU, "/customers/C1/actions".to_owned(), Method::POST),
        (OPEN, good.to_owned(), Method::GET),
        (SUBMIT, format!("{good}/submit"), Method::DELETE),
    ];
    for (path, at, other) in each {
        let body = match path {
            RESOLVE => json!({"channel": "email", "fields": ["customer.email"], "customers": ["C1"]}),
            _ => json!({"button": "save"}),
        };
        all.extend([
            refused(path, &at, 401).header("authorization", "Bearer fsk_wrong"),
            refused(path, &at, 403).with(body).lacking(),
            refused(path, &at, 405).by(other),
            refused(path, format!("{at}?{}", "x".repeat(9_000)), 414),
        ]);
        // A browser on another site is stopped before anything looks at the key.
        if refused(path, &at, 403).operation == "post" {
            all.push(refused(path, &at, 403).header("origin", "https://evil.example"));
        }
    }
    all
}

/// Statuses that need a host in trouble, or a plugin's refusal that `submit` stands for: the same code answers `open`.
fn elsewhere(path: &str, status: &str) -> bool {
    matches!(status, "200" | "500" | "503" | "504")
        || (path == OPEN && matches!(status, "409" | "422" | "429"))
        || (path == RESOLVE && matches!(status, "404" | "502"))
}

#[tokio::test]
async fn every_refusal_is_the_documents_and_speaks_to_programs() {
    let host = Running::with("good").await;
    host.install("bad-hooks").await;
    let acme = host.company("acme").await;
    let panics = Setting {
        key: "mode".to_owned(),
        value: "panic".to_owned(),
    };
    host.state
        .plugins
        .save_settings(&acme.id, "bad-hooks", vec![panics], &call())
        .await
        .unwrap();
    let document = host.get(&format!("{}/api/v1/openapi.json", host.staff)).await.json();
    let all = format!("Bearer {}", key(&host, "acme", &ALL).await);
    let fields = format!("Bearer {}", key(&host, "acme", &["fields:read"]).await);
    let actions = format!("Bearer {}", key(&host, "acme", &["actions:read"]).await);
    let mut seen = BTreeSet::new();
    for case in refusals() {
        let key = match (case.lacking, case.path) {
            (false, _) => &all,
            (true, "/template-fields") => &actions,
            (true, _) => &fields,
        };
        let mut headers = case.headers.clone();
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            headers.push(("authorization", key));
        }
        let address = format!("{}/api/v1{}", host.staff, case.at);
        let answer = host.send(case.method.clone(), &address, &headers, case.body).await;
        let what = format!("{} {}: {}", case.method, case.path, answer.text);
        assert_eq!(answer.status, case.status, "{what}");
        let status = case.status.to_string();
        let listed = &document["paths"][case.path][case.operation]["responses"][&status]["$ref"];
        let listed = listed.as_str().unwrap_or_else(|| panic!("not listed: {what}"));
        let response = document.pointer(listed.trim_start_matches('#')).unwrap();
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            assert!(
                header["required"] != true || !answer.header(name).is_empty(),
                "{name}: {what}"
            );
        }
        assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
        let problem = answer.json();
        for name in document["components"]["schemas"]["Problem"]["required"]
            .as_array()
            .unwrap()
        {
            assert!(problem.get(name.as_str().unwrap()).is_some(), "{name}: {what}");
        }
        assert_eq!(problem["status"], case.status, "{what}");
        assert_eq!(problem["errors"].is_array(), case.status == 422, "{what}");
        for word in ["page", "form ", "go back", "typed", "below"] {
            let text = format!("{} {} ", problem["title"], problem["detail"]).to_lowercase();
            assert!(!text.contains(word), "“{word}”: {what}");
        }
        seen.insert((case.path, status));
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for status in operation["responses"].as_object().unwrap().keys() {
                let known = seen.iter().any(|(seen, given)| seen == path && given == status);
                assert!(known || elsewhere(path, status), "{path} never answers {status}");
            }
        }
    }
}
