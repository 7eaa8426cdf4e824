//! Taking a plugin off the host: only once no company has it enabled, with its data kept or erased as the admin says.
//! What is kept is found again when the plugin is installed anew.

use crate::{
    AppState,
    console::{
        form::Posted,
        layout::{Nav, Page},
        office::Office,
    },
    plugins::{InstalledPlugin, PluginError},
    web::{self, Failure},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use capabilities::FieldError;

#[derive(askama::Template)]
#[template(path = "console/settings/uninstall.html")]
struct UninstallPage {
    page: Page,
    back: String,
    action: String,
    name: String,
    /// Names of the companies that have it enabled.
    enabled: Vec<String>,
    errors: Vec<FieldError>,
}

async fn ask(
    state: &AppState,
    office: &Office,
    id: &str,
    status: StatusCode,
    errors: Vec<FieldError>,
) -> Result<Response, Failure> {
    let installed = find(state, id).await?;
    let mut enabled = Vec::new();
    for company_id in state.plugins.enabled_by(id).await? {
        let company = state
            .platform
            .companies()
            .get(&company_id)
            .await
            .map_err(crate::console::failure)?;
        enabled.push(company.details.name);
    }
    let name = installed.manifest.name;
    let href = office.record("settings/plugins", id);
    let view = UninstallPage {
        page: office.page(format!("Uninstall {name}"), Nav::Settings),
        action: format!("{href}/uninstall"),
        back: href,
        name,
        enabled,
        errors,
    };
    Ok(web::page(status, &view))
}

async fn find(state: &AppState, id: &str) -> Result<InstalledPlugin, Failure> {
    let mut installed = state.plugins.installed().await?.into_iter();
    installed
        .find(|own| own.manifest.id == id)
        .ok_or_else(Failure::not_found)
}

/// `GET /c/{slug}/settings/plugins/{id}/uninstall`
pub(in crate::console) async fn form(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    ask(&state, &office, &id, StatusCode::OK, Vec::new()).await
}

/// `POST /c/{slug}/settings/plugins/{id}/uninstall`
pub(in crate::console) async fn act(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let erase = match posted.raw("data") {
        "keep" => false,
        "erase" => true,
        _ => {
            let missing = FieldError::new("data", "required", "Say what happens to the plugin’s data.");
            return ask(&state, &office, &id, StatusCode::UNPROCESSABLE_ENTITY, vec![missing]).await;
        }
    };
    match state.plugins.uninstall(&id, erase, &office.call()).await {
        Ok(()) => Ok(office.after(&office.path("settings/plugins"), "uninstalled")),
        // Enabled by a company in the meantime: the page says by whom.
        Err(PluginError::Platform(platform::Error::Conflict(why))) => {
            let errors = vec![FieldError::new("", "conflict", why)];
            ask(&state, &office, &id, StatusCode::CONFLICT, errors).await
        }
        Err(error) => Err(error.into()),
    }
}
