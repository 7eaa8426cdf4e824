//! Transactional messages through the host's outbox.
//! Source: `wit/messages.wit`.

use crate::{Channel, CustomerId, Result};
use async_trait::async_trait;

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// The customer's own address or number on file.
    OnFile,
    /// An address the customer is proving to be theirs.
    Unverified(String),
}

/// A message to one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whom it concerns.
    pub customer: CustomerId,
    /// How it goes.
    pub channel: Channel,
    /// Where it goes.
    pub to: Recipient,
    /// E-mail only; no CR, LF or NUL.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// A repeat of the same key sends nothing again.
    pub idempotency_key: String,
}

/// `interface messages`.
#[async_trait]
pub trait Messages: Send + Sync {
    /// Put a message into the outbox; its id.
    async fn send(&self, message: Message) -> Result<String>;
    /// The same for a text that nobody but the recipient may read.
    async fn send_confidential(&self, message: Message) -> Result<String>;
}
