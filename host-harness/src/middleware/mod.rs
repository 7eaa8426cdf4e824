//! What happens around every request of both listeners, in one place and one order.
//! Id, log, address, limits, CSRF rule, time limit, panics, error pages, security headers.

mod client_address;
mod csrf;
mod error_page;
mod headers;
mod redact;
mod throttle;

pub use client_address::Network;
pub use csrf::check as check_csrf;
pub use headers::{PAGE_POLICY, apply as apply_security_headers};
pub use redact::path as redact_path;
pub use throttle::Throttle;

use crate::web::{Failure, RequestInfo};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use std::{
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// Longest request target accepted, in bytes.
const MAX_TARGET: usize = 8 * 1024;
/// Most bytes of a form.
pub const MAX_FORM: usize = 64 * 1024;
/// Most bytes of an uploaded plugin, with room for the form around it.
pub const MAX_PLUGIN_UPLOAD: usize = 72 * 1024 * 1024;
/// How long a file upload may take.
const UPLOAD_TIME: Duration = Duration::from_secs(300);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the middleware knows about the listener it stands before.
#[derive(Clone)]
pub struct Frame {
    inner: Arc<FrameInner>,
}

struct FrameInner {
    listener: &'static str,
    base_url: String,
    trusted_proxies: Vec<Network>,
    slots: Arc<Semaphore>,
    time: Duration,
}

impl Frame {
    /// The frame of one listener. `listener` names it in the log; `base_url` is its configured address.
    pub fn new(
        listener: &'static str,
        base_url: &str,
        trusted_proxies: &[Network],
        requests: usize,
        time: Duration,
    ) -> Self {
        Self {
            inner: Arc::new(FrameInner {
                listener,
                base_url: base_url.to_owned(),
                trusted_proxies: trusted_proxies.to_vec(),
                slots: Arc::new(Semaphore::new(requests)),
                time,
            }),
        }
    }
}

/// A new id of a request: 80 random bits, as the host alone makes them.
pub fn new_request_id() -> String {
    let mut bytes = [0_u8; 10];
    if getrandom::fill(&mut bytes).is_err() {
        return "no-randomness".to_owned();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The outermost layer of a listener: nothing leaves without passing it.
pub async fn frame(State(frame): State<Frame>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let info = facts(&frame, &request);
    let method = request.method().clone();
    let path = redact::path(request.uri().path());
    let is_api = for_programs(request.uri().path());
    request.extensions_mut().insert(info.clone());

    let response = guarded(&frame, request, next).await;
    let mut response = error_page::draw(response, &info.request_id, is_api);
    headers::apply(response.headers_mut(), frame.inner.base_url.starts_with("https://"));
    if let Ok(id) = HeaderValue::from_str(&info.request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    tracing::info!(
        listener = frame.inner.listener,
        request = %info.request_id,
        %method,
        path,
        status = response.status().as_u16(),
        ms = started.elapsed().as_millis(),
        client = info.client_address.map(tracing::field::display),
        "request"
    );
    response
}

fn facts(frame: &Frame, request: &Request) -> RequestInfo {
    let peer = request.extensions().get::<SocketAddr>().map(SocketAddr::ip);
    let user_agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    RequestInfo {
        request_id: new_request_id(),
        client_address: client_address::of(peer, request.headers(), &frame.inner.trusted_proxies),
        user_agent: cut(user_agent, 300).to_owned(),
    }
}

fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// Whether programs call this address, which get problem details and no pages.
fn for_programs(path: &str) -> bool {
    path.starts_with("/api/")
}

/// The request behind its limits; every refusal is a `Failure`.
async fn guarded(frame: &Frame, request: Request, next: Next) -> Response {
    if request.uri().path_and_query().map_or(0, |target| target.as_str().len()) > MAX_TARGET {
        return Failure::new(
            StatusCode::URI_TOO_LONG,
            "Address too long",
            "This address is longer than any of ours.",
        )
        .into_response();
    }
    if let Err(refused) = csrf::check(request.method(), request.headers(), &frame.inner.base_url) {
        return match for_programs(request.uri().path()) {
            true => Failure::forbidden("Call from a program, with the key alone: no cookie, no other site's Origin."),
            false => refused,
        }
        .into_response();
    }
    // Health answers even when every slot is taken: a probe must tell busy from dead.
    let health = matches!(request.uri().path(), "/livez" | "/readyz");
    let slot = if health {
        None
    } else {
        frame.inner.slots.clone().try_acquire_owned().ok()
    };
    if slot.is_none() && !health {
        return Failure::busy(2).into_response();
    }
    let upload = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("multipart/form-data"));
    let time = if upload { UPLOAD_TIME } else { frame.inner.time };
    let answer = AssertUnwindSafe(tokio::time::timeout(time, next.run(request)))
        .catch_unwind()
        .await;
    drop(slot);
    match answer {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Failure::new(
            StatusCode::GATEWAY_TIMEOUT,
            "That took too long",
            "We stopped waiting for an answer. Please try again in a moment.",
        )
        .into_response(),
        Err(_) => Failure::internal("a handler panicked").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("héllo", 2), "h");
        assert_eq!(cut("hello", 99), "hello");
    }
}
