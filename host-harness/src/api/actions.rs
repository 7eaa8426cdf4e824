//! A customer's actions towards other apps: the menu, the panel behind an entry, a button pressed in it.
//! Panels are the contract's declarative ones; the other app draws them in its own style.

use super::{
    auth::Caller,
    extract::{Address, Body},
};
use crate::{AppState, plugins::MenuEntry, web::Failure};
use axum::{Json, extract::State};
use plugin_engine::{Panel, Submission};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Menu {
    actions: Vec<MenuEntry>,
}

pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Address(customer): Address<String>,
) -> Result<Json<Menu>, Failure> {
    let company = caller.company("actions:read")?;
    let actions = state.plugins.menu(company, &customer, &caller.context).await?;
    Ok(Json(Menu { actions }))
}

pub(super) async fn open(
    State(state): State<AppState>,
    caller: Caller,
    Address((customer, plugin, item)): Address<(String, String, String)>,
) -> Result<Json<Panel>, Failure> {
    let company = caller.company("actions:run")?;
    Ok(Json(
        state
            .plugins
            .open_panel(company, &plugin, &item, &customer, &caller.context)
            .await?,
    ))
}

pub(super) async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Address((customer, plugin, item)): Address<(String, String, String)>,
    Body(submission): Body<Submission>,
) -> Result<Json<Panel>, Failure> {
    let company = caller.company("actions:run")?;
    Ok(Json(
        state
            .plugins
            .submit_panel(company, &plugin, &item, &customer, submission, &caller.context)
            .await?,
    ))
}
