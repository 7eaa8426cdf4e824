//! What the host decides about every plugin: sizes, times and how many at once.
//! A manifest may ask for less than these limits, never for more.

use crate::breaker::Pause;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Told when a plugin is paused for a company, so that the host can store it and tell staff.
/// Called outside of any lock, on the thread that saw the last failure: keep it short.
pub type PauseListener = Arc<dyn Fn(&Pause) + Send + Sync>;

/// How an engine is set up.
#[derive(Clone)]
pub struct EngineConfig {
    /// Where compiled code is kept between starts; none compiles anew at each start.
    pub cache_dir: Option<PathBuf>,
    /// The bounds of every call.
    pub limits: Limits,
    /// Path segments that no plugin may be mounted at, because the host serves them itself.
    pub reserved_mounts: Vec<String>,
    /// Told when a plugin is paused for a company.
    pub on_pause: Option<PauseListener>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            cache_dir: None,
            limits: Limits::default(),
            reserved_mounts: ["book", "logo"].map(str::to_owned).to_vec(),
            on_pause: None,
        }
    }
}

impl std::fmt::Debug for EngineConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineConfig")
            .field("cache_dir", &self.cache_dir)
            .field("limits", &self.limits)
            .field("reserved_mounts", &self.reserved_mounts)
            .finish_non_exhaustive()
    }
}

/// The bounds of every call into a plugin.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest component file in bytes.
    pub component_bytes: usize,
    /// Largest memory of an instance in bytes.
    pub memory_bytes: usize,
    /// Most entries of all an instance's tables together.
    pub table_elements: usize,
    /// Longest a request may take until its answer is complete or streaming.
    pub request_time: Duration,
    /// Longest a hook may take.
    pub hook_time: Duration,
    /// Longest a streamed answer may take altogether.
    pub stream_time: Duration,
    /// Longest a single capability may take before the plugin is told `unavailable`.
    pub capability_time: Duration,
    /// Most instances at once, over all plugins and companies.
    pub concurrent: usize,
    /// Most instances at once of one plugin for one company.
    pub concurrent_per_company: usize,
    /// How long a call waits for a free instance before it is turned away.
    pub queue_time: Duration,
    /// Most bytes a plugin may hand over in one call.
    pub hostcall_bytes: usize,
    /// Most live component-model handles of an instance.
    pub handles: usize,
    /// Most resources (customers, documents, streams, header maps) of an instance.
    pub resources: usize,
    /// Largest request body in bytes.
    pub request_body_bytes: usize,
    /// Largest answer in bytes.
    pub response_body_bytes: u64,
    /// Answers up to this size are handed over in one piece, with their length.
    pub whole_response_bytes: usize,
    /// Most headers of an answer.
    pub response_headers: usize,
    /// Most bytes of an answer's header names and values together.
    pub response_header_bytes: usize,
    /// Most bytes of log lines that are kept of one call.
    pub log_bytes: usize,
    /// This many failures …
    pub breaker_failures: usize,
    /// … within this time pause the plugin for the company.
    pub breaker_window: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            component_bytes: 64 << 20,
            memory_bytes: 128 << 20,
            table_elements: 100_000,
            request_time: Duration::from_secs(10),
            hook_time: Duration::from_secs(10),
            stream_time: Duration::from_secs(600),
            capability_time: Duration::from_secs(8),
            concurrent: 128,
            concurrent_per_company: 32,
            queue_time: Duration::from_millis(500),
            hostcall_bytes: 8 << 20,
            handles: 4_096,
            resources: 2_048,
            request_body_bytes: 1 << 20,
            response_body_bytes: 1 << 30,
            whole_response_bytes: 512 << 10,
            response_headers: 64,
            response_header_bytes: 16 << 10,
            log_bytes: 16 << 10,
            breaker_failures: 5,
            breaker_window: Duration::from_secs(60),
        }
    }
}
