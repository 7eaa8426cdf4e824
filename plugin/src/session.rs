//! Sessions: a random id in the cookie `session`, its hash in storage, with an idle and an
//! absolute lifetime. A session ends with the link it was born from, and all of a customer's can be
//! ended at once. `session/{hash}`, listed by `sessions-of/{customer}/{hash}`.

use crate::{
    Error,
    access::{self, Access},
    bindings::fieldservice::plugins::storage::Entry,
    device::Device,
    host::Host,
    links::{self, Link},
    settings::Settings,
    store::{self, Record},
    tokens,
};
use serde::{Deserialize, Serialize};

/// The cookie's name; the host makes it unique per company and plugin.
pub const COOKIE: &str = "session";

/// How far a session reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Only as far as *Sign Up*: a password has to be made first.
    SignUp,
    /// The whole portal.
    Portal,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose it is.
    pub customer: String,
    /// How far it reaches.
    pub stage: Stage,
    /// Hash of the link it was born from; `None` after a sign-in with a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What staff read about how the customer came.
    pub via: String,
    /// When it began; Unix seconds.
    pub created: i64,
    /// When it was last noted to be in use.
    pub seen: i64,
    /// What the browser called itself.
    #[serde(default)]
    pub device: Device,
    /// The customer's number of endings before it was born; see [`Access::generation`].
    #[serde(default)]
    pub generation: u64,
}

impl Record for Session {}

/// A session that is good for this request.
#[derive(Debug, Clone)]
pub struct Live {
    /// Hash of its id: names the session on the customer's list, and opens nothing.
    pub hash: String,
    /// The record.
    pub session: Session,
}

/// How long a customer may take to sign up after opening the link.
const SIGN_UP_SECONDS: i64 = 3_600;

/// Use is noted at most this often, so that reading pages seldom writes.
const NOTE_EVERY_SECONDS: i64 = 300;

/// The most sessions that are looked at for one list; keys in one call to the storage.
const MOST_LISTED: u32 = 1_000;

impl Session {
    /// A session that begins now; it counts from when [`begin`] stores it.
    pub fn new(customer: &str, stage: Stage, link: Option<&str>, via: &str, device: Device, now: i64) -> Self {
        Self {
            customer: customer.to_owned(),
            stage,
            link: link.map(str::to_owned),
            via: via.to_owned(),
            created: now,
            seen: now,
            device,
            generation: 0,
        }
    }

    /// When the session ends if nothing more is heard from it.
    fn ends(&self, settings: &Settings) -> i64 {
        match self.stage {
            Stage::SignUp => self.created + SIGN_UP_SECONDS,
            Stage::Portal => {
                let idle = self.seen + settings.session_idle_hours * 3_600;
                idle.min(self.created + settings.session_days * links::DAY)
            }
        }
    }

    /// Whether it is good at this moment, given its link and what was decided about the customer.
    fn stands(&self, link: Option<&Link>, access: &Access, settings: &Settings, now: i64) -> bool {
        if now >= self.ends(settings) || self.generation < access.generation {
            return false;
        }
        if self.link.is_none() {
            return true;
        }
        let reaches = match self.stage {
            Stage::SignUp => true,
            Stage::Portal => !access.is_protected(settings) && self.created > access.link_sessions_ended,
        };
        reaches && link.is_some_and(|link| link.revoked.is_none())
    }

    fn entry(&self, hash: &str, settings: &Settings, now: i64) -> Entry {
        let ttl = (self.ends(settings) - now).max(1);
        Entry {
            key: key(hash),
            value: self.write(),
            ttl: u32::try_from(ttl).ok(),
        }
    }

    /// It lives as long as the session can; what idleness ends earlier is passed over in the list.
    fn index_entry(&self, hash: &str, settings: &Settings) -> Entry {
        Entry {
            key: index_key(&self.customer, hash),
            value: Vec::new(),
            ttl: u32::try_from(longest(self.stage, settings)).ok(),
        }
    }
}

/// Seconds after which a session ends in any case.
fn longest(stage: Stage, settings: &Settings) -> i64 {
    match stage {
        Stage::SignUp => SIGN_UP_SECONDS,
        Stage::Portal => settings.session_days * links::DAY,
    }
}

/// Begin a session under a new id, whatever id the browser had; answers the cookie. `generation` is
/// the customer's as it was *before* what let them in was looked at, and is not read again here: a
/// password that is changed while the old one is being checked ends this session with the others.
pub fn begin(
    host: &dyn Host,
    settings: &Settings,
    old: Option<&str>,
    session: Session,
    generation: u64,
) -> Result<String, Error> {
    end(host, old)?;
    let token = tokens::new(host);
    let hash = tokens::hash(&token);
    let session = Session { generation, ..session };
    host.set_many(&[
        session.entry(&hash, settings, session.created),
        session.index_entry(&hash, settings),
    ])?;
    let age = longest(session.stage, settings);
    Ok(format!(
        "{COOKIE}={token}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax"
    ))
}

/// The cookie that forgets the session.
pub fn forgotten() -> String {
    format!("{COOKIE}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax")
}

/// End the session of a cookie, if it is one.
pub fn end(host: &dyn Host, cookie: Option<&str>) -> Result<(), Error> {
    let Some(token) = cookie.and_then(tokens::read) else {
        return Ok(());
    };
    let hash = tokens::hash(&token);
    if let Some(session) = read(host, &hash)? {
        forget(host, &session.customer, &hash)?;
    }
    Ok(())
}

/// The live session of a cookie. Ended, forged, expired, revoked with its link and shut out by
/// password protection are all `None`. `touch` notes that it is in use.
pub fn find(host: &dyn Host, settings: &Settings, cookie: Option<&str>, touch: bool) -> Result<Option<Live>, Error> {
    let Some(token) = cookie.and_then(tokens::read) else {
        return Ok(None);
    };
    let hash = tokens::hash(&token);
    let Some(bytes) = host.get(&key(&hash))? else {
        return Ok(None);
    };
    let Some(mut session) = Session::read(&bytes) else {
        return Ok(None);
    };
    let mut keys = vec![access::key(&session.customer)];
    keys.extend(session.link.as_deref().map(links::key));
    let found = host.get_many(&keys)?;
    let access = found.first().and_then(|bytes| Access::read(bytes.as_deref()?));
    let link = found.get(1).and_then(|bytes| Link::read(bytes.as_deref()?));
    let now = host.now().unix_seconds;
    if !session.stands(link.as_ref(), &access.unwrap_or_default(), settings, now) {
        return Ok(None);
    }
    if touch && now - session.seen >= NOTE_EVERY_SECONDS {
        session.seen = now;
        // Compared, so that a sign-out at the same moment is not undone.
        host.compare_and_swap(Some(&bytes), session.entry(&hash, settings, now))?;
    }
    Ok(Some(Live { hash, session }))
}

/// The customer's sessions that reach the portal at this moment, the one used last first.
pub fn list(host: &dyn Host, settings: &Settings, customer: &str) -> Result<Vec<Live>, Error> {
    let prefix = index_key(customer, "");
    let listed = host.list_keys(&prefix, None, MOST_LISTED)?.keys;
    let hashes: Vec<&str> = listed.iter().filter_map(|key| key.strip_prefix(&prefix)).collect();
    let keys: Vec<String> = hashes.iter().map(|hash| key(hash)).collect();
    let mut sessions: Vec<Live> = hashes
        .iter()
        .zip(host.get_many(&keys)?)
        .filter_map(|(hash, bytes)| {
            let session = Session::read(&bytes?)?;
            (session.customer == customer && session.stage == Stage::Portal).then(|| Live {
                hash: (*hash).to_owned(),
                session,
            })
        })
        .collect();
    let keys: Vec<String> = sessions
        .iter()
        .map(|live| links::key(live.session.link.as_deref().unwrap_or_default()))
        .collect();
    let mut links = host.get_many(&keys)?.into_iter();
    let (access, now) = (access::of(host, customer)?, host.now().unix_seconds);
    sessions.retain(|live| {
        let link = links.next().flatten().and_then(|bytes| Link::read(&bytes));
        live.session.stands(link.as_ref(), &access, settings, now)
    });
    sessions.sort_by_key(|live| std::cmp::Reverse((live.session.seen, live.session.created)));
    Ok(sessions)
}

/// End one session of the customer by its hash; whether there was one. Another customer's is as
/// unknown as one that never was.
pub fn end_one(host: &dyn Host, customer: &str, hash: &str) -> Result<bool, Error> {
    let known = read(host, hash)?.is_some_and(|session| session.customer == customer);
    if known {
        forget(host, customer, hash)?;
    }
    Ok(known)
}

/// End every session of the customer but one. That one is over as well when something else has ended
/// them all at the same moment, a new password for example.
pub fn end_others(host: &dyn Host, settings: &Settings, keep: &Live) -> Result<(), Error> {
    let generation = access::end_sessions(host, &keep.session.customer)?;
    let now = host.now().unix_seconds;
    store::update(host, &key(&keep.hash), |present: Option<Session>| {
        // Signed out or ended by something else in the meantime, it stays so.
        let mut session = present.filter(|session| session.generation.saturating_add(1) == generation)?;
        session.generation = generation;
        let entry = session.entry(&keep.hash, settings, now);
        Some((session, entry))
    })?;
    Ok(())
}

/// End every session of the customer with one write: also those that no list has.
pub fn end_all(host: &dyn Host, customer: &str) -> Result<(), Error> {
    access::end_sessions(host, customer)?;
    Ok(())
}

fn read(host: &dyn Host, hash: &str) -> Result<Option<Session>, Error> {
    Ok(host.get(&key(hash))?.and_then(|bytes| Session::read(&bytes)))
}

fn forget(host: &dyn Host, customer: &str, hash: &str) -> Result<(), Error> {
    host.delete(&key(hash))?;
    host.delete(&index_key(customer, hash))?;
    Ok(())
}

fn key(hash: &str) -> String {
    format!("session/{hash}")
}

fn index_key(customer: &str, hash: &str) -> String {
    format!("sessions-of/{customer}/{hash}")
}
