//! The rule for writes, and what every answer of both listeners carries.
//! Errors are pages that name the request and say nothing of the inside.

use crate::running::Running;
use reqwest::Method;

#[tokio::test]
async fn writes_from_other_sites_are_refused_on_both_listeners() {
    let host = Running::start().await;
    let staff = format!("{}/sign-in", host.staff);
    for address in ["/acme/book", staff.as_str()] {
        let origin = if address.starts_with('/') {
            host.public.clone()
        } else {
            host.staff.clone()
        };
        for (headers, passes) in [
            (vec![("sec-fetch-site", "cross-site")], false),
            (
                vec![("sec-fetch-site", "same-site"), ("origin", origin.as_str())],
                false,
            ),
            (vec![("origin", "https://evil.example")], false),
            (vec![("origin", "null"), ("cookie", "a=b")], false),
            (vec![("cookie", "a=b")], false),
            (vec![("origin", origin.as_str()), ("cookie", "a=b")], true),
            (vec![("sec-fetch-site", "same-origin"), ("origin", "null")], true),
        ] {
            let mut all = headers.clone();
            all.push(("content-type", "application/x-www-form-urlencoded"));
            let answer = host.send(Method::POST, address, &all, Some("a=b".into())).await;
            assert_eq!(answer.status != 403, passes, "{address} {headers:?}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn every_answer_of_both_listeners_has_the_headers() {
    let host = Running::start().await;
    let staff = host.staff.clone();
    let mut addresses: Vec<String> = [
        "/",
        "/livez",
        "/readyz",
        "/nowhere",
        "/acme",
        "/acme/",
        "/acme/book",
        "/acme/book/theme.css",
        "/acme/logo",
        "/acme/book/sent/-",
        "/acme/book/sent/x",
        "/acme/book/k/x",
        "/%ff/x",
        "/acme/%ff/x",
        "/robots.txt",
        "/..%2f..%2fetc/passwd",
        host_harness::public::assets::stylesheet_path(),
    ]
    .map(str::to_owned)
    .to_vec();
    for path in [
        "/",
        "/sign-in",
        "/nowhere",
        "/livez",
        "/mailbox",
        "/api/v1/openapi.json",
        "/api/v1/nowhere",
        "/api/v1/template-fields",
    ] {
        addresses.push(format!("{staff}{path}"));
    }
    for address in addresses {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let answer = host
                .send(method.clone(), &address, &[("sec-fetch-site", "same-origin")], None)
                .await;
            assert!(answer.status < 500, "{method} {address}: {}", answer.status);
            assert!(
                answer
                    .header("content-security-policy")
                    .starts_with("default-src 'none'"),
                "{method} {address}"
            );
            for name in [
                "x-content-type-options",
                "cross-origin-opener-policy",
                "cross-origin-resource-policy",
                "permissions-policy",
                "x-robots-tag",
                "referrer-policy",
                "x-request-id",
            ] {
                assert!(!answer.header(name).is_empty(), "{method} {address}: {name}");
            }
            let caching = answer.header("cache-control");
            assert!(
                caching == "no-store" || caching.contains("immutable"),
                "{method} {address}: {caching}"
            );
        }
    }
}

#[tokio::test]
async fn errors_are_pages_for_people_and_problems_for_programs() {
    let host = Running::start().await;
    let page = host.get("/nowhere").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (404, "text/html; charset=utf-8")
    );
    assert!(page.text.contains(page.header("x-request-id")), "{}", page.text);
    let problem = host.get(&format!("{}/api/v1/nowhere", host.staff)).await;
    assert_eq!(
        (problem.status, problem.header("content-type")),
        (404, "application/problem+json")
    );
    assert_eq!(problem.json()["status"], 404);
    let method = host.send(Method::DELETE, "/acme/book", &[], None).await;
    assert_eq!(method.status, 405);
    assert!(method.text.contains("Not possible here"), "{}", method.text);
    assert!(method.header("allow").contains("GET"), "{:?}", method.headers);
}

#[tokio::test]
async fn a_request_id_is_always_our_own() {
    let host = Running::start().await;
    let answer = host
        .send(Method::GET, "/livez", &[("x-request-id", "forged")], None)
        .await;
    assert_ne!(answer.header("x-request-id"), "forged");
    assert_ne!(
        host.get("/livez").await.header("x-request-id"),
        answer.header("x-request-id")
    );
}

#[tokio::test]
async fn the_stylesheet_is_kept_for_ever_under_its_own_name() {
    let host = Running::start().await;
    let sheet = host.get(host_harness::public::assets::stylesheet_path()).await;
    assert_eq!(
        (sheet.status, sheet.header("cache-control")),
        (200, "public, max-age=31536000, immutable")
    );
    assert_eq!(host.get("/-/assets/other.css").await.status, 404);
}
