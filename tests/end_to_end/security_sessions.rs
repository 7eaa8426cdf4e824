//! Security rule 7, from outside: how a session ends, by its owner, by idleness and by age, always on the server.
//! Each test bears its rule's number.

use conformance::Host;
use conformance::access::{self, PASSWORD, PORTAL};
use conformance::clock::{Clock, HOUR};
use conformance::scenario::{self, Office};

#[tokio::test]
async fn rule_7_every_page_has_a_sign_out_that_ends_the_session_on_the_server() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let link = scenario::sample_link(&host)?;
    let (_, main) = scenario::open_portal(&host, &link).await?;
    let own = format!("{PORTAL}/");
    let mut pages: Vec<String> = main
        .links()
        .into_iter()
        .map(|link| link.href)
        .filter(|href| href.starts_with(&own) && !href.contains("/files/") && !href.contains("/request"))
        .collect();
    pages.sort();
    pages.dedup();
    assert!(pages.len() >= 6, "{pages:?}");
    for path in pages {
        let (browser, _) = scenario::open_portal(&host, &link).await?;
        let page = browser.get(&path).await?.expect(200)?;
        let (name, value) = access::session(&browser)?;
        let answer = browser.press(&page, "Sign Out", &[]).await?;
        assert!(access::asks_to_sign_in(&answer), "{path}: {}", answer.status);
        let cleared = answer.header("clear-site-data");
        assert!(
            cleared.contains("\"cache\"") && cleared.contains("\"storage\""),
            "{path}: {cleared}"
        );
        assert!(
            !browser.cookies().contains_key(&name),
            "{path}: the browser keeps the cookie"
        );
        let thief = host.public_browser();
        thief.set_cookie(&name, &value);
        assert!(
            access::asks_to_sign_in(&thief.get(&path).await?),
            "{path}: a copy of the cookie lives on"
        );
    }
    Ok(())
}

#[tokio::test]
async fn rule_7_a_session_ends_by_idleness_and_by_age_however_it_began() -> anyhow::Result<()> {
    let clock = Clock::new()?;
    let host = Host::demo_on(&clock)?;
    let office = Office::sign_in(&host).await?;
    let mut customers = access::customers("summit")?.into_iter();
    let (Some(one), Some(other)) = (customers.next(), customers.next()) else {
        anyhow::bail!("the demo has two customers")
    };
    access::registered(&host, &office, &one).await?;
    let (plain, _) = scenario::portal_of(&host, &office, &other).await?;
    let jobs = format!("{PORTAL}/jobs");

    // A day without a click.
    clock.pass(HOUR * 23)?;
    plain.get(&jobs).await?.expect(200)?;
    clock.pass(HOUR * 23)?;
    plain.get(&jobs).await?.expect(200)?;
    clock.pass(HOUR * 25)?;
    assert!(
        access::asks_to_sign_in(&plain.get(&jobs).await?),
        "idle for more than a day"
    );

    // Two weeks, however busy, also with a password; looks by HEAD keep nothing alive.
    let busy = host.public_browser();
    access::sign_in(&busy, &one.email, PASSWORD).await?.expect(303)?;
    for day in 0..14 {
        assert!(busy.get(&jobs).await?.status == 200, "day {day}");
        clock.pass(HOUR * 23)?;
    }
    busy.get(&jobs).await?.expect(200)?;
    clock.pass(HOUR * 15)?;
    assert!(access::asks_to_sign_in(&busy.get(&jobs).await?), "older than two weeks");
    access::sign_in(&busy, &one.email, PASSWORD).await?.expect(303)?;
    busy.get(&jobs).await?.expect(200)?;
    for _ in 0..5 {
        clock.pass(HOUR * 6)?;
        busy.send(reqwest::Method::HEAD, &jobs, &[], None).await?;
    }
    assert!(
        access::asks_to_sign_in(&busy.get(&jobs).await?),
        "HEAD is nobody reading"
    );
    Ok(())
}

#[tokio::test]
async fn rule_7_staff_s_session_ends_the_same_ways() -> anyhow::Result<()> {
    let clock = Clock::new()?;
    let host = Host::demo_on(&clock)?;
    let office = Office::sign_in(&host).await?;
    let customers = office.company("Summit Heating & Air").await?.url;
    let sent_away = |page: &conformance::Page| page.location().is_some_and(|to| to.starts_with("/sign-in"));

    // Signing out ends it on the server: a copy of the cookie is worth nothing.
    let copy = host.staff_browser();
    for (name, value) in office.browser.cookies() {
        copy.set_cookie(&name, &value);
    }
    copy.get(&customers).await?.expect(200)?;
    let page = office.browser.get(&customers).await?.expect(200)?;
    let out = office.browser.press(&page, "Sign out", &[]).await?;
    assert!(
        out.header("clear-site-data").contains("\"storage\""),
        "{:?}",
        out.headers
    );
    assert!(sent_away(&copy.get(&customers).await?), "a copy of the cookie lives on");

    // Eight hours without a click, seven days however busy.
    let invite = || -> anyhow::Result<String> {
        let data = host.data().display().to_string();
        let output = conformance::host::command(
            &host.folder(),
            &[
                "staff",
                "invite",
                "admin@demo.example",
                "--role",
                "platform_admin",
                "--data-dir",
                &data,
            ],
        )?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?
            .trim()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned())
    };
    for (hours, times) in [(9, 1), (7, 24)] {
        // The command looks at the machine's clock, a few hours behind the host's; an invitation works for a day.
        let (browser, token) = (host.staff_browser(), invite()?);
        let landing = browser.visit(&format!("/sign-in/t/{token}")).await?.expect(200)?;
        let answer = browser.press(&landing, "Continue to the staff console", &[]).await?;
        browser.follow(answer).await?.expect(200)?;
        for _ in 0..times {
            assert!(
                !sent_away(&browser.get(&customers).await?),
                "{hours} h × {times}: too early"
            );
            clock.pass(HOUR * hours)?;
        }
        assert!(
            sent_away(&browser.get(&customers).await?),
            "{hours} h × {times}: it goes on"
        );
    }
    Ok(())
}
