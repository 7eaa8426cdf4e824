//! Real SMTP: a configured host hands a customer's message to a mail server on loopback, with a link that works.
//! A recipient the server refuses is told to staff and not tried for ever.

use std::time::Duration;

use conformance::scenario;
use conformance::served::{COMPANY, PORTAL, Served};

#[tokio::test]
async fn a_message_leaves_by_smtp_and_its_link_works() -> anyhow::Result<()> {
    let at = Served::start("", &[]).await?;
    at.send("Müller", "C1", &[]).await?;
    let message = at.first_message().await?;
    assert_eq!(message.from, "office@acme.example");
    assert_eq!(message.to, ["zoe@example.com"]);
    for header in ["From:", "To:", "Subject:", "Date:", "Message-ID:", "MIME-Version:"] {
        assert!(message.data.contains(header), "{header} in {}", message.data);
    }
    let text = message.readable();
    assert!(text.contains("Hello Zoë"), "{text}");
    let link = scenario::address_in(&text, &format!("{}{PORTAL}/l/", at.host.public))?;
    let (_, main) = scenario::open_portal(&at.host, &link).await?;
    assert!(main.words().contains("Zoë"), "{}", main.words());
    Ok(())
}

#[tokio::test]
async fn a_recipient_the_server_refuses_is_told_to_staff() -> anyhow::Result<()> {
    let at = Served::start("", &[]).await?;
    at.send("Refused", "C2", &[]).await?;
    let acme = at.office.company(COMPANY).await?;
    for _ in 0..300 {
        let outbox = at.office.go(&acme, "Outbox").await?;
        let words = outbox.words().to_lowercase();
        if words.contains("failed") || words.contains("not delivered") || words.contains("given up") {
            assert!(at.server.messages().is_empty());
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!(
        "staff never hear of it: {}",
        at.office.go(&acme, "Outbox").await?.words()
    )
}
