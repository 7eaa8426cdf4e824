//! Delivers into the host's own mailbox page: what the demo shows instead of sending anything.
//! The host says where the messages are kept.

use super::{Receipt, SendError, Transport};
use crate::OutgoingMessage;
use crate::outbox::StoreError;
use async_trait::async_trait;
use std::sync::Arc;

/// Where the demo keeps what it would have sent.
#[async_trait]
pub trait MailboxStore: Send + Sync {
    /// Keep the message. The same id twice is the same message.
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), StoreError>;
}

/// Hands messages to a [`MailboxStore`].
#[derive(Clone)]
pub struct MailboxTransport {
    store: Arc<dyn MailboxStore>,
}

impl MailboxTransport {
    /// Deliver into `store`.
    pub fn new(store: Arc<dyn MailboxStore>) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Transport for MailboxTransport {
    fn name(&self) -> &'static str {
        "mailbox"
    }

    async fn send(&self, message: &OutgoingMessage) -> Result<Receipt, SendError> {
        match self.store.deliver(message).await {
            Ok(()) => Ok(Receipt {
                reference: format!("mailbox {}", message.id),
            }),
            Err(error) => Err(SendError::transient(error.to_string())),
        }
    }
}
