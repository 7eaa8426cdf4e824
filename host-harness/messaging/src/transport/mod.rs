//! What carries a message out of the house: SMTP, a folder, an SMS gateway, the demo's mailbox.
//! A transport says of every failure whether trying again can help; the outbox worker decides when.

pub mod file;
pub mod mailbox;
pub mod sms_http;
pub mod smtp;
mod tls;

use crate::{Channel, OutgoingMessage};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

/// Proof that the other side took the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// What the other side calls it, for staff who have to ask there. May be empty.
    pub reference: String,
}

/// Why a message did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It never will: no such mailbox, not a phone number, refused content.
    #[error("{0}")]
    Permanent(String),
    /// It may later: a busy or unreachable server, or one that does not accept our credentials.
    #[error("{reason}")]
    Transient {
        /// What happened, in words for staff.
        reason: String,
        /// When the other side asked us to come back.
        retry_after: Option<Duration>,
    },
}

impl SendError {
    /// A failure after which trying again can help.
    pub fn transient(reason: impl Into<String>) -> Self {
        Self::Transient {
            reason: reason.into(),
            retry_after: None,
        }
    }

    /// A failure that will not go away by itself.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::Permanent(reason.into())
    }
}

/// A setting that cannot work, found when the host starts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

/// Something that carries messages.
#[async_trait]
pub trait Transport: Send + Sync {
    /// A short name for logs, for example `smtp`.
    fn name(&self) -> &'static str;

    /// Carry one message. Must be safe to call again with the same message: it may have arrived although the
    /// acknowledgement got lost.
    async fn send(&self, message: &OutgoingMessage) -> Result<Receipt, SendError>;
}

/// Which transport carries which channel.
#[derive(Clone)]
pub struct Transports {
    email: Arc<dyn Transport>,
    sms: Arc<dyn Transport>,
}

impl Transports {
    /// One transport for each channel; they may be the same.
    pub fn new(email: Arc<dyn Transport>, sms: Arc<dyn Transport>) -> Self {
        Self { email, sms }
    }

    /// The transport of a channel.
    pub fn of(&self, channel: Channel) -> &dyn Transport {
        match channel {
            Channel::Email => &*self.email,
            Channel::Sms => &*self.sms,
        }
    }
}

/// Whether a host name or address is this very machine, where plain text does not cross a network.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
