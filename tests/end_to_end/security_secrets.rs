//! Security rules 1, 8, 26 and 28, from outside: after a whole story, no secret of it stands in the database, in another
//! file or in the log, at the most talkative level somebody would switch on. Each test bears its rules' numbers.

use conformance::access::{self, PASSWORD};
use conformance::scenario;
use conformance::served::{self, Served};

/// One secret and what it is.
struct Secret(&'static str, String);

/// The log in both formats, everything of ours at its most talkative.
const LOGS: [&str; 2] = [
    "log = { format = \"text\", filter = \"trace\" }",
    "log = { format = \"json\", filter = \"debug\" }",
];

#[tokio::test]
async fn rule_1_and_28_no_token_cookie_or_password_is_written_down() -> anyhow::Result<()> {
    for log in LOGS {
        let at = Served::start(log, &[]).await?;
        let secrets = story(&at).await?;
        assert!(secrets.len() >= 8, "{}", secrets.len());
        for Secret(what, secret) in &secrets {
            assert!(secret.len() >= 8, "{what}: {secret:?} is no secret");
            let found = at.host.files_with(secret)?;
            assert!(found.is_empty(), "{what} stands in {found:?}");
            let line = at.host.output().into_iter().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "{what} is in the log: {line:?}");
        }
        // What was looked through is what was written: the database knows the customer, the log the requests.
        assert!(!at.host.files_with("zoe@example.com")?.is_empty());
        assert!(
            at.host
                .output()
                .iter()
                .any(|line| line.contains("/acme/portal/sign-in"))
        );
    }
    Ok(())
}

/// Staff share links, the customer opens one, signs up, mistypes, signs in and out; a mail with a link goes out.
async fn story(at: &Served) -> anyhow::Result<Vec<Secret>> {
    let token = |link: &str| link.rsplit('/').next().unwrap_or_default().to_owned();
    let mut secrets = Vec::new();
    let panel = at.office.open_panel(&at.profile("Müller", "C1").await?).await?;
    let plain = scenario::link_in(&panel)?;
    let (browser, _) = scenario::open_portal(&at.host, &plain).await?;
    secrets.push(Secret("a portal link's token", token(&plain)));
    secrets.push(Secret("a session that a link gave", access::session(&browser)?.1));

    at.send("Müller", "C1", &[]).await?;
    let mail = at.first_message().await?.readable();
    let mailed = scenario::address_in(&mail, &format!("{}{}/l/", at.host.public, served::PORTAL))?;
    secrets.push(Secret("a mailed link's token", token(&mailed)));

    let protected = access::protect(&at.office, &panel, true).await?;
    let registration = scenario::link_in(&protected)?;
    secrets.push(Secret("a registration link's token", token(&registration)));
    let browser = at.host.public_browser();
    let page = browser
        .follow(scenario::exchange(&browser, &registration).await?)
        .await?
        .expect(200)?;
    secrets.push(Secret("a sign-up's session", access::session(&browser)?.1));
    let refused = "password1";
    browser
        .press(&page, "Sign Up", &[("password", refused)])
        .await?
        .expect(422)?;
    let answer = browser.press(&page, "Sign Up", &[("password", PASSWORD)]).await?;
    let main = browser.follow(answer).await?.expect(200)?;
    secrets.push(Secret("the password", PASSWORD.to_owned()));
    secrets.push(Secret("a signed-up session", access::session(&browser)?.1));
    browser.press(&main, "Sign Out", &[]).await?;

    let address = format!("{}/sign-in", served::PORTAL);
    for (email, password) in [
        ("zoe@example.com", "mistyped secret 1"),
        ("the password typed as e-mail", PASSWORD),
    ] {
        access::sign_in_at(&at.host.public_browser(), &address, email, password, &[]).await?;
    }
    secrets.push(Secret("a mistyped password", "mistyped secret 1".to_owned()));
    secrets.push(Secret(
        "a password typed into the wrong field",
        "the password typed as e-mail".to_owned(),
    ));
    let browser = at.host.public_browser();
    access::sign_in_at(&browser, &address, "zoe@example.com", PASSWORD, &[])
        .await?
        .expect(303)?;
    secrets.push(Secret("a signed-in session", access::session(&browser)?.1));
    secrets.extend(
        at.office
            .browser
            .cookies()
            .into_values()
            .map(|value| Secret("staff's session", value)),
    );
    let staff = at.host.staff_browser();
    access::sign_in_at(&staff, "/sign-in", "owner@acme.example", "staff's mistyped one", &[]).await?;
    secrets.push(Secret("staff's mistyped password", "staff's mistyped one".to_owned()));
    Ok(secrets)
}

#[tokio::test]
async fn rule_8_a_password_is_kept_as_an_argon2id_hash_with_todays_parameters() -> anyhow::Result<()> {
    let at = Served::start("", &[]).await?;
    let panel = at.office.open_panel(&at.profile("Müller", "C1").await?).await?;
    let link = scenario::link_in(&access::protect(&at.office, &panel, true).await?)?;
    assert!(
        at.host.files_with("$argon2id$")?.is_empty(),
        "nobody has a password yet"
    );
    access::sign_up(&at.host, &link, PASSWORD).await?;
    let found = at.host.files_with("$argon2id$v=19$m=19456,t=2,p=1$")?;
    assert!(!found.is_empty(), "no PHC string with OWASP's parameters is stored");
    Ok(())
}
