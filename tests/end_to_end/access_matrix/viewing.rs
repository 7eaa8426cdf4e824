//! Staff looking at the portal as a customer, at every route of the table: they see that customer's pages, nobody
//! else's, and whatever could change something is refused by the host.

use std::time::Duration;

use conformance::access::{self, PORTAL};
use conformance::clock::Clock;
use conformance::scenario::{self, DemoCustomer};
use conformance::{Browser, Host};

use super::table::UNKNOWN;
use super::{Setting, details};

/// Staff's browser on the public listener, looking at the portal as this customer.
async fn look(setting: &Setting, customer: &DemoCustomer) -> anyhow::Result<Browser> {
    let address = access::view_address(&setting.host, &setting.office, customer).await?;
    let browser = setting.host.public_browser();
    scenario::exchange(&browser, &address).await?.expect(303)?;
    Ok(browser)
}

#[tokio::test]
async fn rule_15_staff_viewing_as_a_customer_see_every_page_and_change_nothing() -> anyhow::Result<()> {
    let setting = Setting::new(Host::demo()?).await?;
    let before = details(&setting.browser).await?;
    let browser = look(&setting, &setting.owner).await?;
    let mut shown = 0;
    for address in &setting.owned.addresses {
        let at = format!("{} {}", address.method, address.path(PORTAL));
        let answer = address.ask(&browser, PORTAL).await?;
        assert!(!answer.status.is_server_error(), "{at}: {}", answer.status);
        if address.method == "GET" {
            assert!(!access::asks_to_sign_in(&answer), "{at}: {}", answer.status);
            shown += setting.owned.found_in(&answer).len();
        } else {
            assert_eq!(answer.status, 403, "{at}: {}", answer.words());
        }
        assert!(
            access::session(&browser).is_err(),
            "{at}: a look is no session of the customer's"
        );
    }
    assert!(shown > 0, "nothing of the customer's was shown");
    setting.owner_is_untouched(&before).await
}

#[tokio::test]
async fn rule_15_staff_viewing_as_another_customer_get_nothing_of_the_owner_s() -> anyhow::Result<()> {
    let setting = Setting::new(Host::demo()?).await?;
    access::enable(&setting.office, "Brook & Sons Plumbing").await?;
    let browser = look(&setting, &setting.other).await?;
    for address in setting.owned.for_customers() {
        let at = format!("{} {}", address.method, address.path(PORTAL));
        let answer = address.ask(&browser, PORTAL).await?;
        assert!(!answer.status.is_server_error(), "{at}: {}", answer.status);
        let found = setting.owned.given_away(address, &answer);
        assert!(found.is_empty(), "{at} shows {found:?}");
        if !address.id.is_empty() && address.method == "GET" {
            assert_eq!(answer.status, 404, "{at}");
            let nothing = address.unknown().ask(&browser, PORTAL).await?;
            assert_eq!(
                access::comparable(&answer, &[&address.id]),
                access::comparable(&nothing, &[UNKNOWN]),
                "{at}: an id that exists is told from one that does not"
            );
        }
        // At another company the look is nothing.
        let elsewhere = address.ask(&browser, "/brook/portal").await?;
        assert!(
            address.was_refused(&elsewhere, "/brook/portal"),
            "{at}: {}",
            elsewhere.status
        );
    }
    Ok(())
}

#[tokio::test]
async fn rule_15_a_look_that_ended_or_never_was_gets_nothing_from_any_route() -> anyhow::Result<()> {
    let clock = Clock::new()?;
    let setting = Setting::new(Host::demo_on(&clock)?).await?;

    // The address works once, for a minute, and not by looking at it.
    let address = access::view_address(&setting.host, &setting.office, &setting.owner).await?;
    let late = access::view_address(&setting.host, &setting.office, &setting.owner).await?;
    let first = setting.host.public_browser();
    for _ in 0..3 {
        first.get(&address).await?.expect(200)?;
    }
    assert!(first.cookies().is_empty());
    scenario::exchange(&first, &address).await?.expect(303)?;
    let second = setting.host.public_browser();
    let again = second.post(&address, &[]).await?;
    assert_eq!(again.status, 404, "{}", again.words());
    clock.pass(Duration::from_secs(61))?;
    let again = second.post(&late, &[]).await?;
    assert_eq!(again.status, 404, "{}", again.words());
    assert!(second.cookies().is_empty());

    // Ended by its button, by the clock, and a value somebody made up.
    let main = first.get(&format!("{PORTAL}/")).await?.expect(200)?;
    let (name, value) = first.cookies().pop_first().expect("the look's cookie");
    first.press(&main, "Stop viewing", &[]).await?.expect(200)?;
    let timed = look(&setting, &setting.owner).await?;
    let outlived = timed.cookies().pop_first().expect("the look's cookie").1;
    timed.get(&format!("{PORTAL}/jobs")).await?.expect(200)?;
    clock.pass(Duration::from_secs(30 * 60))?;
    for (who, value) in [("ended", value), ("too old", outlived), ("made up", "a".repeat(32))] {
        for address in setting.owned.for_customers() {
            let browser = setting.host.public_browser();
            browser.set_cookie(&name, &value);
            let answer = address.ask(&browser, PORTAL).await?;
            let at = format!("a look that is {who}: {} {}", address.method, address.path(PORTAL));
            assert!(address.was_refused(&answer, PORTAL), "{at}: {}", answer.status);
            assert!(setting.owned.given_away(address, &answer).is_empty(), "{at}");
        }
    }

    // Staff sign out of the console: with their session ends the look.
    let browser = look(&setting, &setting.owner).await?;
    browser.get(&format!("{PORTAL}/jobs")).await?.expect(200)?;
    let home = setting
        .office
        .browser
        .get(&setting.office.home.url)
        .await?
        .expect(200)?;
    setting
        .office
        .browser
        .press(&home, "Sign out", &[])
        .await?
        .expect(303)?;
    let after = browser.get(&format!("{PORTAL}/jobs")).await?;
    assert!(access::asks_to_sign_in(&after), "{}", after.status);
    Ok(())
}
