//! E-mail over SMTP, by lettre: plain on this machine, STARTTLS or TLS everywhere else, connections kept open.
//! The server's reply code decides whether a failure is for good.

use super::{ConfigError, Receipt, SendError, Transport, is_loopback, tls};
use crate::OutgoingMessage;
use crate::email::EmailIdentity;
use async_trait::async_trait;
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};

/// Servers hang up on idle clients; an older connection is not worth a try.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all: only for a relay on this machine or a trusted network. Never with a password beyond this machine.
    None,
    /// Upgraded by STARTTLS, and refused if the server does not offer it. Port 587.
    #[default]
    StartTls,
    /// TLS from the first byte. Port 465.
    Tls,
}

/// The `[smtp]` section of the host's configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// The server's name or address.
    pub host: String,
    /// Its port; by default 25, 587 or 465, as `security` says.
    pub port: Option<u16>,
    /// `none`, `starttls` (the default) or `tls`.
    #[serde(default)]
    pub security: Security,
    /// With `password`: sign in.
    pub username: Option<String>,
    /// With `username`: sign in.
    pub password: Option<SecretString>,
    /// The sender, as `Name <address>`.
    pub from: String,
    /// Longest time to hand one message over, in seconds, from connecting to the server's word for it. By default 30.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
    /// Most connections at a time. By default 4.
    #[serde(default = "default_connections")]
    pub connections: u32,
    /// A private certificate authority to trust as well, in PEM.
    pub ca_certificate: Option<String>,
}

fn default_timeout() -> u64 {
    30
}

fn default_connections() -> u32 {
    4
}

/// Sends e-mail through one SMTP server.
///
/// Connections are pooled here and not by lettre: its pool takes a connection back even when a send was cut off in the
/// middle, and the late answer to one message would then be read as the answer to the next.
pub struct SmtpTransport {
    identity: EmailIdentity,
    host: String,
    port: u16,
    security: Security,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
    timeout: Duration,
    /// One permit per connection.
    places: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

/// A connection between two messages.
struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl SmtpTransport {
    /// Set up; connects when the first message comes.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn new(config: &SmtpConfig) -> Result<Self, ConfigError> {
        let identity = EmailIdentity::new(&config.from)?;
        let usual_port = match config.security {
            Security::None => 25,
            Security::StartTls => 587,
            Security::Tls => 465,
        };
        let credentials = match (&config.username, &config.password) {
            (Some(_), Some(_)) if config.security == Security::None && !is_loopback(&config.host) => {
                let message = "smtp: a password does not go over an open network: set security to starttls or tls";
                return Err(ConfigError(message.to_owned()));
            }
            (Some(username), Some(password)) => {
                Some(Credentials::new(username.clone(), password.expose_secret().to_owned()))
            }
            (None, None) => None,
            _ => return Err(ConfigError("smtp: username and password go together".to_owned())),
        };
        if let Some(pem) = &config.ca_certificate {
            tls::certificates("smtp.ca_certificate", pem)?;
        }
        Ok(Self {
            identity,
            host: config.host.clone(),
            port: config.port.unwrap_or(usual_port),
            security: config.security,
            tls: (config.security != Security::None)
                .then(|| tls_parameters(config))
                .transpose()?,
            credentials,
            hello: ClientId::default(),
            timeout: Duration::from_secs(config.timeout_seconds.max(1)),
            places: Semaphore::new(config.connections.clamp(1, 1_000) as usize),
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Hand one message over. The connection is in nobody else's hands until the answer is there: if this is cut off,
    /// the connection is closed and never used again.
    async fn hand_over(&self, composed: &Message) -> Result<Receipt, Trouble> {
        let mut connection = match self.take_idle().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let response = connection.send(composed.envelope(), &composed.formatted()).await?;
        let since = Instant::now();
        self.idle.lock().await.push(Idle { connection, since });
        Ok(Receipt {
            reference: response.message().collect::<Vec<_>>().join(" "),
        })
    }

    async fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let Idle { mut connection, since } = self.idle.lock().await.pop()?;
            if since.elapsed() < IDLE_LIMIT && connection.test_connected().await {
                return Some(connection);
            }
            connection.abort().await;
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Trouble> {
        let server = (self.host.as_str(), self.port);
        let wrapper = self.tls.clone().filter(|_| self.security == Security::Tls);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &self.hello, wrapper, None).await?;
        if let (Security::StartTls, Some(tls)) = (self.security, &self.tls) {
            if !connection.can_starttls() {
                connection.abort().await;
                return Err(Trouble::NoStartTls);
            }
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

fn tls_parameters(config: &SmtpConfig) -> Result<TlsParameters, ConfigError> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.ca_certificate {
        let certificate = Certificate::from_pem(pem.as_bytes())
            .map_err(|error| ConfigError(format!("smtp.ca_certificate is no PEM certificate: {error}")))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder
        .build_rustls()
        .map_err(|error| ConfigError(format!("smtp: TLS cannot be set up: {error}")))
}

#[async_trait]
impl Transport for SmtpTransport {
    fn name(&self) -> &'static str {
        "smtp"
    }

    async fn send(&self, message: &OutgoingMessage) -> Result<Receipt, SendError> {
        let composed = self.identity.compose(message)?;
        // The wait for a place is not the server's fault and does not count.
        let place = self
            .places
            .acquire()
            .await
            .map_err(|_| SendError::transient("the mail transport is closed"))?;
        let handed_over = timeout(self.timeout, self.hand_over(&composed)).await;
        drop(place);
        match handed_over {
            Ok(Ok(receipt)) => Ok(receipt),
            Ok(Err(Trouble::Smtp(error))) => Err(judge(&error, message)),
            Ok(Err(Trouble::NoStartTls)) => Err(SendError::transient("the mail server does not offer STARTTLS")),
            Err(_) => {
                let seconds = self.timeout.as_secs();
                Err(SendError::transient(format!(
                    "the mail server did not take the message within {seconds} s"
                )))
            }
        }
    }
}

/// Why a message was not handed over.
enum Trouble {
    Smtp(Error),
    NoStartTls,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Smtp(error)
    }
}

/// Whether trying again can help.
fn judge(error: &Error, message: &OutgoingMessage) -> SendError {
    let reason = format!("the mail server said: {error}");
    match error.status().map(u16::from) {
        // 53x is about our own sign-in: once the operator has put it right, every waiting message can leave.
        Some(530..=538) => SendError::transient(reason),
        Some(500..) => SendError::Permanent(reason),
        Some(_) => SendError::transient(reason),
        // Before any reply: the server cannot take such an address at all.
        None if error.is_client() && !message.to.is_ascii() => SendError::Permanent(reason),
        None => SendError::transient(format!("the mail server cannot be reached: {error}")),
    }
}
