//! The program as its operator meets it: the way into a new installation, checking the log, files others can read.
//! Each test starts the real binary in a folder of its own.

use crate::running::{Running, call};
use platform::{Actor, CompanyDetails, Platform, PlatformConfig, Role, SecretKey, SignInProof, SystemClock};
use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::Arc,
};

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-harness"));
    command.current_dir(folder).env("HOST_DATA_DIR", folder.join("data"));
    for listener in ["HOST_STAFF_LISTEN", "HOST_PUBLIC_LISTEN"] {
        command.env(listener, format!("127.0.0.1:{}", free_port()));
    }
    command
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = program(folder).args(arguments).output().unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    (status.code().unwrap(), said)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A host being served; killed when the test ends.
struct Served(Child);

impl Served {
    fn start(folder: &Path) -> Self {
        let child = program(folder)
            .arg("serve")
            .env("HOST_LOG__FORMAT", "json")
            .env("HOST_LOG__FILTER", "debug")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// Everything it wrote into its log.
    fn end(mut self) -> String {
        self.0.kill().unwrap();
        let mut log = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Ended already when the test went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_new_installation_prints_the_way_in_and_keeps_it_out_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = Served::start(folder.path());
    let mut lines = BufReader::new(served.0.stdout.take().unwrap()).lines();
    let link = lines
        .find_map(|line| {
            let line = line.unwrap();
            line.contains("/sign-in/b/").then(|| line.trim().to_owned())
        })
        .expect("the host ended without a link");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let page = client.get(&link).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let post = async || {
        let form = [
            ("name", "Kim"),
            ("email", "kim@host.example"),
            ("password", "correct horse battery"),
        ];
        let body = crate::running::encode(&form);
        client
            .post(&link)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!((post().await, post().await), (303, 410));
    let log = served.end();
    let token = link.rsplit('/').next().unwrap();
    assert!(log.contains("\"request\""), "{log}");
    assert!(!log.contains(token), "the token is in the log");
}

/// A data folder with the company `acme`, a member and a few entries in the log.
async fn with_entries(folder: &Path) {
    let data = folder.join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let platform = Platform::open(PlatformConfig {
        database_url: format!("sqlite://{}", data.join("host.db").display()),
        files_dir: data.join("files"),
        secret_key: SecretKey::random().unwrap(),
        public_url: "http://127.0.0.1:8081".into(),
        email: false,
        sms: false,
        connections: 2,
        passwords: platform::PasswordHashing::default(),
        clock: Arc::new(SystemClock),
    })
    .await
    .unwrap();
    let details = CompanyDetails {
        slug: "acme".into(),
        name: "Acme Heating".into(),
        locale: "en-US".into(),
        time_zone: "America/Denver".into(),
        currency: "USD".into(),
        ..CompanyDetails::default()
    };
    let company = platform.companies().create(details, &Actor::system()).await.unwrap();
    for (name, company_id, role) in [
        ("Marta Ruiz", Some(company.id.clone()), Role::CompanyAdmin),
        ("Kim Park", None, Role::PlatformAdmin),
    ] {
        let new = platform::NewStaff {
            company_id,
            email: format!("{}@acme.example", name.replace(' ', ".")),
            name: name.into(),
            role,
        };
        platform.staff().create(new, &Actor::system()).await.unwrap();
    }
    platform.close().await;
}

#[tokio::test]
async fn a_log_that_was_altered_is_found_by_the_command() {
    let folder = tempfile::tempdir().unwrap();
    with_entries(folder.path()).await;
    let (code, said) = run(folder.path(), &["audit", "verify"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("ok    acme: 2 entries, head acme:2:") && said.contains("ok    @installation: 1 entries"),
        "{said}"
    );
    let head = said
        .split_whitespace()
        .find(|word| word.starts_with("acme:2:"))
        .unwrap()
        .to_owned();
    let (code, said) = run(
        folder.path(),
        &["audit", "verify", "--company", "acme", "--head", &head],
    );
    assert_eq!(code, 0, "{said}");
    let foreign = format!("acme:2:{}", "0".repeat(64));
    let (code, said) = run(folder.path(), &["audit", "verify", "--head", &foreign]);
    assert!(
        code == 1 && said.contains("BAD   acme: entry 2 is not the one"),
        "{said}"
    );

    // With an editor for bytes, as somebody would who owns the disk.
    let file = folder.path().join("data/host.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let (was, lie) = (b"Added Marta Ruiz", b"Added Maria Ruiz");
    let at = bytes.windows(was.len()).position(|window| window == was).unwrap();
    bytes[at..at + lie.len()].copy_from_slice(lie);
    std::fs::write(&file, bytes).unwrap();
    let (code, said) = run(folder.path(), &["audit", "verify"]);
    assert!(
        code == 1 && said.contains("BAD   acme: entry 2") && said.contains("ok    @installation"),
        "{said}"
    );
    let (code, said) = run(folder.path(), &["audit", "verify", "--company", "nobody"]);
    assert!(code == 1 && said.contains("there is no company"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_signing_key_that_others_can_read_is_refused_and_named_by_the_doctor() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["audit", "verify"]).0, 0);
    let data = folder.path().join("data");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&data), mode(&data.join("secret.key"))),
        (0o700, 0o600),
        "as the host makes them"
    );
    let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    set(&data.join("secret.key"), 0o640);
    set(&data, 0o755);
    let (code, said) = run(folder.path(), &["serve"]);
    assert!(code == 1 && said.contains("chmod 600"), "{said}");
    let (code, said) = run(folder.path(), &["doctor"]);
    assert_eq!(code, 1);
    for line in ["BAD   signing key", "BAD   data folder", "ok    passwords"] {
        assert!(said.contains(line), "{line} in {said}");
    }
}

#[test]
fn the_doctor_names_weak_hashing_and_missing_proxies() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = |variables: &[(&str, &str)]| {
        let output = program(folder.path())
            .arg("doctor")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = doctor(&[
        ("HOST_PASSWORDS__PASSES", "1"),
        ("HOST_TRUSTED_PROXIES", "[\"0.0.0.0/0\"]"),
    ]);
    assert_eq!(code, 1);
    assert!(
        said.contains("passwords.passes: 1") && said.contains("0.0.0.0/0"),
        "{said}"
    );
    let (code, said) = doctor(&[("HOST_PUBLIC_URL", "https://my.example.com")]);
    assert!(code == 1 && said.contains("BAD   proxy"), "{said}");
    let named = [
        ("HOST_PUBLIC_URL", "https://my.example.com"),
        ("HOST_TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
    ];
    let (code, said) = doctor(&named);
    assert!(code == 0 && said.contains("nobody can sign in yet"), "{said}");
}

#[tokio::test]
async fn a_burst_of_sign_ins_is_turned_away_while_health_answers() {
    let host = Running::start_with(|settings| {
        settings.passwords = platform::PasswordHashing {
            memory_kib: 64 * 1024,
            passes: 6,
            parallel: 1,
            queue: 2,
            ..platform::PasswordHashing::default()
        };
    })
    .await;
    let sign_in = format!("{}/sign-in", host.staff);
    let attempts = (0..20).map(|n| {
        let (host, sign_in) = (&host, &sign_in);
        async move {
            let email = format!("n{n}@host.example");
            host.post(sign_in, "", &[("email", &email), ("password", "wrong horse")])
                .await
        }
    });
    let health = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let mut longest = std::time::Duration::ZERO;
        for _ in 0..10 {
            let asked = std::time::Instant::now();
            assert_eq!(host.get(&format!("{}/livez", host.staff)).await.status, 200);
            longest = longest.max(asked.elapsed());
        }
        longest
    };
    let (answers, longest) = tokio::join!(futures_util::future::join_all(attempts), health);
    let mut turned_away = 0;
    for answer in &answers {
        match answer.status {
            401 => {}
            429 => {
                turned_away += 1;
                assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert!(turned_away > 0 && turned_away < 20, "{turned_away} of 20");
    assert!(longest < std::time::Duration::from_secs(5), "{longest:?}");
}

#[tokio::test]
async fn links_and_redirects_never_come_from_the_host_header() {
    let host = Running::start().await;
    let acme = host.company("acme").await;
    let staff = host.state.platform.staff();
    let new = platform::NewStaff {
        company_id: Some(acme.id.clone()),
        email: "boss@acme.example".into(),
        name: "Boss".into(),
        role: Role::CompanyAdmin,
    };
    let boss = staff.create(new, &Actor::system()).await.unwrap();
    let cookie = format!(
        "staff={}",
        staff
            .start_session(&boss, &SignInProof::LINK, &Actor::system())
            .await
            .unwrap()
    );
    let evil = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookie.as_str()),
    ];
    let body = crate::running::encode(&[("name", "Ben"), ("email", "ben@acme.example"), ("role", "staff")]);
    let team = format!("{}/c/acme/settings/team", host.staff);
    let made = host.send(reqwest::Method::POST, &team, &evil, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(made.text.contains(&format!("{}/sign-in/t/", host.staff)));
    assert!(!made.text.contains("evil.example"));
    let mails = host
        .state
        .platform
        .mailbox()
        .list(Some(&acme.id), None, 10)
        .await
        .unwrap()
        .items;
    let queued = host.state.platform.outbox().claim(10, 60).await.unwrap();
    let texts = mails
        .iter()
        .map(|mail| mail.text.clone())
        .chain(queued.iter().map(|queued| queued.message.text.clone()));
    let texts: Vec<String> = texts.collect();
    assert!(texts.iter().any(|text| text.contains(&host.staff)), "{texts:?}");
    assert!(!texts.concat().contains("evil.example"));
    for path in ["/", "/c/acme/customers"] {
        let answer = host
            .send(reqwest::Method::GET, &format!("{}{path}", host.staff), &evil[..3], None)
            .await;
        assert!(
            answer.header("location").starts_with("/sign-in"),
            "{:?}",
            answer.headers
        );
    }
}

#[tokio::test]
async fn behind_https_cookies_are_bound_to_the_host_and_https_is_remembered() {
    let host = Running::start_with(|settings| {
        settings.mailbox = false;
        settings.staff_url = Some("https://office.example.com".into());
        settings.trusted_proxies = vec!["127.0.0.1".into()];
    })
    .await;
    let staff = host.state.platform.staff();
    let new = platform::NewStaff {
        company_id: None,
        email: "kim@host.example".into(),
        name: "Kim".into(),
        role: Role::PlatformAdmin,
    };
    let kim = staff.create(new, &Actor::system()).await.unwrap();
    let token = staff.create_sign_in_token(&kim.id, 60, &Actor::system()).await.unwrap();
    let answer = host
        .send(
            reqwest::Method::POST,
            &format!("{}/sign-in/t/{token}", host.staff_listener()),
            &[
                ("origin", "https://office.example.com"),
                ("x-forwarded-for", "6.6.6.6, 203.0.113.9"),
            ],
            None,
        )
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let [cookie] = answer.cookies()[..] else {
        panic!("{:?}", answer.cookies())
    };
    for part in ["__Host-staff=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=63072000")
    );
    let plain = host.get(&format!("{}/livez", host.public)).await;
    assert_eq!(
        plain.header("strict-transport-security"),
        "",
        "not where there is no HTTPS"
    );
    let log = host
        .state
        .platform
        .activity()
        .audit("", Some("staff.signed_in"), None, 5)
        .await
        .unwrap();
    assert_eq!(
        log.items[0].address, "203.0.113.9",
        "what the proxy saw, not what the visitor wrote"
    );
}

#[tokio::test]
async fn what_is_done_to_plugins_is_in_the_audit() {
    let host = Running::with("good").await;
    let acme = host.company("acme").await;
    let plugins = &host.state.plugins;
    let id = plugins.installed().await.unwrap()[0].manifest.id.clone();
    let mut context = call();
    context.client_address = "203.0.113.9".parse().ok();
    let request = context.request_id.clone();
    plugins.disable(&acme.id, &id, &context).await.unwrap();
    plugins.enable(&acme.id, &id, &context).await.unwrap();
    let log = host.state.platform.activity();
    let of_company = log.audit(&acme.id, Some("plugin."), None, 10).await.unwrap().items;
    let kinds: Vec<_> = of_company.iter().rev().map(|entry| entry.entry.kind.as_str()).collect();
    assert_eq!(kinds, ["plugin.enabled", "plugin.disabled", "plugin.enabled"]);
    for entry in &of_company[..2] {
        assert_eq!((entry.address.as_str(), &entry.request_id), ("203.0.113.9", &request));
    }
    let of_host = log.audit("", Some("plugin."), None, 10).await.unwrap().items;
    assert_eq!(of_host[0].entry.kind, "plugin.installed");
    assert!(!of_host[0].request_id.is_empty());
}
