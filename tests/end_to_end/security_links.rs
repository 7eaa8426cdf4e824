//! Security rules 1 to 4, 6, 12 and 20, from outside: links, sessions, cookies, redirects.
//! Each test bears its rule's number.

use std::sync::Arc;

use conformance::browser::join;
use conformance::scenario::{self, Office};
use conformance::{Browser, Host, host};
use reqwest::Method;

#[tokio::test]
async fn rule_1_tokens_are_long_and_no_file_of_the_host_holds_one() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let customer = scenario::customer_with_everything()?;
    let summit = office.company("Summit Heating & Air").await?;
    let profile = office.profile(&summit, &customer.last_name, &customer.id).await?;
    let link = office.portal_link(&profile).await?;
    let (browser, main) = scenario::open_portal(&host, &link).await?;
    let booking = browser.visit(&main.link("Submit Request")?).await?;
    assert_eq!(booking.status, 200);
    let key = host::command(
        &host.folder(),
        &[
            "api-key",
            "create",
            "--company",
            "summit",
            "--scopes",
            "fields:read",
            "--data-dir",
            &host.data().display().to_string(),
        ],
    )?;
    let key = String::from_utf8(key.stdout)?.trim().to_owned();

    let mut secrets = vec![link.rsplit('/').next().unwrap_or_default().to_owned(), key.clone()];
    secrets.extend(browser.cookies().into_values());
    secrets.extend(office.browser.cookies().into_values());
    assert!(secrets.len() >= 4, "a link, a key, sessions of both listeners");
    for secret in &secrets {
        // 128 bits are 22 characters of base64url or 26 of base32.
        assert!(
            secret.trim_start_matches("fsk_").len() >= 22,
            "{secret} is too short for 128 bits"
        );
        let found = host.files_with(secret)?;
        assert!(found.is_empty(), "{secret} stands in {found:?}");
        assert!(
            !host.output().iter().any(|line| line.contains(secret)),
            "{secret} is in the log"
        );
    }

    // Two links for the same customer have nothing in common.
    let other = office.portal_link(&profile).await?;
    assert_ne!(link, other);
    Ok(())
}

#[tokio::test]
async fn rule_2_get_and_head_change_nothing() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let link = scenario::sample_link(&host)?;

    // A mail scanner opens the link, again and again: no cookie, no session, and the link is not used up.
    let scanner = host.public_browser();
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let page = scanner.send(method.clone(), &link, &[], None).await?;
        assert_eq!(page.status, 200);
        assert!(page.headers.get("set-cookie").is_none(), "{method}");
        assert!(method != Method::HEAD || page.body.is_empty());
    }
    assert!(scanner.cookies().is_empty());
    let (browser, main) = scenario::open_portal(&host, &link).await?;

    // The same for staff's one-time link, which a POST uses up.
    let one_time = host.printed("Staff console")?;
    for _ in 0..3 {
        let page = scanner.get(&one_time).await?;
        assert!(page.headers.get("set-cookie").is_none());
    }
    let office = Office::sign_in(&host).await?;
    let second = host.staff_browser();
    let landing = second.get(&one_time).await?;
    if landing.status.is_success() {
        let again = second.press(&landing, "Continue to the staff console", &[]).await?;
        assert!(
            !again.status.is_success() && second.cookies().is_empty(),
            "it works once: {}",
            again.status
        );
    }

    // What a POST does, a GET of the same address does not.
    let before = main.form("Save Changes")?;
    browser.get("/summit/portal/details?city=Golden&version=1").await?;
    let sign_out = browser.get("/summit/portal/sign-out").await?;
    assert_eq!(sign_out.status, 405);
    assert_eq!(
        browser.visit(&main.url).await?.form("Save Changes")?.fields,
        before.fields
    );
    let summit = office.company("Summit Heating & Air").await?;
    let settings = office.go(&summit, "Company Settings").await?;
    let plugins = office.go(&settings, "Features & Plugins").await?;
    let plugin = office.go(&plugins, "Customer Portal").await?;
    let disable = plugin.form("Disable")?;
    let answer = office.browser.get(&join(&plugin.url, &disable.action)).await?;
    assert!(answer.status == 405 || answer.status == 404, "{}", answer.status);
    office.browser.visit(&plugin.url).await?.form("Disable")?;
    Ok(())
}

#[tokio::test]
async fn rule_3_the_address_holds_no_token_after_the_exchange() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let link = scenario::sample_link(&host)?;
    let token = link.rsplit('/').next().unwrap_or_default().to_owned();
    let browser = host.public_browser();
    let landing = browser.get(&link).await?.expect(200)?;
    assert_eq!(landing.header("referrer-policy"), "no-referrer");
    let answer = scenario::exchange(&browser, &link).await?;
    assert_eq!(answer.status, 303);
    assert!(!answer.header("location").contains(&token));
    let main = browser.follow(answer).await?.expect(200)?;
    assert!(!main.url.contains(&token) && !main.text().contains(&token));
    assert_eq!(main.header("referrer-policy"), "same-origin");
    let booking = browser.visit(&main.link("Submit Request")?).await?;
    assert!(!booking.url.contains("/k/"), "{}", booking.url);
    Ok(())
}

#[tokio::test]
async fn rule_4_ending_plain_access_ends_the_sessions_born_from_it() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let customer = scenario::customer_with_everything()?;
    let summit = office.company("Summit Heating & Air").await?;
    let profile = office.profile(&summit, &customer.last_name, &customer.id).await?;
    let panel = office.open_panel(&profile).await?;
    let (browser, main) = scenario::open_portal(&host, &scenario::link_in(&panel)?).await?;
    browser
        .visit("/summit/portal/invoices")
        .await?
        .expect(200)?
        .form("Sign Out")
        .ok();

    let form = conformance::html::forms(&panel.text())
        .into_iter()
        .find(|form| form.text.contains("Password Protected"));
    let form = form.expect("the panel is a form");
    let mut fields = form.fields.clone();
    let name = conformance::html::elements(&panel.text(), "input")
        .into_iter()
        .find(|input| input.get("type").is_some_and(|kind| kind == "checkbox"))
        .and_then(|input| input.get("name").cloned())
        .expect("a checkbox");
    fields.retain(|(known, _)| *known != name);
    fields.push((name, "true".to_owned()));
    fields.push((
        "button".to_owned(),
        form.buttons
            .iter()
            .find(|b| b.name == "button")
            .expect("a button")
            .value
            .clone(),
    ));
    let answer = office.browser.post(&join(&panel.url, &form.action), &fields).await?;
    office.browser.follow(answer).await?.expect(200)?;

    for path in [main.url.as_str(), "/summit/portal/invoices", "/summit/portal/jobs"] {
        let after = browser.get(path).await?;
        assert!(
            after.location().is_some_and(|to| to.contains("/sign-in")),
            "{path}: {}",
            after.status
        );
    }
    Ok(())
}

#[tokio::test]
async fn rule_6_cookies_are_closed_and_a_session_id_is_never_adopted() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let link = scenario::sample_link(&host)?;
    let victim = host.public_browser();
    let answer = scenario::exchange(&victim, &link).await?;
    let cookies: Vec<String> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|v| v.to_str().unwrap_or("").to_owned())
        .collect();
    assert!(!cookies.is_empty());
    for cookie in &cookies {
        let lower = cookie.to_lowercase();
        assert!(
            lower.contains("httponly") && lower.contains("samesite=lax") && lower.contains("path=/"),
            "{cookie}"
        );
        assert!(!lower.contains("domain="), "{cookie}");
        assert!(
            cookie.starts_with("summit.portal."),
            "each company and plugin has its own: {cookie}"
        );
    }
    let (name, value) = victim.cookies().into_iter().next().expect("a session");

    // Fixation: a cookie set beforehand does not become the session.
    let fixed = host.public_browser();
    fixed.set_cookie(&name, "attackers-choice-attackers-choice");
    scenario::exchange(&fixed, &link).await?;
    assert_ne!(fixed.cookies()[&name], "attackers-choice-attackers-choice");
    // A new sign-in is a new id, and the session the browser had before is ended by it.
    scenario::exchange(&victim, &link).await?;
    assert_ne!(victim.cookies()[&name], value);
    let thief = host.public_browser();
    thief.set_cookie(&name, &value);
    let after = thief.get("/summit/portal/").await?;
    assert!(
        after.location().is_some_and(|to| to.contains("/sign-in")),
        "the replaced id is dead: {}",
        after.status
    );

    // Signing out ends it on the server.
    let main = victim.visit("/summit/portal/").await?.expect(200)?;
    let value = victim.cookies()[&name].clone();
    let out = victim.press(&main, "Sign Out", &[]).await?;
    assert!(out.status.is_redirection() || out.status.is_success());
    // Not "cookies": that would also end the visitor's sessions at other companies on this host. The portal's own
    // cookie is dropped by name instead.
    assert!(out.header("clear-site-data").contains("storage"), "{:?}", out.headers);
    assert!(!victim.cookies().contains_key(&name), "the browser forgets the session");
    thief.set_cookie(&name, &value);
    assert!(
        thief.get("/summit/portal/").await?.location().is_some(),
        "a copy of the cookie is worth nothing"
    );

    // Staff's cookie is as closed.
    let staff = host.staff_browser();
    let landing = staff.get(&host.printed("Staff console")?).await?;
    let answer = staff.press(&landing, "Continue to the staff console", &[]).await?;
    let cookie = answer.header("set-cookie").to_lowercase();
    assert!(
        cookie.contains("httponly") && cookie.contains("samesite=lax"),
        "{cookie}"
    );
    Ok(())
}

#[tokio::test]
async fn rule_6_behind_https_cookies_are_host_bound_and_secure() -> anyhow::Result<()> {
    let folder = Arc::new(host::folder()?);
    let data = folder.path().join("data").display().to_string();
    let invited = |host: &str| -> anyhow::Result<String> {
        let output = host::command(
            &folder,
            &["staff", "invite", host, "--role", "platform_admin", "--data-dir", &data],
        )?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    let token = invited("owner@example.com")?
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    let host = Host::serve(
        folder,
        "data_dir = \"{data}\"\nstaff_listen = \"{staff}\"\npublic_listen = \"{public}\"\n\
         public_url = \"https://my.example.com\"\nstaff_url = \"https://office.example.com\"\n",
    )
    .await?;
    let staff = host.staff_browser();
    let landing = staff.get(&format!("/sign-in/t/{token}")).await?.expect(200)?;
    assert!(landing.header("strict-transport-security").contains("max-age="));
    let form = landing.form("Continue to the staff console")?;
    let answer = staff
        .post_with(
            &form.action,
            &form.fields,
            &[
                ("sec-fetch-site", "same-origin"),
                ("origin", "https://office.example.com"),
            ],
        )
        .await?;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-staff="), "{cookie}");
    assert!(
        cookie.contains("Secure") && cookie.contains("Path=/") && !cookie.contains("Domain"),
        "{cookie}"
    );
    let public = Browser::new(&host.public);
    assert!(
        public
            .get("/livez")
            .await?
            .header("strict-transport-security")
            .contains("max-age=")
    );
    Ok(())
}

#[tokio::test]
async fn rule_12_links_are_built_from_the_configured_address_only() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let customer = scenario::customer_with_everything()?;
    let summit = office.company("Summit Heating & Air").await?;
    let profile = office.profile(&summit, &customer.last_name, &customer.id).await?;
    let form = profile.form(scenario::COPY_LINK)?;
    let poison = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.example"),
        ("sec-fetch-site", "same-origin"),
    ];
    let answer = office
        .browser
        .post_with(&join(&profile.url, &form.action), &form.fields, &poison)
        .await?;
    let panel = match answer.location() {
        Some(to) => office.browser.get_with(&to, &poison[..4]).await?,
        None => answer,
    };
    let link = scenario::link_in(&panel)?;
    assert!(link.starts_with(&host.public), "{link}");
    assert!(!panel.text().contains("evil.example"));

    let browser = host.public_browser();
    let landing = browser.get_with(&link, &poison[..4]).await?;
    assert!(!landing.text().contains("evil.example"));
    let forms = conformance::html::forms(&landing.text());
    let answer = browser
        .post_with(&join(&link, &forms[0].action), &forms[0].fields, &poison)
        .await?;
    assert!(
        !answer.header("location").contains("evil"),
        "{}",
        answer.header("location")
    );
    let main = browser.get_with("/summit/portal/", &poison[..4]).await?;
    assert!(!main.text().contains("evil.example"));
    Ok(())
}

#[tokio::test]
async fn rule_20_redirects_stay_here() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (browser, _) = scenario::open_portal(&host, &scenario::sample_link(&host)?).await?;
    let evil = [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/%5cevil.example",
        "\t//evil.example",
        "javascript:alert(1)",
    ];
    for target in evil {
        let encoded = conformance::browser::encode(target);
        let stranger = host.public_browser();
        let page = stranger.get(&format!("/summit/portal/sign-in?next={encoded}")).await?;
        for link in page.links() {
            assert!(
                !link.href.contains("evil") || link.href.contains("/sign-in"),
                "{target}: {link:?}"
            );
        }
        let fields = [
            ("language".to_owned(), "en".to_owned()),
            ("next".to_owned(), target.to_owned()),
            ("return".to_owned(), target.to_owned()),
        ];
        let answer = browser.post("/summit/portal/language", &fields).await?;
        assert!(
            !answer.header("location").contains("evil"),
            "{target}: {}",
            answer.header("location")
        );
        let staff = host.staff_browser();
        let page = staff.get(&format!("/sign-in?next={encoded}")).await?;
        assert!(!page.header("location").contains("evil"));
        let fields = [
            ("email".to_owned(), "a@b.example".to_owned()),
            ("password".to_owned(), "x".to_owned()),
            ("next".to_owned(), target.to_owned()),
        ];
        let answer = staff.post("/sign-in", &fields).await?;
        assert!(!answer.header("location").contains("evil"), "{target}");
    }
    // Paths that look like another origin are not turned into redirects either.
    for path in [
        "//evil.example/..",
        "/summit//evil.example",
        "/summit/portal//evil.example",
    ] {
        let answer = browser.get(&format!("{}{path}", host.public)).await?;
        assert!(
            !answer.header("location").contains("//evil"),
            "{path}: {}",
            answer.header("location")
        );
    }
    Ok(())
}
