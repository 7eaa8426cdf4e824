//! Whether a customer's portal is password-protected: a choice of the staff, else the company's
//! default. Kept under `access/{customer}`.

use crate::{
    Error,
    bindings::fieldservice::plugins::storage::Entry,
    host::Host,
    settings::Settings,
    store::{self, Record},
};
use serde::{Deserialize, Serialize};

/// What was decided about one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Staff's or the customer's own choice; `None` follows the company's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected: Option<bool>,
    /// Sessions born from a plain link at or before this instant (Unix seconds) have ended.
    #[serde(default)]
    pub link_sessions_ended: i64,
    /// Rises when every session of the customer is ended at once; a session born before that has
    /// a lower number and is over. A count, not an instant: two things can happen in one second.
    #[serde(default)]
    pub generation: u64,
}

impl Record for Access {}

/// The key of a customer's record.
pub fn key(customer: &str) -> String {
    format!("access/{customer}")
}

/// What was decided about a customer.
pub fn of(host: &dyn Host, customer: &str) -> Result<Access, Error> {
    Ok(host
        .get(&key(customer))?
        .and_then(|bytes| Access::read(&bytes))
        .unwrap_or_default())
}

impl Access {
    /// Whether a password is needed.
    pub fn is_protected(&self, settings: &Settings) -> bool {
        self.protected.unwrap_or(settings.default_password_protected)
    }
}

/// Switch protection; switching it on ends the sessions born from plain links for good.
pub fn protect(host: &dyn Host, customer: &str, on: bool) -> Result<Access, Error> {
    let now = host.now().unix_seconds;
    change(host, customer, |access| {
        access.protected = Some(on);
        if on {
            access.link_sessions_ended = now;
        }
    })
}

/// End every session the customer has at this moment, however many there are; answers the number
/// that sessions need from now on.
pub fn end_sessions(host: &dyn Host, customer: &str) -> Result<u64, Error> {
    let access = change(host, customer, |access| {
        access.generation = access.generation.saturating_add(1);
    })?;
    Ok(access.generation)
}

fn change(host: &dyn Host, customer: &str, change: impl Fn(&mut Access)) -> Result<Access, Error> {
    let key = key(customer);
    store::update(host, &key, |present: Option<Access>| {
        let mut access = present.unwrap_or_default();
        change(&mut access);
        let entry = Entry {
            key: key.clone(),
            value: access.write(),
            ttl: None,
        };
        Some((access, entry))
    })?
    .ok_or_else(|| Error::Conflict("The customer's access was changed by someone else just now.".to_owned()))
}
