//! Text messages by HTTP POST of JSON to a gateway, or to a small bridge in front of one.
//! Request: `{"id", "to", "from", "text"}` with a bearer token and `Idempotency-Key: id`. Any 2xx is success.

use super::{ConfigError, Receipt, SendError, Transport, is_loopback, tls};
use crate::OutgoingMessage;
use async_trait::async_trait;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Most of an answer that is read.
const ANSWER_LIMIT: usize = 16 * 1024;
/// A gateway cannot keep a message waiting for longer than this by `Retry-After`.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// The `[sms]` section of the host's configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsHttpConfig {
    /// Where to POST.
    pub url: String,
    /// Sent as `Authorization: Bearer …`.
    pub token: Option<SecretString>,
    /// The number or name messages come from, if the gateway wants one.
    pub from: Option<String>,
    /// Longest time for one request, in seconds. By default 15.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
    /// A private certificate authority to trust as well, in PEM.
    pub ca_certificate: Option<String>,
}

fn default_timeout() -> u64 {
    15
}

/// Sends text messages through an HTTP gateway.
pub struct SmsHttpTransport {
    client: Client,
    url: Url,
    token: Option<SecretString>,
    from: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    text: &'a str,
}

impl SmsHttpTransport {
    /// Set up; connects when the first message comes.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn new(config: &SmsHttpConfig) -> Result<Self, ConfigError> {
        let url: Url = config
            .url
            .parse()
            .map_err(|_| ConfigError(format!("sms.url “{}” is no address", config.url)))?;
        match url.scheme() {
            "https" => {}
            "http" if config.token.is_none() || url.host_str().is_some_and(is_loopback) => {}
            "http" => {
                let message = "sms.url must be https: a token does not go over an open network";
                return Err(ConfigError(message.to_owned()));
            }
            other => return Err(ConfigError(format!("sms.url must be https, not {other}"))),
        }
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client_config(config.ca_certificate.as_deref())?)
            .timeout(Duration::from_secs(config.timeout_seconds.max(1)))
            // A redirect would carry the token and the customer's number to an address nobody configured.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("host-harness/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ConfigError(format!("sms: the HTTP client cannot be set up: {error}")))?;
        Ok(Self {
            client,
            url,
            token: config.token.clone(),
            from: config.from.clone(),
        })
    }
}

#[async_trait]
impl Transport for SmsHttpTransport {
    fn name(&self) -> &'static str {
        "sms"
    }

    async fn send(&self, message: &OutgoingMessage) -> Result<Receipt, SendError> {
        let to = dialable(&message.to)
            .ok_or_else(|| SendError::permanent(format!("“{}” is no phone number", message.to)))?;
        let body = Body {
            id: &message.id,
            to: &to,
            from: self.from.as_deref(),
            text: &message.text,
        };
        let mut request = self
            .client
            .post(self.url.clone())
            .header("idempotency-key", &message.id)
            .json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let response = request.send().await.map_err(|error| {
            // Without the address: it may hold a key of the gateway's.
            SendError::transient(format!("the SMS gateway cannot be reached: {}", error.without_url()))
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = read_answer(response).await;
        if status.is_success() {
            return Ok(Receipt {
                reference: reference(&answer),
            });
        }
        Err(judge(status, &headers, &answer))
    }
}

/// Whether trying again can help.
fn judge(status: StatusCode, headers: &HeaderMap, answer: &str) -> SendError {
    let reason = format!("the SMS gateway answered {}: {}", status.as_u16(), excerpt(answer));
    match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {}
        // About our credentials, not about the message: once they are put right, every waiting message can leave.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {}
        _ if status.is_client_error() => return SendError::Permanent(reason),
        _ => {}
    }
    SendError::Transient {
        reason,
        retry_after: retry_after(headers),
    }
}

/// `Retry-After` in seconds. Its date form is rare and needs a trustworthy clock on both sides: the back-off serves.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

/// The start of the answer; none of it if it breaks off, as the status line has said what matters.
async fn read_answer(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= ANSWER_LIMIT {
            bytes.truncate(ANSWER_LIMIT);
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The gateway's own id of the message, under the names that gateways use.
fn reference(answer: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(answer).unwrap_or_default();
    let found = ["id", "message_id", "messageId", "sid"]
        .into_iter()
        .find_map(|key| json.get(key));
    match found {
        Some(serde_json::Value::String(id)) => excerpt(id),
        Some(serde_json::Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}

fn excerpt(answer: &str) -> String {
    answer
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect()
}

/// The digits of a number, with a leading plus; none if it cannot be one.
fn dialable(number: &str) -> Option<String> {
    let number = number.trim();
    let (plus, rest) = number.strip_prefix('+').map_or(("", number), |rest| ("+", rest));
    let mut digits = String::new();
    for c in rest.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '/' => {}
            _ => return None,
        }
    }
    (3..=15).contains(&digits.len()).then(|| format!("{plus}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_their_decoration_and_nothing_else_is_a_number() {
        assert_eq!(dialable(" (303) 555-0142 ").as_deref(), Some("3035550142"));
        assert_eq!(dialable("+44 20 7946 0958").as_deref(), Some("+442079460958"));
        for text in [
            "",
            "12",
            "303-555-0142 ext. 5",
            "dana@whitfield.example",
            "1234567890123456",
            "++1 303 555",
        ] {
            assert_eq!(dialable(text), None, "{text}");
        }
    }

    #[test]
    fn a_token_needs_https_beyond_this_machine() {
        let config = |url: &str, token: Option<&str>| SmsHttpConfig {
            url: url.to_owned(),
            token: token.map(SecretString::from),
            from: None,
            timeout_seconds: 5,
            ca_certificate: None,
        };
        assert!(SmsHttpTransport::new(&config("http://gateway.example/sms", Some("t"))).is_err());
        assert!(SmsHttpTransport::new(&config("ftp://gateway.example/sms", None)).is_err());
        assert!(SmsHttpTransport::new(&config("nonsense", None)).is_err());
        assert!(SmsHttpTransport::new(&config("http://127.0.0.1:9/sms", Some("t"))).is_ok());
        assert!(SmsHttpTransport::new(&config("https://gateway.example/sms", Some("t"))).is_ok());
    }
}
