//! Portal links: minted per copy and per message, stored by the hash of their token, so that each
//! can be revoked and says where it was sent. `link/{hash}`, listed newest first by
//! `links-of/{customer}/{time}/{hash}`.

use crate::{
    Error,
    bindings::fieldservice::plugins::{storage::Entry, types::Channel},
    host::Host,
    settings::Settings,
    store::{self, Record},
    tokens,
};
use serde::{Deserialize, Serialize};

/// What opening a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The portal, unless it is password-protected.
    Plain,
    /// Signing up, and afterwards signing in.
    Registration,
}

/// How a link left the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Copied by a member of staff.
    Copied,
    /// In an e-mail.
    Email,
    /// In a text message.
    Sms,
}

impl From<Channel> for Way {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Email => Self::Email,
            Channel::Sms => Self::Sms,
        }
    }
}

/// One link, without its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What opening it leads to.
    pub purpose: Purpose,
    /// Whose portal it opens.
    pub customer: String,
    /// Name of the member of staff; empty when a template or the customer asked for it.
    #[serde(default)]
    pub created_by: String,
    /// How it left the house.
    pub way: Way,
    /// Id of the message it went into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When it was minted; Unix seconds, like every instant here.
    pub created: i64,
    /// From when on it opens nothing.
    pub expires: i64,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<i64>,
    /// When it was last opened by a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<i64>,
}

impl Record for Link {}

/// How long an expired link is still listed and its sessions may live.
const KEPT_DAYS: i64 = 31;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// Keys in one call to the storage.
const KEYS_A_CALL: usize = 1_000;

/// Later than any link is made: twelve nines, in the year 33658.
const END_OF_TIME: i64 = 999_999_999_999;

impl Link {
    /// A link made now.
    pub fn new(settings: &Settings, purpose: Purpose, customer: &str, way: Way, now: i64) -> Self {
        Self {
            purpose,
            customer: customer.to_owned(),
            created_by: String::new(),
            way,
            message: None,
            created: now,
            expires: now + settings.link_lifetime_days * DAY,
            revoked: None,
            opened: None,
        }
    }

    /// Whether it can still be opened.
    pub fn works(&self, now: i64) -> bool {
        self.revoked.is_none() && now < self.expires
    }

    /// What staff read on the timeline: never the token.
    pub fn label(&self) -> String {
        let what = match self.purpose {
            Purpose::Plain => "portal link",
            Purpose::Registration => "registration link",
        };
        match (self.way, &self.message) {
            (Way::Copied, _) if self.created_by.is_empty() => format!("copied {what}"),
            (Way::Copied, _) => format!("{what} copied by {}", self.created_by),
            (Way::Email, _) if !self.created_by.is_empty() => format!("{what} e-mailed by {}", self.created_by),
            (Way::Sms, _) if !self.created_by.is_empty() => format!("{what} texted by {}", self.created_by),
            (Way::Email, Some(message)) => format!("{what} in e-mail {message}"),
            (Way::Email, None) => format!("{what} in an e-mail"),
            (Way::Sms, Some(message)) => format!("{what} in text message {message}"),
            (Way::Sms, None) => format!("{what} in a text message"),
        }
    }

    /// The stored form; it outlives the link by as long as it is listed.
    pub(crate) fn entry(&self, hash: &str, now: i64) -> Entry {
        let ttl = (self.expires - now + KEPT_DAYS * DAY).max(1);
        Entry {
            key: key(hash),
            value: self.write(),
            ttl: u32::try_from(ttl).ok(),
        }
    }

    fn index_entry(&self, hash: &str, now: i64) -> Entry {
        let ttl = (self.expires - now + KEPT_DAYS * DAY).max(1);
        // Keys are listed in byte order: counted down from the end of time, the newest comes first.
        let until = END_OF_TIME - self.created;
        Entry {
            key: format!("{}{until:012}/{hash}", index_prefix(&self.customer)),
            value: Vec::new(),
            ttl: u32::try_from(ttl).ok(),
        }
    }
}

/// Where the keys of a customer's list begin.
pub(crate) fn index_prefix(customer: &str) -> String {
    format!("links-of/{customer}/")
}

/// The key of a link by the hash of its token.
pub fn key(hash: &str) -> String {
    format!("link/{hash}")
}

/// The address of a link by its token.
pub fn address(mount_url: &str, token: &str) -> String {
    format!("{mount_url}/l/{token}")
}

/// Store new links in as few calls as there can be; answers their tokens in order.
pub fn mint(host: &dyn Host, links: &[Link]) -> Result<Vec<String>, Error> {
    let tokens = tokens::new_many(host, links.len());
    let entries: Vec<Entry> = tokens
        .iter()
        .zip(links)
        .flat_map(|(token, link)| {
            let hash = tokens::hash(token);
            [link.entry(&hash, link.created), link.index_entry(&hash, link.created)]
        })
        .collect();
    for call in entries.chunks(KEYS_A_CALL) {
        host.set_many(call)?;
    }
    Ok(tokens)
}

/// The link behind a token as it stood in an address, with its hash; `None` for anything that
/// does not open: unknown, garbled, expired and revoked are all one.
pub fn find(host: &dyn Host, text: &str, now: i64) -> Result<Option<(String, Link)>, Error> {
    Ok(known(host, text)?.filter(|(_, link)| link.works(now)))
}

/// The same, also when it has expired or was revoked; `None` for a token that never was one or
/// expired long ago.
pub fn known(host: &dyn Host, text: &str) -> Result<Option<(String, Link)>, Error> {
    let Some(token) = tokens::read(text) else {
        return Ok(None);
    };
    let hash = tokens::hash(&token);
    let link = host.get(&key(&hash))?.and_then(|bytes| Link::read(&bytes));
    Ok(link.map(|link| (hash, link)))
}

/// Note that a person opened the link. A link that was revoked in the meantime stays revoked and
/// answers `false`.
pub fn opened(host: &dyn Host, hash: &str, now: i64) -> Result<bool, Error> {
    let updated = store::update(host, &key(hash), |present: Option<Link>| {
        let mut link = present.filter(|link| link.works(now))?;
        link.opened = Some(now);
        let entry = link.entry(hash, now);
        Some((link, entry))
    })?;
    Ok(updated.is_some())
}
