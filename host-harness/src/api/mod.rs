//! The JSON API for a company's other apps: template fields and customers' actions, by API key.
//! Mounted at `/api/v1` of the staff listener; failures are problem details (RFC 9457).

mod actions;
mod auth;
mod extract;
mod fields;

use crate::{AppState, web::Failure};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};

/// Most bytes of a request's JSON: a thousand customers with long ids fit.
const MAX_JSON: usize = 256 * 1024;

const DOCUMENT: &str = include_str!("openapi.json");

/// Every route of the API, below its mount.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/openapi.json", get(document))
        .route("/template-fields", get(fields::list))
        .route("/template-fields/resolve", post(fields::resolve))
        .route("/customers/{id}/actions", get(actions::list))
        .route("/customers/{id}/actions/{plugin}/{item}", post(actions::open))
        .route("/customers/{id}/actions/{plugin}/{item}/submit", post(actions::submit))
        .fallback(|| async { Failure::not_found() })
        .method_not_allowed_fallback(|| async { other_method() })
        .layer(DefaultBodyLimit::max(MAX_JSON))
}

async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

/// 405; the router adds `Allow`.
fn other_method() -> Failure {
    Failure::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "Another method is needed",
        "This address does not take this method. The header Allow names those it takes.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_every_route() {
        let document: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        for (path, method) in [
            ("/template-fields", "get"),
            ("/template-fields/resolve", "post"),
            ("/customers/{id}/actions", "get"),
            ("/customers/{id}/actions/{plugin}/{item}", "post"),
            ("/customers/{id}/actions/{plugin}/{item}/submit", "post"),
        ] {
            let operation = &document["paths"][path][method];
            assert!(operation["responses"]["200"].is_object(), "{method} {path}");
            assert!(operation["security"][0]["key"].is_array(), "{method} {path}");
        }
    }

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        fn walk(value: &serde_json::Value, document: &serde_json::Value) {
            match value {
                serde_json::Value::Object(map) => {
                    if let Some(reference) = map.get("$ref").and_then(|reference| reference.as_str()) {
                        let pointer = reference.strip_prefix('#').unwrap();
                        assert!(document.pointer(pointer).is_some(), "{reference}");
                    }
                    map.values().for_each(|value| walk(value, document));
                }
                serde_json::Value::Array(items) => items.iter().for_each(|value| walk(value, document)),
                _ => {}
            }
        }
        let document: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
        walk(&document, &document);
    }
}
