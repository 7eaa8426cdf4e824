//! Resources opened and kept until the host says no, in an answer or by ending the guest.
//! What is kept is the host's memory, its files and its timers.

use kit::{
    http::{Answer, text},
    pages::{
        fieldservice::plugins::{customers, documents},
        wasi::{
            clocks::monotonic_clock,
            http::types::{Fields, OutgoingResponse},
        },
    },
};
use std::fmt::Debug;

/// Keep what `open` gives until it refuses.
fn hoard<T, E: Debug>(mut open: impl FnMut() -> Result<T, E>) -> Answer {
    let mut kept = Vec::new();
    loop {
        match open() {
            Ok(one) => kept.push(one),
            Err(error) => return text(format!("{} open, then {error:?}", kept.len())),
        }
    }
}

/// Keep what `open` gives for ever.
fn keep<T>(mut open: impl FnMut() -> T) -> Answer {
    hoard(|| Ok::<_, ()>(open()))
}

pub(crate) fn customers() -> Answer {
    hoard(|| customers::open("C1"))
}

pub(crate) fn documents() -> Answer {
    let customer = customers::open("C1").expect("the test's customer");
    let document = documents::file(&customer, "F1").expect("the test's file");
    hoard(|| document.read(None))
}

/// Answers that are never sent, each filled as far as the host takes it.
pub(crate) fn bodies() -> Answer {
    let megabyte = vec![b'x'; 1 << 20];
    keep(|| {
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().expect("a fresh response has a body");
        let stream = body.write().expect("a fresh body has a stream");
        while let Ok(room @ 1..) = stream.check_write() {
            let room = usize::try_from(room).unwrap_or(usize::MAX).min(megabyte.len());
            stream.write(&megabyte[..room]).expect("there was room");
        }
        (stream, body, response)
    })
}

pub(crate) fn pollables() -> Answer {
    keep(|| monotonic_clock::subscribe_duration(u64::MAX))
}

pub(crate) fn header_maps() -> Answer {
    keep(|| {
        let fields = Fields::new();
        let _ = fields.append("x-long", &[b'y'; 10_000]);
        fields
    })
}
