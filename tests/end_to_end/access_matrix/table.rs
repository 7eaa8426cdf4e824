//! The plugin's own table of routes, made into addresses: every `{id}` filled with what the owner of the records can
//! reach, every form as the owner's pages would send it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::Context as _;
use conformance::access::{self, PORTAL};
use conformance::browser::{encode, join};
use conformance::html::{self, Form};
use conformance::scenario::{self, DemoCustomer};
use conformance::{Browser, Page};
use customer_portal::http::Method;
use customer_portal::routes::{Handler, ROUTES, Route};

/// What stands for an id that nobody has.
pub(super) const UNKNOWN: &str = "zzz-unknown";

/// Who a route is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Before there is a session.
    Anyone,
    /// Whoever has a session.
    Customer,
}

/// Who a route is for, by the kind of its handler. A new kind does not compile here until somebody decides.
pub(super) fn reach(route: &Route) -> Reach {
    match route.handler {
        Handler::Anyone(_) => Reach::Anyone,
        Handler::Customer(_) => Reach::Customer,
    }
}

/// The method as it stands in a request line.
pub(super) fn method(route: &Route) -> &'static str {
    match route.method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Other => "OTHER",
    }
}

/// One request that the owner of the records can make.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// `GET` or `POST`.
    pub(super) method: &'static str,
    /// Who the route is for.
    pub(super) reach: Reach,
    /// The pattern in the table.
    pub(super) pattern: &'static str,
    /// The id in it, or empty.
    pub(super) id: String,
    /// What the owner's page would send.
    pub(super) fields: Vec<(String, String)>,
}

impl Address {
    /// The path below a mount.
    pub(super) fn path(&self, mount: &str) -> String {
        format!("{mount}{}", filled(self.pattern, &self.id))
    }

    /// The same with an id nobody has.
    pub(super) fn unknown(&self) -> Self {
        Self {
            id: UNKNOWN.to_owned(),
            ..self.clone()
        }
    }

    /// Sends it.
    pub(super) async fn ask(&self, browser: &Browser, mount: &str) -> anyhow::Result<Page> {
        self.send(browser, self.method, mount).await
    }

    /// Whether an answer to it, under a mount, is the one for whoever has no session.
    pub(super) fn was_refused(&self, answer: &Page, mount: &str) -> bool {
        access::is_sent_away(answer, self.method, &self.path(mount), mount)
    }

    /// Sends it by another method.
    pub(super) async fn send(&self, browser: &Browser, method: &str, mount: &str) -> anyhow::Result<Page> {
        let fields: Vec<String> = self
            .fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let body = (method == "POST").then(|| fields.join("&").into_bytes());
        let mut headers = vec![("sec-fetch-site", "same-origin")];
        if body.is_some() {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        browser.send(method.parse()?, &self.path(mount), &headers, body).await
    }
}

/// The owner's portal as the owner can walk it.
pub(super) struct Owned {
    /// Every route of the table, at addresses that are the owner's.
    pub(super) addresses: Vec<Address>,
    /// Words that are the owner's alone.
    pub(super) secrets: Vec<String>,
}

impl Owned {
    /// Walks the owner's portal and fills in the table. A route with an id the walk does not come by is a fault of the
    /// demo data or of the pages, and said: it would not be tried.
    pub(super) async fn walk(browser: &Browser, owner: &DemoCustomer) -> anyhow::Result<Self> {
        let (paths, forms, shown) = walk(browser).await?;
        let secrets = secrets(owner, &shown)?;
        let mut addresses = Vec::new();
        for route in ROUTES {
            let ids = ids(route.pattern, &paths);
            let open = reach(route) == Reach::Anyone;
            anyhow::ensure!(
                open || !ids.is_empty(),
                "{}: no page of {}'s leads to such an address",
                route.pattern,
                owner.first_name
            );
            for id in ids.iter().take(2) {
                let path = format!("{PORTAL}{}", filled(route.pattern, id));
                let fields = match (method(route), forms.get(&path)) {
                    ("POST", Some(form)) => intruded(form, &secrets),
                    _ => Vec::new(),
                };
                addresses.push(Address {
                    method: method(route),
                    reach: reach(route),
                    pattern: route.pattern,
                    id: id.clone(),
                    fields,
                });
            }
        }
        Ok(Self { addresses, secrets })
    }

    /// The routes for customers.
    pub(super) fn for_customers(&self) -> impl Iterator<Item = &Address> {
        self.addresses.iter().filter(|address| address.reach == Reach::Customer)
    }

    /// What of the owner's the answer to a request gives away. What the request itself said does not count: whoever
    /// asked knew it.
    pub(super) fn given_away(&self, asked: &Address, page: &Page) -> Vec<&String> {
        let mut found = self.found_in(page);
        found.retain(|secret| asked.fields.iter().all(|(_, value)| value != *secret));
        found
    }

    /// What of the owner's stands in an answer.
    pub(super) fn found_in(&self, page: &Page) -> Vec<&String> {
        let text = page.text();
        let all = format!("{text}\n{}\n{:?}", html::resolve(&text), page.headers);
        self.secrets.iter().filter(|secret| all.contains(*secret)).collect()
    }
}

/// Every address below the mount that pages lead to, the forms by where they go, and all that is written there.
async fn walk(browser: &Browser) -> anyhow::Result<(BTreeSet<String>, BTreeMap<String, Form>, String)> {
    let (mut paths, mut forms, mut shown) = (BTreeSet::new(), BTreeMap::new(), String::new());
    let mut waiting = VecDeque::from([format!("{PORTAL}/")]);
    let mut seen = BTreeSet::new();
    while let Some(address) = waiting.pop_front() {
        anyhow::ensure!(seen.len() < 400, "the portal has no end: {address}");
        if !seen.insert(address.clone()) {
            continue;
        }
        let page = browser.get(&address).await?;
        let html = page.header("content-type").starts_with("text/html");
        if page.status != 200 || !html {
            continue;
        }
        shown.push_str(&html::resolve(&page.text()));
        for link in page
            .links()
            .into_iter()
            .filter(|link| link.href.starts_with(['/', '?']))
        {
            let to = local(&join(&page.url, &link.href));
            let path = to.split(['?', '#']).next().unwrap_or_default().to_owned();
            if path.starts_with(&format!("{PORTAL}/")) && paths.insert(path) {
                waiting.push_back(to);
            }
        }
        for form in html::forms(&page.text()) {
            let buttons = form.buttons.iter().map(|button| button.action.clone());
            for action in buttons.filter(|action| !action.is_empty()).chain([form.action.clone()]) {
                let path = local(&join(&page.url, &action));
                let path = path.split(['?', '#']).next().unwrap_or_default().to_owned();
                paths.insert(path.clone());
                if form.method == "post" {
                    forms.entry(path).or_insert_with(|| form.clone());
                }
            }
        }
    }
    Ok((paths, forms, shown))
}

/// `/a/b` of `http://127.0.0.1:8081/a/b`.
fn local(address: &str) -> String {
    let after = address.split_once("://").map_or(address, |(_, rest)| rest);
    after.find('/').map_or_else(String::new, |at| after[at..].to_owned())
}

/// Whether a pattern has a place for something that the address brings along.
pub(super) fn takes_something(pattern: &str) -> bool {
    pattern.contains('{')
}

/// The path of a pattern with this in its place.
fn filled(pattern: &str, id: &str) -> String {
    match (pattern.split_once('{'), pattern.split_once('}')) {
        (Some((before, _)), Some((_, after))) => format!("{before}{id}{after}"),
        _ => pattern.to_owned(),
    }
}

/// The ids a pattern has among these paths; one that has no place for an id has the empty one.
fn ids(pattern: &str, paths: &BTreeSet<String>) -> Vec<String> {
    let (Some((before, _)), Some((_, after))) = (pattern.split_once('{'), pattern.split_once('}')) else {
        return vec![String::new()];
    };
    let start = format!("{PORTAL}{before}");
    let within = paths
        .iter()
        .filter_map(|path| path.strip_prefix(&start)?.strip_suffix(after));
    within
        .filter(|id| !id.is_empty() && !id.contains('/'))
        .map(str::to_owned)
        .collect()
}

/// The form as somebody would send it who wants to leave a trace and knows nothing of the owner's.
fn intruded(form: &Form, secrets: &[String]) -> Vec<(String, String)> {
    let mut fields = form.fields.clone();
    for (name, value) in &mut fields {
        if name == "email" {
            "intruder@example.com".clone_into(value);
        } else if name == "city" || name == "first_name" || secrets.contains(value) {
            "Intruded".clone_into(value);
        }
    }
    for button in form.buttons.iter().filter(|button| !button.name.is_empty()) {
        fields.push((button.name.clone(), button.value.clone()));
    }
    fields
}

/// The owner's e-mail, street, numbers and so on: what their pages show and nobody else's do.
fn secrets(owner: &DemoCustomer, shown: &str) -> anyhow::Result<Vec<String>> {
    let mut secrets = vec![owner.email.clone(), owner.street.clone()];
    for (file, column) in [
        ("customers.csv", "phone"),
        ("invoices.csv", "number"),
        ("estimates.csv", "number"),
        ("projects.csv", "description"),
        ("payments.csv", "reference"),
    ] {
        let key = if file == "customers.csv" { "id" } else { "customer_id" };
        let rows = scenario::demo_rows("summit", file)?;
        let others: BTreeSet<&String> = rows
            .iter()
            .filter(|row| row[key] != owner.id)
            .filter_map(|row| row.get(column))
            .collect();
        let own = rows.iter().filter(|row| row[key] == owner.id);
        let own = own.filter_map(|row| row.get(column)).filter(|text| text.len() >= 5);
        secrets.extend(own.filter(|text| !others.contains(text)).cloned());
    }
    secrets.retain(|secret| shown.contains(secret));
    anyhow::ensure!(secrets.len() > 10, "the owner has records: {secrets:?}");
    Ok(secrets)
}

/// The demo's customer with the most to see, and another one who has something too.
pub(super) fn owner_and_other() -> anyhow::Result<(DemoCustomer, DemoCustomer)> {
    let owner = scenario::customer_with_everything()?;
    let invoices = scenario::demo_rows("summit", "invoices.csv")?;
    let other = access::customers("summit")?
        .into_iter()
        .find(|customer| customer.id != owner.id && invoices.iter().any(|row| row["customer_id"] == customer.id))
        .context("no other customer has an invoice")?;
    Ok((owner, other))
}
