//! What a plugin's call may reach, one file per capability.
//! Each is scoped to one company when it is made; no method takes a company.

mod activity;
mod company;
mod credentials;
mod customer;
mod customers;
mod documents;
mod messages;
mod shown;
mod storage;

pub(crate) use storage::sweep as sweep_storage;

use crate::{Actor, Company, Platform};
use ::capabilities::{self as contract, CallContext, Grants, Setting};
use std::{collections::BTreeSet, sync::Arc};

/// What the platform must know about a plugin to serve its calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PluginIdentity {
    /// The manifest's id.
    pub id: String,
    /// First segment of its routes under the company's slug; empty when it has none.
    pub mount: String,
    /// Permissions asked for and granted: `customers`, `documents`, `storage`, `credentials`, `messages`, `activity`.
    pub permissions: BTreeSet<String>,
    /// Every setting of the manifest with its default.
    pub default_settings: Vec<Setting>,
}

/// The circumstances every capability of one call shares.
#[derive(Clone)]
struct Call(Arc<CallParts>);

struct CallParts {
    platform: Platform,
    company: Company,
    plugin: Arc<PluginIdentity>,
    context: CallContext,
}

impl std::ops::Deref for Call {
    type Target = CallParts;

    fn deref(&self) -> &CallParts {
        &self.0
    }
}

impl CallParts {
    /// Writes of customer data are refused when staff only look.
    fn require_write(&self) -> contract::Result<()> {
        if self.context.read_only || self.context.viewing.is_some() {
            return Err(contract::Error::Denied(
                "You are viewing this as the customer: nothing can be changed.".into(),
            ));
        }
        Ok(())
    }

    fn actor(&self, customer: Option<&str>) -> Actor {
        Actor::from_context(&self.context, customer)
    }

    /// `Denied` when staff look as another customer than this one.
    fn require_bound(&self, id: &str) -> contract::Result<()> {
        match &self.context.viewing {
            Some(viewing) if viewing.customer != id => Err(contract::Error::Denied(
                "You are viewing this as another customer.".into(),
            )),
            _ => Ok(()),
        }
    }

    /// `NotFound` unless the company has this customer.
    async fn require_customer(&self, id: &str) -> contract::Result<()> {
        self.require_bound(id)?;
        self.platform.customers().get(&self.company.id, id).await?;
        Ok(())
    }

    fn moment(&self, at: jiff::Timestamp) -> contract::Moment {
        self.company.moment(at)
    }
}

pub(crate) fn grants(
    platform: &Platform,
    company: &Company,
    plugin: &Arc<PluginIdentity>,
    context: CallContext,
) -> Grants {
    let parts = CallParts {
        platform: platform.clone(),
        company: company.clone(),
        plugin: plugin.clone(),
        context,
    };
    let call = Call(Arc::new(parts));
    let granted = |permission: &str| plugin.permissions.contains(permission).then(|| call.clone());
    Grants {
        company: Arc::new(company::CompanyCapability(call.clone())),
        customers: granted("customers").map(|call| Arc::new(customers::CustomersCapability(call)) as _),
        documents: granted("documents").map(|call| Arc::new(documents::DocumentsCapability(call)) as _),
        storage: granted("storage").map(|call| Arc::new(storage::StorageCapability(call)) as _),
        credentials: granted("credentials").map(|call| Arc::new(credentials::CredentialsCapability(call)) as _),
        messages: granted("messages").map(|call| Arc::new(messages::MessagesCapability(call)) as _),
        activity: granted("activity").map(|call| Arc::new(activity::ActivityCapability(call)) as _),
    }
}
