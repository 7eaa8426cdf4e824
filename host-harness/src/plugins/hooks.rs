//! Actions menus and the panels behind them.
//! A plugin that fails while a menu is drawn loses its entries, not the page.

use super::{PluginError, PluginHost};
use capabilities::{CallContext, Origin};
use plugin_engine::{Manifest, Panel, Submission, Target};
use serde::Serialize;

/// An entry of a customer's Actions menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MenuEntry {
    /// The plugin behind it.
    #[serde(rename = "plugin")]
    pub plugin_id: String,
    /// The entry within the plugin.
    #[serde(rename = "item")]
    pub item_id: String,
    /// Words in the menu.
    pub label: String,
}

impl PluginHost {
    /// What plugins add to a customer's Actions menu.
    pub async fn menu(
        &self,
        company_id: &str,
        customer_id: &str,
        context: &CallContext,
    ) -> Result<Vec<MenuEntry>, PluginError> {
        self.inner.platform.customers().get(company_id, customer_id).await?;
        let company = self.company(company_id).await?;
        let target = target(customer_id, context);
        let mut entries = Vec::new();
        for (plugin, enablement) in self.all_running(company_id).await? {
            if !plugin.exports().actions_menu {
                continue;
            }
            let manifest = plugin.manifest();
            let tenant = self.tenant(&company, manifest, &enablement.permissions, context.clone());
            match plugin.menu_items(&tenant, &target).await {
                Ok(items) => entries.extend(items.into_iter().filter(|item| declares(manifest, &item.id)).map(
                    |item| MenuEntry {
                        plugin_id: manifest.id.clone(),
                        item_id: item.id,
                        label: item.label,
                    },
                )),
                Err(error) => {
                    tracing::warn!(plugin = manifest.id, company = company_id, %error, "a plugin's menu is missing");
                }
            }
        }
        Ok(entries)
    }

    /// Open the panel behind an entry.
    pub async fn open_panel(
        &self,
        company_id: &str,
        plugin_id: &str,
        item: &str,
        customer_id: &str,
        context: &CallContext,
    ) -> Result<Panel, PluginError> {
        self.inner.platform.customers().get(company_id, customer_id).await?;
        let (plugin, enablement) = self.running(company_id, plugin_id).await?;
        if !declares(plugin.manifest(), item) {
            return Err(PluginError::NotFound);
        }
        let company = self.company(company_id).await?;
        let tenant = self.tenant(&company, plugin.manifest(), &enablement.permissions, context.clone());
        Ok(plugin.open_panel(&tenant, item, &target(customer_id, context)).await?)
    }

    /// Press a button of the panel.
    pub async fn submit_panel(
        &self,
        company_id: &str,
        plugin_id: &str,
        item: &str,
        customer_id: &str,
        submission: Submission,
        context: &CallContext,
    ) -> Result<Panel, PluginError> {
        self.inner.platform.customers().get(company_id, customer_id).await?;
        let (plugin, enablement) = self.running(company_id, plugin_id).await?;
        if !declares(plugin.manifest(), item) {
            return Err(PluginError::NotFound);
        }
        let company = self.company(company_id).await?;
        let tenant = self.tenant(&company, plugin.manifest(), &enablement.permissions, context.clone());
        Ok(plugin
            .submit_panel(&tenant, item, &target(customer_id, context), &submission)
            .await?)
    }
}

fn declares(manifest: &Manifest, item: &str) -> bool {
    manifest.actions.iter().any(|action| action.id == item)
}

fn target(customer_id: &str, context: &CallContext) -> Target {
    let (id, name) = match &context.origin {
        Origin::Staff { id, name } => (id.clone(), name.clone()),
        Origin::Api { key_id } => (key_id.clone(), "Another app".to_owned()),
        Origin::Public | Origin::System => (String::new(), "System".to_owned()),
    };
    Target::customer(customer_id, plugin_engine::Actor { id, name })
}
