//! Getting back in: a link to choose a new password, and a fresh link to the portal. Both go only to
//! an address the company or the customer gave before, and neither ever locks anybody out.

use crate::{
    Error, access,
    bindings::fieldservice::plugins::{customers::Contact, messages::Recipient, storage::Entry, types::Channel},
    format::date_after,
    host::Host,
    limits::{self, Limit},
    links::{self, Link, Purpose, Way},
    mail::{self, Mail},
    settings::Settings,
    store::Record,
    tokens,
};
use serde::{Deserialize, Serialize};

/// A link to choose a new password, `/r/{token}`, without its token. Kept under `reset/{hash}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// Whose password it is.
    pub customer: String,
    /// When it was made; Unix seconds.
    pub created: i64,
    /// The customer's number of endings at that time: whatever ends all their sessions, a new
    /// password among it, ends the links of before as well.
    pub generation: u64,
}

impl Record for Reset {}

/// A link that works, and what it is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Hash of its token.
    pub hash: String,
    /// The link.
    pub reset: Reset,
    /// The e-mail the customer signs in with.
    pub login: String,
}

/// Where a message went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// How.
    pub channel: Channel,
    /// The address or number.
    pub to: String,
}

/// How long a link for a new password works.
const RESET_SECONDS: i64 = 60 * 60;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

const RESETS_OF_ONE: [Limit; 2] = [limit(1, MINUTE), limit(5, HOUR)];
const RESETS_OF_ALL: [Limit; 1] = [limit(300, HOUR)];
const LINKS_OF_ONE: [Limit; 2] = [limit(1, 5 * MINUTE), limit(5, 24 * HOUR)];
const LINKS_OF_ALL: [Limit; 1] = [limit(300, HOUR)];

/// How long whoever asks for a way back in waits for the answer, in nanoseconds: many times what it
/// takes to write to a customer, so that the clock does not tell who is one.
const EQUAL_TIME: u64 = 300_000_000;

const fn limit(times: usize, seconds: i64) -> Limit {
    Limit { times, seconds }
}

/// The same answer in the same time, whatever was found on the way to it. Writing to a customer takes
/// several times as long as finding that there is none: without this rest, addresses could be told
/// apart by a clock. Only work that takes longer than the rest still shows.
pub fn in_equal_time<T>(host: &dyn Host, answer: impl FnOnce() -> T) -> T {
    let moment = host.clock().saturating_add(EQUAL_TIME);
    let answer = answer();
    host.rest_until(moment);
    answer
}

/// Somebody who typed this e-mail forgot a password. Whoever it belongs to gets a link: for a new
/// password when they have one, to the portal when they do not. Answers who was written to, which
/// the browser must never learn.
pub fn ask(host: &dyn Host, email: &str) -> Result<Option<String>, Error> {
    // Both are asked for every address, so that the answer takes the same way.
    let (login, on_file) = (host.find_login(email)?, host.find_by_email(email)?);
    let Some(customer) = login.or(on_file) else {
        return Ok(None);
    };
    let registered = host.password_status(&customer)?.registered;
    let sent = if registered {
        send_reset(host, &customer)
    } else {
        send_fresh_link(host, &customer)
    };
    // Too often, no way to send: that is not the asking person's to know.
    Ok(sent.ok().map(|_| customer))
}

/// Send the customer a link to choose a new password, to the address they sign in with. `NotFound`
/// when they have no password, `RateLimited` when one was sent a moment ago.
pub fn send_reset(host: &dyn Host, customer: &str) -> Result<Sent, Error> {
    let status = host.password_status(customer)?;
    if !status.registered {
        return Err(Error::NotFound);
    }
    let mail = Mail::to(host, customer)?;
    limits::take(host, &format!("reset/{customer}"), &RESETS_OF_ONE)?;
    limits::take(host, "resets", &RESETS_OF_ALL)?;
    let token = tokens::new(host);
    let hash = tokens::hash(&token);
    let reset = Reset {
        customer: customer.to_owned(),
        created: host.now().unix_seconds,
        generation: access::of(host, customer)?.generation,
    };
    host.set(reset.entry(&hash, reset.created))?;
    let words = &mail.words;
    mail.send_secret(
        mail.login(&status.login),
        &words.mail_reset_subject(&mail.company.name),
        &[
            words.mail_reset_body(&mail.company.name),
            format!("{}/r/{token}", host.mount_url()),
            words.mail_reset_ignore().to_owned(),
        ],
        &format!("reset-{hash}"),
    )?;
    Ok(Sent {
        channel: Channel::Email,
        to: status.login,
    })
}

/// Send the customer a fresh link to the portal, to the address on file: an e-mail, or a text
/// message when there is none. A password-protected portal gets a registration link, which leads
/// to signing in once there is a password. `RateLimited` when one was sent a moment ago,
/// `Unavailable` when there is no way to reach the customer.
pub fn send_fresh_link(host: &dyn Host, customer: &str) -> Result<Sent, Error> {
    let mail = Mail::to(host, customer)?;
    let sent = way_to(host, &mail.contact)
        .ok_or_else(|| Error::Unavailable("There is no address on file to send a link to.".to_owned()))?;
    limits::take(host, &format!("fresh-link/{customer}"), &LINKS_OF_ONE)?;
    limits::take(host, "fresh-links", &LINKS_OF_ALL)?;
    let settings = Settings::read(&host.settings()?);
    let purpose = if access::of(host, customer)?.is_protected(&settings) {
        Purpose::Registration
    } else {
        Purpose::Plain
    };
    let now = host.now();
    let link = Link::new(&settings, purpose, customer, Way::from(sent.channel), now.unix_seconds);
    let token = links::mint(host, std::slice::from_ref(&link))?
        .pop()
        .ok_or_else(|| Error::Unavailable("No link could be made.".to_owned()))?;
    let url = links::address(&host.mount_url(), &token);
    let key = format!("link-{}", tokens::hash(&token));
    let (words, company) = (&mail.words, &mail.company.name);
    match sent.channel {
        Channel::Sms => mail.send_text(words.mail_link_text(company, &url), &key)?,
        Channel::Email => {
            let lead = match purpose {
                Purpose::Plain => words.mail_link_body(company),
                Purpose::Registration => words.mail_link_protected_body(company),
            };
            let until = words.date(&date_after(&now.local.date, settings.link_lifetime_days));
            mail.send(
                Recipient::OnFile,
                &words.mail_link_subject(company),
                &[lead, url, words.mail_link_until(until)],
                &key,
            )?;
        }
    }
    Ok(sent)
}

/// How a message reaches the customer at the address or number on file; `None` when it does not.
pub fn way_to(host: &dyn Host, contact: &Contact) -> Option<Sent> {
    let number = if contact.mobile.is_empty() {
        &contact.phone
    } else {
        &contact.mobile
    };
    [(Channel::Email, &contact.email), (Channel::Sms, number)]
        .into_iter()
        .find(|(channel, to)| !to.is_empty() && mail::sends(host, *channel))
        .map(|(channel, to)| Sent {
            channel,
            to: to.clone(),
        })
}

/// What a link for a new password, as it stood in an address, is good for; `None` for anything that
/// does not work: unknown, garbled, used, expired and nobody's any more are all one.
pub fn find_reset(host: &dyn Host, text: &str) -> Result<Option<Found>, Error> {
    let Some(hash) = tokens::read(text).map(|token| tokens::hash(&token)) else {
        return Ok(None);
    };
    let Some(reset) = host.get(&key(&hash))?.and_then(|bytes| Reset::read(&bytes)) else {
        return Ok(None);
    };
    let now = host.now().unix_seconds;
    if now >= reset.created + RESET_SECONDS || reset.generation != access::of(host, &reset.customer)?.generation {
        return Ok(None);
    }
    let login = match host.password_status(&reset.customer) {
        Ok(status) if status.registered => status.login,
        Ok(_) | Err(Error::NotFound) => return Ok(None),
        Err(other) => return Err(other),
    };
    Ok(Some(Found { hash, reset, login }))
}

/// Use the link up and store the new password; `None` when somebody was faster. A password that
/// the host refuses leaves the link as it was. Every session of before is over; answers the
/// generation that a session needs from now on.
pub fn set_new_password(host: &dyn Host, found: &Found, password: &str) -> Result<Option<u64>, Error> {
    let Found { hash, reset, login } = found;
    if !host.delete(&key(hash))? {
        return Ok(None);
    }
    if let Err(error) = host.replace_password(&reset.customer, login, password) {
        host.set(reset.entry(hash, host.now().unix_seconds))?;
        return Err(error);
    }
    let generation = access::end_sessions(host, &reset.customer)?;
    tell_of_new_password(host, &reset.customer, login);
    Ok(Some(generation))
}

/// Tell the customer that the password was changed. It is changed whether or not this can be sent.
pub fn tell_of_new_password(host: &dyn Host, customer: &str, login: &str) {
    let Ok(mail) = Mail::to(host, customer) else { return };
    let words = &mail.words;
    let _ = mail.send(
        mail.login(login),
        &words.mail_changed_subject(&mail.company.name),
        &[
            words.mail_changed_body(&mail.company.name),
            words.mail_changed_alarm(format!("{}/forgot", host.mount_url())),
        ],
        &format!("password-{}", tokens::new(host)),
    );
}

impl Reset {
    fn entry(&self, hash: &str, now: i64) -> Entry {
        let ttl = (self.created + RESET_SECONDS - now).max(1);
        Entry {
            key: key(hash),
            value: self.write(),
            ttl: u32::try_from(ttl).ok(),
        }
    }
}

fn key(hash: &str) -> String {
    format!("reset/{hash}")
}
