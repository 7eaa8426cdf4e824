//! Plugins as the product sees them: installed for the host, enabled per company, called on staff's and customers' behalf.
//! Joins the engine (which knows no companies) with the platform (which knows no wasm).

mod company;
mod error;
mod hooks;
mod install;
mod settings;

pub use company::CompanyPlugin;
pub use error::PluginError;
pub use hooks::{FieldRecipient, MenuEntry, TemplateField};
pub use install::{Installed, InstalledPlugin};

use platform::Platform;
use std::sync::Arc;

/// Handle on the installed plugins. Cheap to clone.
#[derive(Clone)]
pub struct PluginHost {
    inner: Arc<Inner>,
}

struct Inner {
    platform: Platform,
}

// The signatures below are what the console codes against (bodies in the modules named above):
//
// installed()                                   -> Result<Vec<InstalledPlugin>, PluginError>
// inspect(bytes)                                -> Result<plugin_engine::Inspection, PluginError>   (no compile)
// install(bytes: Vec<u8>, ctx: &CallContext)    -> Result<Installed, PluginError>
// rollback(plugin_id, ctx)                      -> Result<Installed, PluginError>
// for_company(company_id)                       -> Result<Vec<CompanyPlugin>, PluginError>   (every installed plugin)
// enable(company_id, plugin_id, ctx)            -> Result<(), PluginError>
// disable(company_id, plugin_id, ctx)           -> Result<(), PluginError>
// resume(company_id, plugin_id, ctx)            -> Result<(), PluginError>
// save_settings(company_id, plugin_id, values: Vec<capabilities::Setting>, ctx) -> Result<(), PluginError>
// menu(company_id, customer_id, ctx)            -> Result<Vec<MenuEntry>, PluginError>
// open_panel(company_id, plugin_id, item_id, customer_id, ctx) -> Result<plugin_engine::Panel, PluginError>
// submit_panel(company_id, plugin_id, item_id, customer_id, submission: plugin_engine::Submission, ctx)
//                                               -> Result<plugin_engine::Panel, PluginError>
// template_fields(company_id)                   -> Result<Vec<TemplateField>, PluginError>
// resolve(company_id, channel, fields: &[String], recipients: &[FieldRecipient], ctx)
//                                               -> Result<Vec<Vec<Result<String, capabilities::Error>>>, PluginError>
// ctx: capabilities::CallContext, from `RequestInfo::call(Origin::Staff { id, name })`.
