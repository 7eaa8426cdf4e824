//! What one call of a plugin may reach, and on whose behalf it is made.
//! A capability that was not granted is `None`: the engine then answers `denied` in its place.

use crate::{Activity, Company, Credentials, Customers, Documents, Messages, Storage, Viewing};
use std::{net::IpAddr, sync::Arc};

/// Who set off a call into a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A request on the public listener.
    Public,
    /// A member of staff in the console.
    Staff {
        /// The host's id of the member of staff.
        id: String,
        /// Name as shown to colleagues.
        name: String,
    },
    /// Another app of the company, by its API key.
    Api {
        /// The host's id of the key, never the key.
        key_id: String,
    },
    /// The host itself: enable, upgrade, campaigns.
    System,
}

/// The circumstances of one call, which the platform writes beside whatever the call changes.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// The host's id of the request, also in its logs and error pages.
    pub request_id: String,
    /// Who set it off.
    pub origin: Origin,
    /// Address of the person's device as far as trusted proxies tell.
    pub client_address: Option<IpAddr>,
    /// `User-Agent`, cut to 300 bytes; empty when there is none.
    pub user_agent: String,
    /// Refuse every write of customer data (`denied`).
    pub read_only: bool,
    /// Set while staff look at a plugin's pages as a customer: every write is refused, and every other customer.
    pub viewing: Option<Viewing>,
}

/// The capabilities of one call.
#[derive(Clone)]
pub struct Grants {
    /// Always granted.
    pub company: Arc<dyn Company>,
    /// Permission `customers`.
    pub customers: Option<Arc<dyn Customers>>,
    /// Permission `documents`.
    pub documents: Option<Arc<dyn Documents>>,
    /// Permission `storage`.
    pub storage: Option<Arc<dyn Storage>>,
    /// Permission `credentials`.
    pub credentials: Option<Arc<dyn Credentials>>,
    /// Permission `messages`.
    pub messages: Option<Arc<dyn Messages>>,
    /// Permission `activity`.
    pub activity: Option<Arc<dyn Activity>>,
}
