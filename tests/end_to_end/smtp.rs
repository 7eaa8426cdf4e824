//! Real SMTP: a configured host hands a customer's message to a mail server on loopback, with a link that works.
//! A recipient the server refuses is told to staff and not tried for ever.

use std::sync::Arc;
use std::time::Duration;

use conformance::browser::{encode, join};
use conformance::scenario::{self, Office};
use conformance::smtp::{Message, Server};
use conformance::{Host, host};

const CUSTOMERS: &str = "id,first_name,last_name,email,language\n\
    C1,Zoë,Müller,zoe@example.com,\nC2,Rex,Refused,refused@example.com,\n";
const COMPANY: &str = "slug = \"acme\"\nname = \"Acme Heating\"\nemail = \"office@acme.example\"\nphone = \"(303) 555-0100\"\nlocale = \"en-US\"\ntime_zone = \"America/Denver\"\ncurrency = \"USD\"\ncountry = \"US\"\n";
const TEMPLATES: &str = "id,channel,name,subject,body\nT1,email,Your portal,Your portal at {{ company.name }},\"Hello {{ customer.first_name | there }},\nyour portal: {{ plugin.customer_portal.portal_link }}\"\n";

struct Office2 {
    host: Host,
    office: Office,
    server: Server,
}

async fn serving() -> anyhow::Result<Office2> {
    let folder = Arc::new(host::folder()?);
    let company = host::folder()?;
    for (name, text) in [
        ("company.toml", COMPANY),
        ("customers.csv", CUSTOMERS),
        ("templates.csv", TEMPLATES),
    ] {
        std::fs::write(company.path().join(name), text)?;
    }
    let run = |arguments: &[&str]| -> anyhow::Result<String> {
        let output = host::command(&folder, arguments)?;
        anyhow::ensure!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    // The plugin's fields are known to a template only where the plugin is installed.
    run(&["plugin", "install", &host::component()?.display().to_string()])?;
    run(&["import", &company.path().display().to_string()])?;
    let invitation = run(&["staff", "invite", "owner@acme.example", "--role", "platform_admin"])?;
    let server = Server::start().await?;
    let configuration = format!(
        "data_dir = \"{{data}}\"\nstaff_listen = \"{{staff}}\"\npublic_listen = \"{{public}}\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"Acme Heating <office@acme.example>\"\n",
        server.port
    );
    let host = Host::serve(folder, &configuration).await?;
    let browser = host.staff_browser();
    let token = invitation.rsplit('/').next().unwrap_or_default();
    let landing = browser.visit(&format!("/sign-in/t/{token}")).await?.expect(200)?;
    let answer = browser.press(&landing, "Continue to the staff console", &[]).await?;
    let home = browser.follow(answer).await?.expect(200)?;
    let office = Office { browser, home };
    let acme = office.company("Acme Heating").await?;
    let settings = office.go(&acme, "Company Settings").await?;
    let plugins = office.go(&settings, "Features & Plugins").await?;
    let plugin = office.go(&plugins, "Customer Portal").await?;
    office.browser.press(&plugin, "Enable", &[]).await?.expect(303)?;
    Ok(Office2 { host, office, server })
}

async fn send(at: &Office2, customer: &str, search: &str) -> anyhow::Result<()> {
    let acme = at.office.company("Acme Heating").await?;
    let list = at.office.go(&acme, "Communications").await?;
    let template = at.office.go(&list, "Your portal").await?;
    let send = at
        .office
        .browser
        .visit(&join(&template.url, &template.link("Send")?))
        .await?
        .expect(200)?;
    let found = at
        .office
        .browser
        .visit(&format!("{}?q={}", send.url, encode(search)))
        .await?
        .expect(200)?;
    let sent = at
        .office
        .browser
        .press(&found, "Send to the chosen customer", &[("customer", customer)])
        .await?;
    at.office.browser.follow(sent).await?.expect(200)?;
    Ok(())
}

async fn first_message(server: &Server) -> anyhow::Result<Message> {
    for _ in 0..300 {
        if let Some(message) = server.messages().into_iter().next() {
            return Ok(message);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("no message reached the mail server")
}

#[tokio::test]
async fn a_message_leaves_by_smtp_and_its_link_works() -> anyhow::Result<()> {
    let at = serving().await?;
    send(&at, "C1", "Müller").await?;
    let message = first_message(&at.server).await?;
    assert_eq!(message.from, "office@acme.example");
    assert_eq!(message.to, ["zoe@example.com"]);
    for header in ["From:", "To:", "Subject:", "Date:", "Message-ID:", "MIME-Version:"] {
        assert!(message.data.contains(header), "{header} in {}", message.data);
    }
    let text = message.readable();
    assert!(text.contains("Hello Zoë"), "{text}");
    let link = scenario::address_in(&text, &format!("{}/acme/portal/l/", at.host.public))?;
    let (_, main) = scenario::open_portal(&at.host, &link).await?;
    assert!(main.words().contains("Zoë"), "{}", main.words());
    Ok(())
}

#[tokio::test]
async fn a_recipient_the_server_refuses_is_told_to_staff() -> anyhow::Result<()> {
    let at = serving().await?;
    send(&at, "C2", "Refused").await?;
    let acme = at.office.company("Acme Heating").await?;
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
