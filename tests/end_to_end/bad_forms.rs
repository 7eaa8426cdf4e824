//! Bad input in forms and addresses: garbled links, another tab's stale version, fields too long, twice or missing.
//! Each gets a clear message and the right status, and what was typed is not lost.

use conformance::Host;
use conformance::scenario::{self, Office};

#[tokio::test]
async fn an_unknown_or_garbled_link_gets_a_page_with_a_way_on() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let browser = host.public_browser();
    let link = scenario::sample_link(&host)?;
    let (start, token) = link.rsplit_once('/').unwrap();
    let reversed: String = token.chars().rev().collect();
    for garbled in [
        // Bytes that are no text, as when a mail program cuts a quotation mark in two.
        "abc%E2",
        "abc%ff",
        "x",
        &token[1..],
        &reversed,
        "%00",
        "..%2f..",
        "%F0%9F%92%A9",
        "' OR 1=1 --",
    ] {
        let address = format!("{start}/{}", garbled.replace(' ', "%20"));
        let mut page = browser.get(&address).await?;
        if page.status.is_success() {
            // The landing page may look alike for every link; then pressing its button must tell.
            page = scenario::exchange(&browser, &address).await?;
        }
        assert!(page.status.is_client_error(), "{garbled}: {}", page.status);
        assert!(browser.cookies().is_empty(), "{garbled} gives no session");
        let words = page.words();
        assert!(
            words.contains("Summit Heating & Air") || words.contains("page"),
            "{garbled}: {words}"
        );
    }

    // Longer than any link there is: no address of the portal at all, so it asks to sign in and says whose page it is.
    let far_too_long = browser.visit(&format!("{start}/{}", "a".repeat(5000))).await?;
    assert!(
        far_too_long.words().contains("Summit Heating & Air"),
        "{}",
        far_too_long.words()
    );
    assert!(!far_too_long.status.is_server_error() && browser.cookies().is_empty());
    Ok(())
}

#[tokio::test]
async fn another_tab_s_stale_version_is_said_and_nothing_typed_is_lost() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (browser, first_tab) = scenario::open_portal(&host, &scenario::sample_link(&host)?).await?;
    let second_tab = browser.visit(&first_tab.url).await?;

    browser
        .press(&second_tab, "Save Changes", &[("city", "Longmont")])
        .await?
        .expect(303)?;
    let stale = browser
        .press(
            &first_tab,
            "Save Changes",
            &[("phone", "(303) 555-0111"), ("city", "Golden")],
        )
        .await?;
    assert_eq!(stale.status, 409, "{}", stale.words());
    let form = stale.form("Save Changes")?;
    assert_eq!(form.value("phone"), Some("(303) 555-0111"), "what was typed stays");
    assert_eq!(form.value("city"), Some("Golden"), "what was typed stays");
    assert!(
        stale.words().contains("Longmont"),
        "what is on file now stands beside it: {}",
        stale.words()
    );

    // Saving again, now knowingly, works.
    browser.press(&stale, "Save Changes", &[]).await?.expect(303)?;
    let now = browser.visit(&first_tab.url).await?;
    assert_eq!(now.form("Save Changes")?.value("city"), Some("Golden"));
    Ok(())
}

#[tokio::test]
async fn fields_too_long_twice_or_missing_are_refused_and_what_was_typed_stays() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (browser, main) = scenario::open_portal(&host, &scenario::sample_link(&host)?).await?;
    let before = main.form("Save Changes")?;
    let action = conformance::browser::join(&main.url, &before.action);

    let long = "ä".repeat(400);
    let refused = browser
        .press(
            &main,
            "Save Changes",
            &[("first_name", long.as_str()), ("city", "Golden")],
        )
        .await?;
    assert_eq!(refused.status, 422, "{}", refused.words());
    assert_eq!(refused.form("Save Changes")?.value("first_name"), Some(long.as_str()));
    assert_eq!(refused.form("Save Changes")?.value("city"), Some("Golden"));

    let mut twice = before.filled(&[("city", "Golden")]);
    twice.push(("city".to_owned(), "Boulder".to_owned()));
    let refused = browser.post(&action, &twice).await?;
    assert_eq!(refused.status, 422, "{}", refused.words());

    let missing: Vec<_> = before
        .fields
        .iter()
        .filter(|(name, _)| name != "last_name")
        .cloned()
        .collect();
    let refused = browser.post(&action, &missing).await?;
    assert_eq!(refused.status, 422, "{}", refused.words());

    let refused = browser
        .press(&main, "Save Changes", &[("email", "not an address")])
        .await?;
    assert_eq!(refused.status, 422, "{}", refused.words());
    assert_eq!(refused.form("Save Changes")?.value("email"), Some("not an address"));

    let version = before
        .fields
        .iter()
        .find(|(name, _)| name == "version")
        .expect("the form carries a version");
    for wrong in ["", "-1", "99999999999999999999999", "x"] {
        let fields = before.filled(&[("version", wrong), ("city", "Golden")]);
        let refused = browser.post(&action, &fields).await?;
        assert!(
            refused.status.is_client_error(),
            "version {wrong:?}: {}",
            refused.status
        );
    }

    let now = browser.visit(&main.url).await?.form("Save Changes")?;
    assert_eq!(
        now.fields, before.fields,
        "nothing was changed, version {} included",
        version.1
    );
    Ok(())
}

#[tokio::test]
async fn a_booking_without_words_or_with_too_many_is_refused_and_kept() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (browser, main) = scenario::open_portal(&host, &scenario::sample_link(&host)?).await?;
    let booking = browser.visit(&main.link("Submit Request")?).await?.expect(200)?;
    let form = scenario::booking_form(&booking)?;
    let empty = browser.press(&booking, &form.button, &form.filled("")).await?;
    assert!(empty.status.is_client_error(), "{}", empty.status);
    let long = "x".repeat(20_000);
    let refused = browser.press(&booking, &form.button, &form.filled(&long)).await?;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    assert!(refused.text().contains(&long), "what was typed stays");
    Ok(())
}

#[tokio::test]
async fn staff_forms_refuse_and_keep_too() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let summit = office.company("Summit Heating & Air").await?;
    let customer = scenario::customer_with_everything()?;
    let profile = office.profile(&summit, &customer.last_name, &customer.id).await?;
    let edit = office.go(&profile, "Edit contact details").await?;
    let other_tab = office.go(&profile, "Edit contact details").await?;
    let long = "x".repeat(5000);
    let refused = office.browser.press(&edit, "Save", &[("first_name", &long)]).await?;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    assert_eq!(refused.form("Save")?.value("first_name"), Some(long.as_str()));
    office
        .browser
        .press(&other_tab, "Save", &[("city", "Longmont")])
        .await?
        .expect(303)?;
    let stale = office.browser.press(&edit, "Save", &[("city", "Golden")]).await?;
    assert_eq!(stale.status, 409, "{}", stale.words());
    assert_eq!(
        stale.form("Save")?.value("city"),
        Some("Golden"),
        "what was typed stays"
    );
    Ok(())
}
