//! Keys for the company's other apps: making one (shown once), its scopes, revoking it.
//! The page that makes a key is the only one that ever shows it.

use crate::{
    AppState,
    console::{
        failure,
        form::{Field, Posted},
        layout::{Nav, Page},
        office::Office,
        record::Refused,
        words,
    },
    web::{self, Failure},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use capabilities::FieldError;
use platform::API_SCOPES;

struct Key {
    name: String,
    hint: String,
    scopes: String,
    used: String,
    revoked: bool,
    href: String,
}

struct Scope {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(askama::Template)]
#[template(path = "console/settings/api_keys.html")]
struct KeysPage {
    page: Page,
    back: String,
    action: String,
    created: Option<String>,
    errors: Vec<FieldError>,
    keys: Vec<Key>,
    name_field: Field,
    scopes: Vec<Scope>,
}

fn scope_label(scope: &str) -> &'static str {
    match scope {
        "fields:read" => "List template fields",
        "fields:resolve" => "Get customers’ values of template fields",
        "actions:read" => "List customers’ actions",
        "actions:run" => "Run customers’ actions",
        _ => "Something newer than this page",
    }
}

async fn keys_page(
    state: &AppState,
    office: &Office,
    status: StatusCode,
    created: Option<String>,
    typed: Option<(&Posted, Vec<FieldError>)>,
) -> Result<Response, Failure> {
    let keys = state.platform.api_keys().list(office.id()).await.map_err(failure)?;
    let mut name_field = Field::new("name", "Name").help("Which app uses it.").required();
    let mut chosen: Vec<String> = API_SCOPES.iter().take(2).map(|scope| (*scope).to_owned()).collect();
    let mut errors = Vec::new();
    if let Some((posted, refusals)) = typed {
        name_field.value = posted.text("name");
        name_field.error = refusals
            .iter()
            .find(|error| error.field == "name")
            .map(|error| error.message.clone());
        chosen = posted.all("scope").map(str::to_owned).collect();
        errors = refusals;
        for error in &mut errors {
            match error.field.as_str() {
                "name" => {}
                "scopes" | "scope" => error.field = "scope".into(),
                _ => error.field.clear(),
            }
        }
    }
    let view = KeysPage {
        page: office.page("API keys", Nav::Settings),
        back: office.path("settings"),
        action: office.path("settings/api-keys"),
        created,
        errors,
        keys: keys
            .iter()
            .map(|key| Key {
                name: key.name.clone(),
                hint: format!("Made {}", words::instant(&office.company, key.created_at)),
                scopes: key.scopes.join(", "),
                used: key
                    .last_used_at
                    .map_or_else(|| "Never".to_owned(), |at| words::instant(&office.company, at)),
                revoked: key.revoked_at.is_some(),
                href: format!("{}/revoke", office.record("settings/api-keys", &key.id)),
            })
            .collect(),
        name_field,
        scopes: API_SCOPES
            .iter()
            .map(|scope| Scope {
                value: scope,
                label: scope_label(scope),
                chosen: chosen.iter().any(|c| c == scope),
            })
            .collect(),
    };
    Ok(web::page(status, &view))
}

/// `GET /c/{slug}/settings/api-keys`
pub(in crate::console) async fn list(State(state): State<AppState>, office: Office) -> Result<Response, Failure> {
    keys_page(&state, &office, StatusCode::OK, None, None).await
}

/// `POST /c/{slug}/settings/api-keys`
pub(in crate::console) async fn create(
    State(state): State<AppState>,
    office: Office,
    posted: Posted,
) -> Result<Response, Failure> {
    let scopes: Vec<String> = posted.all("scope").map(str::to_owned).collect();
    let mut errors = Vec::new();
    if posted.text("name").is_empty() {
        errors.push(FieldError::new("name", "required", "Give the key a name."));
    }
    if scopes.is_empty() {
        errors.push(FieldError::new(
            "scope",
            "required",
            "Choose at least one thing the key may do.",
        ));
    }
    if errors.is_empty() {
        let made = state
            .platform
            .api_keys()
            .create(office.id(), &posted.text("name"), &scopes, &office.actor())
            .await;
        match made {
            Ok((_, key)) => return keys_page(&state, &office, StatusCode::CREATED, Some(key), None).await,
            Err(error) => errors = Refused::from_platform(error, None)?.errors,
        }
    }
    keys_page(
        &state,
        &office,
        StatusCode::UNPROCESSABLE_ENTITY,
        None,
        Some((&posted, errors)),
    )
    .await
}

/// `POST /c/{slug}/settings/api-keys/{id}/revoke`
pub(in crate::console) async fn revoke(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    state
        .platform
        .api_keys()
        .revoke(office.id(), &id, &office.actor())
        .await
        .map_err(failure)?;
    Ok(office.after(&office.path("settings/api-keys"), "revoked"))
}
