//! The one error of this crate: what a caller can do about a failure decides the case.
//! Causes inside the store are logged where they cross into a capability and never shown to a customer.

use capabilities::FieldError;

/// Why the platform refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such record in this company (or for this customer).
    #[error("not found")]
    NotFound,
    /// A rule forbids it; a plain sentence.
    #[error("{0}")]
    Denied(String),
    /// Changed since it was read, or its state does not allow this; a plain sentence.
    #[error("{0}")]
    Conflict(String),
    /// Refused field by field; nothing was stored.
    #[error("invalid: {}", summary(.0))]
    Invalid(Vec<FieldError>),
    /// Too many attempts; try again after this many seconds.
    #[error("too many attempts; try again in {0} seconds")]
    RateLimited(u32),
    /// The platform cannot do this now; a plain sentence.
    #[error("{0}")]
    Unavailable(String),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The file store failed.
    #[error("file store: {0}")]
    Files(#[from] object_store::Error),
    /// Reading or writing a file failed.
    #[error("input/output: {0}")]
    Io(#[from] std::io::Error),
    /// What is stored is not what this version writes.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
}

/// Shorthand for this crate's answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A single refused field.
    pub fn invalid(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    pub(crate) fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }

    /// Whether the database refused a duplicate key.
    pub(crate) fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(cause)) if cause.is_unique_violation())
    }

    /// Whether the database refused a reference to a record that is not there.
    pub(crate) fn is_missing_reference(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(cause)) if cause.is_foreign_key_violation())
    }
}

impl From<Error> for capabilities::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::Denied(why) => Self::Denied(why),
            Error::Conflict(why) => Self::Conflict(why),
            Error::Invalid(fields) => Self::Invalid(fields),
            Error::RateLimited(seconds) => Self::RateLimited(seconds),
            Error::Unavailable(why) => Self::Unavailable(why),
            Error::Database(_) | Error::Files(_) | Error::Io(_) | Error::Corrupt(_) => {
                tracing::error!(%error, "a capability failed");
                Self::Unavailable("The host's records cannot be reached right now.".into())
            }
        }
    }
}

fn summary(fields: &[FieldError]) -> String {
    fields
        .iter()
        .map(|field| format!("{}: {}", field.field, field.message))
        .collect::<Vec<_>>()
        .join("; ")
}
