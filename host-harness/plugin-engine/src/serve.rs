//! Serves a request with an instance of its own, for `wasi:http` 0.2 and 0.3 alike.
//!
//! An answer is collected while the guest runs, in the task of the caller: no task is spawned, and a
//! page goes out in one piece with its length. Only an answer that outgrows
//! `Limits::whole_response_bytes` becomes a stream, with the guest in a task of its own.

mod body;
mod collect;
mod guest;

pub use body::{Body, BodyError};

use crate::{
    error::{Failure, ServeError},
    gate::Full,
    plugin::{Deadline, Late, Plugin},
    tenant::Tenant,
};
use bytes::Bytes;
use collect::{Collected, collect};
use std::{error::Error, sync::Arc, time::Duration};

type BoxError = Box<dyn Error + Send + Sync>;

impl Plugin {
    /// Answer a request. The guest sees the request's path as it is, the scheme and authority of
    /// `company.mount-url`, and neither hop-by-hop headers nor `Host`. The host decides which
    /// headers and cookies may pass, before and after.
    pub async fn handle<B>(
        self: &Arc<Self>,
        tenant: Tenant,
        request: http::Request<B>,
    ) -> Result<http::Response<Body>, ServeError>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let Some(http) = &self.http else {
            return Err(ServeError::NotExported);
        };
        if self.is_paused(&tenant) {
            return Err(ServeError::Paused);
        }
        let limits = &self.shared.config.limits;
        let request = guest::incoming(&tenant, request, limits.request_body_bytes)?;
        let permit = self.permit(&tenant).await.map_err(|Full| ServeError::Overloaded)?;
        let store = self.store(&tenant, permit);
        let (guest, head) = guest::start(http, store, request);
        let deadline = Deadline::after(self.request_time());
        match deadline.bound(collect(guest, head, limits)).await {
            Ok(Ok(Collected::Whole(response))) => Ok(response),
            Ok(Ok(Collected::Growing(growing))) => Ok(body::stream(Arc::clone(self), tenant, growing)),
            Ok(Err(ServeError::Failed(failure))) => Err(self.failed(&tenant, failure).into()),
            Ok(Err(error)) => {
                tracing::warn!(plugin = %self.id, company = %tenant.company, %error, "a plugin's answer was refused");
                Err(error)
            }
            Err(Late) => Err(self.failed(&tenant, Failure::TimedOut).into()),
        }
    }

    /// What the manifest asks for, within what the host allows.
    pub(crate) fn request_time(&self) -> Duration {
        self.manifest()
            .limits
            .request_time()
            .min(self.shared.config.limits.request_time)
    }
}
