//! Installing, upgrading and rolling back plugins for the whole host.
//! Order: inspect, load, ask every company's copy to enable the new version, store, swap; a failure leaves the old one.

use super::{PluginError, PluginHost};
use bytes::Bytes;
use capabilities::CallContext;
use jiff::Timestamp;
use platform::{Actor, NewPlugin};
use plugin_engine::{Inspection, Manifest, Occasion, Plugin};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A plugin installed for the host.
#[derive(Debug, Clone)]
pub struct InstalledPlugin {
    /// What it says about itself.
    pub manifest: Manifest,
    /// The stored version: the manifest's, with `+…` after it for a rebuild of the same version.
    pub version: String,
    /// Bytes of the component.
    pub size: u64,
    /// SHA-256 of the component, hexadecimal.
    pub sha256: String,
    /// When it was installed.
    pub installed_at: Timestamp,
    /// Who installed it.
    pub installed_by: String,
    /// Companies that have it enabled.
    pub enabled_companies: usize,
    /// The version a rollback goes to.
    pub previous_version: Option<String>,
    /// Whether it is loaded and can be called.
    pub loaded: bool,
}

/// What an installation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The plugin.
    pub plugin_id: String,
    /// Its name.
    pub name: String,
    /// The version that runs now.
    pub version: String,
    /// What it replaced.
    pub change: Change,
}

/// What an installation replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing: the plugin is new here.
    New,
    /// The version named.
    Replaced(String),
    /// Nothing: exactly this file runs already.
    Unchanged,
}

/// What to do with other bytes under a version number that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuilds {
    /// Refuse them: a version is one file.
    Refuse,
    /// Store them as `<version>+<hash>` (a developer's machine).
    Keep,
}

impl PluginHost {
    /// The plugins installed for the host, by id.
    pub async fn installed(&self) -> Result<Vec<InstalledPlugin>, PluginError> {
        let plugins = self.inner.platform.plugins();
        let mut list = Vec::new();
        for stored in plugins.list().await? {
            let Ok(manifest) = serde_json::from_str::<Manifest>(&stored.manifest_json) else {
                tracing::error!(plugin = stored.plugin_id, "a stored manifest cannot be read");
                continue;
            };
            let previous = self.previous_version(&stored.plugin_id).await?;
            list.push(InstalledPlugin {
                enabled_companies: plugins.companies_with(&stored.plugin_id).await?.len(),
                previous_version: previous.map(|previous| previous.version),
                loaded: self.inner.registry.get(&stored.plugin_id).is_some(),
                manifest,
                version: stored.version,
                size: stored.size,
                sha256: stored.sha256,
                installed_at: stored.installed_at,
                installed_by: stored.installed_by,
            });
        }
        Ok(list)
    }

    /// What a file is and asks for, without compiling it. Refuses what `install` would refuse before compiling.
    pub fn inspect(&self, bytes: &[u8]) -> Result<Inspection, PluginError> {
        Ok(self.inner.engine.inspect(bytes)?)
    }

    /// Install a component, or upgrade to it. Companies that have the plugin enabled keep it enabled.
    pub async fn install(
        &self,
        bytes: Vec<u8>,
        rebuilds: Rebuilds,
        context: &CallContext,
    ) -> Result<Installed, PluginError> {
        let inspection = self.inspect(&bytes)?;
        let _one_at_a_time = self.inner.changing.lock().await;
        let manifest = inspection.manifest;
        let sha256 = hex(&Sha256::digest(&bytes));
        self.check_mount(&manifest)?;
        let present = match self.inner.platform.plugins().active(&manifest.id).await {
            Ok(present) => Some(present),
            Err(platform::Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(present) = present.as_ref().filter(|present| present.sha256 == sha256)
            && self.inner.registry.get(&manifest.id).is_some()
        {
            return Ok(Installed {
                plugin_id: manifest.id,
                name: manifest.name,
                version: present.version.clone(),
                change: Change::Unchanged,
            });
        }
        let mut version = manifest.version.clone();
        let taken = self.versions(&manifest.id).await?;
        if let Some(same) = taken
            .iter()
            .find(|stored| stored.version == version && stored.sha256 != sha256)
        {
            if rebuilds == Rebuilds::Refuse {
                return Err(PluginError::Clash(format!(
                    "Version {} of {} is installed already, with other contents. A changed plugin needs a new version number.",
                    same.version, manifest.name
                )));
            }
            version = format!("{version}+{}", sha256.get(..8).unwrap_or_default());
        }
        let plugin = self.inner.engine.load(bytes.clone()).await?;
        let previous = present.map(|present| present.version);
        if let Some(previous) = &previous {
            self.ask_companies(&plugin, previous, context).await?;
        }
        let stored = self
            .inner
            .platform
            .plugins()
            .install(
                NewPlugin {
                    plugin_id: manifest.id.clone(),
                    version,
                    manifest_json: serde_json::to_string(&manifest)
                        .map_err(|error| PluginError::Clash(format!("The manifest cannot be stored: {error}.")))?,
                    wasm: Bytes::from(bytes),
                },
                &Actor::from_context(context, None),
            )
            .await?;
        self.inner.registry.install(plugin);
        Ok(Installed {
            plugin_id: manifest.id,
            name: manifest.name,
            version: stored.version,
            change: previous.map_or(Change::New, Change::Replaced),
        })
    }

    /// Go back to the version before the present one.
    pub async fn rollback(&self, plugin_id: &str, context: &CallContext) -> Result<Installed, PluginError> {
        let _one_at_a_time = self.inner.changing.lock().await;
        let plugins = self.inner.platform.plugins();
        let present = plugins.active(plugin_id).await?;
        let previous = self
            .previous_version(plugin_id)
            .await?
            .ok_or_else(|| PluginError::Clash("There is no earlier version to go back to.".to_owned()))?;
        let plugin = self.inner.engine.load(plugins.wasm(&previous).await?.to_vec()).await?;
        self.check_mount(plugin.manifest())?;
        self.ask_companies(&plugin, &present.version, context).await?;
        let name = plugin.manifest().name.clone();
        plugins
            .activate(plugin_id, &previous.version, &Actor::from_context(context, None))
            .await?;
        self.inner.registry.install(plugin);
        Ok(Installed {
            plugin_id: plugin_id.to_owned(),
            name,
            version: previous.version,
            change: Change::Replaced(present.version),
        })
    }

    /// Ids of the companies that have a plugin enabled, paused ones included.
    pub async fn enabled_by(&self, plugin_id: &str) -> Result<Vec<String>, PluginError> {
        let enablements = self.inner.platform.plugins().companies_with(plugin_id).await?;
        Ok(enablements.into_iter().map(|found| found.company_id).collect())
    }

    /// Remove a plugin with all its versions, and with everything it stored when `erase`. `Platform(Conflict)`
    /// while a company has it enabled. Calls that run end undisturbed.
    pub async fn uninstall(&self, plugin_id: &str, erase: bool, context: &CallContext) -> Result<(), PluginError> {
        let _one_at_a_time = self.inner.changing.lock().await;
        self.inner
            .platform
            .plugins()
            .uninstall(plugin_id, erase, &Actor::from_context(context, None))
            .await?;
        self.inner.registry.remove(plugin_id);
        Ok(())
    }

    /// Every company that has the plugin enabled prepares for the version `plugin`; the first that cannot stops it.
    async fn ask_companies(
        &self,
        plugin: &Arc<Plugin>,
        previous: &str,
        context: &CallContext,
    ) -> Result<(), PluginError> {
        if !plugin.exports().lifecycle {
            return Ok(());
        }
        let manifest = plugin.manifest();
        for enablement in self.inner.platform.plugins().companies_with(&manifest.id).await? {
            let company = self.company(&enablement.company_id).await?;
            let settings = self.effective_settings(&company.id, manifest).await?;
            let tenant = self.tenant(&company, manifest, &enablement.permissions, context.clone());
            if let Err(error) = plugin
                .enable(&tenant, &Occasion::Upgraded(previous.to_owned()), &settings)
                .await
            {
                let why = PluginError::from(error).message();
                return Err(PluginError::Clash(format!(
                    "{} cannot change from version {previous} to {}, because it could not be prepared for {}: {why} \
                     The old version stays.",
                    manifest.name, manifest.version, company.name
                )));
            }
        }
        Ok(())
    }

    /// Two plugins cannot be served under the same address.
    fn check_mount(&self, manifest: &Manifest) -> Result<(), PluginError> {
        let Some(routes) = &manifest.routes else { return Ok(()) };
        let taken = self
            .inner
            .registry
            .by_mount(&routes.mount)
            .filter(|other| other.manifest().id != manifest.id);
        match taken {
            None => Ok(()),
            Some(other) => Err(PluginError::Clash(format!(
                "{} wants its pages under “/{}”, where {} has its own already.",
                manifest.name,
                routes.mount,
                other.manifest().name
            ))),
        }
    }

    async fn versions(&self, plugin_id: &str) -> Result<Vec<platform::InstalledPlugin>, PluginError> {
        match self.inner.platform.plugins().versions(plugin_id).await {
            Ok(versions) => Ok(versions),
            Err(platform::Error::NotFound) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    async fn previous_version(&self, plugin_id: &str) -> Result<Option<platform::InstalledPlugin>, PluginError> {
        Ok(self
            .versions(plugin_id)
            .await?
            .into_iter()
            .find(|version| !version.active))
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
