//! The chain of the log: how an entry is bound to the one before, and finding out whether anything was altered.
//! Altering, removing, reordering or moving entries shows; cutting the end off and forging the head too needs [`ActivityLog::has`].

use super::{ActivityLog, COLUMNS, LogEntry, NewEntry, changes_json};
use crate::{
    Result,
    security::sha256_hex,
    store::db::{Row, args},
};

/// What checking a chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainVerdict {
    /// Every entry follows from the one before; how many there are.
    Intact(u64),
    /// The first entry that does not.
    BrokenAt(i64),
}

impl ActivityLog<'_> {
    /// Every chain there is: the companies', the installation's own (the empty id), and any other id that stands in the
    /// log and should not.
    pub async fn chains(&self) -> Result<Vec<String>> {
        let sql = "SELECT '' UNION SELECT id FROM companies UNION SELECT company_id FROM activity
     UNION SELECT company_id FROM activity_heads ORDER BY 1";
        let mut rows = self.platform.db().rows(sql, args![]).await?;
        rows.iter_mut().map(Row::text).collect()
    }

    /// Recompute every hash of the company's chain, of what is stored to the byte. May run beside writers.
    pub async fn verify(&self, company_id: &str) -> Result<ChainVerdict> {
        let db = self.platform.db();
        let sql = "SELECT seq, hash FROM activity_heads WHERE company_id = $1";
        let (head_seq, head_hash) = match db.row(sql, args![company_id]).await? {
            Some(mut head) => (head.int()?, head.text()?),
            None => (0, String::new()),
        };
        let sql = format!("SELECT {COLUMNS} FROM activity WHERE company_id = $1 AND seq <= $2 ORDER BY seq");
        let (mut prev, mut seq, mut broken) = (String::new(), 0_i64, None);
        let check = |mut row: Row| {
            seq += 1;
            let stored = Stored::read(&mut row)?;
            if broken.is_none() && !(stored.seq == seq && stored.prev_hash == prev && stored.fits(company_id)) {
                broken = Some(stored.seq.min(seq));
            }
            prev = stored.hash;
            Ok(())
        };
        db.each(sql, args![company_id, head_seq], check).await?;
        if let Some(at) = broken {
            return Ok(ChainVerdict::BrokenAt(at));
        }
        if head_seq != seq || head_hash != prev {
            return Ok(ChainVerdict::BrokenAt(seq + 1));
        }
        // Asked in one statement: a writer moves the head and adds the entry at once.
        let sql = "SELECT MIN(seq) FROM activity WHERE company_id = $1
     AND seq > COALESCE((SELECT seq FROM activity_heads WHERE company_id = $1), 0)";
        Ok(match db.one(sql, args![company_id]).await?.opt_int()? {
            Some(beyond) => ChainVerdict::BrokenAt(beyond),
            None => ChainVerdict::Intact(seq.unsigned_abs()),
        })
    }

    /// The number and hash of the company's last entry; none before its first.
    pub async fn head(&self, company_id: &str) -> Result<Option<(i64, String)>> {
        let sql = "SELECT seq, hash FROM activity_heads WHERE company_id = $1";
        let row = self.platform.db().row(sql, args![company_id]).await?;
        row.map(|mut row| Ok((row.int()?, row.text()?))).transpose()
    }

    /// Whether the chain still has this entry, as a head that was written down elsewhere says. A chain that was cut and
    /// given an earlier head is intact in itself; only this finds it.
    pub async fn has(&self, company_id: &str, seq: i64, hash: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM activity WHERE company_id = $1 AND seq = $2 AND hash = $3";
        let row = self.platform.db().row(sql, args![company_id, seq, hash]).await?;
        Ok(row.is_some())
    }
}

/// SHA-256 over every part of the entry, each with its length before it, the hash before it first.
pub(super) fn hash(company_id: &str, entry: &LogEntry) -> Result<String> {
    let NewEntry {
        customer_id,
        kind,
        subject_kind,
        subject_id,
        summary,
        changes: _,
        via,
        plugin_id,
    } = &entry.entry;
    let changes = changes_json(entry)?;
    let texts: [&str; TEXTS] = [
        customer_id.as_deref().unwrap_or_default(),
        kind,
        subject_kind,
        subject_id,
        summary,
        &changes,
        via,
        plugin_id,
        entry.actor_kind.code(),
        &entry.actor_id,
        &entry.actor_name,
        &entry.address,
        &entry.user_agent,
        &entry.request_id,
    ];
    Ok(hash_parts(
        &entry.prev_hash,
        company_id,
        entry.seq,
        entry.at.as_millisecond(),
        &texts,
    ))
}

/// Columns of text between an entry's time and its hashes.
const TEXTS: usize = 14;

fn hash_parts(prev_hash: &str, company_id: &str, seq: i64, at: i64, texts: &[&str; TEXTS]) -> String {
    let (seq, at) = (seq.to_string(), at.to_string());
    let mut bytes = Vec::new();
    for part in [prev_hash, company_id, &seq, &at].iter().chain(texts) {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    sha256_hex(&bytes)
}

/// An entry as it lies in the database, nothing interpreted: what was altered must not be read as what it was.
struct Stored {
    seq: i64,
    at: i64,
    /// No entry is written with an empty customer; none means there is none.
    customer: Option<String>,
    texts: [String; TEXTS - 1],
    prev_hash: String,
    hash: String,
}

impl Stored {
    /// Columns in the order of [`COLUMNS`].
    fn read(row: &mut Row) -> Result<Self> {
        let (seq, at, customer) = (row.int()?, row.int()?, row.opt_text()?);
        let mut texts: [String; TEXTS - 1] = Default::default();
        for text in &mut texts {
            *text = row.text()?;
        }
        Ok(Self {
            seq,
            at,
            customer,
            texts,
            prev_hash: row.text()?,
            hash: row.text()?,
        })
    }

    fn fits(&self, company_id: &str) -> bool {
        let mut texts = [""; TEXTS];
        let stored = std::iter::once(self.customer.as_deref().unwrap_or_default());
        for (part, text) in texts
            .iter_mut()
            .zip(stored.chain(self.texts.iter().map(String::as_str)))
        {
            *part = text;
        }
        self.customer.as_deref() != Some("")
            && self.hash == hash_parts(&self.prev_hash, company_id, self.seq, self.at, &texts)
    }
}
