//! Sending a stored template to customers: ids first, then values (so that a link knows its message), then the outbox.
//! A repeated form sends nothing again.

use super::{Fields, MessageError, Messages, check};
use crate::{messages::Draft, plugins::FieldRecipient};
use capabilities::CallContext;
use messaging::{Channel, Template};
use platform::{Actor, Customer, NewMessage};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::sync::{Mutex, OnceCell};

/// Most customers of one sending.
pub const MAX_RECIPIENTS: usize = 5_000;
/// Messages written in one transaction.
const BATCH: usize = 500;
/// Sendings remembered to recognise a repeated form.
const REMEMBERED: usize = 1_000;

/// What a sending did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendReport {
    /// The campaign that holds its messages.
    pub campaign_id: String,
    /// Messages in the outbox.
    pub queued: usize,
    /// Customers without a message, and why.
    pub skipped: Vec<Skipped>,
}

/// A customer who got no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The customer.
    pub customer_id: String,
    /// Their name, when there is such a customer.
    pub name: String,
    /// Why, in one plain sentence.
    pub reason: String,
}

/// What a sending came to, once it has.
type PendingReport = Arc<OnceCell<SendReport>>;

/// Recent sendings by company and form key. Two clicks on one form meet here and get the same report.
#[derive(Default)]
pub(super) struct RecentSends {
    by_key: Mutex<HashMap<(String, String), PendingReport>>,
}

impl RecentSends {
    async fn cell(&self, company_id: &str, form_key: &str) -> PendingReport {
        let mut by_key = self.by_key.lock().await;
        if by_key.len() >= REMEMBERED {
            by_key.retain(|_, cell| !cell.initialized());
        }
        Arc::clone(by_key.entry((company_id.to_owned(), form_key.to_owned())).or_default())
    }
}

impl Messages {
    /// Send a stored template to customers. `form_key` is a random value the form carries: the same key
    /// again sends nothing and answers the first report.
    pub async fn send(
        &self,
        company_id: &str,
        template_id: &str,
        customers: &[String],
        form_key: &str,
        context: &CallContext,
    ) -> Result<SendReport, MessageError> {
        if form_key.is_empty() || form_key.len() > 64 {
            return Err(MessageError::Refused(
                "This form is incomplete. Open the page again and send it from there.".into(),
            ));
        }
        let cell = self.inner.recent.cell(company_id, form_key).await;
        cell.get_or_try_init(|| self.send_once(company_id, template_id, customers, form_key, context))
            .await
            .cloned()
    }

    async fn send_once(
        &self,
        company_id: &str,
        template_id: &str,
        customers: &[String],
        form_key: &str,
        context: &CallContext,
    ) -> Result<SendReport, MessageError> {
        let stored = self.inner.platform.templates().get(company_id, template_id).await?;
        let channel = super::from_contract(stored.details.channel);
        let draft = Draft {
            channel,
            subject: stored.details.subject.clone(),
            body: stored.details.body.clone(),
        };
        self.refuse_if_mute(channel)?;
        let mut seen = HashSet::new();
        let customers: Vec<String> = customers
            .iter()
            .filter(|id| seen.insert(id.as_str()))
            .cloned()
            .collect();
        if customers.is_empty() {
            return Err(MessageError::Refused("Choose at least one customer.".into()));
        }
        if customers.len() > MAX_RECIPIENTS {
            return Err(MessageError::Refused(format!(
                "At most {MAX_RECIPIENTS} customers can be written to at once."
            )));
        }
        let fields = self.all_fields(company_id).await?;
        let template = check(&draft, &fields.catalog)?;
        let actor = Actor::from_context(context, None);
        let total = customers.len() as u64;
        let outbox = self.inner.platform.outbox();
        let campaign = outbox
            .create_campaign(
                company_id,
                &stored.details.name,
                Some(template_id),
                stored.details.channel,
                total,
                &actor,
            )
            .await?;
        let mut report = SendReport {
            campaign_id: campaign.id.clone(),
            queued: 0,
            skipped: Vec::new(),
        };
        let sending = Sending {
            company_id,
            form_key,
            channel,
            template: &template,
            fields: &fields,
            context,
        };
        for batch in customers.chunks(BATCH) {
            let (messages, skipped) = self.compose(&sending, batch).await?;
            if !skipped.is_empty() {
                outbox
                    .add_skipped(company_id, &campaign.id, skipped.len() as u64)
                    .await?;
                report.skipped.extend(skipped);
            }
            if !messages.is_empty() {
                report.queued += messages.len();
                outbox.enqueue(company_id, Some(&campaign.id), messages, &actor).await?;
                if let Some(waker) = &self.inner.waker {
                    waker.wake();
                }
            }
        }
        Ok(report)
    }

    fn refuse_if_mute(&self, channel: Channel) -> Result<(), MessageError> {
        let (able, section) = match channel {
            Channel::Email => (self.inner.sends_email, "[smtp]"),
            Channel::Sms => (self.inner.sends_sms, "[sms]"),
        };
        if able {
            return Ok(());
        }
        Err(MessageError::Refused(format!(
            "This host cannot send {} yet: its configuration has no {section} section.",
            channel.label()
        )))
    }

    async fn compose(
        &self,
        sending: &Sending<'_>,
        customers: &[String],
    ) -> Result<(Vec<NewMessage>, Vec<Skipped>), MessageError> {
        let outbox = self.inner.platform.outbox();
        let known: HashMap<String, Customer> = self
            .inner
            .platform
            .customers()
            .many(sending.company_id, customers)
            .await?
            .into_iter()
            .map(|customer| (customer.id.clone(), customer))
            .collect();
        let mut skipped = Vec::new();
        let mut reachable = Vec::new();
        for id in customers {
            match known
                .get(id)
                .ok_or("There is no such customer.")
                .and_then(|customer| address(customer, sending.channel).map(|to| (customer, to)))
            {
                Ok((customer, to)) => {
                    let recipient = FieldRecipient {
                        customer_id: id.clone(),
                        message_id: Some(outbox.new_message_id()?),
                    };
                    reachable.push((customer, to, recipient));
                }
                Err(reason) => skipped.push(Skipped {
                    customer_id: id.clone(),
                    name: known
                        .get(id)
                        .map(|customer| customer.display_name())
                        .unwrap_or_default(),
                    reason: reason.to_owned(),
                }),
            }
        }
        let recipients: Vec<FieldRecipient> = reachable.iter().map(|(.., recipient)| recipient.clone()).collect();
        let used: Vec<String> = sending.template.fields_used().into_iter().map(str::to_owned).collect();
        let values = self
            .values(
                sending.company_id,
                sending.channel,
                sending.fields,
                &used,
                &recipients,
                sending.context,
            )
            .await?;
        let mut messages = Vec::with_capacity(reachable.len());
        for ((customer, to, recipient), values) in reachable.into_iter().zip(values) {
            let rendered = sending.template.render(&|name| values.get(name).cloned());
            if let Some(field) = rendered.missing.first() {
                let label = sending
                    .fields
                    .catalog
                    .get(field)
                    .map_or(field.as_str(), |field| &field.label);
                skipped.push(Skipped {
                    customer_id: customer.id.clone(),
                    name: customer.display_name(),
                    reason: format!("“{label}” has no value for this customer, and the template has no words instead."),
                });
                continue;
            }
            messages.push(NewMessage {
                id: recipient.message_id.unwrap_or_default(),
                customer_id: Some(customer.id.clone()),
                channel: super::to_contract(sending.channel),
                recipient: to,
                recipient_name: customer.display_name(),
                subject: rendered.subject.unwrap_or_default(),
                text: rendered.text,
                html: rendered.html.unwrap_or_default(),
                confidential: false,
                idempotency_key: format!("send:{}:{}", sending.form_key, customer.id),
            });
        }
        Ok((messages, skipped))
    }
}

/// What every batch of one sending shares.
struct Sending<'a> {
    company_id: &'a str,
    form_key: &'a str,
    channel: Channel,
    template: &'a Template,
    fields: &'a Fields,
    context: &'a CallContext,
}

fn address(customer: &Customer, channel: Channel) -> Result<String, &'static str> {
    let (to, why) = match channel {
        Channel::Email => (customer.email.as_str(), "No e-mail address is on file."),
        Channel::Sms => (customer.text_number(), "No telephone number is on file."),
    };
    if to.trim().is_empty() {
        Err(why)
    } else {
        Ok(to.trim().to_owned())
    }
}
