//! The field-service company's records, files and people: domain model, repositories on SQLite and PostgreSQL,
//! and the implementation of every capability a plugin can be granted. SQL lives here and nowhere else.

pub mod money;

mod actor;
mod capabilities;
mod clock;
mod domain;
mod error;
mod import;
mod platform;
mod security;
mod status;
mod store;
mod validate;

pub use crate::{
    actor::{Actor, ActorKind},
    capabilities::PluginIdentity,
    clock::{Clock, FixedClock, SystemClock},
    domain::*,
    error::{Error, Result},
    import::{ImportCounts, ImportError, ImportProgress, ImportReport, TemplateObjections},
    platform::{Platform, PlatformConfig, SweepReport},
    security::{PasswordHashing, SecretKey, TokenHash, new_token},
    status::{Catalogue, RecordKind, StatusRow},
    store::paging::ListQuery,
};
pub use ::capabilities::{
    Address, ByteStream, CallContext, Channel, FieldError, ListFilter, Moment, Money, Origin, Page, PageRequest,
    Setting, Status, Tone,
};
