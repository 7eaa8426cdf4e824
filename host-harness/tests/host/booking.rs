//! The booking page: a stranger, a known customer, a repeated click, forms that have to be corrected.
//! What is asked for stands in the company's requests, once.

use crate::running::{Answer, Running, call};
use platform::{ListQuery, PluginIdentity, ServiceRequest};
use std::{collections::BTreeSet, sync::Arc};

fn form_key(page: &Answer) -> String {
    let (_, rest) = page
        .text
        .split_once("name=\"form_key\" value=\"")
        .expect("the form has a key");
    rest.split('"').next().unwrap().to_owned()
}

async fn requests(host: &Running, slug: &str) -> Vec<ServiceRequest> {
    let company = host.company(slug).await;
    host.state
        .platform
        .requests()
        .list(&company.id, &ListQuery::default())
        .await
        .unwrap()
        .items
}

#[tokio::test]
async fn a_stranger_asks_for_work_and_a_second_click_asks_once() {
    let host = Running::start().await;
    let page = host.get("/acme/book").await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("Acme Heating") && page.text.contains("Your name"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("style="), "nothing inline");
    let key = form_key(&page);
    let fields = [
        ("form_key", key.as_str()),
        ("name", "Dana <b>Whit"),
        ("phone", "(303) 555-0178"),
        ("summary", "Furnace rattles"),
        ("details", "Since Monday"),
        ("preferred_date", "2099-12-05"),
        ("preferred_time", "morning"),
    ];
    let sent = host.post("/acme/book", "", &fields).await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, "/acme/book/sent/2099-12-05"),
        "{}",
        sent.text
    );
    let again = host.post("/acme/book", "", &fields).await;
    assert_eq!(again.status, 303);
    let thanks = host.get(sent.header("location")).await;
    assert!(
        thanks.text.contains("What happens next") && thanks.text.contains("December 5, 2099"),
        "{}",
        thanks.text
    );
    let stored = requests(&host, "acme").await;
    assert_eq!(stored.len(), 1);
    let request = &stored[0];
    assert_eq!(
        (request.details.customer_id.as_deref(), request.customer_name.as_str()),
        (None, "Dana <b>Whit")
    );
    assert_eq!(request.details.contact_phone, "(303) 555-0178");
    assert!(request.details.details.contains("Since Monday") && request.details.details.contains("Morning"));
    assert_eq!(request.status.code, "new");
    assert!(requests(&host, "brook").await.is_empty());
}

#[tokio::test]
async fn what_was_typed_stays_when_something_has_to_be_corrected() {
    let host = Running::start().await;
    let key = form_key(&host.get("/acme/book").await);
    let long = "ä".repeat(5_000);
    let refused = host
        .post(
            "/acme/book",
            "",
            &[
                ("form_key", &key),
                ("name", "Dana \"D\""),
                ("summary", ""),
                ("details", &long),
                ("preferred_date", "soon"),
            ],
        )
        .await;
    assert_eq!(refused.status, 422);
    for kept in ["Dana &#34;D&#34;", long.as_str(), "value=\"soon\"", &key] {
        assert!(refused.text.contains(kept), "{kept} is kept: {}", refused.text);
    }
    for said in [
        "href=\"#summary\"",
        "href=\"#details\"",
        "href=\"#preferred_date\"",
        "href=\"#phone\"",
        "Please check 4 things",
    ] {
        assert!(refused.text.contains(said), "{said}: {}", refused.text);
    }
    let twice = host
        .post(
            "/acme/book",
            "",
            &[
                ("form_key", &key),
                ("name", "D"),
                ("phone", "3035550101"),
                ("summary", "a"),
                ("summary", "b"),
            ],
        )
        .await;
    assert_eq!(twice.status, 422);
    assert!(requests(&host, "acme").await.is_empty());
}

#[tokio::test]
async fn a_known_customer_need_not_say_who_they_are_and_finds_the_way_back() {
    let host = Running::with("good").await;
    let acme = host.company("acme").await;
    let identity = Arc::new(PluginIdentity {
        id: "good".into(),
        mount: "good".into(),
        permissions: BTreeSet::from(["customers".to_owned()]),
        default_settings: Vec::new(),
    });
    let customers = host.state.platform.grants(&acme, &identity, call()).customers.unwrap();
    let address = customers.open("C1").await.unwrap().booking_url().await.unwrap();
    assert!(
        address.starts_with(&format!("{}/acme/book/k/", host.public)),
        "{address}"
    );

    let arrived = host.get(&address).await;
    assert_eq!((arrived.status, arrived.header("location")), (303, "/acme/book"));
    assert_eq!(arrived.header("referrer-policy"), "no-referrer");
    let cookies = arrived.cookies();
    assert_eq!(cookies.len(), 1);
    assert!(
        cookies[0].starts_with("acme.book.customer=") && cookies[0].contains("Max-Age=900"),
        "{cookies:?}"
    );
    let cookie = cookies[0].split(';').next().unwrap();

    let page = host
        .send(reqwest::Method::GET, "/acme/book", &[("cookie", cookie)], None)
        .await;
    assert!(
        page.text.contains("Ann Lee") && page.text.contains("Back to Good"),
        "{}",
        page.text
    );
    assert!(
        !page.text.contains("Your name") && !page.text.contains("ann@example.com") && !page.text.contains("555-0142")
    );
    let key = form_key(&page);
    let sent = host
        .post(
            "/acme/book",
            cookie,
            &[("form_key", &key), ("summary", "Filter"), ("name", "Forged")],
        )
        .await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, "/acme/book/sent/-"),
        "{}",
        sent.text
    );
    let stored = requests(&host, "acme").await;
    assert_eq!(stored[0].details.customer_id.as_deref(), Some("C1"));
    assert_eq!(
        (
            stored[0].customer_name.as_str(),
            stored[0].details.contact_name.as_str()
        ),
        ("Ann Lee", "")
    );

    // The token is good for its own company only, and the cookie's name says whose it is.
    let token = cookie.split_once('=').unwrap().1;
    let forged = format!("brook.book.customer={token}");
    let elsewhere = host
        .send(reqwest::Method::GET, "/brook/book", &[("cookie", &forged)], None)
        .await;
    assert!(elsewhere.text.contains("Your name") && !elsewhere.text.contains("Ann Lee"));
    let garbled = host.get("/acme/book/k/nonsense").await;
    assert_eq!((garbled.status, garbled.cookies().len()), (303, 0));
}

#[tokio::test]
async fn a_flood_from_one_address_has_to_wait() {
    let host = Running::start().await;
    let mut last = 0;
    for number in 0..25 {
        let key = format!("key{number:020}");
        last = host
            .post(
                "/acme/book",
                "",
                &[
                    ("form_key", &key),
                    ("name", "D"),
                    ("phone", "3035550101"),
                    ("summary", "again"),
                ],
            )
            .await
            .status;
    }
    assert_eq!(last, 429);
    assert_eq!(requests(&host, "acme").await.len(), 20);
}

#[tokio::test]
async fn the_companys_colour_is_a_stylesheet_of_its_own() {
    let host = Running::start().await;
    let sheet = host.get("/acme/book/theme.css").await;
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert!(sheet.text.contains("#0b5394"), "{}", sheet.text);
    assert_eq!(host.get("/acme/logo").await.status, 404);
    assert_eq!(host.get("/nobody/book").await.status, 404);
}
