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

/// The bounds of every component and of every call into one. `ARCHITECTURE.md` has them as a table.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest component file in bytes.
    pub component_bytes: usize,
    /// Largest function of a component in bytes: compiling takes more than its share of time for a large one.
    pub function_bytes: usize,
    /// Most instances that instantiating a component may make, those of nested components included.
    pub instantiations: u64,
    /// Longest a component may take to compile.
    pub compile_time: Duration,
    /// Most core instances of a component's instance.
    pub core_instances: u32,
    /// Most memories of an instance.
    pub memories: u32,
    /// Most tables of an instance.
    pub tables: u32,
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
    /// Most instances at once of one plugin, over all companies: others always find room.
    pub concurrent_per_plugin: usize,
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
    /// Most files and documents an instance may have open for reading: each is a file of the host's.
    pub document_streams: usize,
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
    /// Most log lines that are kept of one call.
    pub log_lines: usize,
    /// Most log lines that are kept of one plugin for one company within a minute.
    pub log_lines_per_minute: usize,
    /// Most elements of a panel, rows of its tables and choices of its selects included.
    pub panel_elements: usize,
    /// Most bytes of a panel's texts together.
    pub panel_bytes: usize,
    /// This many failures …
    pub breaker_failures: usize,
    /// … within this time pause the plugin for the company.
    pub breaker_window: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            component_bytes: 64 << 20,
            function_bytes: 1 << 20,
            instantiations: 10_000,
            compile_time: Duration::from_secs(120),
            core_instances: 6,
            memories: 2,
            tables: 4,
            memory_bytes: 128 << 20,
            table_elements: 100_000,
            request_time: Duration::from_secs(10),
            hook_time: Duration::from_secs(10),
            stream_time: Duration::from_secs(600),
            capability_time: Duration::from_secs(8),
            concurrent: 128,
            concurrent_per_plugin: 96,
            concurrent_per_company: 32,
            queue_time: Duration::from_millis(500),
            hostcall_bytes: 8 << 20,
            handles: 4_096,
            resources: 2_048,
            document_streams: 4,
            request_body_bytes: 1 << 20,
            response_body_bytes: 1 << 30,
            whole_response_bytes: 512 << 10,
            response_headers: 64,
            response_header_bytes: 16 << 10,
            log_bytes: 16 << 10,
            log_lines: 100,
            log_lines_per_minute: 1_000,
            panel_elements: 1_000,
            panel_bytes: 256 << 10,
            breaker_failures: 5,
            breaker_window: Duration::from_secs(60),
        }
    }
}
