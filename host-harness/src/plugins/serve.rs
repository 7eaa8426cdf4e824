//! Requests of customers for a plugin's pages.
//! Unknown and disabled are answered before any instance is made.

use super::{PluginError, PluginHost};
use capabilities::CallContext;
use http::{Request, Response};
use platform::Company;
use plugin_engine::Body as PluginBody;

/// A plugin's pages, as they stand under a company's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginPages {
    /// The plugin.
    pub plugin_id: String,
    /// Its name, as the manifest says it.
    pub name: String,
    /// The segment after the company's.
    pub mount: String,
}

impl PluginHost {
    /// Let the plugin that is mounted at `mount` answer, if the company has it switched on.
    pub async fn serve_http<B>(
        &self,
        company: &Company,
        mount: &str,
        request: Request<B>,
        context: CallContext,
    ) -> Result<Response<PluginBody>, PluginError>
    where
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let plugin = self.inner.registry.by_mount(mount).ok_or(PluginError::NotFound)?;
        let plugin_id = plugin.manifest().id.clone();
        let (plugin, enablement) = self.running(&company.id, &plugin_id).await?;
        let tenant = self.tenant(company, plugin.manifest(), &enablement.permissions, context);
        Ok(plugin.handle(tenant, request).await?)
    }

    /// Every plugin with pages that runs for the company.
    pub async fn with_pages(&self, company_id: &str) -> Result<Vec<PluginPages>, PluginError> {
        let running = self.all_running(company_id).await?;
        Ok(running
            .iter()
            .filter_map(|(plugin, _)| {
                let manifest = plugin.manifest();
                let routes = manifest.routes.as_ref()?;
                Some(PluginPages {
                    plugin_id: manifest.id.clone(),
                    name: manifest.name.clone(),
                    mount: routes.mount.clone(),
                })
            })
            .collect())
    }

    /// The plugin whose pages are mounted there, whoever has it switched on.
    pub fn mounted_at(&self, mount: &str) -> Option<String> {
        let plugin = self.inner.registry.by_mount(mount)?;
        Some(plugin.manifest().id.clone())
    }

    /// Address of the first plugin with pages that the company has switched on, and its name: where a
    /// customer who came from there goes back to.
    pub async fn way_back(&self, company: &Company, public_url: &str) -> Option<(String, String)> {
        let running = self.all_running(&company.id).await.ok()?;
        running.iter().find_map(|(plugin, _)| {
            let manifest = plugin.manifest();
            let routes = manifest.routes.as_ref()?;
            Some((
                format!("{public_url}/{}/{}", company.slug, routes.mount),
                manifest.name.clone(),
            ))
        })
    }
}
