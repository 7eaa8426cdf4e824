//! Why something with a plugin did not work, in words for staff and with the right HTTP status.
//! Crash texts stay in the log.

use crate::web::Failure;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use capabilities::FieldError;
use plugin_engine::{HookError, Refusal, ServeError};

/// Why a call about or into a plugin failed.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// No such plugin, company, customer, item, or not enabled: all the same from outside.
    #[error("There is no such plugin, or it is not enabled here.")]
    NotFound,
    /// The file cannot be installed; a plain sentence.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The file cannot be installed because of what is installed already; a plain sentence.
    #[error("{0}")]
    Clash(String),
    /// The plugin answered with an error of the contract.
    #[error("{}", capability_words(.0))]
    Hook(capabilities::Error),
    /// Input refused field by field.
    #[error("{}", field_words(.0))]
    Invalid(Vec<FieldError>),
    /// Paused after repeated failures, until an admin resumes it.
    #[error("This plugin is paused because it failed several times. An admin can resume it under Features & Plugins.")]
    Paused,
    /// Too many calls at once.
    #[error("Too much is going on right now. Please try again in a few seconds.")]
    Overloaded,
    /// The request cannot be passed to a plugin.
    #[error("This request cannot be read.")]
    BadRequest,
    /// The plugin crashed, took too long or answered nonsense.
    #[error("The plugin did not answer. Nothing was changed; please try again.")]
    Failed,
    /// The platform refused or failed.
    #[error(transparent)]
    Platform(platform::Error),
}

impl From<platform::Error> for PluginError {
    fn from(error: platform::Error) -> Self {
        match error {
            platform::Error::NotFound => Self::NotFound,
            platform::Error::Invalid(fields) => Self::Invalid(fields),
            other => Self::Platform(other),
        }
    }
}

impl From<HookError> for PluginError {
    fn from(error: HookError) -> Self {
        match error {
            HookError::Overloaded => Self::Overloaded,
            HookError::Paused => Self::Paused,
            HookError::NotExported => Self::NotFound,
            HookError::Refused(error) => Self::Hook(error),
            HookError::Failed(failure) => {
                tracing::warn!(%failure, "a plugin's hook failed");
                Self::Failed
            }
        }
    }
}

impl From<ServeError> for PluginError {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Overloaded => Self::Overloaded,
            ServeError::Paused => Self::Paused,
            ServeError::NotExported => Self::NotFound,
            ServeError::BadRequest(why) => {
                tracing::info!(why, "a request was not passed to a plugin");
                Self::BadRequest
            }
            other => {
                tracing::warn!(error = %other, "a plugin did not answer a request");
                Self::Failed
            }
        }
    }
}

impl PluginError {
    /// One plain sentence for staff.
    pub fn message(&self) -> String {
        match self {
            Self::Platform(platform::Error::Database(_) | platform::Error::Files(_) | platform::Error::Io(_)) => {
                "Our records cannot be reached right now. Please try again in a moment.".to_owned()
            }
            other => other.to_string(),
        }
    }

    /// The HTTP status this means to somebody who is allowed to ask.
    pub fn status(&self) -> StatusCode {
        use capabilities::Error as Hook;
        match self {
            Self::NotFound | Self::Hook(Hook::NotFound) => StatusCode::NOT_FOUND,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Refused(_) | Self::Invalid(_) | Self::Hook(Hook::Invalid(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Clash(_) | Self::Hook(Hook::Conflict(_)) | Self::Platform(platform::Error::Conflict(_)) => {
                StatusCode::CONFLICT
            }
            Self::Hook(Hook::Denied(_)) | Self::Platform(platform::Error::Denied(_)) => StatusCode::FORBIDDEN,
            Self::Hook(Hook::RateLimited(_)) | Self::Platform(platform::Error::RateLimited(_)) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Paused | Self::Overloaded | Self::Hook(Hook::Unavailable(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::BAD_GATEWAY,
            Self::Platform(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Seconds after which trying again makes sense.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Overloaded => Some(1),
            Self::Hook(capabilities::Error::RateLimited(seconds))
            | Self::Platform(platform::Error::RateLimited(seconds)) => Some(*seconds),
            _ => None,
        }
    }
}

impl From<PluginError> for Failure {
    fn from(error: PluginError) -> Self {
        match &error {
            PluginError::NotFound | PluginError::Hook(capabilities::Error::NotFound) => Self::not_found(),
            PluginError::Overloaded => Self::busy(1),
            PluginError::Platform(cause) if error.status() == StatusCode::INTERNAL_SERVER_ERROR => {
                Self::internal(cause)
            }
            _ => {
                let mut failure = Self::new(error.status(), "That did not work", error.message());
                failure.retry_after = error.retry_after();
                if let PluginError::Invalid(fields) | PluginError::Hook(capabilities::Error::Invalid(fields)) = error {
                    failure.fields = fields;
                }
                failure
            }
        }
    }
}

impl IntoResponse for PluginError {
    fn into_response(self) -> Response {
        Failure::from(self).into_response()
    }
}

fn capability_words(error: &capabilities::Error) -> String {
    use capabilities::Error;
    match error {
        Error::NotFound => "There is no such record.".to_owned(),
        Error::Denied(why) | Error::Conflict(why) | Error::Unavailable(why) => why.clone(),
        Error::Invalid(fields) => field_words(fields),
        Error::RateLimited(seconds) => format!("Too many attempts. Please try again in {seconds} seconds."),
    }
}

fn field_words(fields: &[FieldError]) -> String {
    if fields.is_empty() {
        return "Something in what was entered cannot be used.".to_owned();
    }
    fields
        .iter()
        .map(|field| field.message.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
