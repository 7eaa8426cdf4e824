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
    const OWN: [&str; 14] = [
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
        let mut trusted_proxies = Vec::new();
        for text in &settings.trusted_proxies {
            match text.parse::<Network>() {
                Ok(network) => trusted_proxies.push(network),
                Err(why) => refused.push(format!("trusted_proxies: {text:?} {why}")),
            }
        }
        check_transports(&settings, &public_url, &mut refused);
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

fn check_transports(settings: &Settings, public_url: &str, refused: &mut Vec<String>) {
    if settings.mailbox && (settings.smtp.is_some() || settings.sms.is_some() || settings.mail_dir.is_some()) {
        refused.push(
            "mailbox = true keeps every message on this machine; remove smtp, sms and mail_dir, or mailbox".into(),
        );
    }
    if settings.mailbox && public_url.starts_with("https://") {
        refused
            .push("mailbox = true is for demonstrations on this machine; remove it when public_url is https://".into());
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
mod tests {
    use super::*;

    fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = Settings {
            data_dir: "data".into(),
            database_url: None,
            staff_listen: "127.0.0.1:8080".parse().unwrap(),
            public_listen: "127.0.0.1:8081".parse().unwrap(),
            public_url: None,
            staff_url: None,
            secret_key: None,
            trusted_proxies: Vec::new(),
            mailbox: false,
            smtp: None,
            mail_dir: None,
            sms: None,
            log: Log::default(),
            limits: Limits::default(),
        };
        change(&mut settings);
        settings
    }

    fn refusal(change: impl FnOnce(&mut Settings)) -> String {
        Config::check(settings(change)).unwrap_err().to_string()
    }

    #[test]
    fn loopback_without_any_address_is_fine_and_names_itself() {
        let config = Config::check(settings(|_| ())).unwrap();
        assert_eq!(config.public_url, "http://127.0.0.1:8081");
        assert!(!config.public_https());
    }

    #[test]
    fn plain_http_towards_the_world_is_refused() {
        assert!(refusal(|s| s.public_url = Some("http://portal.example.com".into())).contains("public_url"));
        assert!(refusal(|s| s.staff_listen = "0.0.0.0:8080".parse().unwrap()).contains("staff_url is missing"));
        assert!(
            refusal(|s| {
                s.public_listen = "0.0.0.0:8081".parse().unwrap();
                s.public_url = Some("http://127.0.0.1:8081".into());
            })
            .contains("TLS proxy")
        );
    }

    #[test]
    fn https_behind_a_proxy_is_fine() {
        let config = Config::check(settings(|s| {
            s.public_listen = "0.0.0.0:8081".parse().unwrap();
            s.public_url = Some("https://service.example.com/".into());
            s.trusted_proxies = vec!["10.0.0.0/8".into()];
        }))
        .unwrap();
        assert_eq!(config.public_url, "https://service.example.com");
        assert!(config.public_https());
    }

    #[test]
    fn every_refusal_is_told_at_once() {
        let text = refusal(|s| {
            s.public_url = Some("ftp://x".into());
            s.trusted_proxies = vec!["10.0.0.0/99".into()];
            s.secret_key = Some("short".to_owned().into());
            s.limits.requests = 0;
        });
        for part in ["ftp", "10.0.0.0/99", "secret_key", "limits.requests"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn unprotected_mail_leaves_only_to_this_machine() {
        let smtp = |host: &str| SmtpConfig {
            host: host.into(),
            port: None,
            security: Security::None,
            username: None,
            password: None,
            from: "office@example.com".into(),
            timeout_seconds: 5,
            connections: 1,
            ca_certificate: None,
        };
        assert!(refusal(|s| s.smtp = Some(smtp("mail.example.com"))).contains("smtp.security"));
        assert!(Config::check(settings(|s| s.smtp = Some(smtp("127.0.0.1")))).is_ok());
    }

    #[test]
    fn secrets_do_not_show() {
        let config = Config::check(settings(|s| {
            s.database_url = Some("postgres://user:hunter2@db/x".to_owned().into());
        }))
        .unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
