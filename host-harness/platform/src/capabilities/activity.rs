//! `interface activity`: what a plugin tells staff about a customer.
//! The host adds who, when and from where.

use super::Call;
use crate::NewEntry;
use ::capabilities::{Activity, ActivityEntry, ActivityKind, ActivitySubject, Error, FieldError, Result};
use async_trait::async_trait;

/// Entries of one call.
const MAX_ENTRIES: usize = 2_000;

pub(super) struct ActivityCapability(pub(super) Call);

#[async_trait]
impl Activity for ActivityCapability {
    async fn record(&self, entries: Vec<ActivityEntry>) -> Result<()> {
        if entries.len() > MAX_ENTRIES {
            return Err(Error::invalid("entries", "too-long", "At most 2,000 entries a call."));
        }
        let problems: Vec<_> = entries.iter().filter_map(objection).collect();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        self.0.require_write()?;
        let only = entries.first().map(|entry| entry.customer.clone());
        let actor = self.0.actor(only.as_deref());
        let entries = entries.into_iter().map(|entry| self.entry(entry)).collect();
        Ok(self
            .0
            .platform
            .activity()
            .record(&self.0.company.id, entries, &actor)
            .await?)
    }
}

impl ActivityCapability {
    fn entry(&self, entry: ActivityEntry) -> NewEntry {
        let (subject_kind, subject_id) = match entry.subject {
            ActivitySubject::None => ("", String::new()),
            ActivitySubject::Details => ("details", String::new()),
            ActivitySubject::Job(id) => ("job", id),
            ActivitySubject::Project(id) => ("project", id),
            ActivitySubject::Estimate(id) => ("estimate", id),
            ActivitySubject::Invoice(id) => ("invoice", id),
            ActivitySubject::Payment(id) => ("payment", id),
            ActivitySubject::Request(id) => ("request", id),
            ActivitySubject::File(id) => ("file", id),
        };
        NewEntry {
            customer_id: Some(entry.customer),
            kind: format!("plugin_activity.{}", kind_code(entry.kind)),
            subject_kind: subject_kind.into(),
            subject_id,
            summary: entry.summary,
            changes: Vec::new(),
            via: entry.via,
            plugin_id: self.0.plugin.id.clone(),
        }
    }
}

fn objection(entry: &ActivityEntry) -> Option<FieldError> {
    let unfit = |text: &str, max: usize| text.chars().count() > max || text.chars().any(char::is_control);
    if unfit(&entry.summary, 300) || entry.summary.is_empty() {
        return Some(FieldError::new(
            "summary",
            "malformed",
            "A summary is one line of 1 to 300 characters.",
        ));
    }
    if unfit(&entry.via, 200) {
        return Some(FieldError::new(
            "via",
            "malformed",
            "A label is one line of at most 200 characters.",
        ));
    }
    None
}

fn kind_code(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::LinkOpened => "link_opened",
        ActivityKind::SignedUp => "signed_up",
        ActivityKind::SignedIn => "signed_in",
        ActivityKind::SignInFailed => "sign_in_failed",
        ActivityKind::SignedOut => "signed_out",
        ActivityKind::Viewed => "viewed",
        ActivityKind::Downloaded => "downloaded",
        ActivityKind::Edited => "edited",
        ActivityKind::LinkShared => "link_shared",
        ActivityKind::LinkRevoked => "link_revoked",
        ActivityKind::AccessChanged => "access_changed",
    }
}
