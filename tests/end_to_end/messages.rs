//! Communications: a template with *Insert Field Value*, its preview, sending to one customer, the mailbox, the link in it.
//! What a template may not contain is said with the nearest name.

use conformance::browser::join;
use conformance::scenario::{self, Office};
use conformance::{Host, Page, html};

async fn new_template(office: &Office) -> anyhow::Result<Page> {
    let summit = office.company("Summit Heating & Air").await?;
    let list = office.go(&summit, "Communications").await?;
    office.go(&list, "New template").await
}

fn field_token(page: &Page, label: &str) -> anyhow::Result<String> {
    html::elements(&page.text(), "button")
        .into_iter()
        .find(|button| button.get("data-label").is_some_and(|known| known == label))
        .and_then(|button| button.get("data-insert").cloned())
        .ok_or_else(|| anyhow::anyhow!("Insert Field Value does not list {label:?}: {}", page.words()))
}

#[tokio::test]
async fn a_template_with_the_portal_link_reaches_a_customer_and_its_link_works() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let customer = scenario::customer_with_everything()?;
    let page = new_template(&office).await?;
    assert!(page.words().contains("Insert Field Value"), "{}", page.words());
    let link = field_token(&page, "Customer Portal Link")?;
    field_token(&page, "Customer Portal Link w/ Password")?;

    let body = format!("Hello {{{{ customer.first_name | there }}}},\n\nyour portal: {link}\n");
    let typed = [
        ("name", "Your portal"),
        ("channel", "email"),
        ("subject", "Your portal at {{ company.name }}"),
        ("body", &body),
    ];

    // A preview against a real customer mints nothing and changes nothing.
    let with_customer: Vec<(&str, &str)> = typed
        .iter()
        .copied()
        .chain([("customer", customer.id.as_str())])
        .collect();
    let preview = office.browser.press(&page, "Preview", &with_customer).await?;
    let preview = office.browser.follow(preview).await?.expect(200)?;
    assert!(
        preview.words().contains(&format!("Hello {},", customer.first_name)),
        "{}",
        preview.words()
    );
    assert!(
        preview.words().contains("Your portal at Summit Heating & Air"),
        "{}",
        preview.words()
    );

    let saved = office.browser.press(&page, "Save", &typed).await?;
    let saved = office.browser.follow(saved).await?.expect(200)?;
    let send = match saved.link("Send") {
        Ok(href) => office.browser.visit(&join(&saved.url, &href)).await?.expect(200)?,
        Err(_) => {
            let template = office.go(&saved, "Your portal").await?;
            office.go(&template, "Send").await?
        }
    };
    let found = office
        .browser
        .visit(&format!(
            "{}?q={}",
            send.url,
            conformance::browser::encode(&customer.last_name)
        ))
        .await?;
    let sent = office
        .browser
        .press(&found, "Send to the chosen customer", &[("customer", &customer.id)])
        .await?;
    office.browser.follow(sent).await?.expect(200)?;

    let text = arrived(&host, "Your portal at Summit Heating").await?;
    assert!(text.contains(&format!("Hello {},", customer.first_name)), "{text}");
    let link = scenario::address_in(&text, &format!("{}/summit/portal/l/", host.public))?;
    let (_, main) = scenario::open_portal(&host, &link).await?;
    assert!(main.words().contains(&customer.first_name), "{}", main.words());
    Ok(())
}

/// Waits until a message with this title stands in the mailbox and returns its words.
async fn arrived(host: &Host, title: &str) -> anyhow::Result<String> {
    let browser = host.staff_browser();
    for _ in 0..200 {
        let mailbox = browser.visit("/mailbox").await?.expect(200)?;
        if let Ok(href) = mailbox.link(title) {
            let message = browser.visit(&join(&mailbox.url, &href)).await?.expect(200)?;
            return Ok(message.words());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!(
        "no message {title:?} in the mailbox: {}",
        browser.visit("/mailbox").await?.words()
    )
}

#[tokio::test]
async fn a_text_message_template_works_the_same() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let page = new_template(&office).await?;
    let link = field_token(&page, "Customer Portal Link")?;
    let body = format!("Hi {{{{customer.first_name|there}}}}, see {link}");
    let saved = office
        .browser
        .press(&page, "Save", &[("name", "Text"), ("channel", "sms"), ("body", &body)])
        .await?;
    let saved = office.browser.follow(saved).await?.expect(200)?;
    assert!(saved.words().contains("Text"), "{}", saved.words());
    Ok(())
}

#[tokio::test]
async fn an_unknown_field_is_refused_naming_the_nearest_and_the_text_stays() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let page = new_template(&office).await?;
    let body = "Hello {{ customer.frist_name }}";
    let typed = [("name", "T"), ("channel", "email"), ("subject", "S"), ("body", body)];
    let refused = office.browser.press(&page, "Save", &typed).await?;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    assert!(
        refused.words().contains("customer.first_name"),
        "it names the nearest: {}",
        refused.words()
    );
    assert_eq!(refused.form("Save")?.value("body"), Some(body));
    for broken in [
        "{{ customer.first_name",
        "{{ }}",
        "{{ customer.first_name | a }} {{",
        "{% if x %}{{ 1 + 1 }}",
    ] {
        let typed = [("name", "T"), ("channel", "email"), ("subject", "S"), ("body", broken)];
        let refused = office.browser.press(&page, "Save", &typed).await?;
        assert!(refused.status.is_client_error(), "{broken}: {}", refused.status);
    }
    Ok(())
}

#[tokio::test]
async fn a_subject_with_a_line_break_is_refused() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let page = new_template(&office).await?;
    for subject in ["Hello\r\nBcc: everybody@example.com", "Hello\nX: y", "Hello\0"] {
        let typed = [("name", "T"), ("channel", "email"), ("subject", subject), ("body", "x")];
        let refused = office.browser.press(&page, "Save", &typed).await?;
        assert!(refused.status.is_client_error(), "{subject:?}: {}", refused.status);
    }
    Ok(())
}
