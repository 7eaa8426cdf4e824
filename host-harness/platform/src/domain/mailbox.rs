//! What the demo transport "sent": every message kept for the mailbox page.
//! A message of the outbox appears once, however often it is handed over.

use super::{
    outbox::Body,
    templates::{channel_code, read_channel},
};
use crate::{
    Platform, Result,
    store::{
        db::{Row, args},
        paging::{Listing, time_key},
    },
};
use capabilities::{Channel, Page};
use jiff::Timestamp;

/// A message handed to the demo transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxMessage {
    /// Id of the outbox message.
    pub id: String,
    /// Whose message.
    pub company_id: String,
    /// How it went.
    pub channel: Channel,
    /// Sender.
    pub sender: String,
    /// E-mail address or telephone.
    pub recipient: String,
    /// E-mail only.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML part, or empty.
    pub html: String,
    /// When.
    pub sent_at: Timestamp,
}

/// The demo mailbox.
#[derive(Clone, Copy)]
pub struct Mailbox<'a> {
    pub(crate) platform: &'a Platform,
}

impl Mailbox<'_> {
    /// Keep a message.
    pub async fn put(&self, message: MailboxMessage) -> Result<()> {
        let MailboxMessage {
            id,
            company_id,
            channel,
            sender,
            recipient,
            subject,
            text,
            html,
            sent_at,
        } = message;
        let sql =
            "INSERT INTO mailbox (id, company_id, channel, sender, recipient, subject, sealed_body, sort_key, sent_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
        let sealed = Body {
            text,
            html,
            confidential: false,
        }
        .seal(self.platform, &id)?;
        let args = args![
            id,
            company_id,
            channel_code(channel),
            sender,
            recipient,
            subject,
            sealed,
            time_key(sent_at),
            sent_at
        ];
        self.platform.db().execute(sql, args).await?;
        Ok(())
    }

    /// One message.
    pub async fn get(&self, id: &str) -> Result<MailboxMessage> {
        let sql = format!("SELECT {COLUMNS} FROM mailbox WHERE id = $1");
        self.read(&mut self.platform.db().one(sql, args![id]).await?)
    }

    /// Messages of every company, or of one; latest first.
    pub async fn list(
        &self,
        company_id: Option<&str>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<MailboxMessage>> {
        let listing = Listing::new("mailbox", "mailbox t", COLUMNS)
            .and_some("t.company_id = ?", company_id)
            .latest_first();
        listing
            .run(self.platform.db(), cursor, limit, |row| self.read(row))
            .await
    }
}

const COLUMNS: &str = "sort_key, id, company_id, channel, sender, recipient, subject, sealed_body, sent_at";

impl Mailbox<'_> {
    fn read(&self, row: &mut Row) -> Result<MailboxMessage> {
        row.skip();
        let id = row.text()?;
        let (company_id, channel) = (row.text()?, read_channel(row)?);
        let (sender, recipient, subject) = (row.text()?, row.text()?, row.text()?);
        let body = Body::open(self.platform, &id, &row.blob()?)?;
        let sent_at = row.time()?;
        Ok(MailboxMessage {
            id,
            company_id,
            channel,
            sender,
            recipient,
            subject,
            text: body.text,
            html: body.html,
            sent_at,
        })
    }
}
