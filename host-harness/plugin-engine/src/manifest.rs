//! `plugin.toml`: what a plugin says about itself and what it asks for.
//! It travels inside the component, so everything here is untrusted text until `Manifest::parse` has accepted it.

mod check;
mod settings;

pub use settings::{SettingChoice, SettingSpec, SettingType};

pub(crate) use check::excerpt;

use capabilities::Channel;
use check::toml_words;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// Name of the custom section that holds `plugin.toml`.
pub const MANIFEST_SECTION: &str = "plugin-manifest";
/// Largest `plugin.toml` in bytes.
pub const MANIFEST_MAX_BYTES: usize = 64 * 1024;

/// A plugin's description of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Lower-case letters, digits and `-`; names the plugin for ever.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Semantic version, for example `1.2.0`.
    pub version: String,
    /// Who made it.
    pub publisher: String,
    /// One or two sentences for the Features & Plugins page.
    pub description: String,
    /// Name of an icon the host may know, or empty.
    #[serde(default)]
    pub icon: String,
    /// The contract it was built for, for example `fieldservice:plugins@1.0`.
    pub wit: String,
    /// The plugin bears one instance for many requests of a company. An engine may still give each a fresh one,
    /// as this one does.
    #[serde(default)]
    pub reuse: bool,
    /// Capabilities it asks for, each with the reason shown to the admin.
    #[serde(default)]
    pub permissions: Permissions,
    /// What a company's admin can set.
    #[serde(default)]
    pub settings: Vec<SettingSpec>,
    /// Entries it may add to Actions menus.
    #[serde(default)]
    pub actions: Vec<ActionSpec>,
    /// Fields it offers to message templates.
    #[serde(default, rename = "template-fields")]
    pub template_fields: Vec<TemplateFieldSpec>,
    /// Where its pages are served; none when it serves none.
    #[serde(default)]
    pub routes: Option<Routes>,
    /// What it needs at most.
    #[serde(default)]
    pub limits: ManifestLimits,
}

/// A capability that needs the admin's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// Customers and their records.
    Customers,
    /// Files and rendered documents.
    Documents,
    /// Key-value storage of its own.
    Storage,
    /// Customers' passwords, hashed in the host.
    Credentials,
    /// Transactional messages.
    Messages,
    /// Entries on a customer's timeline.
    Activity,
}

impl Permission {
    /// Every permission, in the order they are shown.
    pub const ALL: [Self; 6] = [
        Self::Customers,
        Self::Documents,
        Self::Storage,
        Self::Credentials,
        Self::Messages,
        Self::Activity,
    ];

    /// The interface of the contract that it opens, which is also its key in `plugin.toml`.
    pub const fn interface(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Documents => "documents",
            Self::Storage => "storage",
            Self::Credentials => "credentials",
            Self::Messages => "messages",
            Self::Activity => "activity",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.interface())
    }
}

/// `[permissions]`: the reason for each capability that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the reason for the permission of that name")]
pub struct Permissions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
}

impl Permissions {
    /// The plugin's reason for a permission; none when it does not ask for it.
    pub fn reason(&self, permission: Permission) -> Option<&str> {
        match permission {
            Permission::Customers => self.customers.as_deref(),
            Permission::Documents => self.documents.as_deref(),
            Permission::Storage => self.storage.as_deref(),
            Permission::Credentials => self.credentials.as_deref(),
            Permission::Messages => self.messages.as_deref(),
            Permission::Activity => self.activity.as_deref(),
        }
    }

    /// Whether the plugin asks for it.
    pub fn asks_for(&self, permission: Permission) -> bool {
        self.reason(permission).is_some()
    }

    /// What is asked for, each with its reason.
    pub fn asked(&self) -> impl Iterator<Item = (Permission, &str)> {
        Permission::ALL
            .into_iter()
            .filter_map(|p| self.reason(p).map(|reason| (p, reason)))
    }
}

/// A record whose Actions menu an entry may join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionSubject {
    /// A customer's profile.
    Customer,
}

/// One of `[[actions]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionSpec {
    /// Lower-case letters, digits and `-`.
    pub id: String,
    /// Words in the menu when the plugin gives no others.
    pub label: String,
    /// On which records it shows.
    pub subjects: Vec<ActionSubject>,
}

/// One of `[[template-fields]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateFieldSpec {
    /// Lower-case letters, digits and `_`.
    pub key: String,
    /// Words in the *Insert Field Value* list.
    pub label: String,
    /// What it becomes.
    #[serde(default)]
    pub description: String,
    /// Messages it can stand in.
    #[serde(with = "crate::names::channels")]
    pub channels: Vec<Channel>,
    /// What a value looks like.
    #[serde(default)]
    pub sample: String,
}

/// `[routes]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routes {
    /// Path segment below the company's, for example `portal`.
    pub mount: String,
}

/// `[limits]`: at most this much; the host's own limits hold where they are lower.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestLimits {
    /// Memory of one instance in MiB.
    #[serde(default = "default_memory_mib")]
    pub memory_mib: u32,
    /// Time for one request in milliseconds.
    #[serde(default = "default_request_ms")]
    pub request_ms: u32,
}

impl Default for ManifestLimits {
    fn default() -> Self {
        Self {
            memory_mib: default_memory_mib(),
            request_ms: default_request_ms(),
        }
    }
}

impl ManifestLimits {
    /// Time for one request.
    pub const fn request_time(&self) -> Duration {
        Duration::from_millis(self.request_ms as u64)
    }

    /// Memory of one instance in bytes.
    pub const fn memory_bytes(&self) -> usize {
        (self.memory_mib as usize).saturating_mul(1 << 20)
    }
}

const fn default_memory_mib() -> u32 {
    64
}

const fn default_request_ms() -> u32 {
    10_000
}

impl Manifest {
    /// Read and check a `plugin.toml`. The error is plain words for whoever wrote the plugin.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MANIFEST_MAX_BYTES {
            return Err(format!("it is larger than {} KiB", MANIFEST_MAX_BYTES / 1024));
        }
        let manifest: Self = toml::from_str(text).map_err(|e| toml_words(text, &e))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The id as merge-field names spell it: `-` becomes `_`.
    pub fn field_namespace(&self) -> String {
        self.id.replace('-', "_")
    }
}
