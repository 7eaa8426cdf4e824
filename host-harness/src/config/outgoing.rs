//! What is refused of the ways out: e-mail, text messages, the mailbox, the log.
//! The transports themselves are set up on trial, so that a check refuses what serving would.

use super::{Settings, addresses::is_loopback};
use messaging::{
    EmailIdentity,
    transport::{
        sms_http::{SmsHttpConfig, SmsHttpTransport},
        smtp::{Security, SmtpConfig, SmtpTransport},
    },
};
use tracing_subscriber::EnvFilter;

/// Every refusal about messages.
pub(super) fn check_transports(settings: &Settings, urls: [&str; 2], refused: &mut Vec<String>) {
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
        check_smtp(smtp, refused);
        if settings.mail_dir.is_some() {
            refused.push("smtp and mail_dir are both set; e-mail goes one way only".into());
        }
    }
    if let Some(sms) = &settings.sms {
        check_sms(sms, refused);
    }
}

fn check_smtp(smtp: &SmtpConfig, refused: &mut Vec<String>) {
    let before = refused.len();
    if smtp.security == Security::None && !is_loopback(&smtp.host) {
        refused.push(format!(
            "smtp.security = \"none\" would send mail unprotected to {}; use starttls or tls",
            smtp.host
        ));
    }
    if smtp.username.is_some() != smtp.password.is_some() {
        refused.push("smtp.username and smtp.password belong together".into());
    }
    if let Err(error) = EmailIdentity::new(&smtp.from) {
        refused.push(format!("smtp.from: {error}"));
    }
    // It would stop at the first of those named already.
    if refused.len() == before
        && let Err(error) = SmtpTransport::new(smtp)
    {
        refused.push(error.to_string());
    }
}

fn check_sms(sms: &SmsHttpConfig, refused: &mut Vec<String>) {
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
        Some(_) => {
            if let Err(error) = SmsHttpTransport::new(sms) {
                refused.push(error.to_string());
            }
        }
    }
}

/// A log filter that would silence the log, or mean something else than it says, by a slip.
pub(super) fn check_filter(filter: &str, refused: &mut Vec<String>) {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let before = refused.len();
    if filter.contains(char::is_whitespace) {
        refused.push(format!(
            "log.filter = {filter:?} has spaces; write it without, such as info,sqlx=warn"
        ));
    }
    for part in filter.split(',').map(str::trim) {
        // A word alone is read as a module, of which everything is logged, and nothing of all others.
        if !part.contains('=') && !LEVELS.iter().any(|level| part.eq_ignore_ascii_case(level)) {
            refused.push(format!(
                "log.filter: {part:?} is no level; write off, error, warn, info, debug or trace, or module=level"
            ));
        }
    }
    if refused.len() == before
        && let Err(error) = EnvFilter::try_new(filter)
    {
        refused.push(format!(
            "log.filter = {filter:?} cannot be read ({error}); write a level, or such as info,sqlx=warn"
        ));
    }
}
