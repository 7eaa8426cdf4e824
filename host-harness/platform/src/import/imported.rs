//! What was imported last, as a hash per row: a row that is still the same leaves its record alone, with all
//! that customers and staff changed since. Hashes are written many at a time.

use crate::{
    Result,
    store::db::{Db, Fields, Tx, args},
};
use sha2::{Digest, Sha256};

/// Hashes that are gathered before they are written.
const BATCH: usize = 64;

/// The hash of a row and of what belongs to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RowHash(Vec<u8>);

impl RowHash {
    /// Of parts in order; where one ends counts.
    pub(super) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().to_vec())
    }
}

const LAST: &str = "SELECT hash FROM imported_rows WHERE company_id = $1 AND table_name = $2 AND id = $3";

/// Whether the last import brought this very row; changes nothing.
pub(super) async fn was_imported(db: &Db, company_id: &str, table: &str, id: &str, hash: &RowHash) -> Result<bool> {
    let found = db.row(LAST, args![company_id, table, id]).await?;
    Ok(found.map(|mut row| row.blob()).transpose()?.as_ref() == Some(&hash.0))
}

/// The rows a company's imports brought.
pub(super) struct Imported {
    company_id: String,
    /// A new company has had no import yet: there is nothing to look up.
    is_new: bool,
    noted: Vec<Fields>,
}

impl Imported {
    pub(super) fn new(company_id: &str, is_new: bool) -> Self {
        Self {
            company_id: company_id.to_owned(),
            is_new,
            noted: Vec::new(),
        }
    }

    /// Whether the last import brought this very row; otherwise this one does, and it is noted.
    pub(super) async fn is_same(&mut self, tx: &mut Tx, table: &'static str, id: &str, hash: RowHash) -> Result<bool> {
        let RowHash(hash) = hash;
        if !self.is_new {
            let found = tx.row(LAST, args![&self.company_id, table, id]).await?;
            if found.map(|mut row| row.blob()).transpose()?.as_ref() == Some(&hash) {
                return Ok(true);
            }
        }
        self.noted.push(vec![
            ("company_id", (&self.company_id).into()),
            ("table_name", table.into()),
            ("id", id.into()),
            ("hash", hash.into()),
        ]);
        if self.noted.len() >= BATCH {
            self.write(tx).await?;
        }
        Ok(false)
    }

    /// Write what was noted.
    pub(super) async fn write(&mut self, tx: &mut Tx) -> Result<()> {
        const REPLACE: &str = "ON CONFLICT (company_id, table_name, id) DO UPDATE SET hash = excluded.hash";
        tx.insert_many_or("imported_rows", std::mem::take(&mut self.noted), REPLACE)
            .await
    }
}
