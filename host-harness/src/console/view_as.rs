//! *View … as customer* on a profile: hands over to the public listener by a one-time address.
//! The two listeners are two origins, so the page moves on by itself rather than by a redirect of the form.

use super::{
    failure,
    layout::{Nav, Page},
    office::Office,
    view::Link,
    words,
};
use crate::{
    AppState,
    plugins::PluginError,
    web::{Failure, page},
};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

#[derive(askama::Template)]
#[template(path = "console/view_as.html")]
struct HandOver {
    page: Page,
    back: Link,
    /// Absolute, on the public listener; good once and for a minute.
    address: String,
}

/// An entry of the Actions menu for each plugin with pages.
pub(super) async fn entries(state: &AppState, office: &Office, customer: &str) -> Result<Vec<Link>, PluginError> {
    let profile = office.record("customers", customer);
    let plugins = state.plugins.with_pages(office.id()).await?;
    Ok(plugins
        .iter()
        .map(|plugin| {
            let href = format!("{profile}/view-as/{}", words::encode(&plugin.plugin_id));
            Link::new(href, format!("View {} as customer", plugin.name))
        })
        .collect())
}

/// `POST /c/{slug}/customers/{id}/view-as/{plugin}`
pub(super) async fn offer(
    State(state): State<AppState>,
    office: Office,
    Path((_, id, plugin)): Path<(String, String, String)>,
) -> Result<Response, Failure> {
    let customer = state
        .platform
        .customers()
        .get(office.id(), &id)
        .await
        .map_err(failure)?;
    let running = state.plugins.with_pages(office.id()).await?;
    if running.iter().all(|pages| pages.plugin_id != plugin) {
        return Err(Failure::not_found());
    }
    let session = state
        .platform
        .staff()
        .session(&office.person.token)
        .await
        .map_err(failure)?;
    let token = state
        .platform
        .views()
        .offer(&session, office.id(), &id, &plugin)
        .await
        .map_err(failure)?;
    let name = customer.display_name();
    let mut response = page(
        StatusCode::OK,
        &HandOver {
            page: office.page(format!("View as {name}"), Nav::Customers),
            back: Link::new(office.record("customers", &id), name),
            address: format!("{}/-/view/{token}", state.config.public_url),
        },
    );
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}
