//! Host calls with lists and bytes far beyond what the contract allows.
//! The host must say no before it has copied them.

use kit::{
    http::{Answer, Content, text},
    pages::{
        fieldservice::plugins::{activity, storage},
        wasi::{clocks::monotonic_clock, io::poll},
    },
};

pub(crate) fn keys(count: usize) -> Answer {
    let found = storage::get_many(&vec!["k".to_owned(); count]);
    text(format!("{:?}", found.map(|values| values.len())))
}

fn entry(value: Vec<u8>) -> storage::Entry {
    storage::Entry {
        key: "k".to_owned(),
        value,
        ttl: None,
    }
}

pub(crate) fn entries(count: usize) -> Answer {
    text(format!("{:?}", storage::set_many(&vec![entry(Vec::new()); count])))
}

pub(crate) fn bytes(count: usize) -> Answer {
    text(format!("{:?}", storage::set(&entry(vec![0; count]))))
}

pub(crate) fn activity(count: usize) -> Answer {
    let entry = activity::Entry {
        customer: "C1".to_owned(),
        kind: activity::Kind::Viewed,
        subject: activity::Subject::None,
        summary: "Looked".to_owned(),
        via: String::new(),
    };
    text(format!("{:?}", activity::record(&vec![entry; count])))
}

/// Wait for the same moment many times over.
pub(crate) fn poll(count: usize) -> Answer {
    let moment = monotonic_clock::subscribe_duration(0);
    let ready = poll::poll(&vec![&moment; count]);
    text(format!("{} ready", ready.len()))
}

/// More zeroes than there is memory in the world.
pub(crate) fn zeroes() -> Answer {
    Answer {
        body: Content::Written(Box::new(|stream| {
            let written = stream.write_zeroes(1 << 60);
            panic!("the host wrote: {written:?}")
        })),
        ..text("")
    }
}
