//! The guest's side of a request: the request as it sees it, and the future that runs it.
//! The future owns the store, so dropping it at any moment ends the instance and everything it held.

use super::BoxError;
use crate::{
    call::Call,
    error::{Failure, ServeError},
    plugin::{Http, settle},
    tenant::Tenant,
};
use bytes::Bytes;
use http::{Request, Response, Uri, uri};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::{future::poll_fn, pin::Pin};
use tokio::sync::oneshot;
use wasmtime::{PoolConcurrencyLimitError, Store};
use wasmtime_wasi_http::{
    Error as HttpError, WasiBody, WasiHttpView,
    p2::bindings::{ProxyPre, http::types as p2},
    p3::{self, bindings::ServicePre},
};

/// How an instance ended.
pub(super) enum End {
    /// It crashed, starved or is late.
    Failed(Failure),
    /// The pool had no place for it.
    NoPlace,
}

/// A running instance.
pub(super) type Guest = Pin<Box<dyn Future<Output = Result<(), End>> + Send>>;
/// Where its answer's head arrives: the response with its body still open, or why there is none.
pub(super) type Head = oneshot::Receiver<Result<Response<WasiBody>, String>>;

/// The request as the guest will see it.
pub(super) fn incoming<B>(
    tenant: &Tenant,
    request: Request<B>,
    body_limit: usize,
) -> Result<Request<WasiBody>, ServeError>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (mut head, body) = request.into_parts();
    head.uri = public_uri(&tenant.grants.company.mount_url(), &head.uri)?;
    let body = Limited::new(body, body_limit).map_err(|error| {
        if error.is::<LengthLimitError>() {
            HttpError::HttpRequestBodySize(None)
        } else {
            HttpError::InternalError(Some("the request's body broke off".to_owned()))
        }
    });
    Ok(Request::from_parts(head, body.boxed_unsync()))
}

/// The request's path at the host's public address: `Host` is whatever a client says it is.
fn public_uri(mount_url: &str, requested: &Uri) -> Result<Uri, ServeError> {
    let bad = |what: &str| ServeError::BadRequest(what.to_owned());
    let mount: Uri = mount_url
        .parse()
        .map_err(|_| bad("the host's own address is not a URL"))?;
    let mount = mount.into_parts();
    let mut parts = uri::Parts::default();
    parts.scheme = mount.scheme.or(Some(uri::Scheme::HTTP));
    parts.authority = Some(
        mount
            .authority
            .ok_or_else(|| bad("the host's own address names no host"))?,
    );
    parts.path_and_query = Some(
        requested
            .path_and_query()
            .cloned()
            .unwrap_or_else(|| uri::PathAndQuery::from_static("/")),
    );
    Uri::from_parts(parts).map_err(|_| bad("its address is not a URL"))
}

/// Begin to serve. Nothing runs until the future is polled.
pub(super) fn start(http: &Http, store: Store<Call>, request: Request<WasiBody>) -> (Guest, Head) {
    let (sender, head) = oneshot::channel();
    let guest: Guest = match http {
        Http::P2(pre) => Box::pin(run_p2(pre.clone(), store, request, sender)),
        Http::P3(pre) => Box::pin(run_p3(pre.clone(), store, request, sender)),
    };
    (guest, head)
}

type Sender = oneshot::Sender<Result<Response<WasiBody>, String>>;

async fn run_p2(
    pre: ProxyPre<Call>,
    mut store: Store<Call>,
    request: Request<WasiBody>,
    sender: Sender,
) -> Result<(), End> {
    let served = serve_p2(&pre, &mut store, request, sender).await;
    end(&store, served)
}

async fn serve_p2(
    pre: &ProxyPre<Call>,
    store: &mut Store<Call>,
    request: Request<WasiBody>,
    sender: Sender,
) -> wasmtime::Result<()> {
    let scheme = if request.uri().scheme() == Some(&uri::Scheme::HTTPS) {
        p2::Scheme::Https
    } else {
        p2::Scheme::Http
    };
    let proxy = pre.instantiate_async(&mut *store).await?;
    let request = store.data_mut().http().new_incoming_request(scheme, request)?;
    let answer = store
        .data_mut()
        .http()
        .new_response_outparam_from_callback(move |answer| {
            // Nobody listens any more when the request was given up.
            _ = sender.send(answer.map_err(|code| format!("{code:?}")));
        })?;
    proxy
        .wasi_http_incoming_handler()
        .call_handle(&mut *store, request, answer)
        .await
}

async fn run_p3(
    pre: ServicePre<Call>,
    mut store: Store<Call>,
    request: Request<WasiBody>,
    sender: Sender,
) -> Result<(), End> {
    let served = serve_p3(&pre, &mut store, request, sender).await;
    end(&store, served)
}

async fn serve_p3(
    pre: &ServicePre<Call>,
    store: &mut Store<Call>,
    request: Request<WasiBody>,
    sender: Sender,
) -> wasmtime::Result<()> {
    let service = pre.instantiate_async(&mut *store).await?;
    let (request, received) = p3::Request::from_http(store.data_mut().http().hooks, request);
    store
        .run_concurrent(async move |accessor| {
            let answer = match service.handle(accessor, request).await? {
                Ok(response) => Ok(accessor.with(|mut store| response.into_http(&mut store, received))?),
                Err(code) => Err(format!("{code:?}")),
            };
            _ = sender.send(answer);
            // The body is written by tasks that go on after the handler has returned.
            poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
            Ok(())
        })
        .await?
}

fn end(store: &Store<Call>, served: wasmtime::Result<()>) -> Result<(), End> {
    match served {
        Err(error) if error.is::<PoolConcurrencyLimitError>() => Err(End::NoPlace),
        served => settle(store, Ok(served)).map_err(End::Failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_hosts_own() {
        let requested = "http://evil.example/summit/portal/invoices?page=2".parse().unwrap();
        let seen = public_uri("https://example.com/summit/portal", &requested).unwrap();
        assert_eq!(seen, "https://example.com/summit/portal/invoices?page=2");
        assert!(public_uri("/summit/portal", &requested).is_err());
    }
}
