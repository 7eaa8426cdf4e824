//! Installing a plugin for the whole host: an uploaded file or one from the plugins folder; going back a version.
//! What the host refuses it refuses with the reason in plain words, and nothing changes.

use crate::{
    AppState,
    console::{
        layout::{Nav, Page},
        office::Office,
        view::Fact,
        words,
    },
    plugins::{PluginError, Rebuilds},
    web::{self, Failure},
};
use axum::{
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::Response,
};
use capabilities::FieldError;
use std::path::PathBuf;

/// Largest plugin, in words.
const LIMIT: &str = "64 MiB";

#[derive(askama::Template)]
#[template(path = "console/settings/install.html")]
struct InstallPage {
    page: Page,
    back: String,
    action: String,
    pick_action: String,
    limit: &'static str,
    errors: Vec<FieldError>,
    folder: Vec<Fact>,
}

/// The folder an operator may put plugins into.
fn folder(state: &AppState) -> PathBuf {
    state.config.settings.data_dir.join("plugins")
}

/// The `.wasm` files in the plugins folder, by name; none when there is no such folder.
async fn files(state: &AppState) -> Vec<Fact> {
    let mut found = Vec::new();
    let Ok(mut entries) = tokio::fs::read_dir(folder(state)).await else {
        return found;
    };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(facts) = entry.metadata().await else { continue };
        if facts.is_file() && name.ends_with(".wasm") {
            found.push(Fact::new(name, words::size(facts.len())));
        }
    }
    found.sort_by(|a, b| a.label.cmp(&b.label));
    found
}

async fn install_page(state: &AppState, office: &Office, status: StatusCode, errors: Vec<FieldError>) -> Response {
    let view = InstallPage {
        page: office.page("Install a plugin", Nav::Settings),
        back: office.path("settings/plugins"),
        action: office.path("settings/install"),
        pick_action: office.path("settings/install/pick"),
        limit: LIMIT,
        errors,
        folder: files(state).await,
    };
    web::page(status, &view)
}

/// `GET /c/{slug}/settings/install`
pub(in crate::console) async fn form(State(state): State<AppState>, office: Office) -> Response {
    install_page(&state, &office, StatusCode::OK, Vec::new()).await
}

async fn install(state: &AppState, office: &Office, bytes: Vec<u8>) -> Result<Response, Failure> {
    match state.plugins.install(bytes, Rebuilds::Refuse, &office.call()).await {
        Ok(installed) => Ok(office.after(&office.record("settings/plugins", &installed.plugin_id), "installed")),
        Err(error) => refused(state, office, error).await,
    }
}

async fn refused(state: &AppState, office: &Office, error: PluginError) -> Result<Response, Failure> {
    if error.status().is_server_error() {
        return Err(error.into());
    }
    let errors = vec![FieldError::new("component", "refused", error.message())];
    Ok(install_page(state, office, error.status(), errors).await)
}

/// `POST /c/{slug}/settings/install`
pub(in crate::console) async fn upload(
    State(state): State<AppState>,
    office: Office,
    mut upload: Multipart,
) -> Result<Response, Failure> {
    let mut component = Vec::new();
    loop {
        let part = match upload.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(error) => return unreadable(&state, &office, error.status()).await,
        };
        if part.name() == Some("component") {
            match part.bytes().await {
                Ok(bytes) => component = bytes.to_vec(),
                Err(error) => return unreadable(&state, &office, error.status()).await,
            }
        }
    }
    if component.is_empty() {
        let errors = vec![FieldError::new(
            "component",
            "required",
            "Choose the plugin's .wasm file first.",
        )];
        return Ok(install_page(&state, &office, StatusCode::UNPROCESSABLE_ENTITY, errors).await);
    }
    install(&state, &office, component).await
}

async fn unreadable(state: &AppState, office: &Office, status: StatusCode) -> Result<Response, Failure> {
    let why = if status == StatusCode::PAYLOAD_TOO_LARGE {
        format!("This file is too large for a plugin: at most {LIMIT} are allowed.")
    } else {
        "The file could not be read to its end. Try again.".to_owned()
    };
    Ok(install_page(
        state,
        office,
        status,
        vec![FieldError::new("component", "too-long", why)],
    )
    .await)
}

/// `POST /c/{slug}/settings/install/pick`
pub(in crate::console) async fn pick(
    State(state): State<AppState>,
    office: Office,
    posted: crate::console::form::Posted,
) -> Result<Response, Failure> {
    // Only a name that the folder itself lists is opened: no path can be smuggled in.
    let wanted = posted.text("file");
    if !files(&state).await.iter().any(|file| file.label == wanted) {
        return Err(Failure::not_found());
    }
    let bytes = tokio::fs::read(folder(&state).join(&wanted))
        .await
        .map_err(Failure::internal)?;
    install(&state, &office, bytes).await
}

/// `POST /c/{slug}/settings/plugins/{id}/rollback`
pub(in crate::console) async fn rollback(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    match state.plugins.rollback(&id, &office.call()).await {
        Ok(installed) => Ok(office.after(&office.record("settings/plugins", &installed.plugin_id), "upgraded")),
        Err(error) => refused(&state, &office, error).await,
    }
}
