//! Records in the plugin's storage: JSON, one struct each, read leniently so that a newer
//! version's fields do not lock an older one out after a rollback.

use crate::{Error, bindings::fieldservice::plugins::storage::Entry, host::Host};
use serde::{Serialize, de::DeserializeOwned};

/// A struct that is stored under one key.
pub trait Record: Serialize + DeserializeOwned {
    /// The stored bytes.
    fn write(&self) -> Vec<u8> {
        // Own structs of text and numbers always have a JSON form.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The record that was stored; `None` when the bytes are not one.
    fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Attempts before a contended record is given up.
const ATTEMPTS: usize = 5;

/// Read, change and store a record without losing anybody else's change. `change` answers the new
/// record and its entry, or `None` to leave it. `None` when left or given up after a few races.
pub fn update<R: Record>(
    host: &dyn Host,
    key: &str,
    mut change: impl FnMut(Option<R>) -> Option<(R, Entry)>,
) -> Result<Option<R>, Error> {
    for _ in 0..ATTEMPTS {
        let present = host.get(key)?;
        let Some((record, entry)) = change(present.as_deref().and_then(R::read)) else {
            return Ok(None);
        };
        if host.compare_and_swap(present.as_deref(), entry)? {
            return Ok(Some(record));
        }
    }
    Ok(None)
}
