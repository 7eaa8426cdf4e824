//! The timeline of a customer and the audit of a company: one append-only, hash-chained log per company.
//! What happens to the installation itself (plugins) is in the chain of the empty company id.

mod chain;

pub use chain::ChainVerdict;

use crate::{
    Actor, ActorKind, Error, Platform, Result,
    store::{
        db::{Fields, Row, Tx, Value, args},
        paging::MAX_PAGE,
    },
};
use capabilities::Page;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Something to write into the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewEntry {
    /// The customer on whose timeline it appears.
    pub customer_id: Option<String>,
    /// Stable code, for example `customer.updated`.
    pub kind: String,
    /// Kind of the record it is about, for example `invoice`, or empty.
    pub subject_kind: String,
    /// Id of that record, or empty.
    pub subject_id: String,
    /// One plain sentence for staff.
    pub summary: String,
    /// What changed, field by field.
    pub changes: Vec<FieldChange>,
    /// Label of the link by which the customer came, or empty.
    pub via: String,
    /// The plugin that reported it, or empty.
    pub plugin_id: String,
}

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldChange {
    /// The field's key.
    pub field: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Rises by one per entry of the company.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub entry: NewEntry,
    /// What kind of actor.
    pub actor_kind: ActorKind,
    /// Its id, or empty.
    pub actor_id: String,
    /// Its name.
    pub actor_name: String,
    /// Address of the device, or empty.
    pub address: String,
    /// `User-Agent`, or empty.
    pub user_agent: String,
    /// The host's id of the request, or empty.
    pub request_id: String,
    /// Hash of the entry before, hexadecimal.
    pub prev_hash: String,
    /// Hash of this entry and `prev_hash`, hexadecimal.
    pub hash: String,
}

/// The log.
#[derive(Clone, Copy)]
pub struct ActivityLog<'a> {
    pub(crate) platform: &'a Platform,
}

impl ActivityLog<'_> {
    /// Write entries; all or none. Customers named must be the company's.
    pub async fn record(&self, company_id: &str, entries: Vec<NewEntry>, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let customers: BTreeSet<&String> = entries.iter().filter_map(|entry| entry.customer_id.as_ref()).collect();
        for id in customers {
            let sql = "SELECT 1 FROM customers WHERE company_id = $1 AND id = $2";
            tx.one(sql, args![company_id, id]).await?;
        }
        append(&mut tx, company_id, &entries, actor, now).await?;
        tx.commit().await
    }

    /// A customer's timeline, latest first.
    pub async fn timeline(
        &self,
        company_id: &str,
        customer_id: &str,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<LogEntry>> {
        self.page(
            company_id,
            cursor,
            limit,
            "customer_id = $4",
            Some(customer_id.to_owned()),
        )
        .await
    }

    /// The company's whole log, latest first; `kind_prefix` such as `plugin.` narrows it.
    pub async fn audit(
        &self,
        company_id: &str,
        kind_prefix: Option<&str>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<LogEntry>> {
        let prefix = kind_prefix.map(|prefix| {
            format!(
                "{}%",
                prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
            )
        });
        let condition = if prefix.is_some() {
            "kind LIKE $4 ESCAPE '\\'"
        } else {
            "1 = 1"
        };
        self.page(company_id, cursor, limit, condition, prefix).await
    }
}

const COLUMNS: &str =
    "seq, at, customer_id, kind, subject_kind, subject_id, summary, changes, via, plugin_id, actor_kind,
    actor_id, actor_name, address, user_agent, request_id, prev_hash, hash";

impl ActivityLog<'_> {
    async fn page(
        &self,
        company_id: &str,
        cursor: Option<&str>,
        limit: u32,
        condition: &str,
        arg: Option<String>,
    ) -> Result<Page<LogEntry>> {
        let limit = i64::from(limit.clamp(1, MAX_PAGE));
        let before = match cursor {
            Some(cursor) => cursor
                .parse::<i64>()
                .map_err(|_| Error::invalid("cursor", "malformed", "This is not a cursor of this list."))?,
            None => i64::MAX,
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM activity WHERE company_id = $1 AND seq < $2 AND {condition} ORDER BY seq DESC LIMIT $3"
        );
        let mut args = args![company_id, before, limit + 1];
        args.extend(arg.map(Value::from));
        let mut rows = self.platform.db().rows(sql, args).await?;
        let more = rows.len() as i64 > limit;
        rows.truncate(usize::try_from(limit).unwrap_or_default());
        let items = rows.iter_mut().map(read).collect::<Result<Vec<_>>>()?;
        let next = items.last().filter(|_| more).map(|last| last.seq.to_string());
        Ok(Page { items, next })
    }
}

fn read(row: &mut Row) -> Result<LogEntry> {
    let (seq, at) = (row.int()?, row.time()?);
    let entry = NewEntry {
        customer_id: row.opt_text()?,
        kind: row.text()?,
        subject_kind: row.text()?,
        subject_id: row.text()?,
        summary: row.text()?,
        changes: serde_json::from_str(&row.text()?).map_err(|_| Error::corrupt("a log entry's changes"))?,
        via: row.text()?,
        plugin_id: row.text()?,
    };
    Ok(LogEntry {
        seq,
        at,
        entry,
        actor_kind: ActorKind::parse(&row.text()?),
        actor_id: row.text()?,
        actor_name: row.text()?,
        address: row.text()?,
        user_agent: row.text()?,
        request_id: row.text()?,
        prev_hash: row.text()?,
        hash: row.text()?,
    })
}

/// Append entries to a company's chain, inside the transaction of what they tell.
/// The head's row is locked until that transaction ends, so the chain has one order.
pub(crate) async fn append(
    tx: &mut Tx,
    company_id: &str,
    entries: &[NewEntry],
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO activity_heads (company_id, seq, hash) VALUES ($1, 0, '')
         ON CONFLICT (company_id) DO UPDATE SET seq = activity_heads.seq RETURNING seq, hash";
    let mut head = tx.one(sql, args![company_id]).await?;
    let (mut seq, mut prev) = (head.int()?, head.text()?);
    let clean = |text: &str| text.replace('\0', "\u{fffd}");
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        seq += 1;
        // What is hashed is what is stored, to the millisecond and the character.
        let at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let mut entry = LogEntry {
            seq,
            at,
            entry: NewEntry {
                summary: clean(&entry.summary),
                via: clean(&entry.via),
                ..entry.clone()
            },
            actor_kind: actor.kind,
            actor_id: clean(&actor.id),
            actor_name: clean(&actor.name),
            address: actor.address.map(|address| address.to_string()).unwrap_or_default(),
            user_agent: clean(&actor.user_agent),
            request_id: clean(&actor.request_id),
            prev_hash: prev,
            hash: String::new(),
        };
        entry.hash = chain::hash(company_id, &entry)?;
        prev = entry.hash.clone();
        rows.push(fields(company_id, entry)?);
    }
    tx.insert_many("activity", rows).await?;
    tx.execute(
        "UPDATE activity_heads SET seq = $2, hash = $3 WHERE company_id = $1",
        args![company_id, seq, prev],
    )
    .await?;
    Ok(())
}

fn changes_json(entry: &LogEntry) -> Result<String> {
    serde_json::to_string(&entry.entry.changes).map_err(Error::corrupt)
}

fn fields(company_id: &str, entry: LogEntry) -> Result<Fields> {
    let changes = changes_json(&entry)?;
    Ok(vec![
        ("company_id", company_id.into()),
        ("seq", entry.seq.into()),
        ("at", entry.at.into()),
        ("customer_id", entry.entry.customer_id.into()),
        ("kind", entry.entry.kind.into()),
        ("subject_kind", entry.entry.subject_kind.into()),
        ("subject_id", entry.entry.subject_id.into()),
        ("summary", entry.entry.summary.into()),
        ("changes", changes.into()),
        ("via", entry.entry.via.into()),
        ("plugin_id", entry.entry.plugin_id.into()),
        ("actor_kind", entry.actor_kind.code().into()),
        ("actor_id", entry.actor_id.into()),
        ("actor_name", entry.actor_name.into()),
        ("address", entry.address.into()),
        ("user_agent", entry.user_agent.into()),
        ("request_id", entry.request_id.into()),
        ("prev_hash", entry.prev_hash.into()),
        ("hash", entry.hash.into()),
    ])
}
