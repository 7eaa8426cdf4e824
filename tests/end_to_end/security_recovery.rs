//! Security rules 1, 10 and 12, from outside: a link that no longer opens heals itself without telling a stranger whose
//! it was. Each test bears its rule's number.

use conformance::access;
use conformance::clock::{Clock, DAY, HOUR};
use conformance::scenario;
use conformance::served::{PORTAL, Served};

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
    let message = at.first_message().await?;
    assert_eq!(message.to, ["zoe@example.com"]);
    let text = message.readable();
    assert!(!text.contains("evil.example"), "{text}");
    let link = scenario::address_in(&text, &format!("{}{PORTAL}/l/", at.host.public))?;
    let (_, main) = scenario::open_portal(&at.host, &link).await?;
    assert!(main.words().contains("Zoë"));
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
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
