//! Changing one's e-mail: the new address waits until a code sent to it comes back. Only then is it
//! stored, the old address told, and a password's sign-in moved along. `email-change/{customer}`.

use crate::{
    Error,
    bindings::fieldservice::plugins::{customers::ContactChange, storage::Entry},
    codes::{self, Purpose},
    host::Host,
    links::DAY,
    notices,
    portal::{Portal, Visitor},
    session,
    store::Record,
};
use serde::{Deserialize, Serialize};

/// A new address that waits for its code. The code itself lives shorter; a new one can be sent
/// as long as this stands, which is a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The new address.
    pub address: String,
    /// The address on file when the change was asked for; empty when there was none.
    pub before: String,
    /// When it was asked for; Unix seconds.
    pub asked: i64,
}

impl Record for Pending {}

/// What became of an address whose code was right.
pub enum Outcome {
    /// It was stored.
    Done,
    /// The address on file is not the one it was when the change was asked for.
    Stale,
    /// Somebody else signs in with it.
    Taken,
}

/// Let a new address wait, in the place of one that may be waiting already.
pub fn begin(portal: &Portal<'_>, customer: &str, before: &str, address: &str) -> Result<(), Error> {
    let pending = Pending {
        address: address.to_owned(),
        before: before.to_owned(),
        asked: portal.now.unix_seconds,
    };
    portal.host.set(Entry {
        key: key(customer),
        value: pending.write(),
        ttl: u32::try_from(DAY).ok(),
    })
}

/// The address that waits.
pub fn pending(host: &dyn Host, customer: &str) -> Result<Option<Pending>, Error> {
    Ok(host.get(&key(customer))?.and_then(|bytes| Pending::read(&bytes)))
}

/// Let it go, and its code with it.
pub fn cancel(host: &dyn Host, customer: &str) -> Result<(), Error> {
    codes::forget(host, Purpose::NewEmail, customer)?;
    host.delete(&key(customer)).map(|_| ())
}

/// The code was right: store the address. The old one is told before, since afterwards it is no
/// longer on file; when it cannot be told, nothing is changed. The sign-in moves along only for
/// somebody who came with the password: with a link alone anyone who got hold of it could have the
/// means to choose a new password sent to themselves.
pub fn finish(portal: &Portal<'_>, visitor: &Visitor, pending: &Pending) -> Result<Outcome, Error> {
    let (host, customer) = (portal.host, visitor.live.session.customer.as_str());
    let mut version = visitor.contact.version;
    if visitor.contact.email != pending.before {
        return Ok(Outcome::Stale);
    }
    // Said only to whoever has proven that the address is theirs.
    if host
        .find_login(&pending.address)?
        .is_some_and(|other| other != customer)
    {
        return Ok(Outcome::Taken);
    }
    let login = host.password_status(customer)?.login;
    let notice = format!("email-changed/{customer}/{}", pending.asked);
    notices::email_changes(host, customer, &pending.address, &notice)?;
    // Another field that changes at this moment is no conflict of this one's.
    for _ in 0..3 {
        match visitor.customer.update_contact(version, &only_email(&pending.address)) {
            Ok(_) => {
                cancel(host, customer)?;
                let with_password = visitor.live.session.link.is_none();
                if with_password && !login.is_empty() && login.eq_ignore_ascii_case(&pending.before) {
                    host.change_login(customer, &pending.address)?;
                    session::end_others(host, &portal.settings, &visitor.live)?;
                }
                return Ok(Outcome::Done);
            }
            Err(Error::Conflict(_)) => {
                let present = visitor.customer.contact()?;
                if present.email != pending.before {
                    return Ok(Outcome::Stale);
                }
                version = present.version;
            }
            Err(other) => return Err(other),
        }
    }
    Err(Error::Unavailable("The details keep changing.".to_owned()))
}

fn only_email(address: &str) -> ContactChange {
    ContactChange {
        first_name: None,
        last_name: None,
        company_name: None,
        email: Some(address.to_owned()),
        phone: None,
        mobile: None,
        address: None,
        language: None,
    }
}

fn key(customer: &str) -> String {
    format!("email-change/{customer}")
}
