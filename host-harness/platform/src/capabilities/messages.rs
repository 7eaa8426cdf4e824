//! `interface messages`: transactional messages of a plugin, through the outbox.
//! Addresses a customer has yet to prove are allowed a few messages an hour only.

use super::Call;
use crate::{NewMessage, seconds_until, security::Throttle, validate::Check};
use ::capabilities::{Channel, Error, Message, Messages, Recipient, Result};
use async_trait::async_trait;

/// Messages to one customer's own address within an hour.
const ON_FILE_PER_HOUR: i64 = 30;
/// Messages about one customer to unverified addresses within an hour.
const UNVERIFIED_PER_HOUR: i64 = 5;

pub(super) struct MessagesCapability(pub(super) Call);

#[async_trait]
impl Messages for MessagesCapability {
    async fn send(&self, message: Message) -> Result<String> {
        self.queue(message, false).await
    }

    async fn send_confidential(&self, message: Message) -> Result<String> {
        self.queue(message, true).await
    }
}

impl MessagesCapability {
    async fn queue(&self, message: Message, confidential: bool) -> Result<String> {
        self.0.require_write()?;
        let call = &self.0;
        let company_id = &call.company.id;
        check(&message)?;
        let customer = call.platform.customers().get(company_id, &message.customer).await?;
        let reachable = match message.channel {
            Channel::Email => call.platform.inner.email,
            Channel::Sms => call.platform.inner.sms,
        };
        if !reachable {
            return Err(Error::Unavailable("The company cannot send messages this way.".into()));
        }
        let (recipient, realm, limit) = match (message.to, message.channel) {
            (Recipient::OnFile, Channel::Email) => (customer.email.clone(), "message on file", ON_FILE_PER_HOUR),
            (Recipient::OnFile, Channel::Sms) => {
                (customer.text_number().to_owned(), "message on file", ON_FILE_PER_HOUR)
            }
            (Recipient::Unverified(to), _) => (to, "message unverified", UNVERIFIED_PER_HOUR),
        };
        if recipient.is_empty() {
            return Err(Error::Unavailable(
                "The customer has no address of this kind on file.".into(),
            ));
        }
        // The plugin's keys are its own: they never meet another plugin's or a campaign's.
        let key = crate::security::sha256_hex(message.idempotency_key.as_bytes());
        let idempotency_key = format!("plugin:{}:{key}", call.plugin.id);
        let message = NewMessage {
            id: String::new(),
            customer_id: Some(customer.id.clone()),
            channel: message.channel,
            recipient,
            recipient_name: customer.display_name(),
            subject: message.subject,
            text: message.body,
            html: String::new(),
            confidential,
            idempotency_key,
        };
        let now = call.platform.now();
        let throttle = Throttle::new(&format!("{realm} {company_id} {}", call.plugin.id), &customer.id, None);
        let mut tx = call.platform.db().begin().await.map_err(Error::from)?;
        let outbox = call.platform.outbox();
        if let Some(known) = outbox.id_of(&mut tx, company_id, &message.idempotency_key).await? {
            return Ok(known);
        }
        if let Some(until) = throttle.take(&mut tx, limit, now).await? {
            return Err(Error::RateLimited(seconds_until(now, until)));
        }
        let actor = call.actor(Some(&customer.id));
        let ids = outbox
            .enqueue_in(&mut tx, company_id, None, vec![message], &call.plugin.id, &actor)
            .await?;
        tx.commit().await?;
        ids.into_iter()
            .next()
            .ok_or_else(|| Error::Unavailable("The message was not queued.".into()))
    }
}

fn check(message: &Message) -> Result<()> {
    let mut check = Check::default();
    if message.channel == Channel::Email {
        check.required("subject", &message.subject, 300);
    }
    if let (Recipient::Unverified(to), Channel::Email) = (&message.to, message.channel) {
        check.required("to", to, 254);
        check.email("to", to);
    }
    if let (Recipient::Unverified(to), Channel::Sms) = (&message.to, message.channel) {
        check.required("to", to, 40);
        check.phone("to", to);
    }
    if message.body.trim().is_empty() {
        check.refuse("body", "required", "A message needs words.");
    }
    check.text("body", &message.body, 20_000);
    if !(1..=256).contains(&message.idempotency_key.len()) {
        check.refuse("idempotency_key", "malformed", "A key has 1 to 256 bytes.");
    }
    Ok(check.finish()?)
}
