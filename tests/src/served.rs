//! A small company of a test's own: imported from a folder, served by `host-harness serve`, its mail taken by a server on
//! loopback. For tests that need a configuration or records the demo has not.

use std::sync::Arc;
use std::time::Duration;

use crate::access;
use crate::browser::{Page, encode, join};
use crate::clock::Clock;
use crate::host::{self, Host};
use crate::scenario::Office;
use crate::smtp::{Message, Server};

/// The company's name.
pub const COMPANY: &str = "Acme Heating";
/// Its customers' pages.
pub const PORTAL: &str = "/acme/portal";
/// The name of its one template.
pub const TEMPLATE: &str = "Your portal";

const ABOUT: &str = "slug = \"acme\"\nname = \"Acme Heating\"\nemail = \"office@acme.example\"\nphone = \"(303) 555-0100\"\nlocale = \"en-US\"\ntime_zone = \"America/Denver\"\ncurrency = \"USD\"\ncountry = \"US\"\n";
const CUSTOMERS: &str = "id,first_name,last_name,email,language\n\
    C1,Zoë,Müller,zoe@example.com,\nC2,Rex,Refused,refused@example.com,\n";
const TEMPLATES: &str = "id,channel,name,subject,body\nT1,email,Your portal,Hello {{ customer.first_name | there }} from {{ company.name }},\"Hello {{ customer.first_name | there }},\nyour portal: {{ plugin.customer_portal.portal_link }}\"\n";

/// The running host, the signed-in platform admin and the mail server.
pub struct Served {
    /// The host.
    pub host: Host,
    /// Staff.
    pub office: Office,
    /// Where its mail goes.
    pub server: Server,
}

impl Served {
    /// Two customers and a template, the plugin enabled. `settings` are lines for the top of the configuration, `files`
    /// further files of the import folder (or others in the place of the usual ones).
    pub async fn start(settings: &str, files: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::start_of(None, settings, files).await
    }

    /// The same on a clock that can be moved.
    pub async fn start_on(clock: &Clock, settings: &str, files: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::start_of(Some(clock), settings, files).await
    }

    async fn start_of(clock: Option<&Clock>, settings: &str, files: &[(&str, &str)]) -> anyhow::Result<Self> {
        let folder = Arc::new(host::folder()?);
        let company = host::folder()?;
        let usual = [
            ("company.toml", ABOUT),
            ("customers.csv", CUSTOMERS),
            ("templates.csv", TEMPLATES),
        ];
        for (name, text) in usual.iter().chain(files) {
            let path = company.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(company.path()))?;
            std::fs::write(path, text)?;
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
            "data_dir = \"{{data}}\"\nstaff_listen = \"{{staff}}\"\npublic_listen = \"{{public}}\"\n{settings}\n\
             [smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"Acme Heating <office@acme.example>\"\n",
            server.port
        );
        let host = Host::serve_on(folder, &configuration, clock).await?;
        let browser = host.staff_browser();
        let token = invitation.rsplit('/').next().unwrap_or_default();
        let landing = browser.visit(&format!("/sign-in/t/{token}")).await?.expect(200)?;
        let answer = browser.press(&landing, "Continue to the staff console", &[]).await?;
        let home = browser.follow(answer).await?.expect(200)?;
        let office = Office { browser, home };
        access::enable(&office, COMPANY).await?;
        Ok(Self { host, office, server })
    }

    /// The profile of a customer.
    pub async fn profile(&self, search: &str, id: &str) -> anyhow::Result<Page> {
        let acme = self.office.company(COMPANY).await?;
        self.office.profile(&acme, search, id).await
    }

    /// Sends the template to a customer; every request of staff's bears these headers too.
    pub async fn send(&self, search: &str, id: &str, headers: &[(&str, &str)]) -> anyhow::Result<()> {
        let acme = self.office.company(COMPANY).await?;
        let list = self.office.go(&acme, "Communications").await?;
        let template = self.office.go(&list, TEMPLATE).await?;
        let browser = &self.office.browser;
        let send = browser
            .get_with(&join(&template.url, &template.link("Send")?), headers)
            .await?;
        let found = browser
            .get_with(&format!("{}?q={}", send.url, encode(search)), headers)
            .await?
            .expect(200)?;
        let form = found.form("Send to the chosen customer")?;
        let button = form.button("Send to the chosen customer").cloned().unwrap_or_default();
        let mut fields = form.filled(&[("customer", id)]);
        if !button.name.is_empty() {
            fields.push((button.name, button.value));
        }
        let action = if button.action.is_empty() {
            form.action
        } else {
            button.action
        };
        let mut all = vec![("sec-fetch-site", "same-origin")];
        all.extend(headers);
        let sent = browser.post_with(&join(&found.url, &action), &fields, &all).await?;
        browser.follow(sent).await?.expect(200)?;
        Ok(())
    }

    /// Waits for the first message the mail server gets.
    pub async fn first_message(&self) -> anyhow::Result<Message> {
        self.waited_for("the first message", |_| true, 1).await
    }

    /// Waits until so many messages have come for an address; the last of them.
    pub async fn message_to(&self, address: &str, count: usize) -> anyhow::Result<Message> {
        let addressed = |message: &Message| message.to.iter().any(|to| to == address);
        self.waited_for(address, addressed, count).await
    }

    /// How many messages have come for an address so far.
    pub fn count_to(&self, address: &str) -> usize {
        let messages = self.server.messages();
        messages
            .iter()
            .filter(|message| message.to.iter().any(|to| to == address))
            .count()
    }

    async fn waited_for(&self, what: &str, wanted: impl Fn(&Message) -> bool, count: usize) -> anyhow::Result<Message> {
        for _ in 0..300 {
            let mut found = self.server.messages().into_iter().filter(|message| wanted(message));
            if let Some(message) = found.nth(count.saturating_sub(1)) {
                return Ok(message);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("{what}: message {count} did not reach the mail server")
    }
}
