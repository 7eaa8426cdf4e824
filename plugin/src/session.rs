//! Sessions: a random id in the cookie `session`, its hash in storage, with an idle and an
//! absolute lifetime. A session knows the link it was born from and ends with it.

use crate::{
    Error,
    access::{self, Access},
    bindings::fieldservice::plugins::storage::Entry,
    host::Host,
    links::{self, Link},
    settings::Settings,
    store::Record,
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
}

impl Record for Session {}

/// A session that is good for this request.
#[derive(Debug, Clone)]
pub struct Live {
    /// Key of the record.
    pub key: String,
    /// The record.
    pub session: Session,
}

/// How long a customer may take to sign up after opening the link.
const SIGN_UP_SECONDS: i64 = 3_600;

/// Use is noted at most this often, so that reading pages seldom writes.
const NOTE_EVERY_SECONDS: i64 = 300;

impl Session {
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

    fn entry(&self, key: &str, settings: &Settings, now: i64) -> Entry {
        let ttl = (self.ends(settings) - now).max(1);
        Entry {
            key: key.to_owned(),
            value: self.write(),
            ttl: u32::try_from(ttl).ok(),
        }
    }
}

/// Begin a session under a new id, whatever id the browser had; answers the cookie.
pub fn begin(host: &dyn Host, settings: &Settings, old: Option<&str>, session: &Session) -> Result<String, Error> {
    end(host, old)?;
    let token = tokens::new(host);
    host.set(session.entry(&key(&token), settings, session.created))?;
    let age = match session.stage {
        Stage::SignUp => SIGN_UP_SECONDS,
        Stage::Portal => settings.session_days * links::DAY,
    };
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
    if let Some(token) = cookie.and_then(tokens::read) {
        host.delete(&key(&token))?;
    }
    Ok(())
}

/// The live session of a cookie. Ended, forged, expired, revoked with its link and shut out by
/// password protection are all `None`. `touch` notes that it is in use.
pub fn find(host: &dyn Host, settings: &Settings, cookie: Option<&str>, touch: bool) -> Result<Option<Live>, Error> {
    let Some(token) = cookie.and_then(tokens::read) else {
        return Ok(None);
    };
    let key = key(&token);
    let Some(bytes) = host.get(&key)? else { return Ok(None) };
    let Some(mut session) = Session::read(&bytes) else {
        return Ok(None);
    };
    let now = host.now().unix_seconds;
    if now >= session.ends(settings) {
        return Ok(None);
    }
    if let Some(link) = &session.link {
        let found = host.get_many(&[links::key(link), access::key(&session.customer)])?;
        let [link, access] = found.as_slice() else {
            return Ok(None);
        };
        let Some(link) = link.as_deref().and_then(Link::read) else {
            return Ok(None);
        };
        let access = access.as_deref().and_then(Access::read).unwrap_or_default();
        if link.revoked.is_some() || !reaches(&session, &access, settings) {
            return Ok(None);
        }
    }
    if touch && now - session.seen >= NOTE_EVERY_SECONDS {
        session.seen = now;
        // Compared, so that a sign-out at the same moment is not undone.
        host.compare_and_swap(Some(&bytes), session.entry(&key, settings, now))?;
    }
    Ok(Some(Live { key, session }))
}

/// Whether a session that a link gave still stands under the customer's access.
fn reaches(session: &Session, access: &Access, settings: &Settings) -> bool {
    match session.stage {
        Stage::SignUp => true,
        Stage::Portal => !access.is_protected(settings) && session.created > access.link_sessions_ended,
    }
}

fn key(token: &str) -> String {
    format!("session/{}", tokens::hash(token))
}
