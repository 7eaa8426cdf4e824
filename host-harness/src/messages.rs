//! Templates in use: which fields there are, checking, previewing and sending to customers.
//! A draft is checked by `messaging`'s closed grammar; values come from the platform and enabled plugins.

// Signatures the console codes against:
//
// pub struct FieldChoice { pub name: String, pub label: String, pub description: String, pub group: String, pub sample: String }
//     `name` is what goes between the braces: `customer.first_name`, `plugin.some_plugin.some_key`
// pub struct Draft { pub channel: capabilities::Channel, pub subject: String, pub body: String }
// pub struct Preview { pub subject: String, pub text: String, pub html: Option<String>, pub sms_parts: Option<u32>, pub notes: Vec<String> }
// pub struct SendReport { pub campaign_id: String, pub queued: usize, pub skipped: Vec<Skipped> }
// pub struct Skipped { pub customer_id: String, pub name: String, pub reason: String }
//
// Messages::fields(company_id, channel)                   -> Result<Vec<FieldChoice>, MessageError>
// Messages::validate(company_id, &Draft)                  -> Result<(), MessageError>   (MessageError::Invalid(Vec<capabilities::FieldError>))
// Messages::preview(company_id, &Draft, customer_id, &CallContext) -> Result<Preview, MessageError>
// Messages::send(company_id, template_id, customers: &[String], form_key: &str, &CallContext) -> Result<SendReport, MessageError>
//     form_key: a random value the form carries, so that a double click sends once

use crate::plugins::PluginHost;
use platform::Platform;

/// Merge fields, previews and sending.
#[derive(Clone)]
pub struct Messages {
    platform: Platform,
    plugins: PluginHost,
}
