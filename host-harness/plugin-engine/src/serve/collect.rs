//! Runs a guest and gathers its answer until it is whole or too large to wait for.
//! A crash until then is an error of its own, not a page that breaks off.

use super::{
    Body,
    guest::{End, Guest, Head},
};
use crate::{
    config::Limits,
    error::{Failure, ServeError},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body as _;
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
};
use wasmtime_wasi_http::WasiBody;

/// A piece smaller than this is joined with its neighbours.
const CRUMB: usize = 4 << 10;

/// What came of a request.
pub(super) enum Collected {
    /// All of it.
    Whole(Response<Body>),
    /// The beginning; the guest goes on.
    Growing(Growing),
}

/// An answer of which more is to come.
pub(super) struct Growing {
    pub(super) head: http::response::Parts,
    pub(super) begun: Vec<Bytes>,
    pub(super) rest: WasiBody,
    /// None when it has ended and only its body is left.
    pub(super) guest: Option<Guest>,
}

/// Until the answer is whole, or grows beyond `limits.whole_response_bytes`.
pub(super) async fn collect(guest: Guest, head: Head, limits: &Limits) -> Result<Collected, ServeError> {
    let mut collector = Collector {
        guest: Some(guest),
        head: Some(head),
        response: None,
        pieces: Vec::new(),
        crumbs: BytesMut::new(),
        bytes: 0,
        limits,
    };
    poll_fn(|cx| collector.poll(cx)).await
}

struct Collector<'a> {
    guest: Option<Guest>,
    head: Option<Head>,
    response: Option<Response<Option<WasiBody>>>,
    pieces: Vec<Bytes>,
    /// Small pieces at the end, joined.
    crumbs: BytesMut,
    bytes: usize,
    limits: &'a Limits,
}

impl Collector<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Collected, ServeError>> {
        loop {
            self.poll_guest(cx)?;
            self.poll_head(cx)?;
            let moved = self.poll_body(cx)?;
            if self.bytes > self.limits.whole_response_bytes
                && let Some(growing) = self.growing()
            {
                return Poll::Ready(Ok(Collected::Growing(growing)));
            }
            let body_is_over = self.response.as_ref().is_some_and(|response| response.body().is_none());
            if self.guest.is_none() && body_is_over {
                return Poll::Ready(self.whole());
            }
            if self.guest.is_none() && self.head.is_none() && self.response.is_none() {
                return Poll::Ready(Err(ServeError::BadResponse("there is none".to_owned())));
            }
            // Room was made for the guest to write on: it need not be woken to be asked again.
            if !moved || self.guest.is_none() {
                return Poll::Pending;
            }
        }
    }

    fn poll_guest(&mut self, cx: &mut Context<'_>) -> Result<(), ServeError> {
        let Some(guest) = &mut self.guest else { return Ok(()) };
        match guest.as_mut().poll(cx) {
            Poll::Pending => {}
            Poll::Ready(Ok(())) => self.guest = None,
            Poll::Ready(Err(End::NoPlace)) => return Err(ServeError::Overloaded),
            Poll::Ready(Err(End::Failed(failure))) => return Err(ServeError::Failed(failure)),
        }
        Ok(())
    }

    fn poll_head(&mut self, cx: &mut Context<'_>) -> Result<(), ServeError> {
        let Some(head) = &mut self.head else { return Ok(()) };
        let answer = match Pin::new(head).poll(cx) {
            Poll::Pending => return Ok(()),
            Poll::Ready(answer) => answer,
        };
        self.head = None;
        match answer {
            Ok(Ok(response)) => {
                check_status(response.status())?;
                check_headers(response.headers(), self.limits)?;
                self.response = Some(response.map(Some));
                Ok(())
            }
            Ok(Err(code)) => Err(ServeError::BadResponse(code)),
            // The guest dropped it unanswered; how it ends says more.
            Err(_) => Ok(()),
        }
    }

    /// Take what the guest has written. True when there was something.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Result<bool, ServeError> {
        let Some(response) = &mut self.response else {
            return Ok(false);
        };
        let mut moved = false;
        while let Some(body) = response.body_mut() {
            if self.bytes > self.limits.whole_response_bytes {
                break;
            }
            match Pin::new(body).poll_frame(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers say nothing to a browser.
                    if let Ok(piece) = frame.into_data() {
                        self.bytes = self.bytes.saturating_add(piece.len());
                        keep(&mut self.pieces, &mut self.crumbs, piece);
                    }
                }
                Poll::Ready(Some(Err(error))) => return Err(ServeError::BadResponse(error.to_string())),
                Poll::Ready(None) => *response.body_mut() = None,
            }
            moved = true;
        }
        Ok(moved)
    }

    fn growing(&mut self) -> Option<Growing> {
        sweep(&mut self.pieces, &mut self.crumbs);
        let (head, body) = self.response.take()?.into_parts();
        // A body that ended beyond the limit is whole after all.
        let Some(rest) = body else {
            self.response = Some(Response::from_parts(head, None));
            return None;
        };
        Some(Growing {
            head,
            begun: std::mem::take(&mut self.pieces),
            rest,
            guest: self.guest.take(),
        })
    }

    fn whole(&mut self) -> Result<Collected, ServeError> {
        let Some(response) = self.response.take() else {
            return Err(ServeError::Failed(Failure::Trapped("it gave no answer".to_owned())));
        };
        sweep(&mut self.pieces, &mut self.crumbs);
        let mut pieces = std::mem::take(&mut self.pieces);
        let body = match pieces.len() {
            0 => Bytes::new(),
            1 => pieces.pop().unwrap_or_default(),
            _ => {
                let mut joined = BytesMut::with_capacity(self.bytes);
                pieces.iter().for_each(|piece| joined.extend_from_slice(piece));
                joined.freeze()
            }
        };
        Ok(Collected::Whole(response.map(|_| Body::whole(body))))
    }
}

/// Keep a piece. Small ones are joined: an answer written byte by byte would take many times its size.
fn keep(pieces: &mut Vec<Bytes>, crumbs: &mut BytesMut, piece: Bytes) {
    if piece.len() < CRUMB {
        crumbs.extend_from_slice(&piece);
    } else {
        sweep(pieces, crumbs);
        pieces.push(piece);
    }
}

fn sweep(pieces: &mut Vec<Bytes>, crumbs: &mut BytesMut) {
    if !crumbs.is_empty() {
        pieces.push(std::mem::take(crumbs).freeze());
    }
}

/// 1xx is about the connection, which is the host's; beyond 599 there is nothing.
fn check_status(status: StatusCode) -> Result<(), ServeError> {
    if (200..600).contains(&status.as_u16()) {
        Ok(())
    } else {
        Err(ServeError::BadResponse(format!("its status is {}", status.as_u16())))
    }
}

fn check_headers(headers: &HeaderMap, limits: &Limits) -> Result<(), ServeError> {
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len().saturating_add(value.len()))
        .sum();
    if headers.len() > limits.response_headers {
        return Err(ServeError::BadResponse(format!("it has {} headers", headers.len())));
    }
    if bytes > limits.response_header_bytes {
        return Err(ServeError::BadResponse(format!("its headers have {bytes} bytes")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crumbs_are_joined_and_large_pieces_stay_as_they_are() {
        let (mut pieces, mut crumbs) = (Vec::new(), BytesMut::new());
        for _ in 0..10_000 {
            keep(&mut pieces, &mut crumbs, Bytes::from_static(b"a"));
        }
        let large = Bytes::from(vec![b'b'; CRUMB]);
        keep(&mut pieces, &mut crumbs, large.clone());
        keep(&mut pieces, &mut crumbs, Bytes::from_static(b"c"));
        sweep(&mut pieces, &mut crumbs);
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [10_000, CRUMB, 1]);
        assert_eq!(pieces[1].as_ptr(), large.as_ptr(), "not copied");
    }
}
