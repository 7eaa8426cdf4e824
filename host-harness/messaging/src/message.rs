//! One finished message to one recipient, as it stands in the outbox.
//! Everything is rendered already: transports add nothing but an envelope.

use crate::Channel;
use serde::{Deserialize, Serialize};

/// A message ready to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingMessage {
    /// The outbox id. Becomes the Message-ID and the idempotency key, so that a repeat after a lost
    /// acknowledgement can be recognised by whoever receives it.
    pub id: String,
    /// How it goes.
    pub channel: Channel,
    /// E-mail address or phone number.
    pub to: String,
    /// The recipient's name, or empty.
    pub to_name: String,
    /// Display name of the sender instead of the configured one: usually the company's name.
    pub from_name: Option<String>,
    /// Where an answer should go: usually the company's own address.
    pub reply_to: Option<String>,
    /// E-mail only.
    pub subject: Option<String>,
    /// The plain text; all of it for SMS.
    pub text: String,
    /// E-mail only: the same as HTML.
    pub html: Option<String>,
}
