//! What every handler of both listeners shares.
//! Cheap to clone: each part is a handle.

use crate::{config::Config, messages::Messages, plugins::PluginHost};
use platform::Platform;
use std::sync::Arc;

/// The running host as handlers see it.
#[derive(Clone)]
pub struct AppState {
    /// The checked configuration.
    pub config: Arc<Config>,
    /// Records, files, staff, outbox.
    pub platform: Platform,
    /// Installed plugins and what each company enabled.
    pub plugins: PluginHost,
    /// Templates, merge fields and sending.
    pub messages: Messages,
}
