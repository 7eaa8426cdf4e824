//! What one company does with plugins: see them, switch them on and off, resume a paused one.
//! A plugin counts as enabled only after its own `enable` succeeded: until then nothing is stored.

use super::{PluginError, PluginHost, asked_permissions};
use capabilities::{CallContext, FieldError};
use platform::Actor;
use plugin_engine::{Manifest, Occasion};

/// An installed plugin as one company sees it.
#[derive(Debug, Clone)]
pub struct CompanyPlugin {
    /// What it says about itself, permissions and reasons included.
    pub manifest: Manifest,
    /// Whether the company has it switched on.
    pub enabled: bool,
    /// Why the host paused it; none while it runs.
    pub paused: Option<String>,
    /// Permissions an upgrade asks for that this company has not granted yet.
    pub not_granted: Vec<String>,
}

impl PluginHost {
    /// Every loaded plugin, as this company sees it.
    pub async fn for_company(&self, company_id: &str) -> Result<Vec<CompanyPlugin>, PluginError> {
        let enablements = self.inner.platform.plugins().of_company(company_id).await?;
        let mut list: Vec<CompanyPlugin> = self
            .inner
            .registry
            .all()
            .into_iter()
            .map(|plugin| {
                let manifest = plugin.manifest().clone();
                let own = enablements
                    .iter()
                    .find(|own| own.plugin_id == manifest.id && own.enabled);
                CompanyPlugin {
                    enabled: own.is_some(),
                    paused: own.and_then(|own| own.paused_reason.clone()),
                    not_granted: own
                        .map(|own| {
                            asked_permissions(&manifest)
                                .difference(&own.permissions)
                                .cloned()
                                .collect()
                        })
                        .unwrap_or_default(),
                    manifest,
                }
            })
            .collect();
        list.sort_by(|a, b| a.manifest.name.cmp(&b.manifest.name));
        Ok(list)
    }

    /// Switch a plugin on, granting what its manifest asks for. Its own `enable` has the last word.
    pub async fn enable(&self, company_id: &str, plugin_id: &str, context: &CallContext) -> Result<(), PluginError> {
        let plugin = self.plugin(plugin_id)?;
        let manifest = plugin.manifest();
        let company = self.company(company_id).await?;
        let settings = self.effective_settings(company_id, manifest).await?;
        let missing: Vec<FieldError> = manifest
            .settings
            .iter()
            .filter(|spec| spec.required && settings.iter().all(|own| own.key != spec.key || own.value.is_empty()))
            .map(|spec| {
                FieldError::new(
                    &spec.key,
                    "required",
                    format!("{} must be set before the plugin can be enabled.", spec.label),
                )
            })
            .collect();
        if !missing.is_empty() {
            return Err(PluginError::Invalid(missing));
        }
        let permissions = asked_permissions(manifest);
        self.inner.registry.resume(plugin_id, company_id);
        if plugin.exports().lifecycle {
            let tenant = self.tenant(&company, manifest, &permissions, context.clone());
            plugin.enable(&tenant, &Occasion::Enabled, &settings).await?;
        }
        self.inner
            .platform
            .plugins()
            .enable(company_id, plugin_id, &permissions, &Actor::from_context(context, None))
            .await?;
        Ok(())
    }

    /// Switch a plugin off; its settings and storage stay. A plugin that fails at it is off all the same.
    pub async fn disable(&self, company_id: &str, plugin_id: &str, context: &CallContext) -> Result<(), PluginError> {
        let company = self.company(company_id).await?;
        let enablement = self.inner.platform.plugins().enablement(company_id, plugin_id).await?;
        let enablement = enablement.filter(|found| found.enabled).ok_or(PluginError::NotFound)?;
        if let Ok(plugin) = self.plugin(plugin_id)
            && plugin.exports().lifecycle
            && enablement.paused_reason.is_none()
        {
            let tenant = self.tenant(&company, plugin.manifest(), &enablement.permissions, context.clone());
            if let Err(error) = plugin.disable(&tenant).await {
                tracing::warn!(plugin = plugin_id, company = company_id, %error, "a plugin failed while being disabled");
            }
        }
        self.inner
            .platform
            .plugins()
            .disable(company_id, plugin_id, &Actor::from_context(context, None))
            .await?;
        self.inner.registry.resume(plugin_id, company_id);
        Ok(())
    }

    /// Let a paused plugin run again.
    pub async fn resume(&self, company_id: &str, plugin_id: &str, context: &CallContext) -> Result<(), PluginError> {
        self.inner
            .platform
            .plugins()
            .set_paused(company_id, plugin_id, None, &Actor::from_context(context, None))
            .await?;
        self.inner.registry.resume(plugin_id, company_id);
        Ok(())
    }
}
