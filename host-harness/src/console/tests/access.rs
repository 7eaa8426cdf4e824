//! Every route of the console against everybody it is not for, walked through the table the console itself is built from.
//! A route cannot be added without a rule: the table's methods take one. What each rule means is asserted here.

use super::{super::access::Access, *};

/// The path of a route with something in each place: our company, and records nobody has.
fn fill(path: &str) -> String {
    path.split('/')
        .map(|part| match part {
            "{slug}" => "summit",
            part if part.starts_with('{') => "x",
            part => part,
        })
        .collect::<Vec<_>>()
        .join("/")
}

async fn knock(console: &Console, method: &Method, path: &str, cookie: &str) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    if !cookie.is_empty() {
        request = request.header(header::COOKIE, cookie);
    }
    console.send(request.body(Body::empty()).unwrap()).await
}

/// Cookies that must be worth no more than none at all.
async fn worthless(console: &Console) -> Vec<(&'static str, String)> {
    let staff = console.state.platform.staff();
    let early = console.member(Some("summit"), Role::CompanyAdmin).await;
    let idle = console.session_of(&early).await;
    console.clock.advance(platform::SESSION_IDLE_SECONDS);
    let aged = console.session_of(&early).await;
    let mut kept_busy = 0;
    while kept_busy < platform::SESSION_ABSOLUTE_SECONDS {
        let _ = staff.session(aged.trim_start_matches("staff=")).await;
        console.clock.advance(3600);
        kept_busy += 3600;
    }
    let gone = NewStaff {
        company_id: Some(console.company("summit").await),
        email: "gone@summit.example".into(),
        name: "Gone".into(),
        role: Role::CompanyAdmin,
    };
    let gone = staff.create(gone, &Actor::system()).await.unwrap();
    let shut_out = console.session_of(&gone).await;
    staff.set_active(&gone.id, false, &Actor::system()).await.unwrap();
    let signed_out = console.session_of(&early).await;
    console.post("/sign-out", &signed_out, &[]).await;
    vec![
        ("anonymous", String::new()),
        ("a forged cookie", "staff=forged".into()),
        ("an empty cookie", "staff=".into()),
        ("an idle session", idle),
        ("an old session", aged),
        ("a deactivated member", shut_out),
        ("a session that was signed out", signed_out),
    ]
}

#[tokio::test]
async fn every_route_is_closed_to_whoever_it_is_not_for() {
    let console = console(false).await;
    let worthless = worthless(&console).await;
    let neighbour = console.session(Some("brook"), Role::CompanyAdmin).await;
    let staff = console.session(Some("summit"), Role::Staff).await;
    let admin = console.session(Some("summit"), Role::CompanyAdmin).await;
    let platform = console.session(None, Role::PlatformAdmin).await;
    let table = routes();
    assert!(table.rules().len() > 70);
    // Whatever was posted, whoever sent it: one page, which tells of no route.
    let over = html(knock(&console, &Method::POST, "/sign-out", "").await).await;
    assert!(over.contains("nothing was saved") && over.contains("href=\"/sign-in\""));
    let (mut closed, mut opened) = (0, 0);
    for rule in table.rules() {
        let path = fill(rule.path);
        let what = format!("{} {}", rule.method, rule.path);
        match rule.access {
            Access::Anyone => assert!(
                rule.path.starts_with("/sign-in") || rule.path.starts_with("/-/"),
                "{what} is open to anybody: is that meant?"
            ),
            Access::DemoMailbox => {
                for (who, cookie) in &worthless {
                    let answer = knock(&console, &rule.method, &path, cookie).await;
                    assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{what} for {who}");
                }
            }
            Access::SignedIn | Access::Office(_) => {
                for (who, cookie) in &worthless {
                    let answer = knock(&console, &rule.method, &path, cookie).await;
                    if rule.method == Method::GET {
                        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{what} for {who}");
                        assert!(location(&answer).starts_with("/sign-in"), "{what} for {who}");
                        assert!(html(answer).await.is_empty(), "{what} for {who}");
                    } else {
                        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{what} for {who}");
                        assert_eq!(html(answer).await, over, "{what} for {who}");
                    }
                    closed += 1;
                }
            }
        }
        let Access::Office(minimum) = rule.access else { continue };
        assert!(rule.path.starts_with("/c/{slug}/"), "{what} names no company");
        let answer = knock(&console, &rule.method, &path, &neighbour).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{what} shows another company");
        let unknown = path.replace("/c/summit/", "/c/nowhere/");
        let nowhere = knock(&console, &rule.method, &unknown, &neighbour).await;
        assert_eq!(
            answer.status(),
            nowhere.status(),
            "{what} tells another company from none"
        );
        assert_eq!(html(answer).await, html(nowhere).await, "{what}");
        let answer = knock(&console, &rule.method, &unknown, &platform).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{what}");
        for (role, cookie) in [
            (Role::Staff, &staff),
            (Role::CompanyAdmin, &admin),
            (Role::PlatformAdmin, &platform),
        ] {
            let answer = knock(&console, &rule.method, &path, cookie).await;
            if role < minimum {
                assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{what} is open to {role:?}");
            } else {
                // Whatever comes of an empty request: the rule itself lets them in.
                assert_ne!(answer.status(), StatusCode::FORBIDDEN, "{what} is closed to {role:?}");
                assert!(
                    !location(&answer).starts_with("/sign-in"),
                    "{what} is closed to {role:?}"
                );
                opened += 1;
            }
        }
    }
    assert!(closed > 400 && opened > 150, "{closed} closed, {opened} opened");
}
