//! The company a plugin's instance serves.
//! Source: `wit/company.wit`.

use crate::{Address, Moment, Result};
use async_trait::async_trait;

/// How the company presents itself to its customers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented in wit/company.wit")]
pub struct CompanyProfile {
    pub slug: String,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub website: String,
    pub address: Address,
    pub logo_path: Option<String>,
    pub accent: Option<String>,
    pub locale: String,
    pub time_zone: String,
    pub currency: String,
    pub currency_digits: u8,
}

/// What this host can do beyond lists and details.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Features {
    /// Documents can be rendered as PDF.
    pub pdf: bool,
    /// Estimates can be accepted, declined and discussed.
    pub decisions: bool,
    /// Invoices carry a payment address.
    pub online_payment: bool,
    /// Messages reach e-mail addresses.
    pub email: bool,
    /// Messages reach telephones.
    pub sms: bool,
}

/// One setting of the plugin as stored by the company's admin, or the manifest's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Key declared in the manifest.
    pub key: String,
    /// The value as text.
    pub value: String,
}

/// `interface company`.
#[async_trait]
pub trait Company: Send + Sync {
    /// Name, branding, language and zone.
    async fn profile(&self) -> Result<CompanyProfile>;
    /// What the host offers to this company.
    fn features(&self) -> Features;
    /// Every setting of the manifest.
    async fn settings(&self) -> Result<Vec<Setting>>;
    /// Absolute address of the plugin's routes, no trailing slash.
    fn mount_url(&self) -> String;
    /// The present moment on the company's wall clock.
    fn now(&self) -> Moment;
}
