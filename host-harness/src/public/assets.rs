//! The host's own stylesheet under an address that changes with its contents, so that browsers keep it for ever.
//! Served by both listeners: error pages need it everywhere.

use crate::{AppState, web::Failure};
use axum::{
    Router,
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLESHEET: &str = include_str!("../../assets/public/host.css");

static STYLESHEET_NAME: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(STYLESHEET.as_bytes());
    let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{short}.css")
});

static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| format!("/-/assets/{}", *STYLESHEET_NAME));

/// Path of the stylesheet.
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET_PATH
}

/// The route of the assets.
pub fn router() -> Router<AppState> {
    Router::new().route("/-/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Response {
    if name != *STYLESHEET_NAME {
        return Failure::not_found().into_response();
    }
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ],
        STYLESHEET,
    )
        .into_response()
}
