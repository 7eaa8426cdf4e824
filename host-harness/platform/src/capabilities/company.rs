//! `interface company`: profile, settings, features, the plugin's address, the present moment.
//! Everything but the settings is in hand already; nothing here can be changed.

use super::Call;
use ::capabilities::{Company, CompanyProfile, Features, Moment, Result, Setting};
use async_trait::async_trait;
use std::collections::BTreeMap;

pub(super) struct CompanyCapability(pub(super) Call);

#[async_trait]
impl Company for CompanyCapability {
    async fn profile(&self) -> Result<CompanyProfile> {
        let company = &self.0.company;
        let details = &company.details;
        Ok(CompanyProfile {
            slug: details.slug.clone(),
            name: details.name.clone(),
            phone: details.phone.clone(),
            email: details.email.clone(),
            website: details.website.clone(),
            address: details.address.clone(),
            logo_path: company.has_logo.then(|| format!("/{}/logo", details.slug)),
            accent: details.accent.clone(),
            locale: details.locale.clone(),
            time_zone: details.time_zone.clone(),
            currency: details.currency.clone(),
            currency_digits: company.currency_digits(),
        })
    }

    fn features(&self) -> Features {
        let platform = &self.0.platform.inner;
        Features {
            pdf: false,
            decisions: false,
            online_payment: false,
            email: platform.email,
            sms: platform.sms,
        }
    }

    async fn settings(&self) -> Result<Vec<Setting>> {
        let stored = self
            .0
            .platform
            .plugins()
            .settings(&self.0.company.id, &self.0.plugin.id)
            .await?;
        let mut stored: BTreeMap<_, _> = stored.into_iter().map(|setting| (setting.key, setting.value)).collect();
        let defaults = self.0.plugin.default_settings.iter().cloned();
        Ok(defaults
            .map(|Setting { key, value }| Setting {
                value: stored.remove(&key).unwrap_or(value),
                key,
            })
            .collect())
    }

    fn mount_url(&self) -> String {
        format!(
            "{}/{}/{}",
            self.0.platform.inner.public_url, self.0.company.details.slug, self.0.plugin.mount
        )
    }

    fn now(&self) -> Moment {
        self.0.moment(self.0.platform.now())
    }
}
