//! The gateway: what a guest sees of a request, what leaves of its answer, and who gets no guest at all.
//! The guest under test forges whatever it can.

use crate::running::{Running, call};
use reqwest::Method;

#[tokio::test]
async fn a_guest_can_neither_weaken_headers_nor_plant_foreign_cookies() {
    let host = Running::with("forged-headers").await;
    let page = host.get("/acme/forged/anything").await;
    assert_eq!((page.status, page.text.as_str()), (200, "forged"));
    let policies: Vec<_> = page.headers.get_all("content-security-policy").iter().collect();
    assert_eq!(policies, [host_harness::middleware::PAGE_POLICY]);
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-request-id").len(), 20);
    for gone in [
        "x-frame-options",
        "strict-transport-security",
        "access-control-allow-origin",
        "server",
        "x-anything",
        "upgrade",
    ] {
        assert!(page.headers.get(gone).is_none(), "{gone}: {}", page.header(gone));
    }
    assert_eq!(
        page.cookies(),
        [
            "acme.forged.session=1; Path=/; HttpOnly; SameSite=Lax",
            "acme.forged.__Host-staff=1; Path=/; HttpOnly; SameSite=Lax",
        ]
    );
}

#[tokio::test]
async fn an_address_that_is_no_text_still_reaches_the_guest() {
    let host = Running::with("good").await;
    for broken in ["%E2", "%ff", "a/%E2%80"] {
        let answer = host.get(&format!("/acme/good/{broken}")).await;
        assert_eq!(answer.status, 404, "{broken}");
        assert!(answer.text.starts_with("no page"), "{broken}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_redirect_elsewhere_loses_its_address_and_html_files_are_downloads() {
    let host = Running::with("forged-headers").await;
    let redirect = host.get("/acme/forged/redirect").await;
    assert_eq!((redirect.status, redirect.header("location")), (303, ""));
    let file = host.get("/acme/forged/file").await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"x.html\"");
    assert!(
        file.header("content-security-policy").contains("sandbox"),
        "{:?}",
        file.headers
    );
}

#[tokio::test]
async fn a_guest_sees_its_own_cookies_our_authority_and_no_forwarding_headers() {
    let host = Running::with("good").await;
    let headers = [
        (
            "cookie",
            "staff=top; acme.good.session=abc; brook.good.session=theirs; acme.other.session=x",
        ),
        ("authorization", "Bearer secret"),
        ("x-forwarded-for", "1.2.3.4"),
        ("host", "evil.example"),
        ("accept-language", "es"),
    ];
    let echo = host.send(Method::GET, "/acme/good/echo?q=1", &headers, None).await;
    assert_eq!(echo.status, 200, "{}", echo.text);
    let first = echo.text.lines().next().unwrap();
    let authority = host.public.trim_start_matches("http://");
    assert_eq!(first, format!("GET /acme/good/echo?q=1 at {authority}"));
    assert!(echo.text.contains("cookie: session=abc\n"), "{}", echo.text);
    assert!(echo.text.contains("accept-language: es"), "{}", echo.text);
    for never in ["top", "theirs", "acme.other", "secret", "1.2.3.4", "evil"] {
        assert!(!echo.text.contains(never), "{never} in {}", echo.text);
    }
}

#[tokio::test]
async fn a_form_reaches_the_guest_and_one_that_is_too_large_does_not() {
    let host = Running::with("good").await;
    let echo = host.post("/acme/good/echo", "", &[("a", "b")]).await;
    assert!(
        echo.text.starts_with("POST ") && echo.text.ends_with("\n\na=b"),
        "{}",
        echo.text
    );
    let large = host.post("/acme/good/echo", "", &[("a", &"x".repeat(70_000))]).await;
    assert_eq!(large.status, 413);
    assert!(large.text.contains(large.header("x-request-id")), "{}", large.text);
    let long = host.get(&format!("/acme/good/echo?{}", "x".repeat(9_000))).await;
    assert_eq!(long.status, 414);
}

#[tokio::test]
async fn disabled_unknown_and_foreign_addresses_are_the_same_plain_404() {
    let host = Running::with("good").await;
    let bodies: Vec<String> = {
        let mut bodies = Vec::new();
        for address in [
            "/brook/good/echo",
            "/brook/good",
            "/brook/nothing/",
            "/nobody/good/echo",
            "/acme/other/x",
            "/acme",
        ] {
            let page = host.get(address).await;
            assert_eq!(page.status, 404, "{address}");
            assert!(page.cookies().is_empty());
            bodies.push(page.text.replace(page.header("x-request-id"), "ID"));
        }
        bodies
    };
    assert!(
        bodies
            .iter()
            .all(|body| body == &bodies[0] && body.contains("Page not found")),
        "{bodies:?}"
    );
    let acme = host.company("acme").await;
    assert_eq!(host.get("/acme/good/count").await.status, 200);
    host.state.plugins.disable(&acme.id, "good", &call()).await.unwrap();
    assert_eq!(host.get("/acme/good/count").await.status, 404);
}

#[tokio::test]
async fn a_plugin_that_keeps_failing_is_paused_and_one_that_is_disabled_is_never_started() {
    let host = Running::with("memory-bomb").await;
    let (acme, brook) = (host.company("acme").await, host.company("brook").await);
    for _ in 0..8 {
        assert_eq!(
            host.get("/brook/bomb/explode").await.status,
            404,
            "not started, so it cannot fail"
        );
    }
    let mut statuses = Vec::new();
    for _ in 0..8 {
        let page = host.get("/acme/bomb/explode").await;
        assert!(!page.text.contains("wasm"), "{}", page.text);
        statuses.push(page.status);
    }
    assert_eq!(statuses.first(), Some(&502), "{statuses:?}");
    assert_eq!(statuses.last(), Some(&503), "{statuses:?}");
    let paused = |company: String| {
        let state = host.state.clone();
        async move { state.plugins.for_company(&company).await.unwrap().remove(0).paused }
    };
    for _ in 0..200 {
        if paused(acme.id.clone()).await.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert!(
        paused(acme.id.clone()).await.unwrap().contains("memory"),
        "the reason is stored for staff"
    );
    assert_eq!(paused(brook.id.clone()).await, None);
    host.state
        .plugins
        .resume(&acme.id, "memory-bomb", &call())
        .await
        .unwrap();
    assert_eq!(
        host.get("/acme/bomb/explode").await.status,
        502,
        "it runs (and fails) again"
    );
}

#[tokio::test]
async fn files_stream_through_and_errors_of_guests_keep_their_own_page() {
    let host = Running::with("good").await;
    let big = host.get("/acme/good/big?n=3000000").await;
    assert_eq!(big.status, 200);
    let own = host.get("/acme/good/unknown-page").await;
    assert_eq!((own.status, own.text.as_str()), (404, "no page unknown-page"));
    assert!(!own.header("content-security-policy").is_empty());
}
