//! Template fields of plugins: which there are, and their values for many customers in few calls.
//! Values come back in the order asked; one customer's missing value never spoils another's.

use super::{PluginError, PluginHost};
use capabilities::{CallContext, Channel};
use plugin_engine::FieldRequest;
use serde::Serialize;

/// Most recipients of one call into a plugin; the contract allows 2,000 requests a call.
pub const RECIPIENTS_PER_CALL: usize = 1_000;
const REQUESTS_PER_CALL: usize = 2_000;

/// A field a plugin offers to message templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateField {
    /// Its name towards templates and other apps: `plugin.<plugin>.<key>`.
    pub name: String,
    /// The plugin behind it.
    pub plugin: String,
    /// The plugin's name.
    pub plugin_name: String,
    /// Its key within the plugin.
    pub key: String,
    /// Words in the *Insert Field Value* list.
    pub label: String,
    /// What it becomes.
    pub description: String,
    /// Messages it can stand in.
    #[serde(skip)]
    pub channels: Vec<Channel>,
    /// What a value looks like.
    pub sample: String,
}

/// A customer whose values are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRecipient {
    /// The customer.
    pub customer_id: String,
    /// The message the values go into; none for a preview, which must change nothing.
    pub message_id: Option<String>,
}

/// The values of one recipient, in the order the fields were asked.
pub type FieldValues = Vec<Result<String, capabilities::Error>>;

impl PluginHost {
    /// The fields that the company's plugins offer.
    pub async fn template_fields(&self, company_id: &str) -> Result<Vec<TemplateField>, PluginError> {
        let company = self.company(company_id).await?;
        let mut fields = Vec::new();
        for (plugin, enablement) in self.all_running(company_id).await? {
            if !plugin.exports().template_fields {
                continue;
            }
            let manifest = plugin.manifest();
            let tenant = self.tenant(&company, manifest, &enablement.permissions, crate::web::system_call());
            let offered = match plugin.fields(&tenant).await {
                Ok(offered) => offered,
                Err(error) => {
                    tracing::warn!(plugin = manifest.id, company = company_id, %error, "a plugin's fields are missing");
                    continue;
                }
            };
            fields.extend(
                offered
                    .into_iter()
                    .filter(|field| {
                        manifest
                            .template_fields
                            .iter()
                            .any(|declared| declared.key == field.key)
                    })
                    .map(|field| TemplateField {
                        name: messaging::plugin_field_name(&manifest.id, &field.key),
                        plugin: manifest.id.clone(),
                        plugin_name: manifest.name.clone(),
                        key: field.key,
                        label: field.label,
                        description: field.description,
                        channels: field.channels,
                        sample: field.sample,
                    }),
            );
        }
        Ok(fields)
    }

    /// The values of `fields` (of one or several plugins) for every recipient: one row per recipient, in order.
    pub async fn resolve(
        &self,
        company_id: &str,
        channel: Channel,
        fields: &[TemplateField],
        recipients: &[FieldRecipient],
        context: &CallContext,
    ) -> Result<Vec<FieldValues>, PluginError> {
        let unknown = || vec![Err(capabilities::Error::NotFound); fields.len()];
        let mut rows: Vec<FieldValues> = recipients.iter().map(|_| unknown()).collect();
        let mut plugins: Vec<&str> = fields.iter().map(|field| field.plugin.as_str()).collect();
        plugins.sort_unstable();
        plugins.dedup();
        let company = self.company(company_id).await?;
        for plugin_id in plugins {
            let (plugin, enablement) = self.running(company_id, plugin_id).await?;
            let own: Vec<(usize, &TemplateField)> = fields
                .iter()
                .enumerate()
                .filter(|(_, field)| field.plugin == plugin_id)
                .collect();
            let batch = (REQUESTS_PER_CALL / own.len().max(1)).clamp(1, RECIPIENTS_PER_CALL);
            for (rows, recipients) in rows.chunks_mut(batch).zip(recipients.chunks(batch)) {
                let requests: Vec<FieldRequest> = recipients
                    .iter()
                    .flat_map(|recipient| {
                        own.iter().map(|(_, field)| FieldRequest {
                            field: field.key.clone(),
                            customer: recipient.customer_id.clone(),
                            channel,
                            message: recipient.message_id.clone(),
                        })
                    })
                    .collect();
                let asked = requests.len();
                let tenant = self.tenant(&company, plugin.manifest(), &enablement.permissions, context.clone());
                let mut answers = plugin.resolve(&tenant, requests).await?.into_iter();
                if answers.len() != asked {
                    tracing::warn!(
                        plugin = plugin_id,
                        asked,
                        answered = answers.len(),
                        "a plugin answered another number of fields"
                    );
                    return Err(PluginError::Failed);
                }
                for row in rows {
                    for (position, _) in &own {
                        if let (Some(cell), Some(answer)) = (row.get_mut(*position), answers.next()) {
                            *cell = answer;
                        }
                    }
                }
            }
        }
        Ok(rows)
    }
}
