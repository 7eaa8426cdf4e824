//! The host's own stylesheet and script under addresses that change with their contents, so that browsers keep them for ever.
//! Served by both listeners: error pages need the stylesheet everywhere.

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
const SCRIPT: &str = include_str!("../../assets/public/host.js");

static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| address(STYLESHEET, "css"));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| address(SCRIPT, "js"));

fn address(content: &str, extension: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("/-/assets/{short}.{extension}")
}

/// Path of the stylesheet.
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET_PATH
}

/// Path of the script.
pub(super) fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// The route of the assets.
pub fn router() -> Router<AppState> {
    Router::new().route("/-/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Response {
    let is = |path: &str| path.rsplit('/').next() == Some(name.as_str());
    let (content_type, content) = if is(&STYLESHEET_PATH) {
        ("text/css; charset=utf-8", STYLESHEET)
    } else if is(&SCRIPT_PATH) {
        ("text/javascript; charset=utf-8", SCRIPT)
    } else {
        return Failure::not_found().into_response();
    };
    (
        [
            (header::CONTENT_TYPE, content_type),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ],
        content,
    )
        .into_response()
}
