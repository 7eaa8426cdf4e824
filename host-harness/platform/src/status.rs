//! The status model: the host's own codes per kind of record, a company's words over them, and what is derived.
//! Derived statuses (`expired`, `overdue`, `paid`…) depend on the day in the company's zone and are never stored.

use ::capabilities::{Status, Tone};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Kinds of record that have a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordKind {
    /// A job.
    Job,
    /// A project.
    Project,
    /// An estimate.
    Estimate,
    /// An invoice.
    Invoice,
    /// A service request.
    Request,
}

impl RecordKind {
    /// The word stored in the database and written in `statuses.csv`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Project => "project",
            Self::Estimate => "estimate",
            Self::Invoice => "invoice",
            Self::Request => "request",
        }
    }

    /// The kind of a stored word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Job, Self::Project, Self::Estimate, Self::Invoice, Self::Request];

    /// Codes that are worked out, never stored.
    fn derived(self) -> &'static [&'static str] {
        match self {
            Self::Estimate => &["expired"],
            Self::Invoice => &["unpaid", "partly_paid", "overdue", "paid"],
            _ => &[],
        }
    }

    fn built_in(self) -> &'static [(&'static str, &'static str, Tone, bool)] {
        use Tone::*;
        match self {
            Self::Job => &[
                ("unscheduled", "Unscheduled", Neutral, true),
                ("scheduled", "Scheduled", Info, true),
                ("confirmed", "Confirmed", Info, true),
                ("in_progress", "In Progress", Info, true),
                ("on_hold", "On Hold", Warning, true),
                ("completed", "Completed", Success, false),
                ("cancelled", "Cancelled", Neutral, false),
            ],
            Self::Project => &[
                ("planned", "Planned", Neutral, true),
                ("active", "Active", Info, true),
                ("on_hold", "On Hold", Warning, true),
                ("completed", "Completed", Success, false),
                ("cancelled", "Cancelled", Neutral, false),
            ],
            Self::Estimate => &[
                ("draft", "Draft", Neutral, false),
                ("sent", "Sent", Info, true),
                ("changes_requested", "Changes Requested", Warning, true),
                ("accepted", "Accepted", Success, false),
                ("declined", "Declined", Neutral, false),
                ("superseded", "Superseded", Neutral, false),
                ("expired", "Expired", Warning, false),
            ],
            Self::Invoice => &[
                ("draft", "Draft", Neutral, false),
                ("issued", "Issued", Info, true),
                ("void", "Void", Neutral, false),
                ("unpaid", "Unpaid", Info, true),
                ("partly_paid", "Partly Paid", Warning, true),
                ("overdue", "Overdue", Danger, true),
                ("paid", "Paid", Success, false),
            ],
            Self::Request => &[
                ("new", "New", Info, true),
                ("scheduled", "Scheduled", Info, true),
                ("done", "Done", Success, false),
                ("declined", "Declined", Neutral, false),
            ],
        }
    }

    /// Whether a company may add codes and change which are open. Estimates and invoices have rules that
    /// hang on their codes, so there only words and tones can be changed.
    fn extensible(self) -> bool {
        !matches!(self, Self::Estimate | Self::Invoice)
    }
}

/// A status as a company words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRow {
    /// Of which kind of record.
    pub kind: RecordKind,
    /// The status.
    pub status: Status,
}

/// Every status of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<RecordKind, Vec<Status>>);

impl Default for Catalogue {
    fn default() -> Self {
        let status = |(code, label, tone, open): &(&str, &str, Tone, bool)| Status {
            code: (*code).to_owned(),
            label: (*label).to_owned(),
            tone: *tone,
            open: *open,
        };
        Self(
            RecordKind::ALL
                .into_iter()
                .map(|kind| (kind, kind.built_in().iter().map(status).collect()))
                .collect(),
        )
    }
}

impl Catalogue {
    /// The built-in statuses with a company's rows over them.
    pub(crate) fn with(rows: Vec<StatusRow>) -> Self {
        let mut catalogue = Self::default();
        for row in rows {
            let list = catalogue.0.entry(row.kind).or_default();
            match list.iter_mut().find(|known| known.code == row.status.code) {
                Some(known) => {
                    let open = if row.kind.extensible() {
                        row.status.open
                    } else {
                        known.open
                    };
                    *known = Status { open, ..row.status };
                }
                None => list.push(row.status),
            }
        }
        catalogue
    }

    /// Why a company's row cannot be taken, if it cannot.
    pub(crate) fn objection(row: &StatusRow) -> Option<String> {
        let code = &row.status.code;
        let well_formed = !code.is_empty()
            && code.len() <= 40
            && code
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !well_formed {
            return Some(format!(
                "status code {code:?} must be lower-case letters, digits and _ (at most 40)"
            ));
        }
        let known = row.kind.built_in().iter().find(|known| known.0 == code);
        match known {
            None if !row.kind.extensible() => Some(format!(
                "{} has no status {code:?}, and none can be added",
                row.kind.code()
            )),
            Some(known) if !row.kind.extensible() && known.3 != row.status.open => Some(format!(
                "whether {} {code:?} is open cannot be changed",
                row.kind.code()
            )),
            _ => None,
        }
    }

    /// The statuses of a kind that can be stored, in order.
    pub fn choices(&self, kind: RecordKind) -> Vec<Status> {
        self.all(kind)
            .iter()
            .filter(|status| !kind.derived().contains(&status.code.as_str()))
            .cloned()
            .collect()
    }

    fn all(&self, kind: RecordKind) -> &[Status] {
        self.0.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Whether records of this kind can have this code stored.
    pub fn allows(&self, kind: RecordKind, code: &str) -> bool {
        !kind.derived().contains(&code) && self.all(kind).iter().any(|status| status.code == code)
    }

    /// A code in the company's words; a code nobody knows any more shows as itself, open.
    pub fn status(&self, kind: RecordKind, code: &str) -> Status {
        self.all(kind)
            .iter()
            .find(|status| status.code == code)
            .cloned()
            .unwrap_or_else(|| Status {
                code: code.to_owned(),
                label: code.replace('_', " "),
                tone: Tone::Neutral,
                open: true,
            })
    }

    /// What an estimate's status is today.
    pub(crate) fn estimate(&self, stored: &str, expires: Option<Date>, today: Date) -> Status {
        let waiting = matches!(stored, "sent" | "changes_requested");
        let expired = waiting && expires.is_some_and(|last_day| last_day < today);
        self.status(RecordKind::Estimate, if expired { "expired" } else { stored })
    }

    /// What an invoice's status is today.
    pub(crate) fn invoice(&self, stored: &str, total: i64, paid: i64, due: Option<Date>, today: Date) -> Status {
        let code = match stored {
            "issued" if paid >= total => "paid",
            "issued" if due.is_some_and(|last_day| last_day < today) => "overdue",
            "issued" if paid > 0 => "partly_paid",
            "issued" => "unpaid",
            other => other,
        };
        self.status(RecordKind::Invoice, code)
    }
}

/// The word stored for a tone.
pub(crate) fn tone_code(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "neutral",
        Tone::Info => "info",
        Tone::Success => "success",
        Tone::Warning => "warning",
        Tone::Danger => "danger",
    }
}

/// The tone of a stored word.
pub(crate) fn parse_tone(code: &str) -> Option<Tone> {
    [Tone::Neutral, Tone::Info, Tone::Success, Tone::Warning, Tone::Danger]
        .into_iter()
        .find(|tone| tone_code(*tone) == code)
}
