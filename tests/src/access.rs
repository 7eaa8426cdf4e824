//! The password-protected portal as staff and customers use it: protect, sign up, sign in, sign out.
//! Like `scenario`, in the words that stand on the screen.

use anyhow::Context as _;

use crate::browser::{Browser, Page, join};
use crate::host::Host;
use crate::html;
use crate::scenario::{self, DemoCustomer, Office};

/// The portal of the first demo company.
pub const PORTAL: &str = "/summit/portal";

/// A password nobody objects to.
pub const PASSWORD: &str = "correct horse battery staple";

/// The label of the panel's checkbox.
const PROTECTED: &str = "Password Protected";

/// The customers of a demo company who can be found by a last name and written to by e-mail.
pub fn customers(company: &str) -> anyhow::Result<Vec<DemoCustomer>> {
    let of = |row: &std::collections::BTreeMap<String, String>, key: &str| row.get(key).cloned().unwrap_or_default();
    let rows = scenario::demo_rows(company, "customers.csv")?;
    let found = rows
        .iter()
        .map(|row| DemoCustomer {
            id: of(row, "id"),
            first_name: of(row, "first_name"),
            last_name: of(row, "last_name"),
            email: of(row, "email"),
            street: of(row, "street"),
        })
        .filter(|customer| !customer.last_name.is_empty() && !customer.email.is_empty());
    Ok(found.collect())
}

/// Enables the plugin for a company.
pub async fn enable(office: &Office, company: &str) -> anyhow::Result<()> {
    let company = office.company(company).await?;
    let settings = office.go(&company, "Company Settings").await?;
    let plugins = office.go(&settings, "Features & Plugins").await?;
    let plugin = office.go(&plugins, "Customer Portal").await?;
    office.browser.press(&plugin, "Enable", &[]).await?.expect(303)?;
    Ok(())
}

/// The panel of a customer of the first demo company.
pub async fn panel(office: &Office, customer: &DemoCustomer) -> anyhow::Result<Page> {
    let summit = office.company("Summit Heating & Air").await?;
    let profile = office.profile(&summit, &customer.last_name, &customer.id).await?;
    office.open_panel(&profile).await
}

/// Switches *Password Protected* on or off; the panel as it is then.
pub async fn protect(office: &Office, panel: &Page, on: bool) -> anyhow::Result<Page> {
    let checkbox = html::elements(&panel.text(), "input")
        .into_iter()
        .find(|input| input.get("type").is_some_and(|kind| kind == "checkbox"))
        .and_then(|input| input.get("name").cloned())
        .context("the panel has no checkbox")?;
    let form = html::forms(&panel.text())
        .into_iter()
        .find(|form| form.text.contains(PROTECTED))
        .with_context(|| format!("no form says {PROTECTED:?}: {}", panel.words()))?;
    // Without script the checkbox has a button of its own, named by the checkbox's key.
    let apply = form
        .buttons
        .iter()
        .find(|button| !button.value.is_empty() && checkbox.ends_with(&button.value))
        .context("no way to switch without script")?;
    let mut fields = form.fields.clone();
    fields.retain(|(name, _)| *name != checkbox);
    if on {
        fields.push((checkbox, "true".to_owned()));
    }
    fields.push((apply.name.clone(), apply.value.clone()));
    let answer = office.browser.post(&join(&panel.url, &form.action), &fields).await?;
    office.browser.follow(answer).await?.expect(200)
}

/// Protects a customer; their registration link.
pub async fn registration_link(office: &Office, customer: &DemoCustomer) -> anyhow::Result<String> {
    let panel = panel(office, customer).await?;
    scenario::link_in(&protect(office, &panel, true).await?)
}

/// Opens a registration link and signs up with the e-mail on file; the browser and the portal's main page.
pub async fn sign_up(host: &Host, link: &str, password: &str) -> anyhow::Result<(Browser, Page)> {
    let browser = host.public_browser();
    let page = browser
        .follow(scenario::exchange(&browser, link).await?)
        .await?
        .expect(200)?;
    let answer = browser.press(&page, "Sign Up", &[("password", password)]).await?;
    let main = browser.follow(answer).await?.expect(200)?;
    Ok((browser, main))
}

/// A customer who is protected and has signed up with [`PASSWORD`].
pub async fn registered(host: &Host, office: &Office, customer: &DemoCustomer) -> anyhow::Result<(Browser, Page)> {
    sign_up(host, &registration_link(office, customer).await?, PASSWORD).await
}

/// *View Customer Portal as customer* on a customer's profile: the address that begins it, once.
pub async fn view_address(host: &Host, office: &Office, customer: &DemoCustomer) -> anyhow::Result<String> {
    let summit = office.company("Summit Heating & Air").await?;
    let profile = office.profile(&summit, &customer.last_name, &customer.id).await?;
    let label = html::forms(&profile.text())
        .into_iter()
        .flat_map(|form| form.buttons)
        .map(|button| button.label)
        .find(|label| label.starts_with("View Customer Portal as customer"))
        .context("the profile offers no look at the portal")?;
    let page = office.browser.press(&profile, &label, &[]).await?;
    let page = office.browser.follow(page).await?.expect(200)?;
    scenario::address_in(&page.text(), &format!("{}/-/view/", host.public))
}

/// Tries to sign in at the first demo company; the direct answer.
pub async fn sign_in(browser: &Browser, email: &str, password: &str) -> anyhow::Result<Page> {
    sign_in_at(browser, &format!("{PORTAL}/sign-in"), email, password, &[]).await
}

/// Tries to sign in at this address, with headers of one's own.
pub async fn sign_in_at(
    browser: &Browser,
    address: &str,
    email: &str,
    password: &str,
    headers: &[(&str, &str)],
) -> anyhow::Result<Page> {
    let fields = [
        ("email".to_owned(), email.to_owned()),
        ("password".to_owned(), password.to_owned()),
    ];
    let mut all = vec![("sec-fetch-site", "same-origin")];
    all.extend(headers);
    browser.post_with(address, &fields, &all).await
}

/// Whether an answer sends a browser without a session away: to *Sign In*, and nowhere else.
pub fn asks_to_sign_in(page: &Page) -> bool {
    page.status == 303
        && page
            .location()
            .is_some_and(|to| to.split('?').next() == Some(&format!("{PORTAL}/sign-in")))
}

/// Whether an answer to a route for customers tells a browser that it has no session, at the portal under `mount`: who
/// reads is sent to *Sign In*; a form is answered 401 where it stands, so that what was typed is one step back, with
/// that way in on the page. Signing out is no form to go back to.
pub fn is_sent_away(page: &Page, method: &str, path: &str, mount: &str) -> bool {
    let sign_in = format!("{mount}/sign-in");
    let leads_there = |to: &String| to.split('?').next() == Some(&sign_in);
    if method != "POST" || path == format!("{mount}/sign-out") {
        return page.status == 303 && page.location().is_some_and(|to| leads_there(&to));
    }
    page.status == 401
        && page.location().is_none()
        && html::forms(&page.text()).is_empty()
        && page.links().iter().any(|link| leads_there(&link.href))
}

/// The name and value of a browser's session cookie.
pub fn session(browser: &Browser) -> anyhow::Result<(String, String)> {
    browser
        .cookies()
        .into_iter()
        .find(|(name, _)| name.ends_with(".session"))
        .context("the browser has no session")
}

/// What an answer says apart from what differs from one request to the next: its id, its time, and the words that
/// were typed (each replaced by the same stand-in, so the length counts only where they are not repeated).
pub fn comparable(page: &Page, typed: &[&str]) -> (u16, Vec<String>, String) {
    let id = page.header("x-request-id").to_owned();
    let level = |text: &str| {
        let mut text = text.to_owned();
        if !id.is_empty() {
            text = text.replace(&id, "REQUEST");
        }
        for word in typed {
            text = text.replace(word, "TYPED");
        }
        text
    };
    let text = level(&page.text());
    let repeated = text.contains("TYPED");
    let mut headers: Vec<String> = page
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id" && *name != "date")
        .filter(|(name, _)| *name != "content-length" || !repeated)
        .map(|(name, value)| format!("{name}: {}", level(&String::from_utf8_lossy(value.as_bytes()))))
        .collect();
    headers.sort();
    (page.status.as_u16(), headers, text)
}
