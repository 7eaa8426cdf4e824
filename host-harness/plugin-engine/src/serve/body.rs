//! The body of an answer: whole in memory, or streamed while the guest still writes.
//! A stream whose guest fails ends with an error, so that a client never takes a part for the whole.

use super::{
    collect::Growing,
    guest::{End, Guest},
};
use crate::{error::Failure, plugin::Plugin, tenant::Tenant};
use bytes::Bytes;
use http::Response;
use http_body::{Body as _, Frame, SizeHint};
use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout},
};
use wasmtime_wasi_http::WasiBody;

/// Why a body broke off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The plugin failed while it wrote.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// It wrote more than an answer may have.
    #[error("the plugin's answer is too large")]
    TooLarge,
    /// It wrote less than it announced, or broke off by itself.
    #[error("the plugin's answer is incomplete")]
    Incomplete,
}

/// What a plugin answered.
pub struct Body(Kind);

enum Kind {
    Whole(Bytes),
    Stream(Box<Stream>),
}

struct Stream {
    begun: VecDeque<Bytes>,
    rest: Option<WasiBody>,
    guest: Option<JoinHandle<Result<(), Failure>>>,
    pulse: Arc<Pulse>,
    left: u64,
}

/// Whether the client waits for the guest, or the guest for the client.
#[derive(Default)]
struct Pulse {
    pieces: AtomicU64,
    waiting: AtomicBool,
    /// Nobody reads any more: what the guest makes of that is not held against it.
    abandoned: AtomicBool,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.pulse.abandoned.store(true, Ordering::Relaxed);
        if let Some(guest) = &self.guest {
            guest.abort();
        }
    }
}

impl Body {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Whole(bytes) => f.debug_tuple("Whole").field(&bytes.len()).finish(),
            Kind::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Stream(stream) => stream.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Kind::Stream(_) => SizeHint::default(),
        }
    }
}

impl Stream {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            if let Some(piece) = self.begun.pop_front() {
                return Poll::Ready(Some(self.pass(piece)));
            }
            if let Some(rest) = &mut self.rest {
                match Pin::new(rest).poll_frame(cx) {
                    Poll::Pending => {
                        self.pulse.waiting.store(true, Ordering::Relaxed);
                        return Poll::Pending;
                    }
                    Poll::Ready(Some(Ok(frame))) => {
                        self.pulse.waiting.store(false, Ordering::Relaxed);
                        self.pulse.pieces.fetch_add(1, Ordering::Relaxed);
                        if let Ok(piece) = frame.into_data() {
                            return Poll::Ready(Some(self.pass(piece)));
                        }
                    }
                    Poll::Ready(Some(Err(_))) => {
                        self.rest = None;
                        return Poll::Ready(Some(Err(BodyError::Incomplete)));
                    }
                    Poll::Ready(None) => self.rest = None,
                }
            } else if let Some(guest) = &mut self.guest {
                // A body also ends when its guest crashes: only the guest's own end tells.
                let ended = match Pin::new(guest).poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(ended) => ended,
                };
                self.guest = None;
                return match ended {
                    Ok(Ok(())) => Poll::Ready(None),
                    Ok(Err(failure)) => Poll::Ready(Some(Err(failure.into()))),
                    Err(_) => Poll::Ready(Some(Err(BodyError::Incomplete))),
                };
            } else {
                return Poll::Ready(None);
            }
        }
    }

    fn pass(&mut self, piece: Bytes) -> Result<Frame<Bytes>, BodyError> {
        match self.left.checked_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX)) {
            Some(left) => {
                self.left = left;
                Ok(Frame::data(piece))
            }
            None => {
                self.rest = None;
                if let Some(guest) = self.guest.take() {
                    guest.abort();
                }
                Err(BodyError::TooLarge)
            }
        }
    }
}

/// Let a growing answer go out while its guest writes on.
pub(super) fn stream(plugin: Arc<Plugin>, tenant: Tenant, growing: Growing) -> Response<Body> {
    let left = plugin.shared.config.limits.response_body_bytes;
    let pulse = Arc::<Pulse>::default();
    let guest = growing
        .guest
        .map(|guest| tokio::spawn(accompany(plugin, tenant, guest, Arc::clone(&pulse))));
    let stream = Stream {
        begun: growing.begun.into(),
        rest: Some(growing.rest),
        guest,
        pulse,
        left,
    };
    Response::from_parts(growing.head, Body(Kind::Stream(Box::new(stream))))
}

/// Run a guest to its end, as long as it keeps its client supplied. A client that reads slowly is
/// not the guest's fault; both end when a stream may last no longer.
async fn accompany(plugin: Arc<Plugin>, tenant: Tenant, mut guest: Guest, pulse: Arc<Pulse>) -> Result<(), Failure> {
    let over = Instant::now() + plugin.shared.config.limits.stream_time;
    let mut seen = pulse.pieces.load(Ordering::Relaxed);
    loop {
        match timeout(plugin.request_time(), &mut guest).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(End::Failed(failure))) if pulse.abandoned.load(Ordering::Relaxed) => return Err(failure),
            Ok(Err(End::Failed(failure))) => return Err(plugin.failed(&tenant, failure)),
            Ok(Err(End::NoPlace)) => return Err(Failure::Trapped("there was no place for it".to_owned())),
            Err(_) => {
                let now = pulse.pieces.load(Ordering::Relaxed);
                if now == seen && pulse.waiting.load(Ordering::Relaxed) {
                    return Err(plugin.failed(&tenant, Failure::TimedOut));
                }
                if Instant::now() > over {
                    return Err(Failure::TimedOut);
                }
                seen = now;
            }
        }
    }
}
