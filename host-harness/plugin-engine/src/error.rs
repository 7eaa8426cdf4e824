//! Why a plugin is not installed, and why a call into one failed.
//! `Refusal` speaks to an admin, the others to the host's own error pages and logs.

use crate::manifest::Permission;
use std::{fmt, time::Duration};

/// Why a file cannot be installed, in words for an admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Not WebAssembly at all, or broken.
    NotWebAssembly,
    /// A core module, not a component.
    NotAComponent,
    /// Larger than the host allows.
    TooLarge {
        /// Bytes of the file.
        size: usize,
        /// Most bytes allowed.
        limit: usize,
    },
    /// The format is right, its contents are not.
    Malformed(String),
    /// No `plugin.toml` inside.
    NoManifest,
    /// A `plugin.toml` that breaks a rule; says which.
    BadManifest(String),
    /// Built for another contract.
    WrongContract {
        /// What it was built for.
        wanted: String,
    },
    /// Imports a capability its manifest does not ask for.
    NotAskedFor {
        /// The import as it stands in the component.
        import: String,
        /// What would have to be asked for.
        permission: Permission,
    },
    /// Imports what no plugin may use.
    ForbiddenImport {
        /// The import as it stands in the component.
        import: String,
    },
    /// Built so that a host could not afford to compile or run it; says how.
    TooComplex(String),
    /// Compiling it takes longer than the host allows.
    SlowToCompile {
        /// The longest it may take.
        limit: Duration,
    },
    /// Nothing a host could call.
    NoExports,
    /// Compiling or linking failed.
    DoesNotLoad(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWebAssembly => f.write_str("This file is not a plugin: it is not WebAssembly."),
            Self::NotAComponent => f.write_str(
                "This file is not a plugin: it is a WebAssembly module, not a component. \
                 Plugins are built for the target wasm32-wasip2.",
            ),
            Self::TooLarge { size, limit } => write!(
                f,
                "This file is too large for a plugin: it has {}, and at most {} are allowed.",
                megabytes(*size),
                megabytes(*limit)
            ),
            Self::Malformed(why) => write!(f, "This file is damaged: {why}."),
            Self::NoManifest => f.write_str(
                "This component does not say what it is: it has no plugin.toml inside \
                 (custom section “plugin-manifest”).",
            ),
            Self::BadManifest(why) => write!(f, "The plugin's plugin.toml cannot be accepted: {why}."),
            Self::WrongContract { wanted } => write!(
                f,
                "This plugin was built for the contract {wanted}; this host offers {}@{}.{}.",
                crate::CONTRACT,
                crate::CONTRACT_VERSION.0,
                crate::CONTRACT_VERSION.1
            ),
            Self::NotAskedFor { import, permission } => write!(
                f,
                "This plugin uses {import}, but its plugin.toml does not ask for the permission “{permission}”."
            ),
            Self::ForbiddenImport { import } => write!(f, "This plugin uses {import}, which no plugin may use."),
            Self::TooComplex(why) => write!(f, "This plugin is too complex to be run safely: {why}."),
            Self::SlowToCompile { limit } => write!(
                f,
                "This plugin takes longer than {} seconds to prepare, so it is not installed.",
                limit.as_secs()
            ),
            Self::NoExports => f.write_str(
                "This plugin offers nothing: it has no pages, no actions, no template fields and no lifecycle.",
            ),
            Self::DoesNotLoad(why) => write!(f, "This plugin cannot be loaded: {why}."),
        }
    }
}

impl std::error::Error for Refusal {}

/// `100.0 MB`.
pub(crate) fn megabytes(bytes: usize) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// How a call into a plugin went wrong on the plugin's side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The plugin crashed. The text is for logs, never for pages.
    #[error("the plugin crashed: {0}")]
    Trapped(String),
    /// It needed more memory than it may have.
    #[error("the plugin ran out of memory")]
    OutOfMemory,
    /// It took too long.
    #[error("the plugin took too long")]
    TimedOut,
}

/// Why a request was not answered by a plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServeError {
    /// Too many calls at once: answer 503 with `Retry-After`.
    #[error("too many requests at once")]
    Overloaded,
    /// Paused for this company after repeated failures, until an admin resumes it.
    #[error("the plugin is paused")]
    Paused,
    /// The plugin has no pages.
    #[error("the plugin serves no pages")]
    NotExported,
    /// The plugin failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The plugin answered nothing, or something that cannot be sent; says what.
    #[error("the plugin's answer cannot be sent: {0}")]
    BadResponse(String),
    /// The request cannot be passed on; says why.
    #[error("the request cannot be passed on: {0}")]
    BadRequest(String),
}

/// Why a hook gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// Too many calls at once.
    #[error("too many calls at once")]
    Overloaded,
    /// Paused for this company after repeated failures, until an admin resumes it.
    #[error("the plugin is paused")]
    Paused,
    /// The plugin has no such hook.
    #[error("the plugin does not offer this")]
    NotExported,
    /// The plugin failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The plugin refused, with the contract's own error.
    #[error(transparent)]
    Refused(#[from] capabilities::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_sentences_with_their_numbers() {
        let words = Refusal::TooLarge {
            size: 100_000_000,
            limit: 64 << 20,
        }
        .to_string();
        assert_eq!(
            words,
            "This file is too large for a plugin: it has 100.0 MB, and at most 67.2 MB are allowed."
        );
        let words = Refusal::NotAskedFor {
            import: "fieldservice:plugins/messages@1.0.0".into(),
            permission: Permission::Messages,
        };
        assert!(words.to_string().contains("“messages”"));
        assert!(
            Refusal::WrongContract {
                wanted: "fieldservice:plugins@2.0".into()
            }
            .to_string()
            .contains("@1.0.")
        );
    }
}
