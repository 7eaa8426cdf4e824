//! On whose behalf something is done; written beside every change on the timeline and in the audit.
//! Made by the console from its session, by the API from its key, by a plugin's call from its context.

use capabilities::{CallContext, Origin};
use std::net::IpAddr;

/// What kind of person or program acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A member of staff.
    Staff,
    /// A customer (through a plugin or the booking page).
    Customer,
    /// Another app, by an API key.
    Api,
    /// The host itself.
    System,
}

impl ActorKind {
    /// The word stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Customer => "customer",
            Self::Api => "api",
            Self::System => "system",
        }
    }

    pub(crate) fn parse(code: &str) -> Self {
        match code {
            "staff" => Self::Staff,
            "customer" => Self::Customer,
            "api" => Self::Api,
            _ => Self::System,
        }
    }
}

/// Who acts, from where, by which request.
#[derive(Debug, Clone)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// Staff id, customer id, API key id, or empty.
    pub id: String,
    /// Name as shown to staff.
    pub name: String,
    /// Address of the person's device as far as trusted proxies tell.
    pub address: Option<IpAddr>,
    /// `User-Agent`, at most 300 bytes.
    pub user_agent: String,
    /// The host's id of the request.
    pub request_id: String,
}

impl Actor {
    /// The host itself.
    pub fn system() -> Self {
        Self::named(ActorKind::System, "", "System")
    }

    /// A member of staff, without circumstances.
    pub fn staff(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self::named(ActorKind::Staff, id, name)
    }

    /// A customer, without circumstances.
    pub fn customer(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self::named(ActorKind::Customer, id, name)
    }

    /// An actor of any kind, without circumstances.
    pub fn named(kind: ActorKind, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
            name: name.into(),
            address: None,
            user_agent: String::new(),
            request_id: String::new(),
        }
    }

    /// The actor behind a plugin's call. A public request acts for `customer`.
    pub fn from_context(context: &CallContext, customer: Option<&str>) -> Self {
        let mut actor = match &context.origin {
            Origin::Public => Self::named(ActorKind::Customer, customer.unwrap_or_default(), "Customer"),
            Origin::Staff { id, name } => Self::staff(id.clone(), name.clone()),
            Origin::Api { key_id } => Self::named(ActorKind::Api, key_id.clone(), "API"),
            Origin::System => Self::system(),
        };
        actor.address = context.client_address;
        actor.user_agent = context.user_agent.clone();
        actor.request_id = context.request_id.clone();
        actor
    }
}
