//! Security rules 19, 24 and 28, from outside: headers on every response, limits, errors that say nothing of the inside.
//! Each test bears its rule's number.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use conformance::scenario::{self, Office};
use conformance::{Browser, Host, Page};
use reqwest::Method;

fn has_the_headers(page: &Page) {
    let at = &page.url;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{at}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{at}: {policy}");
    assert!(
        !policy.contains("unsafe-eval") && !policy.contains("script-src 'unsafe"),
        "{at}: {policy}"
    );
    assert_eq!(
        page.headers.get_all("content-security-policy").iter().count(),
        1,
        "{at}"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), value, "{at}: {name}");
    }
    assert!(!page.header("permissions-policy").is_empty(), "{at}");
    assert!(page.header("x-robots-tag").contains("noindex"), "{at}");
    assert!(
        matches!(page.header("referrer-policy"), "same-origin" | "no-referrer"),
        "{at}"
    );
    assert!(!page.header("x-request-id").is_empty(), "{at}");
    assert!(
        page.headers.get("server").is_none() && page.headers.get("x-powered-by").is_none(),
        "{at}"
    );
    let cache = page.header("cache-control");
    let asset = cache.contains("immutable") && !page.headers.contains_key("set-cookie");
    assert!(cache == "no-store" || asset, "{at}: {cache}");
}

#[tokio::test]
async fn rule_19_every_response_carries_the_headers() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let customer = scenario::customer_with_everything()?;
    let (browser, main) = scenario::portal_of(&host, &office, &customer).await?;
    has_the_headers(&main);

    let mut public = vec![
        "/livez",
        "/readyz",
        "/",
        "/nowhere",
        "/summit",
        "/summit/",
        "/nobody/portal/",
        "/brook/portal/",
        "/summit/portal/nowhere",
        "/summit/portal/l/x",
        "/summit/portal/sign-in",
        "/summit/portal/assets/nothing.css",
        "/summit/logo",
        "/summit/book",
        "/summit/portal/jobs",
        "/summit/portal/invoices",
        "/summit/portal/estimates/x",
        "/..%2f..%2fetc/passwd",
        "/summit/portal/sign-out",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect::<Vec<_>>();
    public.push(format!("/{}", "a".repeat(9000)));
    for row in scenario::demo_rows("summit", "files.csv")?
        .iter()
        .filter(|row| row["customer_id"] == customer.id)
    {
        public.push(format!("/summit/portal/files/{}", row["id"]));
    }
    for element in ["link", "script", "img"] {
        for attributes in conformance::html::elements(&main.text(), element) {
            let address = attributes
                .get("href")
                .or(attributes.get("src"))
                .cloned()
                .unwrap_or_default();
            if address.starts_with('/') {
                public.push(address);
            }
        }
    }
    for path in &public {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS] {
            let headers = [("sec-fetch-site", "same-origin")];
            let page = browser
                .send(method.clone(), path, &headers, (method == Method::POST).then(Vec::new))
                .await?;
            assert!(!page.status.is_server_error(), "{method} {path}: {}", page.status);
            has_the_headers(&page);
        }
        if path == "/summit/portal/sign-out" {
            scenario::exchange(&browser, &scenario::sample_link(&host)?).await?;
        }
    }
    for path in [
        "/",
        "/sign-in",
        "/nowhere",
        "/mailbox",
        "/api/v1/openapi.json",
        "/api/v1/nowhere",
        "/api/v1/template-fields",
        "/livez",
    ] {
        has_the_headers(&office.browser.get(path).await?);
        has_the_headers(&host.staff_browser().get(path).await?);
    }
    for link in office.company("Summit Heating & Air").await?.links() {
        if link.href.starts_with('/') {
            has_the_headers(&office.browser.get(&link.href).await?);
        }
    }
    Ok(())
}

#[tokio::test]
async fn rule_19_pages_hold_nothing_inline_and_nothing_from_elsewhere() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let customer = scenario::customer_with_everything()?;
    let (browser, main) = scenario::portal_of(&host, &office, &customer).await?;
    let mut pages = vec![main.clone()];
    for link in main.links().into_iter().filter(|link| link.href.starts_with('/')) {
        pages.push(browser.visit(&link.href).await?);
    }
    let summit = office.company("Summit Heating & Air").await?;
    for link in summit.links().into_iter().filter(|link| link.href.starts_with('/')) {
        pages.push(office.browser.visit(&link.href).await?);
    }
    for page in pages
        .iter()
        .filter(|page| page.header("content-type").starts_with("text/html"))
    {
        let text = page.text();
        for piece in conformance::html::read(&text) {
            let conformance::html::Piece::Open(name, attributes) = piece else {
                continue;
            };
            assert!(name != "style", "{}: an inline style sheet", page.url);
            assert!(
                name != "script" || attributes.contains_key("src"),
                "{}: an inline script",
                page.url
            );
            for (attribute, value) in &attributes {
                assert!(
                    attribute != "style" && !attribute.starts_with("on"),
                    "{}: {name} {attribute}",
                    page.url
                );
                let loads =
                    matches!(attribute.as_str(), "src" | "srcset" | "data") || (name == "link" && attribute == "href");
                assert!(!loads || !value.contains("//"), "{}: {name} loads {value}", page.url);
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn rule_24_large_bodies_addresses_and_headers_are_refused() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (browser, main) = scenario::open_portal(&host, &scenario::sample_link(&host)?).await?;
    let large = "x".repeat(70 * 1024);
    let refused = browser.press(&main, "Save Changes", &[("first_name", &large)]).await?;
    assert_eq!(refused.status, 413, "{}", refused.words());
    let staff = host.staff_browser();
    let refused = staff
        .post(
            "/sign-in",
            &[
                ("email".to_owned(), large.clone()),
                ("password".to_owned(), "x".to_owned()),
            ],
        )
        .await?;
    assert_eq!(refused.status, 413, "{}", refused.words());
    let refused = browser
        .get(&format!("/summit/portal/jobs?q={}", "x".repeat(9000)))
        .await?;
    assert_eq!(refused.status, 414);
    let many: Vec<(String, String)> = (0..300).map(|n| (format!("x-{n}"), "y".to_owned())).collect();
    let headers: Vec<(&str, &str)> = many
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // The connection may be cut instead of answered; either way the server goes on.
    if let Ok(refused) = browser.get_with("/summit/portal/", &headers).await {
        assert!(refused.status.is_client_error(), "{}", refused.status);
    }
    browser.visit("/summit/portal/").await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn rule_24_a_client_that_dribbles_is_cut_and_nobody_else_waits() -> anyhow::Result<()> {
    let folder = std::sync::Arc::new(conformance::host::folder()?);
    let host = Host::serve(
        folder,
        "data_dir = \"{data}\"\nstaff_listen = \"{staff}\"\npublic_listen = \"{public}\"\n[limits]\nrequest_seconds = 1\n",
    )
    .await?;
    let address = host.staff.trim_start_matches("http://").to_owned();
    let slow = tokio::task::spawn_blocking(move || -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(&address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.write_all(
            b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nemail=a",
        )?;
        let mut answer = Vec::new();
        // Ends when the host answers and closes, or cuts.
        drop(stream.read_to_end(&mut answer));
        Ok(String::from_utf8_lossy(&answer).into_owned())
    });
    Browser::new(&host.staff).get("/livez").await?.expect(200)?;
    let answer = slow.await??;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"),
        "{answer}"
    );
    Ok(())
}

#[tokio::test]
async fn rule_28_errors_say_a_request_id_and_nothing_of_the_inside() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let browser = host.public_browser();
    let staff = host.staff_browser();
    let pages = [
        browser.get("/nowhere").await?,
        browser.get("/nobody/portal/").await?,
        browser.get("/summit/%ff%fe").await?,
        browser.get("/summit/portal/%ff").await?,
        browser.send(Method::DELETE, "/summit/portal/", &[], None).await?,
        browser
            .post_with("/summit/book", &[], &[("sec-fetch-site", "cross-site")])
            .await?,
        staff.get("/nowhere").await?,
        staff.get("/api/v1/nowhere").await?,
        staff
            .send(
                Method::POST,
                "/api/v1/template-fields/resolve",
                &[("content-type", "application/json")],
                Some(b"{".to_vec()),
            )
            .await?,
    ];
    for page in pages {
        let text = page.text().to_lowercase();
        assert!(
            page.status.is_client_error() || page.status.is_redirection(),
            "{}: {}",
            page.url,
            page.status
        );
        assert!(!page.header("x-request-id").is_empty(), "{}", page.url);
        for inside in [
            "panicked",
            "sqlx",
            "sqlite",
            "wasmtime",
            ".rs:",
            "select ",
            "backtrace",
            "/target/",
            "stack",
        ] {
            assert!(!text.contains(inside), "{}: {inside} in {text}", page.url);
        }
    }
    let error = browser.get("/nowhere").await?;
    assert!(
        error.text().contains(error.header("x-request-id")),
        "the page shows the id to quote: {}",
        error.words()
    );
    Ok(())
}
