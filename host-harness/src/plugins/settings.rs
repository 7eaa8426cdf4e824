//! A plugin's settings of a company: the manifest's rules, the company's values, the plugin's last word.
//! Secret values are written once and never shown again.

use super::{PluginError, PluginHost};
use capabilities::{CallContext, FieldError, Setting};
use platform::Actor;
use plugin_engine::{Manifest, SettingSpec};
use std::collections::BTreeSet;

/// One setting as an admin sees it.
#[derive(Debug, Clone)]
pub struct SettingValue {
    /// What the manifest says about it.
    pub spec: SettingSpec,
    /// The value in force; empty for a secret.
    pub value: String,
    /// Whether the company stored a value of its own.
    pub stored: bool,
}

impl PluginHost {
    /// Every setting of the plugin with the company's value, secrets left out.
    pub async fn settings(&self, company_id: &str, plugin_id: &str) -> Result<Vec<SettingValue>, PluginError> {
        let plugin = self.plugin(plugin_id)?;
        let stored = self.inner.platform.plugins().settings(company_id, plugin_id).await?;
        Ok(plugin
            .manifest()
            .settings
            .iter()
            .map(|spec| {
                let own = stored.iter().find(|setting| setting.key == spec.key);
                let value = own.map_or(&spec.default, |own| &own.value);
                SettingValue {
                    value: if spec.secret { String::new() } else { value.clone() },
                    stored: own.is_some(),
                    spec: spec.clone(),
                }
            })
            .collect())
    }

    /// Store the company's settings after the manifest's rules and the plugin itself agreed. Settings not
    /// named keep their value; an empty secret keeps the stored one.
    pub async fn save_settings(
        &self,
        company_id: &str,
        plugin_id: &str,
        values: Vec<Setting>,
        context: &CallContext,
    ) -> Result<(), PluginError> {
        let plugin = self.plugin(plugin_id)?;
        let manifest = plugin.manifest();
        let present = self.effective_settings(company_id, manifest).await?;
        let settings = merge(manifest, &present, &values)?;
        let enablement = self.inner.platform.plugins().enablement(company_id, plugin_id).await?;
        if let Some(enablement) = enablement.filter(|found| found.enabled)
            && plugin.exports().lifecycle
        {
            let company = self.company(company_id).await?;
            let tenant = self.tenant(&company, manifest, &enablement.permissions, context.clone());
            plugin.settings_changed(&tenant, &settings).await?;
        }
        let secret: BTreeSet<String> = manifest
            .settings
            .iter()
            .filter(|spec| spec.secret)
            .map(|spec| spec.key.clone())
            .collect();
        self.inner
            .platform
            .plugins()
            .set_settings(
                company_id,
                plugin_id,
                &settings,
                &secret,
                &Actor::from_context(context, None),
            )
            .await?;
        Ok(())
    }

    /// Every setting of the manifest with the company's value or the default.
    pub(super) async fn effective_settings(
        &self,
        company_id: &str,
        manifest: &Manifest,
    ) -> Result<Vec<Setting>, PluginError> {
        let stored = self.inner.platform.plugins().settings(company_id, &manifest.id).await?;
        Ok(manifest
            .settings
            .iter()
            .map(|spec| {
                let own = stored.iter().find(|setting| setting.key == spec.key);
                Setting {
                    key: spec.key.clone(),
                    value: own.map_or(&spec.default, |own| &own.value).clone(),
                }
            })
            .collect())
    }
}

/// `present` with `values` over it, checked by the manifest.
fn merge(manifest: &Manifest, present: &[Setting], values: &[Setting]) -> Result<Vec<Setting>, PluginError> {
    let mut refused: Vec<FieldError> = values
        .iter()
        .filter(|value| !manifest.settings.iter().any(|spec| spec.key == value.key))
        .map(|value| FieldError::new(&value.key, "not-allowed", "There is no such setting."))
        .collect();
    let mut merged = Vec::with_capacity(manifest.settings.len());
    for spec in &manifest.settings {
        let old = present
            .iter()
            .find(|setting| setting.key == spec.key)
            .map(|setting| setting.value.as_str());
        let new = values
            .iter()
            .find(|setting| setting.key == spec.key)
            .map(|setting| setting.value.as_str());
        let value = match new {
            Some("") if spec.secret => old.unwrap_or_default(),
            Some(new) => new,
            None => old.unwrap_or(&spec.default),
        };
        match spec.refuses(value) {
            Some(why) => refused.push(FieldError::new(&spec.key, "malformed", why)),
            None => merged.push(Setting {
                key: spec.key.clone(),
                value: value.to_owned(),
            }),
        }
    }
    if refused.is_empty() {
        Ok(merged)
    } else {
        Err(PluginError::Invalid(refused))
    }
}
