//! `plugin.toml`: what a plugin says about itself and what it asks for.
//! It travels inside the component, so everything here is untrusted text until `Manifest::parse` has accepted it.

use capabilities::Channel;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, time::Duration};

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
    /// Keep one instance for many requests of a company. Off: a fresh instance each.
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
    pub const ALL: [Self; 6] =
        [Self::Customers, Self::Documents, Self::Storage, Self::Credentials, Self::Messages, Self::Activity];

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
        Permission::ALL.into_iter().filter_map(|p| self.reason(p).map(|reason| (p, reason)))
    }
}

/// How a setting is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingType {
    /// `true` or `false`.
    Bool,
    /// A whole number between `min` and `max`.
    Integer,
    /// Text; `min` and `max` bound its length in characters.
    Text,
    /// One of `choices`.
    Choice,
}

/// One of `[[settings]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingSpec {
    /// Lower-case letters, digits, `-` and `_`.
    pub key: String,
    /// How it is entered.
    #[serde(rename = "type")]
    pub kind: SettingType,
    /// Words beside the input.
    pub label: String,
    /// What it does, or empty.
    #[serde(default)]
    pub help: String,
    /// Value until an admin stores one, as text.
    #[serde(default, deserialize_with = "scalar_as_text")]
    pub default: String,
    /// Whether it must be set before the plugin can be enabled.
    #[serde(default)]
    pub required: bool,
    /// Never shown again once stored.
    #[serde(default)]
    pub secret: bool,
    /// Smallest number, or fewest characters.
    #[serde(default)]
    pub min: Option<i64>,
    /// Largest number, or most characters.
    #[serde(default)]
    pub max: Option<i64>,
    /// What can be chosen.
    #[serde(default)]
    pub choices: Vec<SettingChoice>,
}

impl SettingSpec {
    /// Why `value` cannot be stored for this setting, in one plain sentence.
    pub fn refuses(&self, value: &str) -> Option<String> {
        if value.is_empty() {
            return self.required.then(|| format!("{} is required.", self.label));
        }
        let (min, max) = (self.min.unwrap_or(i64::MIN), self.max.unwrap_or(i64::MAX));
        match self.kind {
            SettingType::Bool => {
                (value != "true" && value != "false").then(|| format!("{} must be true or false.", self.label))
            }
            SettingType::Integer => match value.parse::<i64>() {
                Err(_) => Some(format!("{} must be a whole number.", self.label)),
                Ok(number) if number < min => Some(format!("{} must be at least {min}.", self.label)),
                Ok(number) if number > max => Some(format!("{} must be at most {max}.", self.label)),
                Ok(_) => None,
            },
            SettingType::Text => {
                let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
                let max = max.min(SETTING_MAX_CHARS);
                if length < min {
                    Some(format!("{} must have at least {min} characters.", self.label))
                } else {
                    (length > max).then(|| format!("{} must have at most {max} characters.", self.label))
                }
            }
            SettingType::Choice => (!self.choices.iter().any(|choice| choice.value == value))
                .then(|| format!("{} must be one of the choices.", self.label)),
        }
    }
}

/// One entry of a setting's `choices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ChoiceText")]
pub struct SettingChoice {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A choice is written as a plain word or as a table with `value` and `label`.
#[derive(Deserialize)]
#[serde(untagged)]
enum ChoiceText {
    Word(String),
    Table(ChoiceTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceTable {
    value: String,
    label: String,
}

impl From<ChoiceText> for SettingChoice {
    fn from(text: ChoiceText) -> Self {
        match text {
            ChoiceText::Word(word) => Self { label: word.clone(), value: word },
            ChoiceText::Table(table) => Self { value: table.value, label: table.label },
        }
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
        Self { memory_mib: default_memory_mib(), request_ms: default_request_ms() }
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

/// Longest text setting.
const SETTING_MAX_CHARS: i64 = 10_000;
/// Most entries of one kind.
const MAX_ENTRIES: usize = 100;

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

    fn check(&self) -> Result<(), String> {
        slug("id", &self.id, 64, "-")?;
        line("name", &self.name, 1, 80)?;
        version(&self.version)?;
        line("publisher", &self.publisher, 1, 80)?;
        line("description", &self.description, 1, 500)?;
        line("icon", &self.icon, 0, 64)?;
        for (permission, reason) in self.permissions.asked() {
            line(&format!("permissions.{permission}"), reason, 1, 300)?;
        }
        if self.permissions.asks_for(Permission::Documents) && !self.permissions.asks_for(Permission::Customers) {
            return Err("it asks for `documents`, which needs `customers` too".to_owned());
        }
        for (what, count) in
            [("settings", self.settings.len()), ("actions", self.actions.len()), ("template-fields", self.template_fields.len())]
        {
            if count > MAX_ENTRIES {
                return Err(format!("it has more than {MAX_ENTRIES} [[{what}]]"));
            }
        }
        unique("settings", self.settings.iter().map(|s| s.key.as_str()))?;
        unique("actions", self.actions.iter().map(|a| a.id.as_str()))?;
        unique("template-fields", self.template_fields.iter().map(|f| f.key.as_str()))?;
        self.settings.iter().try_for_each(check_setting)?;
        for action in &self.actions {
            slug("actions.id", &action.id, 64, "-")?;
            line("actions.label", &action.label, 1, 80)?;
            if action.subjects.is_empty() {
                return Err(format!("action `{}` names no subjects", action.id));
            }
        }
        for field in &self.template_fields {
            slug("template-fields.key", &field.key, 64, "_")?;
            line("template-fields.label", &field.label, 1, 80)?;
            line("template-fields.description", &field.description, 0, 500)?;
            line("template-fields.sample", &field.sample, 0, 500)?;
            if field.channels.is_empty() {
                return Err(format!("template field `{}` names no channels", field.key));
            }
        }
        if let Some(routes) = &self.routes {
            slug("routes.mount", &routes.mount, 32, "-")?;
        }
        if self.limits.memory_mib == 0 || self.limits.request_ms == 0 {
            return Err("limits must be more than 0".to_owned());
        }
        Ok(())
    }
}

fn check_setting(setting: &SettingSpec) -> Result<(), String> {
    slug("settings.key", &setting.key, 64, "-_")?;
    line("settings.label", &setting.label, 1, 80)?;
    line("settings.help", &setting.help, 0, 500)?;
    let key = &setting.key;
    if (setting.kind == SettingType::Choice) == setting.choices.is_empty() {
        return Err(format!("setting `{key}`: `choices` belongs to settings of type choice, and they need it"));
    }
    unique(&format!("settings `{key}` choices"), setting.choices.iter().map(|c| c.value.as_str()))?;
    for choice in &setting.choices {
        line("settings.choices.value", &choice.value, 1, 64)?;
        line("settings.choices.label", &choice.label, 1, 80)?;
    }
    if setting.min.zip(setting.max).is_some_and(|(min, max)| min > max) {
        return Err(format!("setting `{key}`: `min` is larger than `max`"));
    }
    if !setting.default.is_empty()
        && let Some(why) = setting.refuses(&setting.default)
    {
        return Err(format!("setting `{key}`: its own default is refused. {why}"));
    }
    Ok(())
}

/// Lower-case ASCII letters and digits with `joiners` between them, starting with a letter.
fn slug(what: &str, text: &str, max: usize, joiners: &str) -> Result<(), String> {
    let good = text.len() <= max
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || joiners.contains(c));
    if good {
        Ok(())
    } else {
        Err(format!(
            "`{what}` must be 1 to {max} lower-case letters, digits or `{joiners}`, starting with a letter; it is `{}`",
            excerpt(text)
        ))
    }
}

/// One line of text without control characters.
fn line(what: &str, text: &str, min: usize, max: usize) -> Result<(), String> {
    let length = text.trim().chars().count();
    if length < min {
        return Err(format!("`{what}` is empty"));
    }
    if length > max {
        return Err(format!("`{what}` is longer than {max} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("`{what}` must be one line without control characters"));
    }
    Ok(())
}

fn version(text: &str) -> Result<(), String> {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<_> = core.split('.').collect();
    let good = numbers.len() == 3
        && numbers.iter().all(|n| n.parse::<u32>().is_ok() && (n.len() == 1 || !n.starts_with('0')))
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c));
    if good { Ok(()) } else { Err(format!("`version` must look like 1.2.0; it is `{}`", excerpt(text))) }
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("[[{what}]] has `{}` twice", excerpt(name)));
        }
    }
    Ok(())
}

/// At most 60 characters of untrusted text, fit for a message.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn toml_words(text: &str, error: &toml::de::Error) -> String {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map(|before| before.matches('\n').count().saturating_add(1));
    match line {
        Some(line) => format!("line {line}: {}", excerpt(error.message().lines().next().unwrap_or_default())),
        None => excerpt(error.message()),
    }
}

fn scalar_as_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Bool(bool),
        Integer(i64),
        Text(String),
    }
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Integer(value) => value.to_string(),
        Scalar::Text(value) => value,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    const SMALL: &str = r#"
        id = "tiny"
        name = "Tiny"
        version = "1.0.0"
        publisher = "Example"
        description = "Does little."
        wit = "fieldservice:plugins@1.0"
    "#;

    fn refusal(extra: &str) -> String {
        match Manifest::parse(&format!("{SMALL}\n{extra}")) {
            Ok(_) => panic!("accepted: {extra}"),
            Err(words) => words,
        }
    }

    #[test]
    fn a_small_manifest_has_the_documented_defaults() {
        let manifest = Manifest::parse(SMALL).unwrap();
        assert_eq!(manifest.limits, ManifestLimits { memory_mib: 64, request_ms: 10_000 });
        assert!(!manifest.reuse && manifest.routes.is_none());
        assert_eq!(manifest.permissions.asked().count(), 0);
    }

    #[test]
    fn everything_it_can_say_survives_json() {
        let manifest = Manifest::parse(&format!(
            r#"{SMALL}
            [permissions]
            customers = "To show records."
            documents = "To hand out files."
            [[settings]]
            key = "link_days"
            type = "integer"
            label = "Links work for (days)"
            default = 90
            min = 1
            max = 365
            [[settings]]
            key = "tone"
            type = "choice"
            label = "Tone"
            default = "warm"
            choices = ["warm", {{ value = "dry", label = "Dry" }}]
            [[actions]]
            id = "copy-link"
            label = "Copy link"
            subjects = ["customer"]
            [[template-fields]]
            key = "link"
            label = "Link"
            channels = ["email", "sms"]
            [routes]
            mount = "portal"
            "#
        ))
        .unwrap();
        let json = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
        assert_eq!(manifest.settings.first().unwrap().default, "90");
    }

    #[test]
    fn refusals_name_the_place() {
        assert!(refusal("surprise = 1").contains("line"));
        assert!(refusal("[permissions]\nfiles = \"x\"").contains("files"));
        assert!(refusal("[permissions]\ndocuments = \"x\"").contains("needs `customers`"));
        assert!(refusal("[permissions]\nstorage = \"\"").contains("permissions.storage"));
        assert!(refusal("[routes]\nmount = \"../x\"").contains("routes.mount"));
        assert!(refusal("[[actions]]\nid = \"a\"\nlabel = \"A\"\nsubjects = []").contains("no subjects"));
        let twice = "[[actions]]\nid = \"a\"\nlabel = \"A\"\nsubjects = [\"customer\"]\n";
        assert!(refusal(&twice.repeat(2)).contains("twice"));
        let setting = "[[settings]]\nkey = \"n\"\ntype = \"integer\"\nlabel = \"N\"\ndefault = 9\nmax = 3";
        assert!(refusal(setting).contains("at most 3"));
        assert!(Manifest::parse(&SMALL.replace("1.0.0", "one")).unwrap_err().contains("version"));
        assert!(Manifest::parse(&SMALL.replace("\"tiny\"", "\"Tiny\"")).unwrap_err().contains("`id`"));
        assert!(Manifest::parse(&SMALL.replace("Does little.", "a\\nb")).unwrap_err().contains("one line"));
    }

    #[test]
    fn settings_refuse_what_their_type_forbids() {
        let setting = |kind, min, max| SettingSpec {
            key: "k".into(),
            kind,
            label: "K".into(),
            help: String::new(),
            default: String::new(),
            required: true,
            secret: false,
            min,
            max,
            choices: vec![SettingChoice { value: "a".into(), label: "A".into() }],
        };
        assert!(setting(SettingType::Bool, None, None).refuses("yes").is_some());
        assert!(setting(SettingType::Bool, None, None).refuses("true").is_none());
        assert!(setting(SettingType::Integer, Some(1), Some(9)).refuses("10").is_some());
        assert!(setting(SettingType::Integer, Some(1), Some(9)).refuses("9").is_none());
        assert!(setting(SettingType::Text, None, Some(3)).refuses("äöü").is_none());
        assert!(setting(SettingType::Text, None, Some(3)).refuses("äöüß").is_some());
        assert!(setting(SettingType::Choice, None, None).refuses("b").is_some());
        assert!(setting(SettingType::Text, None, None).refuses("").is_some_and(|why| why.contains("required")));
    }
}
