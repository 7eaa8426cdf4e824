//! The configuration: `host.toml`, then `HOST_*` variables, then the command line; checked before anything starts.
//! Unsafe combinations are refused with the name of the setting and what to write instead.

mod addresses;
mod outgoing;
mod reading;

use crate::middleware::Network;
use messaging::transport::{sms_http::SmsHttpConfig, smtp::SmtpConfig};
use platform::PasswordHashing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Everything that can be configured, as written (before checking).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Folder for the default database, files, plugins and the signing key.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`; a SQLite file in `data_dir` when absent.
    #[serde(default)]
    pub database_url: Option<SecretString>,
    /// Where the staff console listens.
    pub staff_listen: SocketAddr,
    /// Where customers come in.
    pub public_listen: SocketAddr,
    /// Absolute address of the public listener as customers type it.
    #[serde(default)]
    pub public_url: Option<String>,
    /// Absolute address of the staff console.
    #[serde(default)]
    pub staff_url: Option<String>,
    /// At least 32 characters; made and kept in `data_dir` when absent.
    #[serde(default)]
    pub secret_key: Option<SecretString>,
    /// Addresses or networks whose `X-Forwarded-For` is believed.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    /// Keep every message in the mailbox page instead of sending it (demonstrations).
    #[serde(default)]
    pub mailbox: bool,
    /// Outgoing e-mail.
    #[serde(default)]
    pub smtp: Option<SmtpConfig>,
    /// Write e-mail into this folder instead of sending it.
    #[serde(default)]
    pub mail_dir: Option<PathBuf>,
    /// Outgoing text messages.
    #[serde(default)]
    pub sms: Option<SmsHttpConfig>,
    /// The log.
    #[serde(default)]
    pub log: Log,
    /// How much at once.
    #[serde(default)]
    pub limits: Limits,
    /// How passwords are hashed.
    #[serde(default)]
    pub passwords: PasswordHashing,
}

/// The log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// A level or a filter such as `info,sqlx=warn`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".into(),
        }
    }
}

/// Shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How much at once.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests worked on at the same time per listener; more are answered 503.
    pub requests: usize,
    /// Open connections per listener; more wait.
    pub connections: usize,
    /// Seconds a request may take.
    pub request_seconds: u64,
    /// Seconds given to open requests when the host stops.
    pub drain_seconds: u64,
    /// Database connections.
    pub database_connections: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 512,
            connections: 2_048,
            request_seconds: 30,
            drain_seconds: 20,
            database_connections: 8,
        }
    }
}

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// What was written.
    pub settings: Settings,
    /// Absolute address of the public listener, no trailing slash.
    pub public_url: String,
    /// Absolute address of the staff console, no trailing slash.
    pub staff_url: String,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The database.
    pub database_url: SecretString,
}

/// Why a configuration is refused: the setting and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration is not usable:")?;
        for line in &self.0 {
            write!(f, "\n  - {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Read and check.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::check(Settings::read(file)?)
    }

    /// Check settings; every refusal is reported at once.
    pub fn check(settings: Settings) -> Result<Self, ConfigError> {
        let mut refused = Vec::new();
        let public_url = addresses::address(
            "public_url",
            settings.public_url.as_deref(),
            settings.public_listen,
            &mut refused,
        );
        let staff_url = addresses::address(
            "staff_url",
            settings.staff_url.as_deref(),
            settings.staff_listen,
            &mut refused,
        );
        if settings.staff_listen == settings.public_listen && settings.staff_listen.port() != 0 {
            refused.push("staff_listen and public_listen are the same; the console needs a listener of its own".into());
        }
        let urls = [public_url.as_str(), staff_url.as_str()];
        addresses::check_hosts(urls, &mut refused);
        let trusted_proxies = addresses::proxies(&settings, &mut refused);
        addresses::check_behind_proxy(&settings, &trusted_proxies, urls, &mut refused);
        outgoing::check_transports(&settings, urls, &mut refused);
        outgoing::check_filter(&settings.log.filter, &mut refused);
        if let Err(platform::Error::Invalid(fields)) = settings.passwords.check() {
            refused.extend(
                fields
                    .into_iter()
                    .map(|field| format!("passwords.{}: {}", field.field, field.message)),
            );
        }
        check_limits(&settings.limits, &mut refused);
        if let Some(key) = &settings.secret_key
            && key.expose_secret().len() < 32
        {
            refused.push("secret_key has fewer than 32 characters; leave it out and one is made in data_dir".into());
        }
        let database_url = settings
            .database_url
            .clone()
            .unwrap_or_else(|| SecretString::from(format!("sqlite://{}", settings.data_dir.join("host.db").display())));
        if !["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| database_url.expose_secret().starts_with(scheme))
        {
            refused.push("database_url begins with neither sqlite:// nor postgres://".into());
        }
        if refused.is_empty() {
            Ok(Self {
                public_url,
                staff_url,
                trusted_proxies,
                database_url,
                settings,
            })
        } else {
            Err(ConfigError(refused))
        }
    }

    /// Whether customers reach this host by HTTPS.
    pub fn public_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether staff reach this host by HTTPS.
    pub fn staff_https(&self) -> bool {
        self.staff_url.starts_with("https://")
    }

    /// Listeners whose https:// address needs a proxy on this machine that is not among the trusted ones: until it is,
    /// all their visitors share one address, and so one count of failed sign-ins.
    pub fn unnamed_proxies(&self) -> Vec<&'static str> {
        let settings = &self.settings;
        [
            ("staff", &self.staff_url, settings.staff_listen),
            ("public", &self.public_url, settings.public_listen),
        ]
        .into_iter()
        .filter(|(_, url, listen)| {
            let named = self.trusted_proxies.iter().any(|network| network.contains(listen.ip()));
            url.starts_with("https://") && listen.ip().is_loopback() && !named
        })
        .map(|(name, _, _)| name)
        .collect()
    }

    /// Whether the settings hold a secret: a password, a key, a token.
    pub fn has_secrets(&self) -> bool {
        let settings = &self.settings;
        let smtp = settings.smtp.as_ref().is_some_and(|smtp| smtp.password.is_some());
        smtp || settings.sms.is_some() || settings.secret_key.is_some() || settings.database_url.is_some()
    }

    /// Whether e-mail leaves (or is kept in the mailbox).
    pub fn sends_email(&self) -> bool {
        self.settings.mailbox || self.settings.smtp.is_some() || self.settings.mail_dir.is_some()
    }

    /// Whether text messages leave (or are kept in the mailbox).
    pub fn sends_sms(&self) -> bool {
        self.settings.mailbox || self.settings.sms.is_some()
    }
}

fn check_limits(limits: &Limits, refused: &mut Vec<String>) {
    for (key, value) in [
        ("requests", limits.requests as u64),
        ("connections", limits.connections as u64),
        ("request_seconds", limits.request_seconds),
        ("database_connections", u64::from(limits.database_connections)),
    ] {
        if value == 0 {
            refused.push(format!("limits.{key} is 0: nothing could be served"));
        }
    }
}

#[cfg(test)]
mod tests;
