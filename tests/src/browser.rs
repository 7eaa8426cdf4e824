//! A browser without a screen: keeps cookies as a browser does, sends the `Sec-Fetch-Site` and `Origin` a browser
//! sends with a form, and never follows a redirect unasked, so that a test sees every answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};

use crate::html::{self, Form, Link};

/// One person's browser: a cookie jar for one origin.
pub struct Browser {
    client: reqwest::Client,
    origin: String,
    jar: Mutex<BTreeMap<String, String>>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// The address asked for.
    pub url: String,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Browser {
    /// A new browser with no cookies, for addresses such as `/summit/portal` below `origin`.
    pub fn new(origin: &str) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .user_agent("Mozilla/5.0 (end-to-end test)")
            .no_proxy()
            .build()
            .unwrap_or_default();
        Self {
            client,
            origin: origin.trim_end_matches('/').to_owned(),
            jar: Mutex::default(),
        }
    }

    /// Somebody else's browser on the same origin: no cookies, but the connections that are open already.
    pub fn stranger(&self) -> Self {
        Self {
            client: self.client.clone(),
            origin: self.origin.clone(),
            jar: Mutex::default(),
        }
    }

    /// Asks for a page.
    pub async fn get(&self, address: &str) -> anyhow::Result<Page> {
        self.send(Method::GET, address, &[], None).await
    }

    /// Asks for a page with extra headers.
    pub async fn get_with(&self, address: &str, headers: &[(&str, &str)]) -> anyhow::Result<Page> {
        self.send(Method::GET, address, headers, None).await
    }

    /// Asks for a page and follows redirects below the origin, as a browser's address bar does.
    pub async fn visit(&self, address: &str) -> anyhow::Result<Page> {
        let page = self.get(address).await?;
        self.follow(page).await
    }

    /// Follows redirects until there is a page.
    pub async fn follow(&self, mut page: Page) -> anyhow::Result<Page> {
        for _ in 0..8 {
            let Some(next) = page.location() else { return Ok(page) };
            let next = join(&page.url, &next);
            page = self.get(&next).await?;
        }
        anyhow::bail!("more than eight redirects, last to {}", page.url)
    }

    /// Sends a form as the page it stands on would.
    pub async fn post(&self, address: &str, fields: &[(String, String)]) -> anyhow::Result<Page> {
        let origin = self.origin.clone();
        self.post_with(
            address,
            fields,
            &[("sec-fetch-site", "same-origin"), ("origin", &origin)],
        )
        .await
    }

    /// Sends a form with exactly these headers and no others of a browser's.
    pub async fn post_with(
        &self,
        address: &str,
        fields: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Page> {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.send(Method::POST, address, &all, Some(body.join("&").into_bytes()))
            .await
    }

    /// Presses the button with these words on that page, with some fields changed, and returns the direct answer.
    pub async fn press(&self, page: &Page, label: &str, changes: &[(&str, &str)]) -> anyhow::Result<Page> {
        let form = page.form(label)?;
        let button = form.button(label).cloned().unwrap_or_default();
        let mut fields = form.filled(changes);
        if !button.name.is_empty() {
            fields.push((button.name.clone(), button.value.clone()));
        }
        let action = if button.action.is_empty() {
            &form.action
        } else {
            &button.action
        };
        let action = if action.is_empty() {
            page.url.clone()
        } else {
            join(&page.url, action)
        };
        if form.method == "get" {
            let query: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
                .collect();
            let path = action.split('?').next().unwrap_or_default().to_owned();
            return self.get(&format!("{path}?{}", query.join("&"))).await;
        }
        let mut headers = vec![("sec-fetch-site", "same-origin")];
        // A page that asked for no referrer posts an opaque origin.
        let opaque = page.header("referrer-policy") == "no-referrer";
        let origin = if opaque { "null".to_owned() } else { self.origin.clone() };
        headers.push(("origin", &origin));
        self.post_with(&action, &fields, &headers).await
    }

    /// Any request at all.
    pub async fn send(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> anyhow::Result<Page> {
        let url = if address.starts_with("http") {
            address.to_owned()
        } else {
            format!("{}{address}", self.origin)
        };
        let mut request = self.client.request(method, &url);
        let cookies = self.cookie_header();
        if !cookies.is_empty() && url.starts_with(&self.origin) {
            request = request.header("cookie", cookies);
        }
        for (name, value) in headers {
            let name: HeaderName = name.parse().context("header name")?;
            request = request.header(name, HeaderValue::from_bytes(value.as_bytes())?);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.with_context(|| url.clone())?;
        let status = response.status();
        let headers = response.headers().clone();
        self.keep_cookies(&headers);
        let body = response
            .bytes()
            .await
            .with_context(|| format!("body of {url}"))?
            .to_vec();
        Ok(Page {
            url,
            status,
            headers,
            body,
        })
    }

    /// The cookies it holds: name and value.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a cookie into the jar, as an attacker might who fixes a session.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), value.to_owned());
    }

    fn cookie_header(&self) -> String {
        let pairs: Vec<String> = self
            .cookies()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok())
        {
            let mut parts = cookie.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) || value.is_empty() {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Page {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The words a reader sees.
    pub fn words(&self) -> String {
        html::words(&self.text())
    }

    /// A header's value, or empty.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Where it redirects to.
    pub fn location(&self) -> Option<String> {
        self.status
            .is_redirection()
            .then(|| self.header("location").to_owned())
            .filter(|to| !to.is_empty())
    }

    /// The body as JSON.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{} is not JSON: {}", self.url, self.text()))
    }

    /// Every link.
    pub fn links(&self) -> Vec<Link> {
        html::links(&self.text())
    }

    /// The address of the first link whose words contain these.
    pub fn link(&self, words: &str) -> anyhow::Result<String> {
        let links = self.links();
        let found = links
            .iter()
            .find(|link| link.text.contains(words))
            .map(|link| link.href.clone());
        found.with_context(|| {
            let known: Vec<&str> = links.iter().map(|link| link.text.as_str()).collect();
            format!("{}: no link says {words:?}; there are {known:?}", self.url)
        })
    }

    /// The form with a button that says exactly this.
    pub fn form(&self, label: &str) -> anyhow::Result<Form> {
        let forms = html::forms(&self.text());
        let known: Vec<String> = forms
            .iter()
            .flat_map(|form| form.buttons.iter().map(|button| button.label.clone()))
            .collect();
        let found = forms.into_iter().find(|form| form.button(label).is_some());
        found.with_context(|| {
            format!(
                "{} ({}): no button says {label:?}; there are {known:?}",
                self.url, self.status
            )
        })
    }

    /// The page, if its status is this one.
    pub fn expect(self, status: u16) -> anyhow::Result<Self> {
        anyhow::ensure!(
            self.status.as_u16() == status,
            "{} answered {}: {}",
            self.url,
            self.status,
            self.words()
        );
        Ok(self)
    }
}

/// An address as written on a page, made absolute.
pub fn join(base: &str, address: &str) -> String {
    if address.starts_with("http://") || address.starts_with("https://") {
        return address.to_owned();
    }
    let scheme_end = base.find("://").map_or(0, |at| at + 3);
    let path_at = base
        .get(scheme_end..)
        .and_then(|rest| rest.find('/'))
        .map_or(base.len(), |at| at + scheme_end);
    let (origin, path) = base.split_at(path_at);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if address.starts_with('/') {
        format!("{origin}{address}")
    } else if address.starts_with('?') {
        format!("{origin}{path}{address}")
    } else {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{origin}{folder}/{address}")
    }
}

/// Percent-encodes for a form body.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_addresses_absolute() {
        assert_eq!(join("http://h:1/a/b?c", "/d"), "http://h:1/d");
        assert_eq!(join("http://h:1/a/b?c", "d"), "http://h:1/a/d");
        assert_eq!(join("http://h:1/a/b?c", "?d=1"), "http://h:1/a/b?d=1");
        assert_eq!(join("http://h:1", "/d"), "http://h:1/d");
        assert_eq!(join("http://h:1/a", "https://x/y"), "https://x/y");
    }

    #[test]
    fn encodes_form_bodies() {
        assert_eq!(encode("a b&ü"), "a+b%26%C3%BC");
    }
}
