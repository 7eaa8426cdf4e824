//! Security rule 25, from outside: a write that another site could have set off is refused on both listeners,
//! and nothing is changed by it.

use conformance::browser::join;
use conformance::scenario::{self, Office};
use conformance::{Browser, Host};

/// Headers another site's form would come with, and whether the write may pass.
fn cases(own: &str) -> Vec<(Vec<(&'static str, String)>, bool)> {
    let of = |pairs: &[(&'static str, &str)]| {
        pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect::<Vec<_>>()
    };
    vec![
        (
            of(&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]),
            false,
        ),
        (of(&[("sec-fetch-site", "same-site"), ("origin", own)]), false),
        (of(&[("sec-fetch-site", "cross-site"), ("origin", own)]), false),
        (of(&[("sec-fetch-site", "SAME-ORIGIN ")]), false),
        (of(&[("origin", "https://evil.example")]), false),
        (of(&[("origin", "null")]), false),
        (of(&[]), false),
        (of(&[("origin", own)]), true),
        (of(&[("sec-fetch-site", "same-origin"), ("origin", "null")]), true),
    ]
}

async fn outcome(
    browser: &Browser,
    address: &str,
    fields: &[(String, String)],
    headers: &[(&'static str, String)],
) -> anyhow::Result<u16> {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(browser.post_with(address, fields, &headers).await?.status.as_u16())
}

#[tokio::test]
async fn rule_25_the_portal_takes_writes_from_its_own_pages_only() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (browser, main) = scenario::open_portal(&host, &scenario::sample_link(&host)?).await?;
    for (at, (headers, passes)) in cases(&host.public).into_iter().enumerate() {
        let page = browser.visit(&main.url).await?;
        let form = page.form("Save Changes")?;
        let city = format!("City {at}");
        let status = outcome(
            &browser,
            &join(&page.url, &form.action),
            &form.filled(&[("city", &city)]),
            &headers,
        )
        .await?;
        let now = browser.visit(&main.url).await?.form("Save Changes")?;
        assert_eq!(status != 403, passes, "{headers:?}: {status}");
        assert_eq!(now.value("city") == Some(city.as_str()), passes, "{headers:?}");
    }
    Ok(())
}

#[tokio::test]
async fn rule_25_the_console_takes_writes_from_its_own_pages_only() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let summit = office.company("Summit Heating & Air").await?;
    let settings = office.go(&summit, "Company Settings").await?;
    let plugins = office.go(&settings, "Features & Plugins").await?;
    let plugin = office.go(&plugins, "Customer Portal").await?;
    let disable = plugin.form("Disable")?;
    let action = join(&plugin.url, &disable.action);
    for (headers, passes) in cases(&host.staff) {
        let status = outcome(&office.browser, &action, &disable.fields, &headers).await?;
        assert_eq!(status != 403, passes, "{headers:?}: {status}");
        let now = office.browser.visit(&plugin.url).await?;
        assert_eq!(now.form("Enable").is_ok(), passes, "{headers:?}");
        if passes {
            office.browser.press(&now, "Enable", &[]).await?.expect(303)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn rule_25_a_link_s_exchange_cannot_be_set_off_from_elsewhere() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let link = scenario::sample_link(&host)?;
    let browser = host.public_browser();
    let landing = browser.get(&link).await?.expect(200)?;
    let form = conformance::html::forms(&landing.text()).remove(0);
    let address = join(&landing.url, &form.action);
    let refused = browser
        .post_with(&address, &form.fields, &[("sec-fetch-site", "cross-site")])
        .await?;
    assert_eq!(refused.status, 403);
    assert!(browser.cookies().is_empty(), "login CSRF: no session is planted");
    Ok(())
}
