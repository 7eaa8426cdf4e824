//! The product's main path, once through, as a new user would walk it: enable, share, open, edit, request.
//! The finer rules of each step have files of their own.

use conformance::Host;
use conformance::scenario::{self, COPY_LINK, Office};

#[tokio::test]
async fn staff_share_a_portal_and_the_customer_uses_it() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let summit = office.company("Summit Heating & Air").await?;
    let customer = scenario::customer_with_everything()?;

    // Actions → Copy Customer Portal Link → a panel with checkbox, badge and link.
    let profile = office.profile(&summit, &customer.last_name, &customer.id).await?;
    let panel = office.open_panel(&profile).await?;
    let words = panel.words();
    assert!(words.contains("Password Protected"), "{words}");
    assert!(
        words.contains("It works through"),
        "the link says how long it works: {words}"
    );
    let link = scenario::link_in(&panel)?;
    assert!(link.starts_with(&format!("{}/summit/portal/l/", host.public)), "{link}");

    // The customer opens it, presses the one button and is on the main page.
    let (browser, main) = scenario::open_portal(&host, &link).await?;
    assert!(main.words().contains(&customer.first_name), "{}", main.words());
    for tab in [
        "My Details",
        "Submit Request",
        "My Jobs",
        "My Projects",
        "My Estimates",
        "My Invoices",
        "My Payments",
    ] {
        main.link(tab)?;
    }

    // Edit in place → Save Changes; the staff profile shows it.
    let saved = browser
        .press(
            &main,
            "Save Changes",
            &[("phone", "(303) 555-0999"), ("city", "Longmont")],
        )
        .await?;
    let main = browser.follow(saved).await?.expect(200)?;
    assert!(main.words().contains("Saved"), "{}", main.words());
    assert_eq!(main.form("Save Changes")?.value("phone"), Some("(303) 555-0999"));
    let profile = office.browser.visit(&profile.url).await?.expect(200)?;
    assert!(profile.words().contains("(303) 555-0999"), "{}", profile.words());
    assert!(profile.words().contains("Longmont"), "{}", profile.words());

    // Submit Request opens the booking page in a new tab; what is asked there reaches both sides.
    let request = main
        .links()
        .into_iter()
        .find(|link| link.text.contains("Submit Request"))
        .expect("a tab");
    assert_eq!(request.target, "_blank", "it opens in a new tab");
    let booking = browser.visit(&request.href).await?.expect(200)?;
    assert!(
        booking.url.ends_with("/summit/book"),
        "no token stays in the address: {}",
        booking.url
    );
    let form = scenario::booking_form(&booking)?;
    let answer = browser
        .press(&booking, &form.button, &form.filled("The upstairs register rattles"))
        .await?;
    let booked = browser.follow(answer).await?.expect(200)?;
    assert!(
        booked.words().to_lowercase().contains("thank") || booked.words().contains("received"),
        "{}",
        booked.words()
    );
    let requests = office.go(&summit, "Requests").await?;
    assert!(
        requests.words().contains("The upstairs register rattles"),
        "{}",
        requests.words()
    );
    let main = browser.visit(&main.url).await?.expect(200)?;
    let listed = browser.visit("/summit/portal/requests").await?.expect(200)?;
    assert!(
        main.words().contains("The upstairs register rattles")
            && listed.words().contains("The upstairs register rattles"),
        "{}",
        listed.words()
    );
    Ok(())
}

#[tokio::test]
async fn the_second_company_enables_the_plugin_and_has_portals_at_once() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let browser = host.public_browser();
    let before = browser.get("/brook/portal/").await?;
    assert_eq!(before.status, 404, "not enabled: {}", before.words());

    let office = Office::sign_in(&host).await?;
    let brook = office.company("Brook & Sons Plumbing").await?;
    let settings = office.go(&brook, "Company Settings").await?;
    let plugins = office.go(&settings, "Features & Plugins").await?;
    assert!(plugins.words().contains("Customer Portal"), "{}", plugins.words());
    let plugin = office.go(&plugins, "Customer Portal").await?;
    let answer = office.browser.press(&plugin, "Enable", &[]).await?;
    let plugin = office.browser.follow(answer).await?.expect(200)?;
    plugin.form("Disable")?;

    // Its customers now have the action, and their links work.
    let someone = &scenario::demo_rows("brook", "customers.csv")?[0];
    let profile = office.profile(&brook, &someone["last_name"], &someone["id"]).await?;
    let link = office.portal_link(&profile).await?;
    let (browser, main) = scenario::open_portal(&host, &link).await?;
    assert!(main.words().contains("Brook & Sons Plumbing"), "{}", main.words());

    // Disable: a plain 404 for the session that was just alive, and the action is gone.
    let answer = office.browser.press(&plugin, "Disable", &[]).await?;
    office.browser.follow(answer).await?.expect(200)?.form("Enable")?;
    let after = browser.get(&main.url).await?;
    assert_eq!(after.status, 404);
    let profile = office.browser.visit(&profile.url).await?.expect(200)?;
    assert!(profile.form(COPY_LINK).is_err(), "the action went with the plugin");
    Ok(())
}

#[tokio::test]
async fn the_checkbox_is_real_state_and_a_protected_customer_s_plain_link_shows_nothing() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let summit = office.company("Summit Heating & Air").await?;
    let customer = scenario::customer_with_everything()?;
    let profile = office.profile(&summit, &customer.last_name, &customer.id).await?;
    let panel = office.open_panel(&profile).await?;
    let plain = scenario::link_in(&panel)?;
    let (browser, main) = scenario::open_portal(&host, &plain).await?;

    let form = conformance::html::forms(&panel.text())
        .into_iter()
        .find(|form| form.text.contains("Password Protected"));
    let form = form.expect("the panel is a form");
    let apply = form
        .buttons
        .iter()
        .find(|button| button.name == "button")
        .expect("a way to switch without script");
    let key = apply.value.clone();
    let name = conformance::html::elements(&panel.text(), "input")
        .into_iter()
        .find(|input| input.get("type").is_some_and(|kind| kind == "checkbox"))
        .and_then(|input| input.get("name").cloned())
        .expect("a checkbox");
    let mut fields = form.filled(&[(&name, "true")]);
    fields.push(("button".to_owned(), key));
    let answer = office.browser.post(&form.action, &fields).await?;
    let panel = office.browser.follow(answer).await?.expect(200)?;
    assert!(panel.words().contains("Unregistered"), "{}", panel.words());
    assert!(panel.words().contains("Copy Registration Link"), "{}", panel.words());

    // It is still so when somebody opens the panel again.
    let again = office.open_panel(&profile).await?;
    assert!(again.words().contains("Unregistered"), "{}", again.words());

    // The session the plain link gave has ended, and the link shows no data.
    let after = browser.visit(&main.url).await?;
    assert!(!after.words().contains(&customer.email), "{}", after.words());
    let stranger = host.public_browser();
    let answer = scenario::exchange(&stranger, &plain).await?;
    let answer = stranger.follow(answer).await?;
    assert!(
        !answer.words().contains(&customer.email) && !answer.words().contains(&customer.street),
        "{}",
        answer.words()
    );
    Ok(())
}
