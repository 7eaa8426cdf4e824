//! What staff see on a customer's timeline.
//! Source: `wit/activity.wit`.

use crate::{CustomerId, RecordId, Result};
use async_trait::async_trait;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the cases name themselves")]
pub enum ActivityKind {
    LinkOpened,
    SignedUp,
    SignedIn,
    SignInFailed,
    SignedOut,
    Viewed,
    Downloaded,
    Edited,
    LinkShared,
    LinkRevoked,
    AccessChanged,
}

/// What it happened to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the cases name themselves")]
pub enum ActivitySubject {
    None,
    Details,
    Job(RecordId),
    Project(RecordId),
    Estimate(RecordId),
    Invoice(RecordId),
    Payment(RecordId),
    Request(RecordId),
    File(RecordId),
}

/// One line of a timeline as a plugin reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityEntry {
    /// Whose timeline.
    pub customer: CustomerId,
    /// What happened.
    pub kind: ActivityKind,
    /// What it happened to.
    pub subject: ActivitySubject,
    /// One plain sentence for staff, at most 300 characters.
    pub summary: String,
    /// Label of the link by which the customer came, or empty.
    pub via: String,
}

/// `interface activity`.
#[async_trait]
pub trait Activity: Send + Sync {
    /// Record entries; all or none.
    async fn record(&self, entries: Vec<ActivityEntry>) -> Result<()>;
}
