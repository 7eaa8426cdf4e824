//! `activity`: what staff see on a customer's timeline.
//! Source: `wit/activity.wit`.

use super::{Answer, at_most, bounded, denied, known_length};
use crate::{bindings::fieldservice::plugins::activity as wit, call::Call, manifest::Permission};
use capabilities as cap;

/// Most entries of one call.
const MAX_ENTRIES: usize = 2_000;

impl wit::Host for Call {
    async fn record(&mut self, entries: Vec<wit::Entry>) -> Answer<()> {
        let granted = self.grants.activity.clone();
        let recorded = async move {
            let activity = granted.ok_or_else(|| denied(Permission::Activity))?;
            if entries.len() > MAX_ENTRIES {
                let words = format!("At most {MAX_ENTRIES} entries a call.");
                return Err(cap::Error::invalid("entries", "too-long", words));
            }
            let entries = entries.into_iter().map(entry).collect::<cap::Result<Vec<_>>>()?;
            activity.record(entries).await
        };
        bounded(self.capability_time, recorded, |()| ()).await
    }
}

fn entry(entry: wit::Entry) -> cap::Result<cap::ActivityEntry> {
    known_length(&entry.customer)?;
    at_most("summary", &entry.summary, 300)?;
    at_most("via", &entry.via, 200)?;
    Ok(cap::ActivityEntry {
        customer: entry.customer,
        kind: kind(entry.kind),
        subject: subject(entry.subject)?,
        summary: entry.summary,
        via: entry.via,
    })
}

fn kind(kind: wit::Kind) -> cap::ActivityKind {
    match kind {
        wit::Kind::LinkOpened => cap::ActivityKind::LinkOpened,
        wit::Kind::SignedUp => cap::ActivityKind::SignedUp,
        wit::Kind::SignedIn => cap::ActivityKind::SignedIn,
        wit::Kind::SignInFailed => cap::ActivityKind::SignInFailed,
        wit::Kind::SignedOut => cap::ActivityKind::SignedOut,
        wit::Kind::Viewed => cap::ActivityKind::Viewed,
        wit::Kind::Downloaded => cap::ActivityKind::Downloaded,
        wit::Kind::Edited => cap::ActivityKind::Edited,
        wit::Kind::LinkShared => cap::ActivityKind::LinkShared,
        wit::Kind::LinkRevoked => cap::ActivityKind::LinkRevoked,
        wit::Kind::AccessChanged => cap::ActivityKind::AccessChanged,
    }
}

fn subject(subject: wit::Subject) -> cap::Result<cap::ActivitySubject> {
    let known = |id: String| known_length(&id).map(|()| id);
    Ok(match subject {
        wit::Subject::None => cap::ActivitySubject::None,
        wit::Subject::Details => cap::ActivitySubject::Details,
        wit::Subject::Job(id) => cap::ActivitySubject::Job(known(id)?),
        wit::Subject::Project(id) => cap::ActivitySubject::Project(known(id)?),
        wit::Subject::Estimate(id) => cap::ActivitySubject::Estimate(known(id)?),
        wit::Subject::Invoice(id) => cap::ActivitySubject::Invoice(known(id)?),
        wit::Subject::Payment(id) => cap::ActivitySubject::Payment(known(id)?),
        wit::Subject::Request(id) => cap::ActivitySubject::Request(known(id)?),
        wit::Subject::File(id) => cap::ActivitySubject::File(known(id)?),
    })
}
