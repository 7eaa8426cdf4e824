//! Security rules 1, 10, 12 and 13, from outside: links that heal, passwords that were forgotten, an e-mail that changes.
//! Nothing tells a stranger whose they are. Each test bears its rule's number.

use std::time::Duration;

use conformance::access::{self, PASSWORD};
use conformance::clock::{Clock, DAY, HOUR};
use conformance::scenario;
use conformance::served::{PORTAL, Served};
use conformance::{Browser, Page};
use reqwest::Method;

const BUTTON: &str = "Send me a fresh link";

fn fresh_link() -> String {
    format!("{PORTAL}/fresh-link")
}

/// Whoever gets mail here.
const CUSTOMERS: (&str, &str) = (
    "customers.csv",
    "id,first_name,last_name,email,language\nC1,Zoë,Müller,zoe@example.com,\nC2,Ann,Able,ann@example.com,\n",
);

#[tokio::test]
async fn rule_10_asking_for_a_fresh_link_is_answered_alike_whoever_asks() -> anyhow::Result<()> {
    let at = Served::start("", &[CUSTOMERS]).await?;
    let dead = at.office.portal_link(&at.profile("Able", "C2").await?).await?;
    let dead = dead.rsplit('/').next().unwrap_or_default().to_owned();
    let mut answers = Vec::new();
    for (who, field, value) in [
        ("a customer", "email", "zoe@example.com"),
        ("nobody", "email", "eoz@example.com"),
        ("the customer again, too soon", "email", "zoe@example.com"),
        ("another spelling", "email", "ZOE@EXAMPLE.COM"),
        ("staff's own address", "email", "owner@acme.example"),
        ("a link that works", "link", dead.as_str()),
        ("a link that never was", "link", "abcdefghabcdefghabcdefghabcdefgh"),
        ("a link that cannot be", "link", "../../etc/passwd"),
    ] {
        let browser = at.host.public_browser();
        let answer = browser
            .post_with(
                &fresh_link(),
                &[(field.to_owned(), value.to_owned())],
                &[("sec-fetch-site", "same-origin"), ("host", "evil.example")],
            )
            .await?;
        assert!(browser.cookies().is_empty(), "{who}");
        let page = browser.follow(answer.clone()).await?.expect(200)?;
        answers.push((
            who,
            access::comparable(&answer, &[value]),
            access::comparable(&page, &[value]),
        ));
    }
    let (first, rest) = answers.split_first().expect("answers");
    for answer in rest {
        assert_eq!(
            (&answer.1, &answer.2),
            (&first.1, &first.2),
            "{} is told from {}",
            answer.0,
            first.0
        );
    }

    // Only the address on file got anything, once; the link in it is the configured address's and works.
    let message = at.message_to("zoe@example.com", 1).await?;
    assert_eq!(message.to, ["zoe@example.com"]);
    let text = message.readable();
    assert!(!text.contains("evil.example"), "{text}");
    let link = scenario::address_in(&text, &format!("{}{PORTAL}/l/", at.host.public))?;
    let (_, main) = scenario::open_portal(&at.host, &link).await?;
    assert!(main.words().contains("Zoë"));
    tokio::time::sleep(Duration::from_secs(3)).await;
    let to: Vec<_> = at
        .server
        .messages()
        .into_iter()
        .flat_map(|message| message.to)
        .collect();
    assert!(
        to.iter().filter(|to| *to == "zoe@example.com").count() == 1
            && to.iter().all(|to| to == "zoe@example.com" || to == "ann@example.com"),
        "{to:?}"
    );
    Ok(())
}

#[tokio::test]
async fn rule_1_a_link_that_ended_names_nobody_and_sends_to_the_address_on_file_only() -> anyhow::Result<()> {
    let clock = Clock::new()?;
    let at = Served::start_on(&clock, "", &[CUSTOMERS]).await?;
    let link = at.office.portal_link(&at.profile("Müller", "C1").await?).await?;
    let (start, token) = link.rsplit_once('/').expect("a link");
    let turned: String = token.chars().rev().collect();
    clock.pass(DAY * 90 + HOUR)?;

    let browser = at.host.public_browser();
    let expired = browser.get(&link).await?;
    let unknown = browser.get(&format!("{start}/{turned}")).await?;
    let garbled = browser.get(&format!("{start}/nothing")).await?;
    let far_too_long = browser.get(&format!("{start}/{}", "a".repeat(3_000))).await?;
    for page in [&expired, &unknown, &garbled, &far_too_long] {
        assert_eq!(page.status, 404, "{}", page.url);
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{}", page.url);
        assert!(page.words().contains("Acme Heating"), "{}", page.words());
        let text = page.text();
        for secret in ["zoe@example.com", "zoe", "Zoë", "Müller"] {
            assert!(!text.contains(secret), "{}: {secret}", page.url);
        }
        page.form(BUTTON)?;
    }
    let plain = access::comparable(&unknown, &[&turned]).2;
    assert_eq!(plain, access::comparable(&garbled, &["nothing"]).2);

    // Who holds a link that once worked need not type an address, and cannot choose one.
    let answer = browser
        .press(
            &expired,
            BUTTON,
            &[("email", "thief@evil.example"), ("to", "thief@evil.example")],
        )
        .await?;
    browser.follow(answer).await?.expect(200)?;
    assert_eq!(at.first_message().await?.to, ["zoe@example.com"]);
    Ok(())
}

/// A company whose first customer has signed up; that browser.
async fn registered(clock: &Clock) -> anyhow::Result<(Served, Browser)> {
    let at = Served::start_on(clock, "", &[CUSTOMERS]).await?;
    let panel = at.office.open_panel(&at.profile("Müller", "C1").await?).await?;
    let link = scenario::link_in(&access::protect(&at.office, &panel, true).await?)?;
    let (browser, _) = access::sign_up(&at.host, &link, PASSWORD).await?;
    Ok((at, browser))
}

async fn forgot(at: &Served, email: &str) -> anyhow::Result<(Page, Page)> {
    let browser = at.host.public_browser();
    let answer = browser
        .post_with(
            &format!("{PORTAL}/forgot"),
            &[("email".to_owned(), email.to_owned())],
            &[("sec-fetch-site", "same-origin"), ("host", "evil.example")],
        )
        .await?;
    assert!(browser.cookies().is_empty(), "{email}");
    let page = browser.follow(answer.clone()).await?.expect(200)?;
    Ok((answer, page))
}

/// The link for a new password in the mail to an address, its so-manieth.
async fn reset_link(at: &Served, email: &str, count: usize) -> anyhow::Result<String> {
    let text = at.message_to(email, count).await?.readable();
    assert!(!text.contains("evil.example"), "{text}");
    scenario::address_in(&text, &format!("{}{PORTAL}/r/", at.host.public))
}

async fn signs_in(at: &Served, password: &str) -> anyhow::Result<bool> {
    let address = format!("{PORTAL}/sign-in");
    let answer = access::sign_in_at(&at.host.public_browser(), &address, "zoe@example.com", password, &[]).await?;
    assert!(answer.status == 303 || answer.status == 422, "{}", answer.status);
    Ok(answer.status == 303)
}

#[tokio::test]
async fn rule_10_a_forgotten_password_is_answered_alike_whoever_asks() -> anyhow::Result<()> {
    let clock = Clock::new()?;
    let (at, _) = registered(&clock).await?;
    let mut answers = Vec::new();
    for (who, email) in [
        ("registered", "zoe@example.com"),
        ("unregistered", "ann@example.com"),
        ("nobody", "nnn@example.com"),
        ("registered, too soon", "zoe@example.com"),
        ("staff", "owner@acme.example"),
    ] {
        let (answer, page) = forgot(&at, email).await?;
        answers.push((
            who,
            access::comparable(&answer, &[email]),
            access::comparable(&page, &[email]),
        ));
    }
    let (first, rest) = answers.split_first().expect("answers");
    for answer in rest {
        assert_eq!(
            (&answer.1, &answer.2),
            (&first.1, &first.2),
            "{} is told from {}",
            answer.0,
            first.0
        );
    }
    // What came of it only the owners of the addresses learn: a link for a new password, or one to the portal.
    reset_link(&at, "zoe@example.com", 1).await?;
    let text = at.message_to("ann@example.com", 1).await?.readable();
    scenario::address_in(&text, &format!("{}{PORTAL}/l/", at.host.public))?;

    // However often it is asked for: few mails, and the password still lets its owner in.
    for _ in 0..15 {
        forgot(&at, "zoe@example.com").await?;
    }
    assert!(signs_in(&at, PASSWORD).await?, "asking for a reset locks nobody out");
    let (nobody, staff) = (at.count_to("nnn@example.com"), at.count_to("owner@acme.example"));
    assert_eq!((at.count_to("zoe@example.com"), nobody, staff), (1, 0, 0));
    Ok(())
}

#[tokio::test]
async fn rule_10_a_link_for_a_new_password_works_once_and_ends_every_session() -> anyhow::Result<()> {
    const NEW: &str = "an entirely new passphrase";
    let clock = Clock::new()?;
    let (at, before) = registered(&clock).await?;
    forgot(&at, "zoe@example.com").await?;
    let first = reset_link(&at, "zoe@example.com", 1).await?;
    clock.pass(Duration::from_secs(120))?;
    forgot(&at, "zoe@example.com").await?;
    let link = reset_link(&at, "zoe@example.com", 2).await?;

    // A mail scanner looks: nothing is used up, and nothing changed.
    let scanner = at.host.public_browser();
    for method in [Method::GET, Method::HEAD, Method::GET, Method::HEAD, Method::GET] {
        let page = scanner.send(method, &link, &[], None).await?;
        assert_eq!(
            (page.status.as_u16(), page.header("referrer-policy")),
            (200, "no-referrer")
        );
        assert!(page.headers.get("set-cookie").is_none());
    }
    assert!(signs_in(&at, PASSWORD).await?);

    // Words that are refused do not use it up either; the good ones do.
    let browser = at.host.public_browser();
    let page = browser.get(&link).await?.expect(200)?;
    let label = &conformance::html::forms(&page.text())
        .into_iter()
        .find(|form| form.fields.iter().any(|(name, _)| name == "password"))
        .expect("a form for a password")
        .buttons[0]
        .label;
    browser
        .press(&page, label, &[("password", "short")])
        .await?
        .expect(422)?;
    let answer = browser.press(&page, label, &[("password", NEW)]).await?;
    assert_eq!(answer.status, 303, "{}", answer.words());
    browser.follow(answer).await?.expect(200)?;
    let jobs = format!("{PORTAL}/jobs");
    assert_ne!(before.get(&jobs).await?.status, 200, "a session from before lives on");
    assert!(!signs_in(&at, PASSWORD).await? && signs_in(&at, NEW).await?);

    // Used, and one that was sent before: both are over, for GET and POST alike.
    let fields = [("password".to_owned(), "yet another passphrase".to_owned())];
    for over in [&link, &first] {
        let stranger = at.host.public_browser();
        assert_eq!(stranger.get(over).await?.status, 404);
        assert_eq!(stranger.post(over, &fields).await?.status, 404);
        assert!(stranger.cookies().is_empty());
    }
    assert!(signs_in(&at, NEW).await?);
    browser.get(&jobs).await?.expect(200)?;

    // The customer is told; and a link nobody used ends after an hour.
    let count = at.count_to("zoe@example.com").max(3);
    at.message_to("zoe@example.com", count).await?;
    clock.pass(HOUR * 2)?;
    forgot(&at, "zoe@example.com").await?;
    let late = reset_link(&at, "zoe@example.com", count + 1).await?;
    clock.pass(HOUR + Duration::from_secs(1))?;
    let stranger = at.host.public_browser();
    assert_eq!(stranger.get(&late).await?.status, 404);
    assert_eq!(stranger.post(&late, &fields).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn rule_13_a_new_e_mail_waits_for_its_code_and_the_old_one_is_told() -> anyhow::Result<()> {
    let at = Served::start("", &[CUSTOMERS]).await?;
    let link = at.office.portal_link(&at.profile("Müller", "C1").await?).await?;
    let (browser, main) = scenario::open_portal(&at.host, &link).await?;
    let changes = [("email", "new@example.com"), ("city", "Longmont")];
    let answer = browser.press(&main, "Save Changes", &changes).await?;
    let confirm = browser.follow(answer).await?.expect(200)?;
    let on_file = || async {
        let form = browser
            .get(&format!("{PORTAL}/"))
            .await?
            .expect(200)?
            .form("Save Changes")?;
        Ok::<_, anyhow::Error>((
            form.value("email").map(str::to_owned),
            form.value("city").map(str::to_owned),
        ))
    };
    let (email, city) = on_file().await?;
    assert_eq!(email.as_deref(), Some("zoe@example.com"), "not before the code");
    assert_eq!(city.as_deref(), Some("Longmont"), "the rest is saved at once");

    let text = at.message_to("new@example.com", 1).await?.readable();
    let (_, body) = text.split_once("\n\n").expect("a body");
    let code = body
        .split(|c: char| !c.is_ascii_digit())
        .find(|digits| digits.len() == 6)
        .expect("a code of six digits")
        .to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = browser.press(&confirm, "Confirm", &[("code", wrong)]).await?;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    assert_eq!(on_file().await?.0.as_deref(), Some("zoe@example.com"));
    let answer = browser.press(&confirm, "Confirm", &[("code", &code)]).await?;
    browser.follow(answer).await?.expect(200)?;
    assert_eq!(on_file().await?.0.as_deref(), Some("new@example.com"));
    let told = at.message_to("zoe@example.com", 1).await?.readable();
    assert!(told.contains("@example.com"), "{told}");
    assert!(!told.contains(&code), "the old address must not get the code: {told}");
    Ok(())
}
