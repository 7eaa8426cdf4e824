//! Shapes shared by every capability: money, moments, statuses, pages and the one error.
//! Source: `interface types` in `wit/types.wit`.

use jiff::civil;

/// The host's id of a customer, unique within the company; at most 64 bytes.
pub type CustomerId = String;
/// The host's id of a record, unique within the company and the kind; at most 64 bytes.
pub type RecordId = String;

/// An amount in the minor unit of its currency (cents for USD).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Signed count of minor units.
    pub minor: i64,
    /// ISO 4217 code, upper case.
    pub currency: String,
}

/// An instant with how the company's wall clock shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since the Unix epoch.
    pub unix_seconds: i64,
    /// The same instant on the company's wall clock.
    pub local: civil::DateTime,
    /// Abbreviation of the zone in force, for example `MST`.
    pub zone: String,
}

/// How a status or notice should feel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to remark.
    Neutral,
    /// Worth knowing.
    Info,
    /// Done, good.
    Success,
    /// Wants attention.
    Warning,
    /// Wrong or overdue.
    Danger,
}

/// A record's status: the host's own code and word for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Stable lower-case snake-case code.
    pub code: String,
    /// The company's own word.
    pub label: String,
    /// How it should feel.
    pub tone: Tone,
    /// Whether somebody still has to do something.
    pub open: bool,
}

/// A postal address; unused fields are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Street and number.
    pub street: String,
    /// Apartment, suite or floor.
    pub unit: String,
    /// City.
    pub city: String,
    /// State, province or canton.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 or empty.
    pub country: String,
}

/// Why one field of an input was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's key as the caller named it.
    pub field: String,
    /// Stable code: `required`, `too-long`, `malformed`, `not-allowed`, `taken`, `too-short`, `too-common`, `out-of-range`.
    pub code: String,
    /// One plain English sentence.
    pub message: String,
}

impl FieldError {
    /// A refusal of `field` for the reason `code`, said in `message`.
    pub fn new(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code: code.into(),
            message: message.into(),
        }
    }
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Unknown, somebody else's or not yet visible: all the same.
    #[error("not found")]
    NotFound,
    /// Not granted, or the rule that forbids it.
    #[error("denied: {0}")]
    Denied(String),
    /// Changed since it was read, or its state does not allow this.
    #[error("conflict: {0}")]
    Conflict(String),
    /// Refused field by field; nothing was stored.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// Try again after this many seconds.
    #[error("rate limited for {0} s")]
    RateLimited(u32),
    /// The host cannot do this now, or at all.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl Error {
    /// A single refused field.
    pub fn invalid(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }
}

/// Shorthand for a capability's answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Which half of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFilter {
    /// Records whose status is open.
    Open,
    /// Records whose status is not open.
    Past,
    /// Both.
    All,
}

/// One page of a keyset-paginated list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Which half.
    pub filter: ListFilter,
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200; more is cut.
    pub limit: u32,
    /// Words to look for.
    pub search: Option<String>,
}

/// A page of a list and where the next one starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The page's items in order.
    pub items: Vec<T>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
}

/// How a message reaches a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
}
