//! Templates in use: which fields there are, checking, previewing and sending to customers.
//! A draft is checked by `messaging`'s closed grammar; values come from the platform and enabled plugins.

mod delivery;
mod send;
mod values;

pub use delivery::{MailboxOnPlatform, OutboxOnPlatform, transports};
pub use send::{MAX_RECIPIENTS, SendReport, Skipped};

use crate::plugins::{FieldRecipient, PluginError, PluginHost, TemplateField};
use capabilities::CallContext;
use messaging::{Channel, Field, FieldCatalog, Template, TemplateErrors, Waker};
use platform::Platform;
use std::{collections::BTreeMap, sync::Arc};

/// Merge fields, previews and sending. Cheap to clone.
#[derive(Clone)]
pub struct Messages {
    inner: Arc<Inner>,
}

struct Inner {
    platform: Platform,
    plugins: PluginHost,
    waker: Option<Waker>,
    sends_email: bool,
    sends_sms: bool,
    recent: send::RecentSends,
}

/// A template as it stands in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// How it goes out.
    pub channel: Channel,
    /// E-mail only; empty for text messages.
    pub subject: String,
    /// The message.
    pub body: String,
}

/// A draft with a customer's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// E-mail only.
    pub subject: Option<String>,
    /// Plain text.
    pub text: String,
    /// A complete HTML document; e-mail only.
    pub html: Option<String>,
    /// Text messages it takes; text messages only.
    pub sms_parts: Option<usize>,
    /// Fields without a value or a fallback, by name.
    pub missing: Vec<String>,
}

/// Why something with a message did not work.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The template cannot be used as it stands.
    #[error("{0}")]
    Template(TemplateErrors),
    /// A plugin did not give its values.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A rule forbids it; a plain sentence.
    #[error("{0}")]
    Refused(String),
    /// The platform refused or failed.
    #[error(transparent)]
    Platform(#[from] platform::Error),
}

impl From<MessageError> for crate::web::Failure {
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::Plugin(error) => error.into(),
            MessageError::Platform(platform::Error::NotFound) => Self::not_found(),
            MessageError::Platform(error) => Self::internal(error),
            MessageError::Template(_) | MessageError::Refused(_) => Self::bad_request(error.to_string()),
        }
    }
}

/// The fields of a company's templates: the host's and its plugins'.
struct Fields {
    catalog: FieldCatalog,
    of_plugins: Vec<TemplateField>,
}

impl Messages {
    /// Over these records and plugins. `waker` tells the outbox worker of new messages.
    pub fn new(
        platform: Platform,
        plugins: PluginHost,
        waker: Option<Waker>,
        sends_email: bool,
        sends_sms: bool,
    ) -> Self {
        let recent = send::RecentSends::default();
        Self {
            inner: Arc::new(Inner {
                platform,
                plugins,
                waker,
                sends_email,
                sends_sms,
                recent,
            }),
        }
    }

    /// What the company's templates may use: the host's fields and those of its enabled plugins.
    pub async fn catalog(&self, company_id: &str) -> Result<FieldCatalog, MessageError> {
        Ok(self.all_fields(company_id).await?.catalog)
    }

    /// The fields of one channel, in the order of the *Insert Field Value* list.
    pub async fn fields(&self, company_id: &str, channel: Channel) -> Result<Vec<Field>, MessageError> {
        Ok(self
            .all_fields(company_id)
            .await?
            .catalog
            .for_channel(channel)
            .cloned()
            .collect())
    }

    async fn all_fields(&self, company_id: &str) -> Result<Fields, MessageError> {
        let mut catalog = FieldCatalog::host();
        let of_plugins = self.inner.plugins.template_fields(company_id).await?;
        for field in &of_plugins {
            catalog.insert(Field {
                name: field.name.clone(),
                label: field.label.clone(),
                description: field.description.clone(),
                channels: field.channels.iter().map(|channel| from_contract(*channel)).collect(),
                sample: field.sample.clone(),
                group: field.plugin_name.clone(),
            });
        }
        Ok(Fields { catalog, of_plugins })
    }

    /// Check a draft: what saving it must pass.
    pub async fn validate(&self, company_id: &str, draft: &Draft) -> Result<(), MessageError> {
        let fields = self.all_fields(company_id).await?;
        check(draft, &fields.catalog).map(|_| ())
    }

    /// A draft with samples in place of values.
    pub async fn preview_samples(&self, company_id: &str, draft: &Draft) -> Result<Preview, MessageError> {
        let fields = self.all_fields(company_id).await?;
        let template = check(draft, &fields.catalog)?;
        Ok(finish(
            draft.channel,
            template.render(&|name| fields.catalog.sample(name)),
        ))
    }

    /// A draft with a customer's values. Changes nothing: no link is made for a preview.
    pub async fn preview(
        &self,
        company_id: &str,
        draft: &Draft,
        customer_id: &str,
        context: &CallContext,
    ) -> Result<Preview, MessageError> {
        let fields = self.all_fields(company_id).await?;
        let template = check(draft, &fields.catalog)?;
        let recipient = FieldRecipient {
            customer_id: customer_id.to_owned(),
            message_id: None,
        };
        let used: Vec<String> = template.fields_used().into_iter().map(str::to_owned).collect();
        let values = self
            .values(company_id, draft.channel, &fields, &used, &[recipient], context)
            .await?;
        let values = values.into_iter().next().unwrap_or_default();
        Ok(finish(
            draft.channel,
            template.render(&|name| values.get(name).cloned()),
        ))
    }

    /// The values of fields by name for every recipient, in order: the host's and plugins' alike. A field
    /// without a value is absent from its recipient's map.
    async fn values(
        &self,
        company_id: &str,
        channel: Channel,
        fields: &Fields,
        used: &[String],
        recipients: &[FieldRecipient],
        context: &CallContext,
    ) -> Result<Vec<BTreeMap<String, String>>, MessageError> {
        let ids: Vec<String> = recipients
            .iter()
            .map(|recipient| recipient.customer_id.clone())
            .collect();
        let mut rows = values::of_host(&self.inner.platform, company_id, used, &ids).await?;
        let asked: Vec<TemplateField> = fields
            .of_plugins
            .iter()
            .filter(|field| used.contains(&field.name))
            .cloned()
            .collect();
        if asked.is_empty() {
            return Ok(rows);
        }
        let answers = self
            .inner
            .plugins
            .resolve(company_id, to_contract(channel), &asked, recipients, context)
            .await?;
        for (row, answers) in rows.iter_mut().zip(answers) {
            for (field, answer) in asked.iter().zip(answers) {
                match answer {
                    Ok(value) => {
                        row.insert(field.name.clone(), value);
                    }
                    Err(error) => tracing::info!(field = field.name, %error, "a field has no value for a customer"),
                }
            }
        }
        Ok(rows)
    }

    /// The values of fields by name for customers, without sending anything. Each row holds one entry per
    /// field asked, in order; none where there is no value.
    pub async fn resolve(
        &self,
        company_id: &str,
        channel: Channel,
        names: &[String],
        recipients: &[FieldRecipient],
        context: &CallContext,
    ) -> Result<Vec<Vec<Option<String>>>, MessageError> {
        let fields = self.all_fields(company_id).await?;
        for name in names {
            if fields
                .catalog
                .get(name)
                .is_none_or(|field| !field.channels.contains(&channel))
            {
                let nearest = fields.catalog.nearest(name, channel);
                let hint = nearest
                    .map(|field| format!(" Did you mean {}?", field.name))
                    .unwrap_or_default();
                return Err(MessageError::Refused(format!(
                    "There is no field “{name}” for {}.{hint}",
                    channel.label()
                )));
            }
        }
        let mut rows = self
            .values(company_id, channel, &fields, names, recipients, context)
            .await?;
        Ok(rows
            .iter_mut()
            .map(|row| names.iter().map(|name| row.get(name).cloned()).collect())
            .collect())
    }
}

fn check(draft: &Draft, catalog: &FieldCatalog) -> Result<Template, MessageError> {
    let subject = Some(draft.subject.as_str()).filter(|subject| !subject.is_empty());
    Template::check(draft.channel, subject, &draft.body, catalog).map_err(MessageError::Template)
}

fn finish(channel: Channel, rendered: messaging::Rendered) -> Preview {
    let sms_parts = (channel == Channel::Sms).then(|| messaging::sms::count(&rendered.text).parts);
    Preview {
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        sms_parts,
        missing: rendered.missing,
    }
}

/// The contract's channel as messaging's.
pub fn from_contract(channel: capabilities::Channel) -> Channel {
    match channel {
        capabilities::Channel::Email => Channel::Email,
        capabilities::Channel::Sms => Channel::Sms,
    }
}

/// Messaging's channel as the contract's.
pub fn to_contract(channel: Channel) -> capabilities::Channel {
    match channel {
        Channel::Email => capabilities::Channel::Email,
        Channel::Sms => capabilities::Channel::Sms,
    }
}
