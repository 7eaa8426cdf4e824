//! What a configuration is refused for, and what passes.
//! Each unsafe combination is named by its setting.

use super::*;
use messaging::transport::smtp::Security;

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
        passwords: PasswordHashing::default(),
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
fn an_https_address_on_an_open_listener_names_its_proxy() {
    for (name, open) in [("staff", "0.0.0.0:8080"), ("public", "[::]:8081")] {
        let text = refusal(|s| {
            s.public_url = Some("https://my.example.com".into());
            s.staff_url = Some("https://office.example.com".into());
            match name {
                "staff" => s.staff_listen = open.parse().unwrap(),
                _ => s.public_listen = open.parse().unwrap(),
            }
        });
        assert!(text.contains(&format!("{name}_listen = {open}")), "{text}");
        assert!(text.contains("trusted_proxies"), "{text}");
    }
}

#[test]
fn nobody_trusts_everybody() {
    for everybody in ["0.0.0.0/0", "::/0", "0.0.0.0/1", "::/8"] {
        let text = refusal(|s| s.trusted_proxies = vec!["10.0.0.1".into(), everybody.into()]);
        assert!(text.contains(everybody) && text.contains("trusted_proxies"), "{text}");
    }
    for network in ["10.0.0.0/8", "fd00::/8", "127.0.0.1", "::1"] {
        Config::check(settings(|s| s.trusted_proxies = vec![network.into()])).unwrap();
    }
}

#[test]
fn a_proxy_on_this_machine_that_is_not_named_is_known() {
    let behind = |proxies: &[&str]| {
        Config::check(settings(|s| {
            s.public_url = Some("https://my.example.com".into());
            s.trusted_proxies = proxies.iter().map(|text| (*text).to_owned()).collect();
        }))
        .unwrap()
        .unnamed_proxies()
    };
    assert_eq!(behind(&[]), ["public"]);
    assert_eq!(behind(&["10.0.0.0/8"]), ["public"]);
    assert!(behind(&["127.0.0.1"]).is_empty());
    let plain = Config::check(settings(|_| ())).unwrap();
    assert!(plain.unnamed_proxies().is_empty());
}

#[test]
fn the_mailbox_stays_on_this_machine() {
    assert!(Config::check(settings(|s| s.mailbox = true)).is_ok());
    for open in [
        |s: &mut Settings| s.public_url = Some("https://my.example.com".into()),
        |s: &mut Settings| s.staff_url = Some("https://office.example.com".into()),
        |s: &mut Settings| s.staff_listen = "0.0.0.0:8080".parse().unwrap(),
    ] {
        let text = refusal(|s| {
            s.mailbox = true;
            open(s);
        });
        assert!(text.contains("mailbox = true"), "{text}");
    }
}

#[test]
fn weak_password_hashing_is_refused_by_its_key() {
    let text = refusal(|s| (s.passwords.memory_kib, s.passwords.passes, s.passwords.queue) = (19_455, 1, 0));
    for key in [
        "passwords.memory_kib: 19455",
        "passwords.passes: 1",
        "passwords.queue: 0",
    ] {
        assert!(text.contains(key), "{key} in {text}");
    }
    let stronger = Config::check(settings(|s| s.passwords.memory_kib = 65_536)).unwrap();
    assert_eq!(stronger.settings.passwords.memory_kib, 65_536);
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
fn behind_https_the_console_has_a_host_of_its_own() {
    let pair = |staff: &str, public: &str| {
        Config::check(settings(|s| {
            s.staff_url = Some(staff.into());
            s.public_url = Some(public.into());
        }))
    };
    for (staff, public) in [
        ("https://www.example.com", "https://www.example.com"),
        ("https://www.example.com:8443", "https://WWW.example.com"),
        ("https://localhost:1", "http://localhost:2"),
        ("HTTPS://[::1]:1", "https://[::1]:2"),
    ] {
        let text = pair(staff, public).unwrap_err().to_string();
        assert!(text.contains("have the same host"), "{staff} {public}: {text}");
    }
    pair("https://office.example.com", "https://my.example.com").unwrap();
    pair("http://localhost:8080", "http://localhost:8081").unwrap();
}

#[test]
fn an_address_is_scheme_host_and_port_only() {
    for address in [
        "https://kim:hunter2@my.example.com",
        "https://my.example.com?a=b",
        "https://my.example.com#top",
        "https://my.example.com/?",
    ] {
        for key in ["staff_url", "public_url"] {
            let text = refusal(|s| match key {
                "staff_url" => s.staff_url = Some(address.into()),
                _ => s.public_url = Some(address.into()),
            });
            assert!(
                text.contains(&format!("{key} may hold only scheme, host and port")),
                "{text}"
            );
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
    for address in ["https://my.example.com:99999", "https://my.example.com:"] {
        assert!(refusal(|s| s.public_url = Some(address.into())).contains("not an absolute address"));
    }
    assert!(refusal(|s| s.public_url = Some("https://my.example.com/a".into())).contains("has a path"));
    let shouted = Config::check(settings(|s| s.public_url = Some("HTTPS://My.Example.com:8443/".into()))).unwrap();
    assert_eq!(shouted.public_url, "https://my.example.com:8443");
    assert!(shouted.public_https());
}

fn read(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    Settings::read_from(None, variables.iter().map(|(name, text)| (name.into(), text.into())))
}

#[test]
fn a_variable_keeps_its_text_whatever_it_looks_like() {
    let settings = read(&[
        ("HOST_SMTP__HOST", "true"),
        ("HOST_SMTP__FROM", "office@example.com"),
        ("HOST_SMTP__USERNAME", "007"),
        ("HOST_SMTP__PASSWORD", "12345678"),
        ("HOST_SMTP__PORT", "2525"),
        ("HOST_SMTP__CONNECTIONS", "2"),
        ("HOST_SMS__URL", "https://sms.example.com"),
        ("HOST_SMS__FROM", "+15550100"),
        ("HOST_SMS__TOKEN", "[\"1\"] "),
        ("HOST_SMS__TIMEOUT_SECONDS", "7"),
        ("HOST_SECRET_KEY", "\"0.5\""),
        ("HOST_LIMITS__REQUESTS", "7"),
        ("HOST_PASSWORDS__PASSES", "3"),
        ("host_mailbox", "true"),
        ("HOST_HARNESS_BIN", "/of/somebody/else"),
        ("HOST_LOG", "trace"),
    ])
    .unwrap();
    let (smtp, sms) = (settings.smtp.unwrap(), settings.sms.unwrap());
    assert_eq!((smtp.host.as_str(), smtp.username.as_deref()), ("true", Some("007")));
    assert_eq!(smtp.password.unwrap().expose_secret(), "12345678");
    assert_eq!((smtp.port, smtp.connections, sms.timeout_seconds), (Some(2525), 2, 7));
    assert_eq!(sms.from.as_deref(), Some("+15550100"));
    assert_eq!(sms.token.unwrap().expose_secret(), "[\"1\"] ");
    assert_eq!(settings.secret_key.unwrap().expose_secret(), "\"0.5\"");
    assert_eq!((settings.limits.requests, settings.passwords.passes), (7, 3));
    assert!(settings.mailbox);
    assert_eq!(settings.log.filter, "info");
}

#[test]
fn proxies_come_as_a_list_with_and_without_brackets() {
    for (text, proxies) in [
        ("10.0.0.1", &["10.0.0.1"][..]),
        ("10.0.0.1, fd00::/8", &["10.0.0.1", "fd00::/8"]),
        ("[\"127.0.0.1\", \"::1\"]", &["127.0.0.1", "::1"]),
        ("", &[]),
    ] {
        assert_eq!(
            read(&[("HOST_TRUSTED_PROXIES", text)]).unwrap().trusted_proxies,
            proxies
        );
    }
}

#[test]
fn a_setting_that_cannot_be_read_is_named_with_its_place() {
    for (name, text, words) in [
        (
            "HOST_LIMITS__REQUESTS",
            "many",
            "limits.requests is text, expected a whole number (HOST_LIMITS__REQUESTS)",
        ),
        (
            "HOST_MAILBOX",
            "1",
            "mailbox is a whole number, expected true or false (HOST_MAILBOX)",
        ),
        (
            "HOST_LOG__FORMAT",
            "jsn",
            "log.format = \"jsn\" is none of text, json (HOST_LOG__FORMAT)",
        ),
        ("HOST_LOG__LEVEL", "info", "log.level is no setting (HOST_LOG__LEVEL)"),
        (
            "HOST_STAFF_LISTEN",
            "8080",
            "staff_listen: invalid socket address syntax (HOST_STAFF_LISTEN)",
        ),
        (
            "HOST_LIMITS__DATABASE_CONNECTIONS",
            "5000000000",
            "limits.database_connections = 5000000000 is too large",
        ),
        ("HOST_SMTP__HOST", "mail.example.com", "smtp.from is missing"),
    ] {
        let told = read(&[(name, text)]).unwrap_err().to_string();
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_secret_in_a_file_is_never_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("host.toml");
    for (text, words) in [
        ("[smtp]\npassword = 12345678\n", "smtp.password is a whole number"),
        ("smtp = \"smtp://kim:12345678@mail.example.com\"\n", "smtp is text"),
        ("[sms]\ntoken = [\"12345678\"]\n", "sms.token is a list"),
        ("secret_key = \"12345678\n", "line 1"),
        ("data_dir = \"x\"\nsecret_key = 'abc12345678\"\n", "line 2"),
    ] {
        std::fs::write(&file, text).unwrap();
        let told = Settings::read_from(Some(&file), []).unwrap_err().to_string();
        assert!(told.contains(words) && told.contains("host.toml"), "{told}");
        assert!(!told.contains("12345678"), "{told}");
    }
}

#[test]
fn a_filter_that_would_silence_the_log_is_refused() {
    for (filter, named) in [
        ("inof", "\"inof\""),
        ("info,sqlx", "\"sqlx\""),
        ("", "\"\""),
        ("gibberish=,,=", "\"\""),
        ("sqlx=wran", "sqlx=wran"),
        ("info,=", "info,="),
        ("info, warn", "has spaces"),
    ] {
        let text = refusal(|s| s.log.filter = filter.into());
        assert!(text.contains("log.filter") && text.contains(named), "{filter}: {text}");
    }
    for filter in [
        "info",
        "WARN",
        "off",
        "info,sqlx=warn",
        "info,host_harness::web=debug",
        "debug,hyper=off",
    ] {
        Config::check(settings(|s| s.log.filter = filter.into())).unwrap();
    }
}

#[test]
fn what_a_transport_refuses_is_refused_before_serving() {
    let smtp = |from: &str, pem: Option<&str>| SmtpConfig {
        host: "mail.example.com".into(),
        port: None,
        security: Security::StartTls,
        username: None,
        password: None,
        from: from.into(),
        timeout_seconds: 5,
        connections: 1,
        ca_certificate: pem.map(str::to_owned),
    };
    let sms = |url: &str, pem: Option<&str>| SmsHttpConfig {
        url: url.into(),
        token: None,
        from: None,
        timeout_seconds: 5,
        ca_certificate: pem.map(str::to_owned),
    };
    let office = "Office <office@example.com>";
    for from in ["a b@@", "office", ""] {
        assert!(refusal(|s| s.smtp = Some(smtp(from, None))).contains("smtp.from"));
    }
    for url in ["ftp://sms.example.com", "nonsense"] {
        assert!(refusal(|s| s.sms = Some(sms(url, None))).contains("sms.url"));
    }
    for pem in ["garbage", "", "-----BEGIN CERTIFICATE-----\nx", "/etc/ssl/own.pem"] {
        assert!(refusal(|s| s.smtp = Some(smtp(office, Some(pem)))).contains("smtp.ca_certificate"));
        assert!(refusal(|s| s.sms = Some(sms("https://sms.example.com", Some(pem)))).contains("sms.ca_certificate"));
    }
    Config::check(settings(|s| {
        s.smtp = Some(smtp(office, None));
        s.sms = Some(sms("https://sms.example.com", None));
    }))
    .unwrap();
}

#[test]
fn secrets_do_not_show() {
    let config = Config::check(settings(|s| {
        s.database_url = Some("postgres://user:hunter2@db/x".to_owned().into());
    }))
    .unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}
