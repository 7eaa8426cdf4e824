//! How often something may be done: the moments it was done, kept under one key and compared on
//! every write, so that requests at the same time count one by one.

use crate::{
    Error,
    bindings::fieldservice::plugins::storage::Entry,
    host::Host,
    store::{self, Record},
};
use serde::{Deserialize, Serialize};

/// At most `most` times within so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Seconds.
    pub within: i64,
    /// Times.
    pub most: usize,
}

/// The moments something was done; Unix seconds, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    at: Vec<i64>,
}

impl Record for Taken {}

/// Count one more under this key if every limit allows it. A refusal counts nothing, so waiting
/// always helps; a record that others are writing all the time is a refusal too.
pub fn take(host: &dyn Host, key: &str, limits: &[Limit], now: i64) -> Result<bool, Error> {
    let longest = limits.iter().map(|limit| limit.within).max().unwrap_or(0);
    let taken = store::update(host, key, |present: Option<Taken>| {
        let mut taken = present.unwrap_or_default();
        taken.at.retain(|at| *at > now - longest);
        let full = |limit: &Limit| taken.at.iter().filter(|at| **at > now - limit.within).count() >= limit.most;
        if limits.iter().any(full) {
            return None;
        }
        taken.at.push(now);
        let entry = Entry {
            key: key.to_owned(),
            value: taken.write(),
            ttl: u32::try_from(longest).ok(),
        };
        Some((taken, entry))
    })?;
    Ok(taken.is_some())
}
