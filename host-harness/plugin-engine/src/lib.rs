//! Runs plugins of the contract in `wit/` inside any Rust host.
//!
//! A plugin is one WebAssembly component. The host hands the engine its bytes and, with each call, a
//! [`Tenant`]: the company it is for and the [`capabilities::Grants`] it may reach. The engine
//! knows neither databases nor routes, and a plugin knows nothing but the contract.
//!
//! ```text
//!  bytes ── Engine::inspect ── Inspection ──▶ the admin reads what it asks for
//!    │
//!    └───── Engine::load ───── Arc<Plugin> ── Registry::install ──▶ current version of its id
//!                                 │
//!        Tenant{company, grants} ─┼─ handle(request)         pages
//!                                 ├─ menu_items/open_panel/submit_panel
//!                                 ├─ fields/resolve          templates, in batches
//!                                 └─ enable/disable/settings_changed
//! ```
//!
//! Every call gets a fresh instance within [`Limits`]: bounded memory, tables,
//! handles, bytes, time and number. A guest that spins gives way every 10 ms, so a bad plugin costs
//! its own call and nothing else; after repeated failures it is paused for the company it fails
//! for. `examples/embed.rs` is a whole host.

mod bindings;
mod breaker;
mod call;
mod config;
mod engine;
mod error;
mod gate;
mod hooks;
mod imports;
mod inspect;
mod link;
mod logs;
mod manifest;
mod names;
mod plugin;
mod registry;
mod serve;
mod tenant;

pub use breaker::Pause;
pub use config::{EngineConfig, Limits, PauseListener};
pub use engine::{Engine, SetupError};
pub use error::{Failure, HookError, Refusal, ServeError};
pub use hooks::{
    Actor, Button, ButtonStyle, Choice, Element, Field, FieldRequest, InputValue, MenuItem, Notice, Occasion, Panel,
    Subject, Submission, TableRow, Target,
};
pub use inspect::{Exports, HttpVersion, Inspection, inspect};
pub use logs::SECRETIVE_LOGS;
pub use manifest::{
    ActionSpec, ActionSubject, MANIFEST_MAX_BYTES, MANIFEST_SECTION, Manifest, ManifestLimits, Permission, Permissions,
    Routes, SettingChoice, SettingSpec, SettingType, TemplateFieldSpec,
};
pub use plugin::{Plugin, RESOLVE_BATCH};
pub use registry::Registry;
pub use serve::{Body, BodyError};
pub use tenant::Tenant;

/// Package of the contract this engine implements.
pub const CONTRACT: &str = "fieldservice:plugins";
/// Its version, major and minor.
pub const CONTRACT_VERSION: (u32, u32) = (1, 0);
