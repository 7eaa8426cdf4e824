//! Messages on their way out: written in the sender's transaction, claimed by a worker under a lease.
//! A message leaves at least once; its idempotency key keeps a repeat of the request from queueing it twice.

use super::{
    NewEntry,
    activity::append,
    customers::missing_company,
    templates::{channel_code, read_channel},
};
use crate::{
    Actor, Error, Platform, Result, new_token,
    security::new_id,
    store::{
        db::{Fields, Row, Tx, args, placeholders},
        paging::{Listing, MAX_PAGE, time_key},
    },
    validate::Check,
};
use capabilities::{Channel, Page};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxStatus {
    /// Waiting for its (next) turn.
    Queued,
    /// A worker has it.
    Sending,
    /// The transport took it.
    Sent,
    /// Given up.
    Dead,
}

impl OutboxStatus {
    /// The word stored in the database: `queued`, `sending`, `sent`, `dead`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// The status of a stored word.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "queued" => Some(Self::Queued),
            "sending" => Some(Self::Sending),
            "sent" => Some(Self::Sent),
            "dead" => Some(Self::Dead),
            _ => None,
        }
    }
}

/// A message to queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// From [`Outbox::new_message_id`], when something in the message had to know it; else empty.
    pub id: String,
    /// The customer it is for.
    pub customer_id: Option<String>,
    /// How it goes.
    pub channel: Channel,
    /// E-mail address or telephone.
    pub recipient: String,
    /// Display name of the recipient, or empty.
    pub recipient_name: String,
    /// E-mail only.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML part, e-mail only, or empty.
    pub html: String,
    /// Nobody but the recipient may read the text: staff see that it was sent.
    pub confidential: bool,
    /// Unique within the company.
    pub idempotency_key: String,
}

/// A message in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    /// The host's id.
    pub id: String,
    /// Whose message.
    pub company_id: String,
    /// The campaign it belongs to.
    pub campaign_id: Option<String>,
    /// What goes where.
    pub message: NewMessage,
    /// How far it has come.
    pub status: OutboxStatus,
    /// Attempts so far, the present one included.
    pub attempts: u32,
    /// When it may be tried (again).
    pub next_attempt_at: Timestamp,
    /// Why the last attempt failed, or empty.
    pub last_error: String,
    /// Proves the worker's claim.
    pub lease: String,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When the transport took it.
    pub sent_at: Option<Timestamp>,
}

/// One sending of a template to many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// The host's id.
    pub id: String,
    /// The template, when one was used.
    pub template_id: Option<String>,
    /// What staff see it as.
    pub name: String,
    /// How it goes.
    pub channel: Channel,
    /// Recipients in all.
    pub total: u64,
    /// Recipients that cannot be reached (no address, a field without value).
    pub skipped: u64,
    /// Waiting or under way.
    pub queued: u64,
    /// Taken by the transport.
    pub sent: u64,
    /// Given up.
    pub dead: u64,
    /// Who sent it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// The outbox.
#[derive(Clone, Copy)]
pub struct Outbox<'a> {
    pub(crate) platform: &'a Platform,
}

impl Outbox<'_> {
    /// An id for a message yet to be queued.
    pub fn new_message_id(&self) -> Result<String> {
        new_id("ms")
    }

    /// Begin a campaign to `total` recipients.
    pub async fn create_campaign(
        &self,
        company_id: &str,
        name: &str,
        template_id: Option<&str>,
        channel: Channel,
        total: u64,
        actor: &Actor,
    ) -> Result<Campaign> {
        let now = self.platform.now();
        let id = new_id("ca")?;
        let mut tx = self.platform.db().begin().await?;
        let fields: Fields = vec![
            ("company_id", company_id.into()),
            ("id", (&id).into()),
            ("template_id", template_id.into()),
            ("name", name.into()),
            ("channel", channel_code(channel).into()),
            ("total", i64::try_from(total).unwrap_or(i64::MAX).into()),
            ("skipped", 0_i64.into()),
            ("created_by", (&actor.name).into()),
            ("created_at", now.into()),
        ];
        tx.insert("campaigns", fields).await.map_err(missing_company)?;
        let entry = NewEntry {
            kind: "campaign.created".into(),
            subject_kind: "campaign".into(),
            subject_id: id.clone(),
            summary: format!("Sent {name:?} to {total} recipients"),
            ..NewEntry::default()
        };
        append(&mut tx, company_id, &[entry], actor, now).await?;
        tx.commit().await?;
        self.campaign(company_id, &id).await
    }

    /// Count recipients that could not be reached.
    pub async fn add_skipped(&self, company_id: &str, campaign_id: &str, recipients: u64) -> Result<()> {
        let sql = "UPDATE campaigns SET skipped = skipped + $3 WHERE company_id = $1 AND id = $2";
        let recipients = i64::try_from(recipients).unwrap_or(i64::MAX);
        match self
            .platform
            .db()
            .execute(sql, args![company_id, campaign_id, recipients])
            .await?
        {
            0 => Err(Error::NotFound),
            _ => Ok(()),
        }
    }

    /// A campaign and its progress.
    pub async fn campaign(&self, company_id: &str, id: &str) -> Result<Campaign> {
        let sql = format!("SELECT {CAMPAIGN} FROM campaigns c WHERE c.company_id = $1 AND c.id = $2");
        read_campaign(&mut self.platform.db().one(sql, args![company_id, id]).await?)
    }

    /// A company's campaigns, latest first.
    pub async fn campaigns(&self, company_id: &str, limit: u32) -> Result<Vec<Campaign>> {
        let limit = i64::from(limit.clamp(1, MAX_PAGE));
        let sql = format!(
            "SELECT {CAMPAIGN} FROM campaigns c WHERE c.company_id = $1 ORDER BY c.created_at DESC, c.id LIMIT $2"
        );
        self.platform
            .db()
            .rows(sql, args![company_id, limit])
            .await?
            .iter_mut()
            .map(read_campaign)
            .collect()
    }

    /// Queue messages, all or none, with a line on each customer's timeline. Answers one id per message:
    /// the earlier message's where the idempotency key was used before.
    pub async fn enqueue(
        &self,
        company_id: &str,
        campaign_id: Option<&str>,
        messages: Vec<NewMessage>,
        actor: &Actor,
    ) -> Result<Vec<String>> {
        let mut tx = self.platform.db().begin().await?;
        let ids = self
            .enqueue_in(&mut tx, company_id, campaign_id, messages, "", actor)
            .await?;
        tx.commit().await?;
        Ok(ids)
    }

    /// Take up to `limit` messages that are due, of any company, for `lease_seconds`.
    pub async fn claim(&self, limit: u32, lease_seconds: i64) -> Result<Vec<OutboxMessage>> {
        let now = self.platform.now();
        let lease = new_token()?;
        let until = now.as_millisecond() + lease_seconds * 1000;
        // The condition stands twice: PostgreSQL checks the outer one again after waiting for another worker's claim.
        let due = "status IN ('queued', 'sending') AND next_attempt_at <= $1";
        let sql = format!(
            "UPDATE outbox SET status = 'sending', attempts = attempts + 1, next_attempt_at = $2, lease = $3
     WHERE id IN (SELECT id FROM outbox WHERE {due} ORDER BY next_attempt_at, id LIMIT $4) AND {due}
     RETURNING {COLUMNS}"
        );
        let mut tx = self.platform.db().begin().await?;
        let mut rows = tx
            .rows(sql, args![now, until, lease, i64::from(limit.clamp(1, 1000))])
            .await?;
        tx.commit().await?;
        let mut messages = rows.iter_mut().map(|row| self.read(row)).collect::<Result<Vec<_>>>()?;
        messages.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(messages)
    }

    /// The transport took it. `Conflict` when the lease was lost.
    pub async fn mark_sent(&self, id: &str, lease: &str) -> Result<()> {
        let now = self.platform.now();
        let sql = "UPDATE outbox SET status = 'sent', sent_at = $3, lease = '', last_error = ''
     WHERE id = $1 AND lease = $2 AND status = 'sending'";
        held(self.platform.db().execute(sql, args![id, lease, now]).await?)
    }

    /// The attempt failed: try again at `retry_at`, or give up. `Conflict` when the lease was lost.
    pub async fn mark_failed(&self, id: &str, lease: &str, error: &str, retry_at: Option<Timestamp>) -> Result<()> {
        let sql = "UPDATE outbox SET status = $3, next_attempt_at = COALESCE($4, next_attempt_at), last_error = $5, lease = ''
     WHERE id = $1 AND lease = $2 AND status = 'sending'";
        let status = if retry_at.is_some() {
            OutboxStatus::Queued
        } else {
            OutboxStatus::Dead
        };
        let error: String = error.chars().take(500).collect();
        held(
            self.platform
                .db()
                .execute(sql, args![id, lease, status.code(), retry_at, error])
                .await?,
        )
    }

    /// Queue a dead message again.
    pub async fn retry(&self, company_id: &str, id: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "UPDATE outbox SET status = 'queued', attempts = 0, next_attempt_at = $3
     WHERE company_id = $1 AND id = $2 AND status = 'dead' RETURNING customer_id";
        let Some(mut row) = tx.row(sql, args![company_id, id, now]).await? else {
            tx.one(
                "SELECT 1 FROM outbox WHERE company_id = $1 AND id = $2",
                args![company_id, id],
            )
            .await?;
            return Err(Error::Conflict(
                "Only a message that was given up can be sent again.".into(),
            ));
        };
        let entry = NewEntry {
            customer_id: row.opt_text()?,
            kind: "message.retried".into(),
            subject_kind: "message".into(),
            subject_id: id.to_owned(),
            summary: "Queued a message again that had been given up".into(),
            ..NewEntry::default()
        };
        append(&mut tx, company_id, &[entry], actor, now).await?;
        tx.commit().await
    }

    /// One message.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<OutboxMessage> {
        let sql = format!("SELECT {COLUMNS} FROM outbox t WHERE t.company_id = $1 AND t.id = $2");
        self.read(&mut self.platform.db().one(sql, args![company_id, id]).await?)
    }

    /// A company's messages, latest first; narrowed by status or campaign.
    pub async fn list(
        &self,
        company_id: &str,
        status: Option<OutboxStatus>,
        campaign_id: Option<&str>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<OutboxMessage>> {
        let listing = Listing::new("outbox", "outbox t", COLUMNS)
            .and("t.company_id = ?", company_id)
            .and_some("t.status = ?", status.map(OutboxStatus::code))
            .and_some("t.campaign_id = ?", campaign_id)
            .latest_first();
        listing
            .run(self.platform.db(), cursor, limit, |row| self.read(row))
            .await
    }

    /// When the next message is due; none when nothing waits.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT MIN(next_attempt_at) FROM outbox WHERE status IN ('queued', 'sending')";
        self.platform.db().one(sql, args![]).await?.opt_time()
    }
}

impl Outbox<'_> {
    /// `enqueue` inside the transaction of what the messages tell. `plugin_id` when a plugin sends.
    pub(crate) async fn enqueue_in(
        &self,
        tx: &mut Tx,
        company_id: &str,
        campaign_id: Option<&str>,
        messages: Vec<NewMessage>,
        plugin_id: &str,
        actor: &Actor,
    ) -> Result<Vec<String>> {
        let now = self.platform.now();
        if let Some(campaign) = campaign_id {
            tx.one(
                "SELECT 1 FROM campaigns WHERE company_id = $1 AND id = $2",
                args![company_id, campaign],
            )
            .await?;
        }
        let known = known_keys(tx, company_id, &messages).await?;
        let (mut ids, mut rows, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        let mut fresh: BTreeMap<String, String> = BTreeMap::new();
        for message in messages {
            check(&message)?;
            if let Some(id) = known
                .get(&message.idempotency_key)
                .or(fresh.get(&message.idempotency_key))
            {
                ids.push(id.clone());
                continue;
            }
            let id = if message.id.is_empty() {
                new_id("ms")?
            } else {
                message.id.clone()
            };
            fresh.insert(message.idempotency_key.clone(), id.clone());
            entries.push(NewEntry {
                customer_id: message.customer_id.clone(),
                kind: "message.queued".into(),
                subject_kind: "message".into(),
                subject_id: id.clone(),
                summary: told(&message),
                plugin_id: plugin_id.to_owned(),
                ..NewEntry::default()
            });
            rows.push(self.fields(company_id, campaign_id, &id, message, now)?);
            ids.push(id);
        }
        tx.insert_many("outbox", rows).await.map_err(missing_company)?;
        append(tx, company_id, &entries, actor, now).await?;
        Ok(ids)
    }

    /// The message queued under this key before, if one was.
    pub(crate) async fn id_of(&self, tx: &mut Tx, company_id: &str, idempotency_key: &str) -> Result<Option<String>> {
        let sql = "SELECT id FROM outbox WHERE company_id = $1 AND idempotency_key = $2";
        tx.row(sql, args![company_id, idempotency_key])
            .await?
            .map(|mut row| row.text())
            .transpose()
    }

    fn fields(
        &self,
        company_id: &str,
        campaign_id: Option<&str>,
        id: &str,
        message: NewMessage,
        now: Timestamp,
    ) -> Result<Fields> {
        let body = Body {
            text: message.text,
            html: message.html,
            confidential: message.confidential,
        };
        Ok(vec![
            ("id", id.into()),
            ("company_id", company_id.into()),
            ("campaign_id", campaign_id.into()),
            ("customer_id", message.customer_id.into()),
            ("channel", channel_code(message.channel).into()),
            ("recipient", message.recipient.into()),
            ("recipient_name", message.recipient_name.into()),
            ("subject", message.subject.into()),
            ("sealed_body", body.seal(self.platform, id)?.into()),
            ("idempotency_key", message.idempotency_key.into()),
            ("status", OutboxStatus::Queued.code().into()),
            ("attempts", 0_i64.into()),
            ("next_attempt_at", now.into()),
            ("lease", "".into()),
            ("last_error", "".into()),
            ("sort_key", time_key(now).into()),
            ("created_at", now.into()),
        ])
    }

    fn read(&self, row: &mut Row) -> Result<OutboxMessage> {
        row.skip();
        let id = row.text()?;
        let (company_id, campaign_id) = (row.text()?, row.opt_text()?);
        let customer_id = row.opt_text()?;
        let channel = read_channel(row)?;
        let (recipient, recipient_name, subject) = (row.text()?, row.text()?, row.text()?);
        let body = Body::open(self.platform, &id, &row.blob()?)?;
        let message = NewMessage {
            id: id.clone(),
            customer_id,
            channel,
            recipient,
            recipient_name,
            subject,
            text: body.text,
            html: body.html,
            confidential: body.confidential,
            idempotency_key: row.text()?,
        };
        Ok(OutboxMessage {
            id,
            company_id,
            campaign_id,
            message,
            status: OutboxStatus::parse(&row.text()?).ok_or_else(|| Error::corrupt("a message's status"))?,
            attempts: row.uint()?,
            next_attempt_at: row.time()?,
            last_error: row.text()?,
            lease: row.text()?,
            created_at: row.time()?,
            sent_at: row.opt_time()?,
        })
    }
}

const COLUMNS: &str = "sort_key, id, company_id, campaign_id, customer_id, channel, recipient, recipient_name, subject,
    sealed_body, idempotency_key, status, attempts, next_attempt_at, last_error, lease, created_at, sent_at";
const CAMPAIGN: &str = "c.id, c.template_id, c.name, c.channel, c.total, c.skipped,
    (SELECT COUNT(*) FROM outbox o WHERE o.company_id = c.company_id AND o.campaign_id = c.id
        AND o.status IN ('queued', 'sending')),
    (SELECT COUNT(*) FROM outbox o WHERE o.company_id = c.company_id AND o.campaign_id = c.id AND o.status = 'sent'),
    (SELECT COUNT(*) FROM outbox o WHERE o.company_id = c.company_id AND o.campaign_id = c.id AND o.status = 'dead'),
    c.created_by, c.created_at";

fn read_campaign(row: &mut Row) -> Result<Campaign> {
    Ok(Campaign {
        id: row.text()?,
        template_id: row.opt_text()?,
        name: row.text()?,
        channel: read_channel(row)?,
        total: row.uint()?,
        skipped: row.uint()?,
        queued: row.uint()?,
        sent: row.uint()?,
        dead: row.uint()?,
        created_by: row.text()?,
        created_at: row.time()?,
    })
}

/// The parts of a message that may hold links: sealed at rest, bound to the message's id.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Body {
    pub(crate) text: String,
    pub(crate) html: String,
    #[serde(default)]
    pub(crate) confidential: bool,
}

impl Body {
    pub(crate) fn seal(&self, platform: &Platform, id: &str) -> Result<Vec<u8>> {
        platform
            .seal()
            .seal(id, &serde_json::to_string(self).map_err(Error::corrupt)?)
    }

    pub(crate) fn open(platform: &Platform, id: &str, sealed: &[u8]) -> Result<Self> {
        serde_json::from_str(&platform.seal().open(id, sealed)?).map_err(|_| Error::corrupt("a message's body"))
    }
}

async fn known_keys(tx: &mut Tx, company_id: &str, messages: &[NewMessage]) -> Result<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    for chunk in messages.chunks(500) {
        let sql = format!(
            "SELECT idempotency_key, id FROM outbox WHERE company_id = $1 AND idempotency_key IN ({})",
            placeholders(1, chunk.len())
        );
        let mut args = args![company_id];
        args.extend(chunk.iter().map(|message| (&message.idempotency_key).into()));
        for mut row in tx.rows(sql, args).await? {
            known.insert(row.text()?, row.text()?);
        }
    }
    Ok(known)
}

fn check(message: &NewMessage) -> Result<()> {
    let mut check = Check::default();
    match message.channel {
        Channel::Email => {
            check.required("recipient", &message.recipient, 254);
            check.email("recipient", &message.recipient);
            check.required("subject", &message.subject, 500);
        }
        Channel::Sms => {
            check.required("recipient", &message.recipient, 40);
            check.phone("recipient", &message.recipient);
        }
    }
    check.line("recipient_name", &message.recipient_name, 500);
    check.required("idempotency_key", &message.idempotency_key, 200);
    check.finish()
}

fn told(message: &NewMessage) -> String {
    match message.channel {
        Channel::Email => format!("E-mail to {}: {}", message.recipient, message.subject),
        Channel::Sms => format!("Text message to {}", message.recipient),
    }
}

fn held(rows: u64) -> Result<()> {
    match rows {
        0 => Err(Error::Conflict("Another worker has this message by now.".into())),
        _ => Ok(()),
    }
}
