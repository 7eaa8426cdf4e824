//! `host-harness doctor`: is everything there that serving needs?
//! Each line says what was looked at, how it is and, when it is not well, what to do.

use crate::{
    config::{Config, Settings},
    plugins::PluginHost,
    private::{self, Exposure},
    serve,
};
use std::{fmt::Display, io::Write, path::Path, time::Duration};

struct Report {
    healthy: bool,
}

impl Report {
    fn fine(&mut self, what: &str, how: impl Display) {
        let _ = writeln!(std::io::stdout(), "ok    {what:<14} {how}");
    }

    fn note(&mut self, what: &str, how: impl Display) {
        let _ = writeln!(std::io::stdout(), "note  {what:<14} {how}");
    }

    fn bad(&mut self, what: &str, how: impl Display) {
        self.healthy = false;
        let _ = writeln!(std::io::stdout(), "BAD   {what:<14} {how}");
    }
}

/// Look at everything; true when the host can serve. `file` is where the settings were read from.
pub async fn run(settings: Settings, file: Option<&Path>) -> bool {
    let mut report = Report { healthy: true };
    let config = match Config::check(settings) {
        Ok(config) => config,
        Err(error) => {
            report.bad("configuration", error);
            return false;
        }
    };
    report.fine(
        "configuration",
        format!("staff {}, public {}", config.staff_url, config.public_url),
    );
    data_folder(&mut report, &config);
    private_files(&mut report, &config, file);
    proxies(&mut report, &config);
    passwords(&mut report, &config);
    listeners(&mut report, &config).await;
    match serve::open_platform(&config).await {
        Ok(platform) => {
            match platform.ready().await {
                Ok(()) => report.fine("database", format!("{} answers, schema up to date", platform.engine())),
                Err(error) => report.bad("database", error),
            }
            if matches!(platform.staff().anybody().await, Ok(false)) {
                report.note(
                    "staff",
                    "nobody can sign in yet: `serve` prints a link for the first administrator",
                );
            }
            match PluginHost::open(platform.clone(), Some(&config.settings.data_dir.join("compiled"))).await {
                Ok(plugins) => {
                    if plugins.pooling() {
                        report.fine("memory pool", "instances are taken from a pool");
                    } else {
                        report.note(
                            "memory pool",
                            "not enough address space: instances are made on demand, which is slower",
                        );
                    }
                    match plugins.installed().await {
                        Ok(installed) => {
                            for plugin in installed {
                                let words = format!("{} {}", plugin.manifest.name, plugin.version);
                                if plugin.loaded {
                                    report.fine("plugin", words)
                                } else {
                                    report.bad("plugin", format!("{words} does not load"))
                                }
                            }
                        }
                        Err(error) => report.bad("plugins", error),
                    }
                }
                Err(error) => report.bad("plugin engine", format!("{error:#}")),
            }
            platform.close().await;
        }
        Err(error) => report.bad("database", format!("{error:#}")),
    }
    transports(&mut report, &config).await;
    report.healthy
}

fn data_folder(report: &mut Report, config: &Config) {
    let folder = &config.settings.data_dir;
    let probe = folder.join(".doctor");
    let tried = private::make_folder(folder)
        .and_then(|()| std::fs::write(&probe, b"x"))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => report.fine("data folder", format!("{} can be written", folder.display())),
        Err(error) => report.bad(
            "data folder",
            format!("{} cannot be written: {error}", folder.display()),
        ),
    }
}

/// Secrets and customers' data that other users of this machine can read.
fn private_files(report: &mut Report, config: &Config, file: Option<&Path>) {
    let folder = &config.settings.data_dir;
    let key = folder.join("secret.key");
    if config.settings.secret_key.is_none() && private::exposure(&key) > Exposure::None {
        report.bad(
            "signing key",
            format!("{} can be read by others: chmod 600 {}", key.display(), key.display()),
        );
    }
    if private::exposure(folder) == Exposure::Everybody {
        report.bad(
            "data folder",
            format!(
                "every user of this machine can enter {}: chmod 700 {}",
                folder.display(),
                folder.display()
            ),
        );
    }
    if let Some(file) = file
        && config.has_secrets()
        && private::exposure(file) == Exposure::Everybody
    {
        report.bad(
            "host.toml",
            format!(
                "{} holds secrets and every user of this machine can read it: chmod 600",
                file.display()
            ),
        );
    }
}

fn proxies(report: &mut Report, config: &Config) {
    for listener in config.unnamed_proxies() {
        report.bad(
            "proxy",
            format!(
                "{listener}_url is https://, but trusted_proxies does not name the TLS proxy on this machine: all \
                 visitors seem to come from one address, and wrong passwords of one make all of them wait"
            ),
        );
    }
    if config.public_https() && config.staff_https() && config.unnamed_proxies().is_empty() {
        report.fine(
            "proxy",
            "https:// addresses, HSTS and Secure cookies, trusted_proxies named",
        );
    } else if !config.public_https() || !config.staff_https() {
        report.note("proxy", "plain HTTP: this machine only");
    }
}

fn passwords(report: &mut Report, config: &Config) {
    let hashing = &config.settings.passwords;
    report.fine(
        "passwords",
        format!(
            "argon2id with {} KiB, {} passes; {} at once take {} MiB at most",
            hashing.memory_kib,
            hashing.passes,
            hashing.parallel,
            (u64::from(hashing.memory_kib) * hashing.parallel as u64).div_ceil(1024),
        ),
    );
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if hashing.parallel > cores {
        report.note(
            "passwords",
            format!(
                "passwords.parallel = {} is more than the {cores} processors here: each hash only takes longer",
                hashing.parallel
            ),
        );
    }
}

async fn listeners(report: &mut Report, config: &Config) {
    for (name, address, setting) in [
        ("staff console", config.settings.staff_listen, "staff_listen"),
        ("public", config.settings.public_listen, "public_listen"),
    ] {
        match serve::bind(name, address, setting).await {
            Ok(_) => report.fine(name, format!("{address} is free")),
            // A running host is the usual reason; that is no illness.
            Err(error) => report.note(name, error),
        }
    }
}

async fn transports(report: &mut Report, config: &Config) {
    let settings = &config.settings;
    if settings.mailbox {
        report.note("e-mail, SMS", "kept in the mailbox page, nothing leaves this machine");
        return;
    }
    match (&settings.smtp, &settings.mail_dir) {
        (Some(smtp), _) => {
            let default = match smtp.security {
                messaging::transport::smtp::Security::None => 25,
                messaging::transport::smtp::Security::StartTls => 587,
                messaging::transport::smtp::Security::Tls => 465,
            };
            let (host, port) = (smtp.host.as_str(), smtp.port.unwrap_or(default));
            let connecting = tokio::net::TcpStream::connect((host, port));
            match tokio::time::timeout(Duration::from_secs(5), connecting).await {
                Ok(Ok(_)) => report.fine("mail server", format!("{host}:{port} takes connections")),
                Ok(Err(error)) => report.bad("mail server", format!("{host}:{port} does not answer: {error}")),
                Err(_) => report.bad("mail server", format!("{host}:{port} does not answer within 5 seconds")),
            }
        }
        (None, Some(folder)) => report.note("e-mail", format!("written into {}", folder.display())),
        (None, None) => report.note(
            "e-mail",
            "not configured: messages wait in the outbox ([smtp] in host.toml)",
        ),
    }
    match &settings.sms {
        // Only the host: the address may hold a key of the gateway's.
        Some(sms) => {
            let uri = sms.url.parse::<http::Uri>().ok();
            let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
            report.fine("SMS", format!("posted to {host}"));
        }
        None => report.note(
            "SMS",
            "not configured: messages wait in the outbox ([sms] in host.toml)",
        ),
    }
}
