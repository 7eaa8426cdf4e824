//! `company`: the company the instance serves; granted to every plugin.
//! Source: `wit/company.wit`.

use super::{Answer, bounded, convert};
use crate::{bindings::fieldservice::plugins::company as wit, call::Call};
use capabilities as cap;
use std::sync::Arc;

impl wit::Host for Call {
    async fn profile(&mut self) -> Answer<wit::CompanyProfile> {
        let company = Arc::clone(&self.grants.company);
        bounded(self.capability_time, company.profile(), profile).await
    }

    async fn features(&mut self) -> wasmtime::Result<wit::FeatureSet> {
        let has = self.grants.company.features();
        let mut flags = wit::FeatureSet::empty();
        for (offered, flag) in [
            (has.pdf, wit::FeatureSet::PDF),
            (has.decisions, wit::FeatureSet::DECISIONS),
            (has.online_payment, wit::FeatureSet::ONLINE_PAYMENT),
            (has.email, wit::FeatureSet::EMAIL),
            (has.sms, wit::FeatureSet::SMS),
        ] {
            if offered {
                flags |= flag;
            }
        }
        Ok(flags)
    }

    async fn settings(&mut self) -> Answer<Vec<wit::Setting>> {
        let company = Arc::clone(&self.grants.company);
        bounded(self.capability_time, company.settings(), |settings| {
            settings.into_iter().map(setting).collect()
        })
        .await
    }

    async fn mount_url(&mut self) -> wasmtime::Result<String> {
        Ok(self.grants.company.mount_url())
    }

    async fn now(&mut self) -> wasmtime::Result<super::wit::types::Moment> {
        Ok(convert::moment(self.grants.company.now()))
    }
}

fn profile(profile: cap::CompanyProfile) -> wit::CompanyProfile {
    wit::CompanyProfile {
        slug: profile.slug,
        name: profile.name,
        phone: profile.phone,
        email: profile.email,
        website: profile.website,
        address: convert::address(profile.address),
        logo_path: profile.logo_path,
        accent: profile.accent,
        locale: profile.locale,
        time_zone: profile.time_zone,
        currency: profile.currency,
        currency_digits: profile.currency_digits,
    }
}

pub(crate) fn setting(setting: cap::Setting) -> wit::Setting {
    wit::Setting {
        key: setting.key,
        value: setting.value,
    }
}
