//! What every handler of both listeners shares.
//! Cheap to clone: each part is a handle.

use crate::{bootstrap::Bootstrap, config::Config, messages::Messages, middleware::Throttle, plugins::PluginHost};
use platform::Platform;
use std::{sync::Arc, time::Duration};

/// Requests one address may send from booking pages per window.
const BOOKINGS: u32 = 20;
const BOOKING_WINDOW: Duration = Duration::from_secs(600);

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
    /// Slows down whoever floods the booking page.
    pub booking_throttle: Arc<Throttle>,
    /// The way in while nobody can sign in.
    pub bootstrap: Arc<Bootstrap>,
}

impl AppState {
    /// Put the parts together.
    pub fn new(config: Arc<Config>, platform: Platform, plugins: PluginHost, messages: Messages) -> Self {
        let booking_throttle = Arc::new(Throttle::new(BOOKINGS, BOOKING_WINDOW));
        Self {
            config,
            platform,
            plugins,
            messages,
            booking_throttle,
            bootstrap: Arc::default(),
        }
    }
}
