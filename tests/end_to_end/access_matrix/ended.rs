//! Access that has ended, at every route of the table: expired, revoked, shut out by password protection.
//! What is left of it is what a stranger has.

use conformance::access::{self, PORTAL};
use conformance::clock::{Clock, DAY, HOUR};
use conformance::{Host, scenario};

use super::{Setting, token_of};

#[tokio::test]
async fn rule_15_an_expired_session_or_link_gets_nothing_from_any_route() -> anyhow::Result<()> {
    let clock = Clock::new()?;
    let setting = Setting::new(Host::demo_on(&clock)?).await?;
    let link = scenario::link_in(&access::panel(&setting.office, &setting.owner).await?)?;
    let (_, value) = access::session(&setting.browser)?;
    clock.pass(DAY + HOUR)?;
    setting.is_sent_away("an idle session", Some(&value), &[]).await?;
    // The link lives longer than a session; at its end it gives none, and later its record is gone.
    let (again, _) = scenario::open_portal(&setting.host, &link).await?;
    let (_, value) = access::session(&again)?;
    for days in [90, 60] {
        clock.pass(DAY * days)?;
        setting
            .is_sent_away("an expired session and link", Some(&value), &[token_of(&link)])
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn rule_15_a_revoked_link_and_its_sessions_get_nothing_from_any_route() -> anyhow::Result<()> {
    let setting = Setting::new(Host::demo()?).await?;
    let kept = access::session(&setting.browser)?;
    let summit = setting.office.company("Summit Heating & Air").await?;
    let profile = setting
        .office
        .profile(&summit, &setting.owner.last_name, &setting.owner.id)
        .await?;
    let link = setting.office.portal_link(&profile).await?;
    let (browser, _) = scenario::open_portal(&setting.host, &link).await?;
    let (_, born) = access::session(&browser)?;

    // The newest link stands first: staff revoke that one, and the owner's other sessions go on.
    let staff = &setting.office.browser;
    let panel = staff.press(&profile, "Customer Portal Access", &[]).await?;
    let panel = staff.follow(panel).await?.expect(200)?;
    let answer = staff.press(&panel, "Revoke", &[]).await?;
    let panel = staff.follow(answer).await?.expect(200)?;
    setting
        .is_sent_away("a session of a revoked link", Some(&born), &[token_of(&link)])
        .await?;
    setting.browser.get(&format!("{PORTAL}/jobs")).await?.expect(200)?;

    // All at once, with a link that was never opened among them.
    let unopened = setting.office.portal_link(&profile).await?;
    let answer = staff.press(&panel, "Revoke all links", &[]).await?;
    staff.follow(answer).await?.expect(200)?;
    setting
        .is_sent_away(
            "a session when all links were revoked",
            Some(&kept.1),
            &[token_of(&unopened)],
        )
        .await
}

#[tokio::test]
async fn rule_5_a_protected_customer_s_plain_link_gets_nothing_from_any_route() -> anyhow::Result<()> {
    let setting = Setting::new(Host::demo()?).await?;
    let panel = access::panel(&setting.office, &setting.owner).await?;
    let plain = scenario::link_in(&panel)?;
    let (_, before) = access::session(&setting.browser)?;
    let protected = access::protect(&setting.office, &panel, true).await?;
    setting
        .is_sent_away("a session from before protection", Some(&before), &[])
        .await?;

    // The link leads to Sign Up as long as there is no password: a session that reaches that page and no other.
    let holder = setting.host.public_browser();
    let answer = scenario::exchange(&holder, &plain).await?;
    assert!(
        answer.location().is_some_and(|to| to.ends_with("/sign-up")),
        "{:?}",
        answer.headers
    );
    let (_, sign_up_only) = access::session(&holder)?;
    only_sign_up(&setting, &sign_up_only).await?;

    // Once there is one it leads to Sign In and gives no session at all.
    let link = scenario::link_in(&protected)?;
    access::sign_up(&setting.host, &link, access::PASSWORD).await?;
    for link in [&plain, &link] {
        let holder = setting.host.public_browser();
        let answer = scenario::exchange(&holder, link).await?;
        assert!(access::asks_to_sign_in(&answer), "{}", answer.status);
        assert!(holder.cookies().is_empty(), "{:?}", holder.cookies());
        assert!(setting.owned.found_in(&answer).is_empty());
    }
    setting
        .is_sent_away(
            "a registered customer's plain link",
            None,
            &[token_of(&plain), token_of(&link)],
        )
        .await?;
    only_sign_up(&setting, &sign_up_only).await
}

/// With a session that only signing up is open to, *Sign Up* names the e-mail on file and nothing else is shown.
async fn only_sign_up(setting: &Setting, session: &str) -> anyhow::Result<()> {
    for address in setting.owned.for_customers() {
        let answer = address.ask(&setting.stranger(Some(session))?, PORTAL).await?;
        let at = format!("{} {}", address.method, address.path(PORTAL));
        assert!(address.was_refused(&answer, PORTAL), "{at}: {}", answer.status);
        assert!(setting.owned.given_away(address, &answer).is_empty(), "{at}");
    }
    for address in setting.open(&[]) {
        let answer = address.ask(&setting.stranger(Some(session))?, PORTAL).await?;
        let at = format!("{} {}", address.method, address.path(PORTAL));
        let found = setting.owned.given_away(&address, &answer);
        let sign_up = address.pattern.starts_with("/sign-up");
        assert!(
            found.iter().all(|secret| sign_up && **secret == setting.owner.email),
            "{at} shows {found:?}"
        );
    }
    Ok(())
}
