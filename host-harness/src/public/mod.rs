//! The public listener: health, booking pages, company logos and the pages of enabled plugins, also as staff look at them.
//! Carries no staff code.

mod accent;
pub mod assets;
mod booking;
mod branding;
mod cookies;
mod gateway;
mod health;
mod view_as;

use crate::{AppState, middleware::MAX_FORM, web::page};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    response::Response,
    routing::{any, get},
};

/// Every route of the public listener.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(root))
        .merge(health_router())
        .route("/robots.txt", get(robots))
        .merge(assets::router())
        .merge(view_as::router())
        .route("/{company}/book", get(booking::form).post(booking::send))
        .route("/{company}/book/k/{token}", get(booking::arrive))
        .route("/{company}/book/sent/{receipt}", get(booking::sent))
        .route("/{company}/book/theme.css", get(branding::theme))
        .route("/{company}/logo", get(branding::logo))
        .route("/{company}/{mount}", any(gateway::serve))
        .route("/{company}/{mount}/", any(gateway::serve))
        .route("/{company}/{mount}/{*rest}", any(gateway::serve))
        .fallback(|| async { crate::web::Failure::not_found() })
        .layer(DefaultBodyLimit::max(MAX_FORM))
}

/// `/livez` and `/readyz`, for both listeners.
pub fn health_router() -> Router<AppState> {
    Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
}

#[derive(askama::Template)]
#[template(path = "public/notice.html")]
struct Notice {
    title: &'static str,
    message: &'static str,
    stylesheet: &'static str,
}

async fn root() -> Response {
    page(
        StatusCode::OK,
        &Notice {
            title: "Nothing to see at this address",
            message: "Your service company sends you the address of its own pages. Please use the link you received.",
            stylesheet: assets::stylesheet_path(),
        },
    )
}

async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}
