//! Staff looking at a plugin's pages as a customer, over real HTTP: from the profile's menu to the end.
//! The guest echoes what reaches it, so that it is seen what a look takes away.

use crate::running::{Answer, Running};
use platform::{Actor, NewStaff, Role, SignInProof};
use reqwest::Method;

/// The session cookie of a new member of staff of `slug`.
async fn staff(host: &Running, slug: &str) -> String {
    let new = NewStaff {
        company_id: Some(host.company(slug).await.id),
        email: format!("marta@{slug}.example"),
        name: "Marta Ruiz".into(),
        role: Role::Staff,
    };
    let members = host.state.platform.staff();
    let person = members.create(new, &Actor::system()).await.unwrap();
    let token = members
        .start_session(&person, &SignInProof::LINK, &Actor::system())
        .await
        .unwrap();
    format!("staff={token}")
}

/// Press *View … as customer* on a profile.
async fn ask(host: &Running, session: &str, slug: &str, customer: &str) -> Answer {
    let address = format!("{}/c/{slug}/customers/{customer}/view-as/good", host.staff);
    host.post(&address, session, &[]).await
}

/// The address on the public listener that the console hands over to.
fn handed_over(host: &Running, page: &Answer) -> String {
    let start = format!("{}/-/view/", host.public);
    let (_, rest) = page.text.split_once(&start).unwrap_or_else(|| panic!("{}", page.text));
    let token: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    format!("/-/view/{token}")
}

/// A look at C1's pages: its cookie.
async fn look(host: &Running, session: &str) -> String {
    let page = ask(host, session, "acme", "C1").await;
    assert_eq!(page.status, 200, "{}", page.text);
    begin(host, &handed_over(host, &page)).await
}

async fn begin(host: &Running, address: &str) -> String {
    let begun = host.post(address, "", &[]).await;
    assert_eq!(
        (begun.status, begun.header("location")),
        (303, "/acme/good"),
        "{}",
        begun.text
    );
    begun.cookies().first().unwrap().split(';').next().unwrap().to_owned()
}

async fn summaries(host: &Running) -> Vec<String> {
    let acme = host.company("acme").await;
    let log = host
        .state
        .platform
        .activity()
        .timeline(&acme.id, "C1", None, 50)
        .await
        .unwrap();
    log.items
        .into_iter()
        .map(|entry| format!("{}: {}", entry.actor_name, entry.entry.summary))
        .collect()
}

#[tokio::test]
async fn a_look_begins_by_its_button_once_and_within_a_minute() {
    let host = Running::with("good").await;
    let session = staff(&host, "acme").await;
    let profile = host
        .send(
            Method::GET,
            &format!("{}/c/acme/customers/C1", host.staff),
            &[("cookie", &session)],
            None,
        )
        .await;
    assert!(profile.text.contains("as customer"), "{}", profile.text);
    let page = ask(&host, &session, "acme", "C1").await;
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let address = handed_over(&host, &page);
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let seen = host.send(method, &address, &[], None).await;
        assert_eq!(seen.status, 200);
        assert!(
            seen.cookies().is_empty(),
            "looking at the address must not begin anything"
        );
        assert_eq!(seen.header("referrer-policy"), "no-referrer");
    }
    assert!(summaries(&host).await.is_empty());
    let begun = host.post(&address, "", &[]).await;
    let cookie = begun.cookies()[0].to_owned();
    for part in ["view=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1800"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    for again in [host.post(&address, "", &[]).await, host.get(&address).await] {
        assert_eq!(again.status, 404);
        assert!(again.cookies().is_empty());
    }
    assert_eq!(
        summaries(&host).await,
        ["Marta Ruiz: Marta Ruiz began viewing as the customer; nothing can be changed"]
    );
}

#[tokio::test]
async fn a_look_reads_one_plugin_of_one_company_without_the_customers_cookies() {
    let host = Running::with("good").await;
    let brook = host.company("brook").await;
    host.state
        .plugins
        .enable(&brook.id, "good", &crate::running::call())
        .await
        .unwrap();
    let session = staff(&host, "acme").await;
    let cookie = look(&host, &session).await;
    let both = format!("{cookie}; acme.good.session=theirs; brook.good.session=theirs");
    let with = |address: &'static str| {
        let both = both.clone();
        let host = &host;
        async move { host.send(Method::GET, address, &[("cookie", &both)], None).await }
    };
    let here = with("/acme/good/echo").await;
    assert_eq!(here.status, 200, "{}", here.text);
    assert!(
        !here.text.contains("cookie:") && !here.text.contains("theirs"),
        "{}",
        here.text
    );
    let there = with("/brook/good/echo").await;
    assert!(there.text.contains("cookie: session=theirs"), "{}", there.text);
    assert!(
        !there.text.contains("view="),
        "the look is not the plugin's to see: {}",
        there.text
    );
}

#[tokio::test]
async fn every_write_and_every_other_customer_is_refused_by_the_host() {
    let host = Running::with("good").await;
    let session = staff(&host, "acme").await;
    let cookie = look(&host, &session).await;
    let tried = host
        .send(Method::GET, "/acme/good/look", &[("cookie", &cookie)], None)
        .await;
    assert!(tried.cookies().is_empty(), "what a plugin sets meanwhile is not kept");
    let mut lines = tried.text.lines();
    assert_eq!(lines.next(), Some("C1 by Marta Ruiz until /-/view/end"));
    let allowed = [
        "C1: done",
        "storage.get: done",
        "credentials.status: done",
        "of Zoë: None",
    ];
    let refused: Vec<&str> = lines.filter(|line| !allowed.contains(line)).collect();
    assert_eq!(refused.len(), 17, "{}", tried.text);
    assert!(refused.iter().all(|line| line.ends_with(": denied")), "{}", tried.text);
    // Without a look the same page may do it all: nothing but the look refused it.
    let free = host.get("/acme/good/look").await;
    assert!(free.text.starts_with("nobody looks\nC2: done\n"), "{}", free.text);
    assert!(!free.text.contains("denied"), "{}", free.text);
    assert!(free.cookies()[0].contains("session=planted"), "{:?}", free.cookies());
}

#[tokio::test]
async fn nothing_but_reading_reaches_the_plugin() {
    let host = Running::with("good").await;
    let session = staff(&host, "acme").await;
    let cookie = look(&host, &session).await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
        let refused = host.send(method, "/acme/good/echo", &headers, Some("a=b".into())).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text.contains("You are viewing as Ann Lee"), "{}", refused.text);
        assert!(!refused.text.contains("a=b"), "{}", refused.text);
    }
    assert_eq!(
        host.send(Method::HEAD, "/acme/good/echo", &[("cookie", &cookie)], None)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_look_ends_by_its_button_and_with_the_staff_session() {
    let host = Running::with("good").await;
    let session = staff(&host, "acme").await;
    let refused = async |cookie: &str| host.post("/acme/good/echo", cookie, &[]).await.status == 403;
    let cookie = look(&host, &session).await;
    assert!(refused(&cookie).await);
    let ended = host.post("/-/view/end", &cookie, &[]).await;
    assert_eq!(ended.status, 200);
    assert!(ended.cookies()[0].contains("Max-Age=0"), "{:?}", ended.cookies());
    assert!(!refused(&cookie).await, "the cookie is worth nothing any more");
    let log = summaries(&host).await;
    assert_eq!(log[0], "Marta Ruiz: Marta Ruiz stopped viewing as the customer");
    // To end what has ended is no error, and says nothing more.
    assert_eq!(host.post("/-/view/end", &cookie, &[]).await.status, 200);
    assert_eq!(summaries(&host).await.len(), log.len());

    let cookie = look(&host, &session).await;
    let offered = handed_over(&host, &ask(&host, &session, "acme", "C1").await);
    assert!(refused(&cookie).await);
    host.post(&format!("{}/sign-out", host.staff), &session, &[]).await;
    assert!(!refused(&cookie).await, "signing out of the console ends the look");
    assert_eq!(host.post(&offered, "", &[]).await.status, 404, "and what was offered");
}

#[tokio::test]
async fn strangers_forgers_and_other_companies_get_nothing() {
    let host = Running::with("good").await;
    let acme = staff(&host, "acme").await;
    let brook = staff(&host, "brook").await;
    let place = |slug: &str, customer: &str, plugin: &str| {
        format!("{}/c/{slug}/customers/{customer}/view-as/{plugin}", host.staff)
    };
    for (session, address) in [
        (&brook, place("acme", "C1", "good")),
        (&acme, place("acme", "C9", "good")),
        (&acme, place("acme", "C1", "other")),
        // The plugin does not run there.
        (&brook, place("brook", "C1", "good")),
    ] {
        let answer = host.post(&address, session, &[]).await;
        assert_eq!(answer.status, 404, "{address}");
        assert!(!answer.text.contains("/-/view/"));
    }
    let stranger = host.post(&place("acme", "C1", "good"), "staff=forged", &[]).await;
    assert_eq!((stranger.status, stranger.header("location")), (401, ""));
    assert!(!stranger.text.contains("/-/view/"));

    let cookie = look(&host, &acme).await;
    let mut tampered = cookie.clone();
    tampered.pop();
    tampered.push(if cookie.ends_with('a') { 'b' } else { 'a' });
    let offered = handed_over(&host, &ask(&host, &acme, "acme", "C1").await);
    let token = offered.rsplit('/').next().unwrap();
    // A token is no cookie, and neither is the cookie a token.
    for forged in [tampered, "view=".into(), "view=x".into(), format!("view={token}")] {
        assert_eq!(host.post("/acme/good/echo", &forged, &[]).await.status, 200, "{forged}");
    }
    let value = cookie.split_once('=').unwrap().1;
    assert_eq!(host.get(&format!("/-/view/{value}")).await.status, 404);
    assert_eq!(host.post(&format!("/-/view/{value}"), "", &[]).await.status, 404);
    assert_eq!(host.get("/-/view/end").await.status, 405);
    // Another site cannot begin one in somebody's browser.
    let headers = [("sec-fetch-site", "cross-site"), ("cookie", "a=b")];
    assert_eq!(host.send(Method::POST, &offered, &headers, None).await.status, 403);
}
