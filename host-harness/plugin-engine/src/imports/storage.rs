//! `storage`: the plugin's own keys and values for this company.
//! Source: `wit/storage.wit`.

use super::{Answer, bounded, denied};
use crate::{bindings::fieldservice::plugins::storage as wit, call::Call, manifest::Permission};
use capabilities as cap;
use std::sync::Arc;

/// Longest key in bytes.
const KEY_BYTES: usize = 256;
/// Largest value in bytes.
const VALUE_BYTES: usize = 64 * 1024;
/// Most keys of one call.
const MAX_KEYS: usize = 1_000;

impl Call {
    fn storage(&self) -> cap::Result<Arc<dyn cap::Storage>> {
        self.grants.storage.clone().ok_or_else(|| denied(Permission::Storage))
    }
}

impl wit::Host for Call {
    async fn get(&mut self, key: String) -> Answer<Option<Vec<u8>>> {
        let granted = self.storage();
        let value = async move {
            check_key(&key)?;
            granted?.get(&key).await
        };
        bounded(self.capability_time, value, |value| value).await
    }

    async fn get_many(&mut self, keys: Vec<String>) -> Answer<Vec<Option<Vec<u8>>>> {
        let granted = self.storage();
        let values = async move {
            check_count(keys.len())?;
            keys.iter().try_for_each(|key| check_key(key))?;
            granted?.get_many(keys).await
        };
        bounded(self.capability_time, values, |values| values).await
    }

    async fn set(&mut self, entry: wit::Entry) -> Answer<()> {
        let granted = self.storage();
        let set = async move { granted?.set(checked(entry)?).await };
        bounded(self.capability_time, set, |()| ()).await
    }

    async fn set_many(&mut self, entries: Vec<wit::Entry>) -> Answer<()> {
        let granted = self.storage();
        let set = async move {
            check_count(entries.len())?;
            let entries = entries.into_iter().map(checked).collect::<cap::Result<Vec<_>>>()?;
            granted?.set_many(entries).await
        };
        bounded(self.capability_time, set, |()| ()).await
    }

    async fn delete(&mut self, key: String) -> Answer<bool> {
        let granted = self.storage();
        let deleted = async move {
            check_key(&key)?;
            granted?.delete(&key).await
        };
        bounded(self.capability_time, deleted, |was_there| was_there).await
    }

    async fn compare_and_swap(&mut self, expected: Option<Vec<u8>>, entry: wit::Entry) -> Answer<bool> {
        let granted = self.storage();
        let swapped = async move { granted?.compare_and_swap(expected, checked(entry)?).await };
        bounded(self.capability_time, swapped, |swapped| swapped).await
    }

    async fn list(&mut self, prefix: String, cursor: Option<String>, limit: u32) -> Answer<wit::KeyPage> {
        let granted = self.storage();
        let limit = limit.clamp(1, u32::try_from(MAX_KEYS).unwrap_or(u32::MAX));
        let page = async move {
            if prefix.len() > KEY_BYTES || cursor.as_ref().is_some_and(|cursor| cursor.len() > 2 * KEY_BYTES) {
                return Err(cap::Error::invalid(
                    "prefix",
                    "too-long",
                    "This is longer than any key.",
                ));
            }
            granted?.list(&prefix, cursor, limit).await
        };
        bounded(self.capability_time, page, |page| wit::KeyPage {
            keys: page.items,
            next: page.next,
        })
        .await
    }
}

fn check_key(key: &str) -> cap::Result<()> {
    if key.is_empty() || key.len() > KEY_BYTES {
        let words = format!("A key has 1 to {KEY_BYTES} bytes.");
        return Err(cap::Error::invalid(
            "key",
            if key.is_empty() { "required" } else { "too-long" },
            words,
        ));
    }
    Ok(())
}

fn check_count(count: usize) -> cap::Result<()> {
    if count > MAX_KEYS {
        return Err(cap::Error::invalid(
            "keys",
            "too-long",
            format!("At most {MAX_KEYS} keys a call."),
        ));
    }
    Ok(())
}

fn checked(entry: wit::Entry) -> cap::Result<cap::Entry> {
    check_key(&entry.key)?;
    if entry.value.len() > VALUE_BYTES {
        let words = format!("A value has at most {} KiB.", VALUE_BYTES / 1024);
        return Err(cap::Error::invalid("value", "too-long", words));
    }
    Ok(cap::Entry {
        key: entry.key,
        value: entry.value,
        ttl: entry.ttl,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_values_and_counts_are_bounded() {
        let entry = |key: &str, bytes| wit::Entry {
            key: key.into(),
            value: vec![0; bytes],
            ttl: None,
        };
        assert!(checked(entry("k", VALUE_BYTES)).is_ok());
        assert!(checked(entry("k", VALUE_BYTES + 1)).is_err());
        assert!(checked(entry("", 1)).is_err());
        assert!(checked(entry(&"k".repeat(KEY_BYTES + 1), 1)).is_err());
        assert!(check_count(MAX_KEYS).is_ok() && check_count(MAX_KEYS + 1).is_err());
    }
}
