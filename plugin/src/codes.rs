//! Six-digit codes that prove an address to be the customer's own. `code/{purpose}/{customer}` holds
//! the one code there is, hashed with what it is for: fifteen minutes, five tries, then it is dead.

use crate::{
    Error,
    bindings::fieldservice::plugins::{messages::Recipient, storage::Entry},
    host::Host,
    limits::{self, Limit},
    mail::Mail,
    store::{self, Record},
    tokens,
};
use serde::{Deserialize, Serialize};

/// What an address is proven for. A code for one purpose is none for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing up with it.
    SignUp,
    /// Having it on file.
    NewEmail,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::NewEmail => "new-email",
        }
    }
}

/// What became of a code that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one; this address is proven.
    Right(String),
    /// It is not the one; there are tries left.
    Wrong,
    /// There is no code to try any more: too old, tried too often, or never sent.
    Over,
}

/// The code as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Code {
    address: String,
    /// Random, so that equal codes have different hashes.
    salt: String,
    hash: String,
    made: i64,
    tries: u32,
}

impl Record for Code {}

/// How long a code can be typed.
const GOOD_SECONDS: i64 = 15 * 60;
/// How long it is remembered where one was sent, to send another.
const KEPT_SECONDS: i64 = 60 * 60;
/// Tries of one code.
const MOST_TRIES: u32 = 5;
/// Digits of a code, and how many codes there are.
const DIGITS: usize = 6;
const CODES: u32 = 1_000_000;

/// Sending codes: a guesser gets five tries out of each.
const SENDING: [Limit; 2] = [
    Limit { times: 1, seconds: 30 },
    Limit {
        times: 5,
        seconds: 60 * 60,
    },
];

impl Code {
    fn works(&self, now: i64) -> bool {
        now < self.made + GOOD_SECONDS && self.tries < MOST_TRIES
    }

    fn fits(&self, purpose: Purpose, customer: &str, typed: &str) -> bool {
        let other = digest(purpose, customer, &self.address, &self.salt, typed);
        // Every character is looked at, so that the time says nothing about where they differ.
        let difference = self
            .hash
            .bytes()
            .zip(other.bytes())
            .fold(0, |difference, (a, b)| difference | (a ^ b));
        self.hash.len() == other.len() && difference == 0
    }

    fn entry(&self, key: &str, now: i64) -> Entry {
        let ttl = (self.made + KEPT_SECONDS - now).max(1);
        Entry {
            key: key.to_owned(),
            value: self.write(),
            ttl: u32::try_from(ttl).ok(),
        }
    }
}

/// Send a new code to an address that the customer says is theirs; an older code is dead from then
/// on. `RateLimited` when too many were sent, `Invalid` when it is no address.
pub fn send(host: &dyn Host, purpose: Purpose, customer: &str, address: &str) -> Result<(), Error> {
    let mail = Mail::to(host, customer)?;
    limits::take(host, &format!("code/{}/{customer}", purpose.word()), &SENDING)?;
    let digits = random_digits(host)?;
    let salt = tokens::new(host);
    let now = host.now().unix_seconds;
    let code = Code {
        address: address.to_owned(),
        hash: digest(purpose, customer, address, &salt, &digits),
        salt,
        made: now,
        tries: 0,
    };
    host.set(code.entry(&key(purpose, customer), now))?;
    let words = &mail.words;
    mail.send_secret(
        Recipient::Unverified(address.to_owned()),
        &words.mail_code_subject(&mail.company.name),
        &[words.mail_code_body(&digits), words.mail_code_ignore().to_owned()],
        &format!("code-{}", code.salt),
    )
}

/// The address the last code went to, for as long as another can be sent to it without typing it again.
pub fn pending(host: &dyn Host, purpose: Purpose, customer: &str) -> Result<Option<String>, Error> {
    let code = host.get(&key(purpose, customer))?.and_then(|bytes| Code::read(&bytes));
    Ok(code.map(|code| code.address))
}

/// Try a code. The try is counted before it is looked at, so that many at once are no more tries
/// than many in a row. A right code stays until [`forget`], for what follows may be refused.
pub fn check(host: &dyn Host, purpose: Purpose, customer: &str, typed: &str) -> Result<Verdict, Error> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let key = key(purpose, customer);
    let now = host.now().unix_seconds;
    if typed.len() != DIGITS || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        // A slip of the finger is not a guess, but a dead code should not ask for another.
        let code = host.get(&key)?.and_then(|bytes| Code::read(&bytes));
        let works = code.is_some_and(|code| code.works(now));
        return Ok(if works { Verdict::Wrong } else { Verdict::Over });
    }
    let mut over = false;
    let counted = store::update(host, &key, |present: Option<Code>| {
        over = !present.as_ref().is_some_and(|code| code.works(now));
        let mut code = present.filter(|_| !over)?;
        code.tries += 1;
        let entry = code.entry(&key, now);
        Some((code, entry))
    })?;
    match counted {
        Some(code) if code.fits(purpose, customer, &typed) => Ok(Verdict::Right(code.address)),
        Some(code) if code.tries < MOST_TRIES => Ok(Verdict::Wrong),
        Some(_) => Ok(Verdict::Over),
        None if over => Ok(Verdict::Over),
        None => Err(Error::RateLimited(1)),
    }
}

/// The code did what it was for, or is not wanted any more.
pub fn forget(host: &dyn Host, purpose: Purpose, customer: &str) -> Result<(), Error> {
    host.delete(&key(purpose, customer))?;
    Ok(())
}

fn key(purpose: Purpose, customer: &str) -> String {
    format!("code/{}/{customer}", purpose.word())
}

fn digest(purpose: Purpose, customer: &str, address: &str, salt: &str, digits: &str) -> String {
    let address = address.to_lowercase();
    tokens::hash(&format!("{}\n{customer}\n{address}\n{salt}\n{digits}", purpose.word()))
}

/// Every code is as likely as every other: numbers from the incomplete last round are left out.
fn random_digits(host: &dyn Host) -> Result<String, Error> {
    let rounds = u32::MAX - u32::MAX % CODES;
    let bytes = host.random(4 * 8);
    let mut numbers = bytes.chunks_exact(4).filter_map(|chunk| {
        let number = u32::from_le_bytes(chunk.try_into().ok()?);
        (number < rounds).then_some(number % CODES)
    });
    // Eight in a row outside the whole rounds is a broken generator, not bad luck.
    let number = numbers
        .next()
        .ok_or_else(|| Error::Unavailable("No code could be made.".to_owned()))?;
    Ok(format!("{number:0width$}", width = DIGITS))
}
