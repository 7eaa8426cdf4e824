//! The configuration: `host.toml`, then `HOST_*` variables, then the command line; checked before anything starts.
//! Unsafe combinations are refused with the name of the setting and what to write instead.

use crate::middleware::Network;
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use messaging::transport::{
    sms_http::SmsHttpConfig,
    smtp::{Security, SmtpConfig},
};
use platform::PasswordHashing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
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

#[derive(Serialize)]
struct Defaults {
    data_dir: PathBuf,
    staff_listen: String,
    public_listen: String,
}

impl Settings {
    /// Read `file` (when given) and the environment over the defaults.
    pub fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Defaults {
            data_dir: "data".into(),
            staff_listen: "127.0.0.1:8080".into(),
            public_listen: "127.0.0.1:8081".into(),
        }));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError(vec![format!(
                    "there is no configuration file {}",
                    file.display()
                )]));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        figment
            .merge(Env::prefixed("HOST_").filter(is_setting).split("__"))
            .extract()
            .map_err(|errors| ConfigError(errors.into_iter().map(|error| error.to_string()).collect()))
    }
}

/// Whether a `HOST_…` variable is one of ours: other programs use the prefix too.
fn is_setting(name: &figment::value::UncasedStr) -> bool {
    const OWN: [&str; 15] = [
        "data_dir",
        "database_url",
        "staff_listen",
        "public_listen",
        "public_url",
        "staff_url",
        "secret_key",
        "trusted_proxies",
        "mailbox",
        "mail_dir",
        "smtp__",
        "sms__",
        "log__",
        "limits__",
        "passwords__",
    ];
    OWN.iter().any(|key| {
        name.as_str()
            .get(..key.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(key))
            && (key.ends_with("__") || name.len() == key.len())
    })
}

impl Config {
    /// Read and check.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::check(Settings::read(file)?)
    }

    /// Check settings; every refusal is reported at once.
    pub fn check(settings: Settings) -> Result<Self, ConfigError> {
        let mut refused = Vec::new();
        let public_url = address(
            "public_url",
            settings.public_url.as_deref(),
            settings.public_listen,
            &mut refused,
        );
        let staff_url = address(
            "staff_url",
            settings.staff_url.as_deref(),
            settings.staff_listen,
            &mut refused,
        );
        if settings.staff_listen == settings.public_listen && settings.staff_listen.port() != 0 {
            refused.push("staff_listen and public_listen are the same; the console needs a listener of its own".into());
        }
        let trusted_proxies = proxies(&settings, &mut refused);
        check_behind_proxy(&settings, &trusted_proxies, [&public_url, &staff_url], &mut refused);
        check_transports(&settings, [&public_url, &staff_url], &mut refused);
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

/// The checked base address of a listener: as configured, or the listener's own when on loopback.
fn address(key: &str, configured: Option<&str>, listen: SocketAddr, refused: &mut Vec<String>) -> String {
    let Some(text) = configured else {
        if !listen.ip().is_loopback() {
            refused.push(format!(
                "{key} is missing: the listener {listen} can be reached from elsewhere, so say under which https:// address"
            ));
        }
        return format!("http://{listen}");
    };
    let text = text.trim_end_matches('/').to_owned();
    let parsed: Result<http::Uri, _> = text.parse();
    let Some((scheme, host)) = parsed
        .ok()
        .and_then(|uri| Some((uri.scheme_str()?.to_owned(), uri.host()?.to_owned())))
    else {
        refused.push(format!(
            "{key} = {text:?} is not an absolute address such as https://service.example.com"
        ));
        return text;
    };
    match scheme.as_str() {
        "https" => {}
        "http" if is_loopback(&host) => {
            if !listen.ip().is_loopback() {
                refused.push(format!(
                    "{key} = {text:?} is plain HTTP, but the listener {listen} can be reached from elsewhere; \
                     put a TLS proxy before it and write its https:// address"
                ));
            }
        }
        "http" => refused.push(format!(
            "{key} = {text:?} is plain HTTP on an address that is not this machine; session cookies and links would \
             travel unprotected. Put a TLS proxy before the host and write https://"
        )),
        other => refused.push(format!("{key}: {other}:// is neither http:// nor https://")),
    }
    if text.splitn(4, '/').nth(3).is_some() {
        refused.push(format!(
            "{key} = {text:?} has a path; give the host a (sub)domain of its own"
        ));
    }
    text
}

/// The networks whose `X-Forwarded-For` is believed.
fn proxies(settings: &Settings, refused: &mut Vec<String>) -> Vec<Network> {
    let mut networks = Vec::new();
    for text in &settings.trusted_proxies {
        match text.parse::<Network>() {
            Ok(network) if network.is_everything() => refused.push(format!(
                "trusted_proxies: {text:?} believes everybody, so whoever guesses passwords could choose an address; \
                 name the proxy's own address"
            )),
            Ok(network) => networks.push(network),
            Err(why) => refused.push(format!("trusted_proxies: {text:?} {why}")),
        }
    }
    networks
}

/// The host speaks plain HTTP itself, so an https:// address means a proxy; one that is not named would be taken for
/// every customer at once.
fn check_behind_proxy(settings: &Settings, proxies: &[Network], urls: [&str; 2], refused: &mut Vec<String>) {
    let [public_url, staff_url] = urls;
    let listeners = [
        ("public", public_url, settings.public_listen),
        ("staff", staff_url, settings.staff_listen),
    ];
    for (name, url, listen) in listeners {
        if url.starts_with("https://") && !listen.ip().is_loopback() && proxies.is_empty() {
            refused.push(format!(
                "{name}_url = {url:?} is served by a TLS proxy, and {name}_listen = {listen} can be reached past it: \
                 name the proxy in trusted_proxies, or listen on loopback"
            ));
        }
    }
}

fn check_transports(settings: &Settings, urls: [&str; 2], refused: &mut Vec<String>) {
    if settings.mailbox && (settings.smtp.is_some() || settings.sms.is_some() || settings.mail_dir.is_some()) {
        refused.push(
            "mailbox = true keeps every message on this machine; remove smtp, sms and mail_dir, or mailbox".into(),
        );
    }
    let elsewhere = urls.iter().any(|url| url.starts_with("https://"))
        || [settings.staff_listen, settings.public_listen]
            .iter()
            .any(|listen| !listen.ip().is_loopback());
    if settings.mailbox && elsewhere {
        refused.push(
            "mailbox = true shows every message, sign-in links too, to whoever opens the page; it is for demonstrations \
             on this machine: remove it, or keep both listeners on loopback with http:// addresses"
                .into(),
        );
    }
    if let Some(smtp) = &settings.smtp {
        if smtp.security == Security::None && !is_loopback(&smtp.host) {
            refused.push(format!(
                "smtp.security = \"none\" would send mail unprotected to {}; use starttls or tls",
                smtp.host
            ));
        }
        if smtp.username.is_some() != smtp.password.is_some() {
            refused.push("smtp.username and smtp.password belong together".into());
        }
        if !smtp.from.contains('@') {
            refused.push("smtp.from is not an e-mail address".into());
        }
        if settings.mail_dir.is_some() {
            refused.push("smtp and mail_dir are both set; e-mail goes one way only".into());
        }
    }
    if let Some(sms) = &settings.sms {
        let host = sms
            .url
            .parse::<http::Uri>()
            .ok()
            .and_then(|uri| uri.host().map(str::to_owned));
        match host {
            None => refused.push("sms.url is not an absolute address".into()),
            Some(host) if sms.url.starts_with("http://") && !is_loopback(&host) => {
                refused.push("sms.url is plain HTTP; text messages carry links, so use https://".into());
            }
            Some(_) => {}
        }
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

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests;
