//! The two ways a message reaches a customer.
//! What differs by channel (escaping, limits, transport) asks this enum.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How a message goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// E-mail, with a subject, a text part and an HTML part.
    Email,
    /// A text message to a phone.
    Sms,
}

impl Channel {
    /// Both channels.
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    /// The stored and serialized name: `email` or `sms`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The name as it stands in a sentence: `e-mail` or `SMS`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Sms => "SMS",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A channel name that is neither `email` nor `sms`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a channel is “email” or “sms”, not “{0}”")]
pub struct UnknownChannel(String);

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s {
            "email" => Ok(Self::Email),
            "sms" => Ok(Self::Sms),
            other => Err(UnknownChannel(other.to_owned())),
        }
    }
}
