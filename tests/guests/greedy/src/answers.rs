//! Answers with too many headers, bytes or none of what they announce, and answers without end.
//! Each is something a client could choke on, were the host to pass it on.

use kit::{
    http::{Answer, Content, text, write_all},
    pages::wasi::{clocks::monotonic_clock, io::streams::OutputStream},
};

pub(crate) fn headers(count: usize) -> Answer {
    let mut answer = text("headers");
    answer
        .headers
        .extend((0..count).map(|n| (format!("x-{n}"), "1".to_owned())));
    answer
}

pub(crate) fn long_header(bytes: usize) -> Answer {
    let mut answer = text("header");
    answer.headers.push(("x-long".to_owned(), "y".repeat(bytes)));
    answer
}

pub(crate) fn trailers() -> Answer {
    let after = ["set-cookie", "content-security-policy", "x-after"].map(|name| (name.to_owned(), "late".to_owned()));
    Answer {
        body: Content::Trailed(b"trailed".to_vec(), after.to_vec()),
        ..text("")
    }
}

pub(crate) fn status(status: usize) -> Answer {
    Answer {
        status: u16::try_from(status).unwrap_or(u16::MAX),
        ..text("status")
    }
}

fn announcing(length: usize, body: &[u8]) -> Answer {
    let mut answer = text("");
    answer.headers.push(("content-length".to_owned(), length.to_string()));
    let body = body.to_vec();
    answer.body = Content::Written(Box::new(move |stream| write_all(stream, &body)));
    answer
}

pub(crate) fn less_than_announced() -> Answer {
    announcing(100, b"short")
}

pub(crate) fn more_than_announced() -> Answer {
    announcing(5, &[b'x'; 100])
}

/// A body written byte by byte.
pub(crate) fn crumbs(count: usize) -> Answer {
    Answer {
        body: Content::Written(Box::new(move |stream| {
            for _ in 0..count {
                write_all(stream, b"x");
            }
        })),
        ..text("")
    }
}

/// An answer that ends with a crash after so many bytes.
pub(crate) fn crash(bytes: usize) -> Answer {
    Answer {
        body: Content::Written(Box::new(move |stream| {
            write_all(stream, &vec![b'x'; bytes]);
            panic!("crashes after {bytes} bytes")
        })),
        ..text("")
    }
}

pub(crate) fn endless() -> Answer {
    Answer {
        body: Content::Written(Box::new(|stream| write_for_ever(stream, &[b'x'; 64 << 10], 0))),
        ..text("")
    }
}

/// An answer that is large at once and then goes on, a byte at a time.
pub(crate) fn trickle() -> Answer {
    Answer {
        body: Content::Written(Box::new(|stream| {
            write_all(stream, &vec![b'x'; 2 << 20]);
            write_for_ever(stream, b"x", 20_000_000);
        })),
        ..text("")
    }
}

fn write_for_ever(stream: &OutputStream, piece: &[u8], pause: u64) {
    while stream.check_write().is_ok() {
        write_all(stream, piece);
        if pause > 0 {
            monotonic_clock::subscribe_duration(pause).block();
        }
    }
}
