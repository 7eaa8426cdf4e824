//! Plugins as the product sees them: installed for the host, enabled per company, called on staff's and customers' behalf.
//! Joins the engine (which knows no companies' records) with the platform (which knows no wasm).

mod company;
mod error;
mod fields;
mod hooks;
mod install;
mod serve;
mod settings;

pub use company::CompanyPlugin;
pub use error::PluginError;
pub use fields::{FieldRecipient, FieldValues, RECIPIENTS_PER_CALL, TemplateField};
pub use hooks::MenuEntry;
pub use install::{Change, Installed, InstalledPlugin, Rebuilds};
pub use serve::PluginPages;
pub use settings::SettingValue;

use capabilities::{CallContext, Setting};
use platform::{Actor, Company, Enablement, Platform, PluginIdentity};
use plugin_engine::{Engine, EngineConfig, Manifest, Pause, Plugin, Registry, Tenant};
use std::{collections::BTreeSet, path::Path, sync::Arc};
use tokio::sync::Mutex;

/// Path segments below a company's that the host serves itself.
pub const RESERVED_MOUNTS: [&str; 2] = ["book", "logo"];

/// The engine's set-up that decides what may be installed.
pub fn engine_config() -> EngineConfig {
    EngineConfig {
        reserved_mounts: RESERVED_MOUNTS.map(str::to_owned).to_vec(),
        ..EngineConfig::default()
    }
}

/// Handle on the installed plugins. Cheap to clone.
#[derive(Clone)]
pub struct PluginHost {
    inner: Arc<Inner>,
}

struct Inner {
    platform: Platform,
    engine: Engine,
    registry: Registry,
    /// One change of what is installed at a time.
    changing: Mutex<()>,
}

impl PluginHost {
    /// Start the engine and load every installed plugin. A plugin that no longer loads is left out
    /// and told in the log; the host starts without it.
    pub async fn open(platform: Platform, cache_dir: Option<&Path>) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Handle::current();
        let for_pauses = platform.clone();
        let config = EngineConfig {
            cache_dir: cache_dir.map(Path::to_owned),
            on_pause: Some(Arc::new(move |pause: &Pause| {
                runtime.spawn(store_pause(for_pauses.clone(), pause.clone()));
            })),
            ..engine_config()
        };
        let engine = Engine::new(config)?;
        let host = Self {
            inner: Arc::new(Inner {
                platform,
                registry: Registry::new(&engine),
                engine,
                changing: Mutex::new(()),
            }),
        };
        host.load_installed().await?;
        Ok(host)
    }

    async fn load_installed(&self) -> anyhow::Result<()> {
        let plugins = self.inner.platform.plugins();
        for installed in plugins.list().await? {
            let (id, version) = (installed.plugin_id.clone(), installed.version.clone());
            let bytes = match plugins.wasm(&installed).await {
                Ok(bytes) => bytes,
                Err(error) => {
                    tracing::error!(plugin = id, version, %error, "an installed plugin cannot be read");
                    continue;
                }
            };
            match self.inner.engine.load(bytes.to_vec()).await {
                Ok(plugin) => {
                    self.inner.registry.install(plugin);
                    tracing::info!(plugin = id, version, "plugin loaded");
                }
                Err(refusal) => tracing::error!(plugin = id, version, %refusal, "an installed plugin cannot be loaded"),
            }
            for enablement in plugins.companies_with(&id).await? {
                if let Some(reason) = enablement.paused_reason {
                    self.inner.registry.pause(&id, &enablement.company_id, reason);
                }
            }
        }
        Ok(())
    }

    /// Whether instances come from a pool (the machine has the address space for one).
    pub fn pooling(&self) -> bool {
        self.inner.engine.is_pooled()
    }

    /// The running version of a plugin.
    fn plugin(&self, plugin_id: &str) -> Result<Arc<Plugin>, PluginError> {
        self.inner.registry.get(plugin_id).ok_or(PluginError::NotFound)
    }

    /// A plugin the company has switched on and that is not paused, with what was granted to it.
    async fn running(&self, company_id: &str, plugin_id: &str) -> Result<(Arc<Plugin>, Enablement), PluginError> {
        let plugin = self.plugin(plugin_id)?;
        let enablement = self.inner.platform.plugins().enablement(company_id, plugin_id).await?;
        let enablement = enablement.filter(|found| found.enabled).ok_or(PluginError::NotFound)?;
        if enablement.paused_reason.is_some() {
            return Err(PluginError::Paused);
        }
        Ok((plugin, enablement))
    }

    /// Every plugin that runs for the company, by id.
    async fn all_running(&self, company_id: &str) -> Result<Vec<(Arc<Plugin>, Enablement)>, PluginError> {
        let mut running = Vec::new();
        for enablement in self.inner.platform.plugins().of_company(company_id).await? {
            if enablement.enabled
                && enablement.paused_reason.is_none()
                && let Some(plugin) = self.inner.registry.get(&enablement.plugin_id)
            {
                running.push((plugin, enablement));
            }
        }
        running.sort_by(|(_, a), (_, b)| a.plugin_id.cmp(&b.plugin_id));
        Ok(running)
    }

    async fn company(&self, company_id: &str) -> Result<Company, PluginError> {
        Ok(self.inner.platform.companies().get(company_id).await?)
    }

    /// The company as the engine sees it: what `permissions` allow of what the manifest asks for.
    fn tenant(
        &self,
        company: &Company,
        manifest: &Manifest,
        permissions: &BTreeSet<String>,
        context: CallContext,
    ) -> Tenant {
        let asked = asked_permissions(manifest);
        let identity = Arc::new(PluginIdentity {
            id: manifest.id.clone(),
            mount: manifest
                .routes
                .as_ref()
                .map(|routes| routes.mount.clone())
                .unwrap_or_default(),
            permissions: asked.intersection(permissions).cloned().collect(),
            default_settings: default_settings(manifest),
        });
        Tenant::new(
            company.id.as_str(),
            self.inner.platform.grants(company, &identity, context),
        )
    }
}

/// The permissions a manifest asks for, by the words stored in the database.
fn asked_permissions(manifest: &Manifest) -> BTreeSet<String> {
    manifest
        .permissions
        .asked()
        .map(|(permission, _)| permission.interface().to_owned())
        .collect()
}

fn default_settings(manifest: &Manifest) -> Vec<Setting> {
    manifest
        .settings
        .iter()
        .map(|spec| Setting {
            key: spec.key.clone(),
            value: spec.default.clone(),
        })
        .collect()
}

async fn store_pause(platform: Platform, pause: Pause) {
    let stored = platform
        .plugins()
        .set_paused(&pause.company, &pause.plugin, Some(&pause.reason), &Actor::system())
        .await;
    if let Err(error) = stored {
        tracing::error!(plugin = pause.plugin, company = pause.company, %error, "a pause could not be stored");
    }
}
