//! For whom a plugin is called: one company and what may be reached on its behalf.
//! The company's key only separates tenants inside the engine; no plugin ever sees it.

use capabilities::Grants;
use std::sync::Arc;

/// A company and the capabilities of one call.
#[derive(Clone)]
pub struct Tenant {
    /// The host's id of the company. Pauses and shares of the instances are counted by it.
    pub company: Arc<str>,
    /// What the plugin may reach.
    pub grants: Grants,
}

impl Tenant {
    /// The company with the host's id `company`.
    pub fn new(company: impl Into<Arc<str>>, grants: Grants) -> Self {
        Self {
            company: company.into(),
            grants,
        }
    }
}
