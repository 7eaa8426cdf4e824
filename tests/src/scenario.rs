//! What people do, in the words that stand on the screen: a member of staff signs in, opens a customer and shares a
//! link; a customer opens it. Tests that speak through these break when the product's words or ways break.

use std::collections::BTreeMap;

use anyhow::Context as _;

use crate::browser::{Browser, Page};
use crate::host::{self, Host};
use crate::html;

/// The menu item the plugin adds to a customer's Actions.
pub const COPY_LINK: &str = "Copy Customer Portal Link";

/// A member of staff, signed in.
pub struct Office {
    /// Their browser.
    pub browser: Browser,
    /// The first page they saw.
    pub home: Page,
}

impl Office {
    /// Signs in with the one-time link the demo printed.
    pub async fn sign_in(host: &Host) -> anyhow::Result<Self> {
        let browser = host.staff_browser();
        let landing = browser.visit(&host.printed("Staff console")?).await?.expect(200)?;
        let answer = browser.press(&landing, "Continue to the staff console", &[]).await?;
        let home = browser.follow(answer).await?.expect(200)?;
        Ok(Self { browser, home })
    }

    /// Goes to a page by the words of a link on this one.
    pub async fn go(&self, from: &Page, words: &str) -> anyhow::Result<Page> {
        self.browser
            .visit(&crate::browser::join(&from.url, &from.link(words)?))
            .await?
            .expect(200)
    }

    /// The first page of a company, by its name.
    pub async fn company(&self, name: &str) -> anyhow::Result<Page> {
        let switched = self.home.links().into_iter().find(|link| link.text.contains(name));
        match switched {
            Some(link) => self
                .browser
                .visit(&crate::browser::join(&self.home.url, &link.href))
                .await?
                .expect(200),
            None => Ok(self.home.clone()),
        }
    }

    /// A customer's profile, found by search.
    pub async fn profile(&self, company: &Page, search: &str, id: &str) -> anyhow::Result<Page> {
        let list = self.go(company, "Customers").await?;
        let found = self
            .browser
            .visit(&format!("{}?q={}", list.url, crate::browser::encode(search)))
            .await?
            .expect(200)?;
        let ending = format!("/{id}");
        let link = found.links().into_iter().find(|link| link.href.ends_with(&ending));
        let link = link.with_context(|| format!("no customer {id} for {search:?}: {}", found.words()))?;
        self.browser.visit(&link.href).await?.expect(200)
    }

    /// Actions → *Copy Customer Portal Link*: the panel as a page.
    pub async fn open_panel(&self, profile: &Page) -> anyhow::Result<Page> {
        let answer = self.browser.press(profile, COPY_LINK, &[]).await?;
        self.browser.follow(answer).await?.expect(200)
    }

    /// A fresh portal link for a customer.
    pub async fn portal_link(&self, profile: &Page) -> anyhow::Result<String> {
        link_in(&self.open_panel(profile).await?)
    }
}

/// The address a panel offers to copy.
pub fn link_in(panel: &Page) -> anyhow::Result<String> {
    html::elements(&panel.text(), "input")
        .into_iter()
        .find(|input| {
            input.contains_key("readonly") && input.get("value").is_some_and(|value| value.starts_with("http"))
        })
        .and_then(|input| input.get("value").cloned())
        .with_context(|| format!("no link to copy in {}", panel.words()))
}

/// The first address in running text that starts like this.
pub fn address_in(text: &str, start: &str) -> anyhow::Result<String> {
    let at = text.find(start).with_context(|| format!("no {start}… in {text}"))?;
    let rest = text.get(at..).unwrap_or_default();
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\' | ')'))
        .unwrap_or(rest.len());
    Ok(rest
        .get(..end)
        .unwrap_or_default()
        .trim_end_matches(['.', ','])
        .to_owned())
}

/// A customer who opened their link and pressed *Continue*: their browser and the portal's main page.
pub async fn open_portal(host: &Host, link: &str) -> anyhow::Result<(Browser, Page)> {
    let browser = host.public_browser();
    let page = exchange(&browser, link).await?;
    let main = browser.follow(page).await?.expect(200)?;
    Ok((browser, main))
}

/// Opens a link and presses its one button; the direct answer.
pub async fn exchange(browser: &Browser, link: &str) -> anyhow::Result<Page> {
    let landing = browser.get(link).await?.expect(200)?;
    let forms = html::forms(&landing.text());
    let form = forms
        .iter()
        .find(|form| form.method == "post" && !form.buttons.is_empty());
    let label = form
        .and_then(|form| form.buttons.first())
        .context("the link's page has no button")?
        .label
        .clone();
    browser.press(&landing, &label, &[]).await
}

/// The sample customer's link that the demo printed.
pub fn sample_link(host: &Host) -> anyhow::Result<String> {
    host.printed("Customer portal")
}

/// The rows of a CSV file of a demo company, each by its columns' names.
pub fn demo_rows(company: &str, file: &str) -> anyhow::Result<Vec<BTreeMap<String, String>>> {
    let path = host::root().join("demo").join(company).join(file);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut records = csv_records(text.trim_start_matches('\u{feff}')).into_iter();
    let header = records.next().context("no header")?;
    Ok(records
        .map(|record| header.iter().cloned().zip(record).collect())
        .collect())
}

/// A customer of the first demo company who has open records of every kind.
#[derive(Debug, Clone, Default)]
pub struct DemoCustomer {
    /// The id in the CSV files.
    pub id: String,
    /// As on file at the import.
    pub first_name: String,
    /// As on file at the import.
    pub last_name: String,
    /// As on file at the import.
    pub email: String,
    /// As on file at the import.
    pub street: String,
}

/// The demo's customer with the most to see: jobs, projects, estimates, invoices, payments and files.
pub fn customer_with_everything() -> anyhow::Result<DemoCustomer> {
    let files = [
        "jobs.csv",
        "projects.csv",
        "estimates.csv",
        "invoices.csv",
        "payments.csv",
        "files.csv",
    ];
    let mut tables = Vec::new();
    for file in files {
        tables.push(demo_rows("summit", file)?);
    }
    let of = |row: &BTreeMap<String, String>, key: &str| row.get(key).cloned().unwrap_or_default();
    let count = |id: &str, table: &Vec<BTreeMap<String, String>>| {
        table.iter().filter(|row| of(row, "customer_id") == id).count()
    };
    let customers = demo_rows("summit", "customers.csv")?;
    let complete = customers.iter().filter(|row| {
        let id = of(row, "id");
        !of(row, "last_name").is_empty()
            && !of(row, "email").is_empty()
            && tables.iter().all(|table| count(&id, table) > 0)
    });
    let best = complete.max_by_key(|row| tables.iter().map(|table| count(&of(row, "id"), table)).sum::<usize>());
    let row = best.context("no demo customer has records of every kind")?;
    Ok(DemoCustomer {
        id: of(row, "id"),
        first_name: of(row, "first_name"),
        last_name: of(row, "last_name"),
        email: of(row, "email"),
        street: of(row, "street"),
    })
}

/// The booking page's form: the words on its button and the fields that must be filled in.
pub struct BookingForm {
    /// The words on the button that sends it.
    pub button: String,
    required: Vec<String>,
}

impl BookingForm {
    /// The form's required fields, the first of them saying this.
    pub fn filled<'a>(&'a self, summary: &'a str) -> Vec<(&'a str, &'a str)> {
        self.required.iter().map(|name| (name.as_str(), summary)).collect()
    }
}

/// Finds the form on the booking page.
pub fn booking_form(page: &Page) -> anyhow::Result<BookingForm> {
    let form = html::forms(&page.text())
        .into_iter()
        .find(|form| form.method == "post")
        .context("no form to book with")?;
    let button = form.buttons.first().context("no button")?.label.clone();
    let text = page.text();
    let boxes = html::elements(&text, "input")
        .into_iter()
        .chain(html::elements(&text, "textarea"));
    let required = boxes
        .filter(|field| field.contains_key("required"))
        .filter_map(|field| field.get("name").cloned())
        .filter(|name| form.value(name).is_none_or(str::is_empty))
        .collect();
    Ok(BookingForm { button, required })
}

/// A customer's portal by a fresh link from staff: their browser and the main page.
pub async fn portal_of(host: &Host, office: &Office, customer: &DemoCustomer) -> anyhow::Result<(Browser, Page)> {
    let summit = office.company("Summit Heating & Air").await?;
    let profile = office.profile(&summit, &customer.last_name, &customer.id).await?;
    open_portal(host, &office.portal_link(&profile).await?).await
}

/// RFC 4180, enough for our own files.
fn csv_records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quoted, character) {
            (true, '"') if characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            (_, '"') => quoted = !quoted,
            (false, ',') => record.push(std::mem::take(&mut cell)),
            (false, '\r') => {}
            (false, '\n') => {
                record.push(std::mem::take(&mut cell));
                let done = std::mem::take(&mut record);
                if done.iter().any(|cell| !cell.is_empty()) {
                    records.push(done);
                }
            }
            (_, other) => cell.push(other),
        }
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        records.push(record);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_quoted_cells() {
        let records = csv_records("a,b\n\"x, \"\"y\"\"\nz\",2\n\n3,\n");
        assert_eq!(records, [vec!["a", "b"], vec!["x, \"y\"\nz", "2"], vec!["3", ""]]);
    }

    #[test]
    fn finds_an_address_in_running_text() {
        assert_eq!(
            address_in("See http://h/x/l/abc.\nBye", "http://h/").unwrap(),
            "http://h/x/l/abc"
        );
        assert!(address_in("nothing", "http://h/").is_err());
    }
}
