//! What handlers of both listeners answer with and learn from a request: failures, request facts, redirects.
//! A `Failure` carries words only; the outer middleware turns it into a page (or JSON) with the request's id.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use capabilities::{CallContext, FieldError, Origin};
use std::{convert::Infallible, net::IpAddr};

/// Facts of the request at hand, put there by the middleware. An extractor: `info: RequestInfo`.
#[derive(Debug, Clone, Default)]
pub struct RequestInfo {
    /// The host's own id of the request; also in logs, error pages and `X-Request-Id`.
    pub request_id: String,
    /// The person's device, as far as trusted proxies tell.
    pub client_address: Option<IpAddr>,
    /// `User-Agent`, cut to 300 bytes.
    pub user_agent: String,
}

impl RequestInfo {
    /// The circumstances of a call into a plugin or of a change, set off by `origin`.
    pub fn call(&self, origin: Origin) -> CallContext {
        CallContext {
            request_id: self.request_id.clone(),
            origin,
            client_address: self.client_address,
            user_agent: self.user_agent.clone(),
            read_only: false,
            viewing: None,
        }
    }
}

/// The circumstances of something the host does by itself (commands, start-up, campaigns).
pub fn system_call() -> CallContext {
    RequestInfo {
        request_id: crate::middleware::new_request_id(),
        ..RequestInfo::default()
    }
    .call(Origin::System)
}

impl<S: Send + Sync> FromRequestParts<S> for RequestInfo {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// An answer that is not what was asked for: a status and plain words. The page around it is
/// drawn by the middleware, so that every failure looks alike and names the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// Heading, for example `Page not found`.
    pub title: String,
    /// What happened and how to go on; never a stack, SQL or a path.
    pub message: String,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u32>,
    /// Refused input, field by field; for programs.
    pub fields: Vec<FieldError>,
}

impl Failure {
    /// A failure in plain words.
    pub fn new(status: StatusCode, title: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            title: title.into(),
            message: message.into(),
            retry_after: None,
            fields: Vec::new(),
        }
    }

    /// 404, the same for unknown, foreign and not yet visible.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Page not found",
            "There is nothing at this address. Check it for typing mistakes.",
        )
    }

    /// 400 with what is wrong.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "That did not work", message)
    }

    /// 403 with the rule.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Not allowed", message)
    }

    /// 409 with what changed.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Changed in the meantime", message)
    }

    /// 429; try again after `seconds`.
    pub fn too_many(seconds: u32) -> Self {
        let mut failure = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many attempts",
            "Please wait a little and then try again. Nothing was lost on our side.",
        );
        failure.retry_after = Some(seconds.max(1));
        failure
    }

    /// 503; try again after `seconds`.
    pub fn busy(seconds: u32) -> Self {
        let mut failure = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Busy right now",
            "Many people are here at the moment. Please try again in a few seconds.",
        );
        failure.retry_after = Some(seconds.max(1));
        failure
    }

    /// 500. The cause goes to the log, never to the page.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(cause = %cause, "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong on our side",
            "Nothing you typed caused this. Please try again; if it happens again, tell us the number below.",
        )
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Marks a response whose body must stand as it is, whatever its status (a page of its own).
#[derive(Debug, Clone, Copy)]
pub struct OwnPage;

/// HTML from a template; a template that cannot be drawn is a `Failure`.
pub fn page(status: StatusCode, template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(html) => {
            let mut response = (status, axum::response::Html(html)).into_response();
            response.extensions_mut().insert(OwnPage);
            response
        }
        Err(error) => Failure::internal(error).into_response(),
    }
}

/// 303 to a path of this listener. Anything that is not plainly such a path goes to `/` instead.
pub fn see_other(path: &str) -> Response {
    let target = if is_local_path(path) { path } else { "/" };
    match HeaderValue::from_str(target) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, HeaderValue::from_static("/"))],
        )
            .into_response(),
    }
}

/// Whether `path` is a path of the same origin: one leading slash, no backslash, no control.
pub fn is_local_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && path.bytes().all(|b| b > 0x20 && b < 0x7f && b != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_same_origin_are_followed() {
        for good in ["/", "/a/b?c=d#e", "/sign-in?next=%2F"] {
            assert!(is_local_path(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "/a b",
            "/é",
        ] {
            assert!(!is_local_path(bad), "{bad}");
        }
    }
}
