//! Health for whoever watches the host: alive means the process answers, ready means it can work.
//! Neither needs a free request slot.

use crate::AppState;
use axum::{extract::State, http::StatusCode, response::IntoResponse};

pub(super) async fn livez() -> &'static str {
    "ok\n"
}

pub(super) async fn readyz(State(state): State<AppState>) -> impl IntoResponse {
    match state.platform.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()).into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let mut response = (
                StatusCode::SERVICE_UNAVAILABLE,
                "not ready: the database does not answer\n",
            )
                .into_response();
            response.extensions_mut().insert(crate::web::OwnPage);
            response
        }
    }
}
