//! Key-value storage of one plugin for one company.
//! Source: `wit/storage.wit`.

use crate::{Page, Result};
use async_trait::async_trait;

/// A key, its value and how long it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// UTF-8 of 1 to 256 bytes.
    pub key: String,
    /// At most 64 KiB.
    pub value: Vec<u8>,
    /// Seconds until it is gone; none keeps it.
    pub ttl: Option<u32>,
}

/// `interface storage`.
#[async_trait]
pub trait Storage: Send + Sync {
    /// The value of a key that is there and not past its time.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;
    /// The values of many keys in the order asked.
    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Option<Vec<u8>>>>;
    /// Store one entry.
    async fn set(&self, entry: Entry) -> Result<()>;
    /// Store all entries or none.
    async fn set_many(&self, entries: Vec<Entry>) -> Result<()>;
    /// True when there was something to delete.
    async fn delete(&self, key: &str) -> Result<bool>;
    /// Store `entry` if the present value is `expected`.
    async fn compare_and_swap(&self, expected: Option<Vec<u8>>, entry: Entry) -> Result<bool>;
    /// Keys that start with `prefix`, in byte order.
    async fn list(&self, prefix: &str, cursor: Option<String>, limit: u32) -> Result<Page<String>>;
}
