//! How often something may happen, by name, for everybody together: the instants of late are kept
//! in storage under `limit/{name}`, so that every node counts alike. Nothing here locks anybody.

use crate::{
    Error,
    bindings::fieldservice::plugins::storage::Entry,
    host::Host,
    store::{self, Record},
};
use serde::{Deserialize, Serialize};

/// At most this often within so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How often.
    pub times: usize,
    /// Within how many seconds.
    pub seconds: i64,
}

/// When it happened, earliest first; Unix seconds.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Uses {
    at: Vec<i64>,
}

impl Record for Uses {}

/// Count one use of `name`, or answer `RateLimited` with the seconds to wait and count nothing.
pub fn take(host: &dyn Host, name: &str, limits: &[Limit]) -> Result<(), Error> {
    let now = host.now().unix_seconds;
    let memory = limits.iter().map(|limit| limit.seconds).max().unwrap_or_default();
    let key = format!("limit/{name}");
    let mut wait = 1;
    let counted = store::update(host, &key, |present: Option<Uses>| {
        let mut uses = present.unwrap_or_default();
        uses.at.retain(|at| now - at < memory);
        let waits = limits.iter().filter_map(|limit| {
            let recent = uses.at.iter().rev().filter(|at| now - *at < limit.seconds);
            // The use that has to be forgotten before there is room again.
            let blocking = recent.take(limit.times).nth(limit.times.saturating_sub(1))?;
            Some(blocking + limit.seconds - now)
        });
        if let Some(longest) = waits.max() {
            wait = longest;
            return None;
        }
        uses.at.push(now);
        let entry = Entry {
            key: key.clone(),
            value: uses.write(),
            ttl: u32::try_from(memory).ok(),
        };
        Some((uses, entry))
    })?;
    match counted {
        Some(_) => Ok(()),
        // Used up, or so many at once that they stood in each other's way.
        None => Err(Error::RateLimited(u32::try_from(wait).unwrap_or(1).max(1))),
    }
}
