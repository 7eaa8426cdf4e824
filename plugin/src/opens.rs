//! Who opened the portal: the last openings of one customer's portal, kept for the customer to read.
//! Only what began a visit counts; staff who look at the portal never do. `opens/{customer}`.

use crate::{
    Error,
    bindings::fieldservice::plugins::{
        storage::Entry,
        types::{Date, LocalTime, Moment},
    },
    device::Device,
    format::wall_clock,
    host::Host,
    links::{DAY, Link, Way},
    portal::Portal,
    store::{self, Record},
};
use serde::{Deserialize, Serialize};

/// Openings that are kept.
const KEPT: usize = 100;
/// Days that they are kept.
const KEPT_DAYS: i64 = 180;

/// How the portal was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By a link: how it left the house and the day it did.
    Link {
        /// Copied, or in a message.
        way: Way,
        /// The day.
        on: Day,
    },
    /// With the password.
    Password,
    /// By signing up, which made the password.
    SignUp,
}

/// A day on the company's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day(pub i32, pub u8, pub u8);

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date.year, date.month, date.day)
    }
}

impl From<Day> for Date {
    fn from(Day(year, month, day): Day) -> Self {
        Self { year, month, day }
    }
}

/// One opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// When; Unix seconds.
    pub at: i64,
    /// The same on the company's calendar and clock, which storage alone could not tell later.
    day: Day,
    hour: u8,
    minute: u8,
    /// How.
    pub how: How,
    /// With what.
    #[serde(default)]
    pub device: Device,
}

impl Opening {
    /// When, on the company's clock.
    pub fn local(&self) -> LocalTime {
        LocalTime {
            date: self.day.into(),
            hour: self.hour,
            minute: self.minute,
        }
    }
}

/// The openings of one customer, the latest last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Openings {
    list: Vec<Opening>,
}

impl Record for Openings {}

impl How {
    /// By this link.
    pub fn link(link: &Link, now: &Moment) -> Self {
        Self::Link {
            way: link.way,
            on: wall_clock(now, link.created).date.into(),
        }
    }
}

/// Keep that the portal was opened just now, by the browser that asks. A list that cannot be kept
/// must not keep the customer out, so a refusal is passed over.
pub fn note(portal: &Portal<'_>, customer: &str, how: How) {
    let now = &portal.now;
    let opening = Opening {
        at: now.unix_seconds,
        day: now.local.date.into(),
        hour: now.local.hour,
        minute: now.local.minute,
        how,
        device: portal.device(),
    };
    let key = key(customer);
    let _ = store::update(portal.host, &key, |present: Option<Openings>| {
        let mut openings = present.unwrap_or_default();
        openings.list.push(opening.clone());
        openings.list.retain(|opening| is_kept(opening, now));
        let beyond = openings.list.len().saturating_sub(KEPT);
        openings.list.drain(..beyond);
        let entry = Entry {
            key: key.clone(),
            value: openings.write(),
            ttl: u32::try_from(KEPT_DAYS * DAY).ok(),
        };
        Some((openings, entry))
    });
}

/// The openings that are kept, the latest first.
pub fn list(host: &dyn Host, customer: &str, now: &Moment) -> Result<Vec<Opening>, Error> {
    let stored = host.get(&key(customer))?;
    let mut list = stored.and_then(|bytes| Openings::read(&bytes)).unwrap_or_default().list;
    list.retain(|opening| is_kept(opening, now));
    list.reverse();
    Ok(list)
}

fn is_kept(opening: &Opening, now: &Moment) -> bool {
    opening.at > now.unix_seconds - KEPT_DAYS * DAY
}

fn key(customer: &str) -> String {
    format!("opens/{customer}")
}
