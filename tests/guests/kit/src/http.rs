//! A request read whole and an answer written with few calls of the host.
//! What every fixture guest needs to speak wasi:http without ceremony.

use crate::pages::wasi::{
    http::types::{Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam},
    io::streams::{InputStream, OutputStream, StreamError},
};

/// A request with its body.
pub struct Request {
    pub method: String,
    pub path: String,
    pub authority: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// Read a request to its end.
    pub fn read(request: IncomingRequest) -> Self {
        let method = match request.method() {
            Method::Get => "GET".to_owned(),
            Method::Post => "POST".to_owned(),
            other => format!("{other:?}"),
        };
        let headers = request
            .headers()
            .entries()
            .into_iter()
            .map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()))
            .collect();
        let path = request.path_with_query().unwrap_or_default();
        let authority = request.authority().unwrap_or_default();
        let mut body = Vec::new();
        let incoming = request.consume().expect("a fresh request has a body");
        let stream = incoming.stream().expect("a fresh body has a stream");
        loop {
            match stream.blocking_read(64 * 1024) {
                Ok(piece) => body.extend_from_slice(&piece),
                Err(StreamError::Closed) => break,
                Err(error) => {
                    body = format!("broken body: {error}").into_bytes();
                    break;
                }
            }
        }
        Self {
            method,
            path,
            authority,
            headers,
            body,
        }
    }

    /// The path's last segment, without the query.
    pub fn page(&self) -> &str {
        self.path
            .split('?')
            .next()
            .unwrap_or_default()
            .rsplit('/')
            .next()
            .unwrap_or_default()
    }

    /// A number after `?` in the path.
    pub fn number(&self) -> usize {
        self.path
            .split('?')
            .nth(1)
            .and_then(|query| query.parse().ok())
            .unwrap_or_default()
    }
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Content,
}

/// What an answer carries.
pub enum Content {
    /// Bytes at hand.
    Whole(Vec<u8>),
    /// A stream of the host's, spliced through.
    Spliced(InputStream),
    /// Written by a function of the guest's own.
    Written(Box<dyn FnOnce(&OutputStream)>),
    /// Bytes at hand and trailers after them.
    Trailed(Vec<u8>, Vec<(String, String)>),
}

/// Plain text.
pub fn text(body: impl Into<String>) -> Answer {
    Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())],
        body: Content::Whole(body.into().into_bytes()),
    }
}

/// Send an answer.
pub fn send(out: ResponseOutparam, answer: Answer) {
    let fields = fields(&answer.headers);
    let response = OutgoingResponse::new(fields);
    response.set_status_code(answer.status).expect("a status");
    let body = response.body().expect("a fresh response has a body");
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().expect("a fresh body has a stream");
    let mut trailers = None;
    match answer.body {
        Content::Whole(bytes) => write_all(&stream, &bytes),
        Content::Trailed(bytes, after) => {
            write_all(&stream, &bytes);
            trailers = Some(self::fields(&after));
        }
        Content::Spliced(source) => while stream.blocking_splice(&source, 256 * 1024).is_ok() {},
        Content::Written(write) => write(&stream),
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, trailers);
}

fn fields(pairs: &[(String, String)]) -> Fields {
    let fields = Fields::new();
    for (name, value) in pairs {
        if let Err(error) = fields.append(name, value.as_bytes()) {
            eprintln!("header {name} refused: {error:?}");
        }
    }
    fields
}

/// Write bytes in pieces as large as the host takes them. Stops when nobody reads any more.
pub fn write_all(stream: &OutputStream, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let room = match stream.check_write() {
            Ok(0) => {
                stream.subscribe().block();
                continue;
            }
            Ok(room) => usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len()),
            Err(_) => return,
        };
        let (piece, rest) = bytes.split_at(room);
        if stream.write(piece).is_err() {
            return;
        }
        bytes = rest;
    }
    let _ = stream.flush();
}
