//! What a configuration is refused for, and what passes.
//! Each unsafe combination is named by its setting.

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
fn secrets_do_not_show() {
    let config = Config::check(settings(|s| {
        s.database_url = Some("postgres://user:hunter2@db/x".to_owned().into());
    }))
    .unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}
