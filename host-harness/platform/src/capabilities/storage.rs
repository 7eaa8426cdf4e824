//! `interface storage`: keys and values of one plugin for one company, with lifetimes and a quota.
//! A plugin's writes for a company are ordered by the lock on its usage row, which keeps the quota exact.

use super::Call;
use crate::{
    Result as PlatformResult,
    store::db::{Args, Db, Fields, Tx, args, placeholders},
};
use ::capabilities::{Entry, Error, Page, Result, Storage};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;

const MAX_KEY: usize = 256;
const MAX_VALUE: usize = 64 * 1024;
const MAX_KEYS: usize = 1_000;
/// Bytes of values that one call gives back: a plugin could keep a thousand large ones and ask for all of them
/// at once, many times over.
const MAX_ANSWER: usize = 8 * 1024 * 1024;
/// Bytes of keys and values that a plugin may keep for one company.
const QUOTA_BYTES: i64 = 2 * 1024 * 1024 * 1024;
/// Entries that a plugin may keep for one company.
const QUOTA_ENTRIES: i64 = 20_000_000;

pub(super) struct StorageCapability(pub(super) Call);

fn check_key(key: &str) -> Result<()> {
    if (1..=MAX_KEY).contains(&key.len()) && !key.contains('\0') {
        return Ok(());
    }
    Err(Error::invalid(
        "key",
        "out-of-range",
        "A key is 1 to 256 bytes of UTF-8 without NUL.",
    ))
}

fn check_entries(entries: &[Entry]) -> Result<()> {
    if entries.len() > MAX_KEYS {
        return Err(Error::invalid("entries", "too-long", "At most 1,000 entries a call."));
    }
    entries.iter().try_for_each(|entry| {
        check_key(&entry.key)?;
        if entry.value.len() > MAX_VALUE {
            return Err(Error::invalid("value", "too-long", "A value has at most 64 KiB."));
        }
        Ok(())
    })
}

fn take(room: &mut usize, bytes: usize) -> Result<()> {
    *room = room.checked_sub(bytes).ok_or_else(|| {
        Error::invalid(
            "keys",
            "too-long",
            "These values have more than 8 MiB together. Ask for fewer at once.",
        )
    })?;
    Ok(())
}

fn size(entry: &Entry) -> i64 {
    (entry.key.len() + entry.value.len()) as i64
}

impl StorageCapability {
    fn place(&self) -> Args {
        args![&self.0.company.id, &self.0.plugin.id]
    }

    /// Begin a transaction and take the plugin's turn; what it uses now.
    async fn turn(&self) -> PlatformResult<(Tx, i64, i64)> {
        let mut tx = self.0.platform.db().begin().await?;
        let sql = "INSERT INTO plugin_storage_usage (company_id, plugin_id, entries, bytes) VALUES ($1, $2, 0, 0)
             ON CONFLICT (company_id, plugin_id) DO UPDATE SET entries = plugin_storage_usage.entries
             RETURNING entries, bytes";
        let mut row = tx.one(sql, self.place()).await?;
        Ok((tx, row.int()?, row.int()?))
    }

    async fn keep_usage(&self, tx: &mut Tx, entries: i64, bytes: i64) -> PlatformResult<()> {
        let sql = "UPDATE plugin_storage_usage SET entries = $3, bytes = $4 WHERE company_id = $1 AND plugin_id = $2";
        let mut args = self.place();
        args.extend(args![entries, bytes]);
        tx.execute(sql, args).await?;
        Ok(())
    }

    /// Store entries within the plugin's turn. Of a key given twice, the last counts.
    async fn store(&self, tx: &mut Tx, used: (i64, i64), entries: Vec<Entry>) -> Result<()> {
        let now = self.0.platform.now();
        let entries: BTreeMap<String, Entry> = entries.into_iter().map(|entry| (entry.key.clone(), entry)).collect();
        let (mut count, mut bytes) = used;
        let keys: Vec<_> = entries.keys().collect();
        for chunk in keys.chunks(256) {
            let place = format!(
                "company_id = $1 AND plugin_id = $2 AND key IN ({})",
                placeholders(2, chunk.len())
            );
            let mut args = self.place();
            args.extend(chunk.iter().map(|key| (*key).into()));
            // Expired ones too: they are in the usage until they are gone.
            let sql = format!("DELETE FROM plugin_storage WHERE {place} RETURNING size");
            for mut row in tx.rows(sql, args).await? {
                count -= 1;
                bytes -= row.int()?;
            }
        }
        count += entries.len() as i64;
        bytes += entries.values().map(size).sum::<i64>();
        if count > QUOTA_ENTRIES || bytes > QUOTA_BYTES {
            return Err(Error::Unavailable(
                "The plugin's storage for this company is full.".into(),
            ));
        }
        let rows = entries.into_values().map(|entry| self.fields(entry, now)).collect();
        tx.insert_many("plugin_storage", rows).await?;
        Ok(self.keep_usage(tx, count, bytes).await?)
    }

    fn fields(&self, entry: Entry, now: Timestamp) -> Fields {
        let expires = entry.ttl.map(|ttl| now.as_millisecond() + i64::from(ttl) * 1000);
        let size = size(&entry);
        vec![
            ("company_id", (&self.0.company.id).into()),
            ("plugin_id", (&self.0.plugin.id).into()),
            ("key", entry.key.into()),
            ("value", entry.value.into()),
            ("size", size.into()),
            ("expires_at", expires.into()),
        ]
    }
}

#[async_trait]
impl Storage for StorageCapability {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.get_many(vec![key.to_owned()]).await?.pop().flatten())
    }

    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Option<Vec<u8>>>> {
        if keys.len() > MAX_KEYS {
            return Err(Error::invalid("keys", "too-long", "At most 1,000 keys a call."));
        }
        keys.iter().try_for_each(|key| check_key(key))?;
        let now = self.0.platform.now();
        let mut found = BTreeMap::new();
        let mut room = MAX_ANSWER;
        for chunk in keys.chunks(256) {
            let sql = format!(
                "SELECT key, value FROM plugin_storage WHERE company_id = $1 AND plugin_id = $2
                 AND (expires_at IS NULL OR expires_at > $3) AND key IN ({})",
                placeholders(3, chunk.len())
            );
            let mut args = self.place();
            args.push(now.into());
            args.extend(chunk.iter().map(Into::into));
            for mut row in self.0.platform.db().rows(sql, args).await? {
                let (key, value) = (row.text()?, row.blob()?);
                take(&mut room, value.len())?;
                found.insert(key, value);
            }
        }
        // Counted anew: one key may be asked for a thousand times.
        let mut room = MAX_ANSWER;
        let value = |key| {
            let value = found.get(key).cloned();
            take(&mut room, value.as_ref().map_or(0, Vec::len))?;
            Ok(value)
        };
        keys.iter().map(value).collect()
    }

    async fn set(&self, entry: Entry) -> Result<()> {
        self.set_many(vec![entry]).await
    }

    async fn set_many(&self, entries: Vec<Entry>) -> Result<()> {
        check_entries(&entries)?;
        self.0.require_write()?;
        if entries.is_empty() {
            return Ok(());
        }
        let (mut tx, count, bytes) = self.turn().await?;
        self.store(&mut tx, (count, bytes), entries).await?;
        Ok(tx.commit().await?)
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        check_key(key)?;
        self.0.require_write()?;
        let (mut tx, count, bytes) = self.turn().await?;
        let now = self.0.platform.now().as_millisecond();
        let sql = "DELETE FROM plugin_storage WHERE company_id = $1 AND plugin_id = $2 AND key = $3 RETURNING size, expires_at";
        let mut args = self.place();
        args.push(key.into());
        let Some(mut row) = tx.row(sql, args).await? else {
            return Ok(false);
        };
        let (size, expires) = (row.int()?, row.opt_int()?);
        self.keep_usage(&mut tx, count - 1, bytes - size).await?;
        tx.commit().await?;
        Ok(expires.is_none_or(|expires| expires > now))
    }

    async fn compare_and_swap(&self, expected: Option<Vec<u8>>, entry: Entry) -> Result<bool> {
        check_entries(std::slice::from_ref(&entry))?;
        self.0.require_write()?;
        let (mut tx, count, bytes) = self.turn().await?;
        let sql = "SELECT value FROM plugin_storage WHERE company_id = $1 AND plugin_id = $2 AND key = $3
             AND (expires_at IS NULL OR expires_at > $4)";
        let mut args = self.place();
        args.extend(args![&entry.key, self.0.platform.now()]);
        let present = tx.row(sql, args).await?.map(|mut row| row.blob()).transpose()?;
        if present != expected {
            return Ok(false);
        }
        self.store(&mut tx, (count, bytes), vec![entry]).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn list(&self, prefix: &str, cursor: Option<String>, limit: u32) -> Result<Page<String>> {
        let after = cursor.unwrap_or_default();
        if prefix.len() > MAX_KEY || after.len() > MAX_KEY || prefix.contains('\0') || after.contains('\0') {
            return Err(Error::invalid(
                "cursor",
                "malformed",
                "This is not a cursor of this list.",
            ));
        }
        let limit = (limit as usize).clamp(1, MAX_KEYS);
        let mut args = self.place();
        args.extend(args![prefix, after, self.0.platform.now()]);
        let mut upper = String::new();
        if let Some(end) = end_of_prefix(prefix) {
            upper = "AND key < $6".to_owned();
            args.push(end.into());
        }
        let sql = format!(
            "SELECT key FROM plugin_storage WHERE company_id = $1 AND plugin_id = $2 AND key >= $3 {upper} AND key > $4
             AND (expires_at IS NULL OR expires_at > $5) ORDER BY key LIMIT {}",
            limit + 1
        );
        let rows = self.0.platform.db().rows(sql, args).await?;
        let mut items = rows
            .into_iter()
            .map(|mut row| row.text())
            .collect::<PlatformResult<Vec<_>>>()?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().cloned().filter(|_| more);
        Ok(Page { items, next })
    }
}

/// The smallest text that is greater than every text with this prefix; none when there is none.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = if last == '\u{d7ff}' {
            Some('\u{e000}')
        } else {
            char::from_u32(u32::from(last) + 1)
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// Remove entries past their time, and what they counted; how many.
pub(crate) async fn sweep(db: &Db, now: Timestamp) -> PlatformResult<u64> {
    let sql = "SELECT DISTINCT company_id, plugin_id FROM plugin_storage WHERE expires_at <= $1";
    let mut removed = 0;
    for mut row in db.rows(sql, args![now]).await? {
        let (company, plugin) = (row.text()?, row.text()?);
        let mut tx = db.begin().await?;
        let sql = "UPDATE plugin_storage_usage SET entries = entries WHERE company_id = $1 AND plugin_id = $2";
        tx.execute(sql, args![&company, &plugin]).await?;
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM plugin_storage
             WHERE company_id = $1 AND plugin_id = $2 AND expires_at <= $3";
        let mut gone = tx.one(sql, args![&company, &plugin, now]).await?;
        let (entries, bytes) = (gone.int()?, gone.int()?);
        let sql = "DELETE FROM plugin_storage WHERE company_id = $1 AND plugin_id = $2 AND expires_at <= $3";
        removed += tx.execute(sql, args![&company, &plugin, now]).await?;
        let sql = "UPDATE plugin_storage_usage SET entries = entries - $3, bytes = bytes - $4
             WHERE company_id = $1 AND plugin_id = $2";
        tx.execute(sql, args![&company, &plugin, entries, bytes]).await?;
        tx.commit().await?;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::end_of_prefix;

    #[test]
    fn a_prefix_ends_where_the_next_character_begins() {
        assert_eq!(end_of_prefix("link/").as_deref(), Some("link0"));
        assert_eq!(end_of_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(end_of_prefix("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(end_of_prefix("\u{10ffff}"), None);
        assert_eq!(end_of_prefix(""), None);
    }
}
