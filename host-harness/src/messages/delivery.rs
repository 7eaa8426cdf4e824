//! The outbox worker's view of the platform, and which transport carries what.
//! `platform` and `messaging` do not know each other; they meet here.

use crate::config::Config;
use async_trait::async_trait;
use messaging::{
    Claimed, EmailIdentity, MailboxStore, OutboxStore, OutgoingMessage, Receipt, SendError, StoreError, Transport,
    Transports,
    transport::{file::FileTransport, mailbox::MailboxTransport, sms_http::SmsHttpTransport, smtp::SmtpTransport},
};
use platform::{Company, MailboxMessage, OutboxMessage, Platform};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// The platform's outbox as the worker wants it.
#[derive(Clone)]
pub struct OutboxOnPlatform {
    platform: Platform,
}

impl OutboxOnPlatform {
    /// Over these records.
    pub fn new(platform: Platform) -> Self {
        Self { platform }
    }
}

#[async_trait]
impl OutboxStore for OutboxOnPlatform {
    async fn claim(&self, limit: usize, lease: Duration) -> Result<Vec<Claimed>, StoreError> {
        let seconds = i64::try_from(lease.as_secs()).unwrap_or(i64::MAX);
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let messages = self
            .platform
            .outbox()
            .claim(limit, seconds)
            .await
            .map_err(store_error)?;
        let mut companies: HashMap<String, Option<Company>> = HashMap::new();
        let mut claimed = Vec::with_capacity(messages.len());
        for message in messages {
            if !companies.contains_key(&message.company_id) {
                let company = self.platform.companies().get(&message.company_id).await.ok();
                companies.insert(message.company_id.clone(), company);
            }
            let company = companies.get(&message.company_id).and_then(Option::as_ref);
            claimed.push(Claimed {
                lease: message.lease.clone(),
                attempt: message.attempts,
                message: outgoing(message, company),
            });
        }
        Ok(claimed)
    }

    async fn mark_sent(&self, claimed: &Claimed, _: &Receipt) -> Result<bool, StoreError> {
        still_ours(
            self.platform
                .outbox()
                .mark_sent(&claimed.message.id, &claimed.lease)
                .await,
        )
    }

    async fn mark_retry(&self, claimed: &Claimed, wait: Duration, reason: &str) -> Result<bool, StoreError> {
        let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
        let at = self
            .platform
            .now()
            .saturating_add(jiff::SignedDuration::from_secs(seconds))
            .map_err(store_error)?;
        still_ours(
            self.platform
                .outbox()
                .mark_failed(&claimed.message.id, &claimed.lease, reason, Some(at))
                .await,
        )
    }

    async fn mark_dead(&self, claimed: &Claimed, reason: &str) -> Result<bool, StoreError> {
        still_ours(
            self.platform
                .outbox()
                .mark_failed(&claimed.message.id, &claimed.lease, reason, None)
                .await,
        )
    }
}

fn store_error(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}

fn still_ours(outcome: platform::Result<()>) -> Result<bool, StoreError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(platform::Error::Conflict(_) | platform::Error::NotFound) => Ok(false),
        Err(error) => Err(store_error(error)),
    }
}

fn outgoing(stored: OutboxMessage, company: Option<&Company>) -> OutgoingMessage {
    let some = |text: String| (!text.is_empty()).then_some(text);
    let message = stored.message;
    // What a plugin queued is plain text only.
    let html = match (message.channel, message.html.is_empty()) {
        (capabilities::Channel::Email, true) => Some(messaging::email_html(&message.text)),
        _ => some(message.html),
    };
    OutgoingMessage {
        id: stored.id,
        channel: super::from_contract(message.channel),
        to: message.recipient,
        to_name: message.recipient_name,
        from_name: company.map(|company| company.name.clone()),
        reply_to: company.and_then(|company| some(company.email.clone())),
        subject: some(message.subject),
        text: message.text,
        html,
    }
}

/// The demo mailbox on the platform.
pub struct MailboxOnPlatform {
    platform: Platform,
}

impl MailboxOnPlatform {
    /// Over these records.
    pub fn new(platform: Platform) -> Self {
        Self { platform }
    }
}

#[async_trait]
impl MailboxStore for MailboxOnPlatform {
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), StoreError> {
        // The outbox is listed by company; a message's own company is found through it.
        let company_id = self.company_of(&message.id).await?;
        self.platform
            .mailbox()
            .put(MailboxMessage {
                id: message.id.clone(),
                company_id,
                channel: super::to_contract(message.channel),
                sender: message.from_name.clone().unwrap_or_default(),
                recipient: message.to.clone(),
                subject: message.subject.clone().unwrap_or_default(),
                text: message.text.clone(),
                html: message.html.clone().unwrap_or_default(),
                sent_at: self.platform.now(),
            })
            .await
            .map_err(store_error)
    }
}

impl MailboxOnPlatform {
    async fn company_of(&self, message_id: &str) -> Result<String, StoreError> {
        for company in self.platform.companies().list().await.map_err(store_error)? {
            if self.platform.outbox().get(&company.id, message_id).await.is_ok() {
                return Ok(company.id);
            }
        }
        Err(StoreError(format!("message {message_id} is not in the outbox")))
    }
}

/// Carries nothing: for a channel that is not configured. Messages wait until it is.
struct Unconfigured(&'static str);

#[async_trait]
impl Transport for Unconfigured {
    fn name(&self) -> &'static str {
        "unconfigured"
    }

    async fn send(&self, _: &OutgoingMessage) -> Result<Receipt, SendError> {
        Err(SendError::transient(format!(
            "the configuration has no {} section",
            self.0
        )))
    }
}

/// The transports the configuration asks for.
pub fn transports(config: &Config, platform: &Platform) -> anyhow::Result<Transports> {
    let settings = &config.settings;
    if settings.mailbox {
        let mailbox = Arc::new(MailboxTransport::new(Arc::new(MailboxOnPlatform::new(
            platform.clone(),
        ))));
        return Ok(Transports::new(mailbox.clone(), mailbox));
    }
    let email: Arc<dyn Transport> = match (&settings.smtp, &settings.mail_dir) {
        (Some(smtp), _) => Arc::new(SmtpTransport::new(smtp)?),
        (None, Some(folder)) => Arc::new(FileTransport::new(
            folder,
            EmailIdentity::new("Field service <office@localhost>")?,
        )),
        (None, None) => Arc::new(Unconfigured("[smtp]")),
    };
    let sms: Arc<dyn Transport> = match &settings.sms {
        Some(sms) => Arc::new(SmsHttpTransport::new(sms)?),
        None => Arc::new(Unconfigured("[sms]")),
    };
    Ok(Transports::new(email, sms))
}
