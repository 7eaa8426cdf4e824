//! Staff's own access: the first administrator, the team, one's account, sessions.
//! What an attacker or a colleague in a hurry would try, and what the audit says of it.

use super::*;
use platform::ActorKind;

fn session(answer: &Response) -> String {
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// The address of the sign-in link a page shows.
fn link(page: &str) -> String {
    let start = page.find("/sign-in/t/").expect("the page shows no link");
    page[start..].split('"').next().unwrap().to_owned()
}

async fn password(console: &Console, member: &Staff) {
    let staff = console.state.platform.staff();
    staff
        .set_password(&member.id, "correct horse battery", &Actor::system())
        .await
        .unwrap();
}

#[tokio::test]
async fn the_first_administrator_is_made_by_the_printed_link_once() {
    let console = console(false).await;
    let address = crate::bootstrap::link(&console.state).await.unwrap().unwrap();
    assert!(
        crate::bootstrap::link(&console.state).await.unwrap().is_none(),
        "one link a start"
    );
    let path = address.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
    for wrong in ["/sign-in/b/x", &path[..path.len() - 1]] {
        assert_eq!(console.get(wrong, "").await.status(), StatusCode::GONE);
        assert_eq!(console.post(wrong, "", &[]).await.status(), StatusCode::GONE);
    }
    let form = console.get(&path, "").await;
    assert_eq!(form.status(), StatusCode::OK);
    assert_eq!(form.headers()[header::REFERRER_POLICY], "no-referrer");
    let page = html(form).await;
    assert!(page.matches("<h1").count() == 1 && !page.contains(" style=") && !page.contains("<script>"));
    let typed = [("name", "Kim"), ("email", "kim@host.example"), ("password", "short")];
    let refused = console.post(&path, "", &typed).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = html(refused).await;
    assert!(page.contains("value=\"kim@host.example\"") && !page.contains("value=\"short\""));
    let typed = [
        ("name", "Kim"),
        ("email", "kim@host.example"),
        ("password", "correct horse battery"),
    ];
    let made = console.post(&path, "", &typed).await;
    assert_eq!((made.status(), location(&made)), (StatusCode::SEE_OTHER, "/"));
    let install = console.get("/c/summit/settings/install", &session(&made)).await;
    assert_eq!(install.status(), StatusCode::OK, "a platform admin");
    assert_eq!(console.get(&path, "").await.status(), StatusCode::GONE);
    let again = [
        ("name", "Eve"),
        ("email", "eve@host.example"),
        ("password", "correct horse battery"),
    ];
    assert_eq!(console.post(&path, "", &again).await.status(), StatusCode::GONE);
    assert_eq!(console.state.platform.staff().list(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_first_link_dies_with_time_and_with_the_first_member() {
    let console = console(false).await;
    let address = crate::bootstrap::link(&console.state).await.unwrap().unwrap();
    let path = address.strip_prefix("http://127.0.0.1:8080").unwrap();
    assert_eq!(console.get(path, "").await.status(), StatusCode::OK);
    console.clock.advance(3600);
    assert_eq!(console.get(path, "").await.status(), StatusCode::GONE);

    let console = super::console(false).await;
    let address = crate::bootstrap::link(&console.state).await.unwrap().unwrap();
    console.member(Some("summit"), Role::Staff).await;
    let path = address.strip_prefix("http://127.0.0.1:8080").unwrap();
    assert_eq!(console.get(path, "").await.status(), StatusCode::GONE);
}

#[tokio::test]
async fn a_colleague_is_invited_by_a_link_shown_once() {
    let console = console(true).await;
    let admin = console.session(Some("summit"), Role::CompanyAdmin).await;
    let team = "/c/summit/settings/team";
    let typed = [("name", "Ben Cole"), ("email", "ben@summit.example"), ("role", "staff")];
    let made = console.post(team, &admin, &typed).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let invitation = link(&html(made).await);
    let later = html(console.get(team, &admin).await).await;
    assert!(later.contains("Ben Cole") && !later.contains("/sign-in/t/"));

    // It is mailed too; colleagues who read the outbox do not see it.
    let outbox = html(console.get("/c/summit/outbox", &admin).await).await;
    let at = outbox.find("/c/summit/outbox/ms_").unwrap();
    let message = outbox[at..].split('"').next().unwrap();
    let shown = html(console.get(message, &admin).await).await;
    assert!(
        shown.contains("Your sign-in link for Summit") && !shown.contains("/sign-in/t/"),
        "{shown}"
    );
    let token = invitation.rsplit('/').next().unwrap();
    let queued = console.state.platform.outbox().claim(5, 60).await.unwrap();
    assert_eq!(queued.len(), 1);
    assert!(
        queued[0]
            .message
            .text
            .contains(&format!("http://127.0.0.1:8080/sign-in/t/{token}"))
    );

    let signed_in = console.post(&invitation, "", &[]).await;
    let ben = session(&signed_in);
    assert_eq!(console.get("/c/summit/customers", &ben).await.status(), StatusCode::OK);
    assert_eq!(console.get(team, &ben).await.status(), StatusCode::FORBIDDEN);
    let twice = console.post(team, &admin, &typed).await;
    assert_eq!(twice.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = html(twice).await;
    assert!(page.contains("already signs in") && page.contains("value=\"ben@summit.example\""));
}

#[tokio::test]
async fn nobody_gives_a_role_above_their_own() {
    let console = console(false).await;
    let admin = console.session(Some("summit"), Role::CompanyAdmin).await;
    let platform = console.session(None, Role::PlatformAdmin).await;
    let team = "/c/summit/settings/team";
    let page = html(console.get(team, &admin).await).await;
    assert!(!page.contains("platform_admin"), "neither offered nor shown");
    for role in ["platform_admin", "root", ""] {
        let typed = [("name", "Eve"), ("email", "eve@summit.example"), ("role", role)];
        let refused = console.post(team, &admin, &typed).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{role}");
    }
    assert!(
        console
            .state
            .platform
            .staff()
            .by_email("eve@summit.example")
            .await
            .is_err()
    );
    let typed = [
        ("name", "Pat"),
        ("email", "pat@host.example"),
        ("role", "platform_admin"),
    ];
    assert_eq!(
        console.post(team, &platform, &typed).await.status(),
        StatusCode::CREATED
    );
    let pat = console
        .state
        .platform
        .staff()
        .by_email("pat@host.example")
        .await
        .unwrap();
    assert_eq!((pat.role, pat.company_id.as_deref()), (Role::PlatformAdmin, None));
    assert!(html(console.get(team, &platform).await).await.contains("Pat"));

    // A company's admin sees neither platform admins nor another company's people, whatever the address.
    let neighbour = console.member(Some("brook"), Role::Staff).await;
    for id in [&pat.id, &neighbour.id] {
        for (method, rest) in [
            (Method::GET, ""),
            (Method::POST, ""),
            (Method::POST, "/deactivate"),
            (Method::POST, "/reactivate"),
            (Method::POST, "/sign-out"),
            (Method::POST, "/link"),
        ] {
            let path = format!("{team}/{id}{rest}");
            let answer = match method {
                Method::GET => console.get(&path, &admin).await,
                _ => console.post(&path, &admin, &[("role", "staff")]).await,
            };
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}

#[tokio::test]
async fn roles_shutting_out_and_letting_in_take_effect_at_once() {
    let console = console(false).await;
    let me = console.member(Some("summit"), Role::CompanyAdmin).await;
    let admin = console.session_of(&me).await;
    let worker = console.member(Some("summit"), Role::Staff).await;
    let cookie = console.session_of(&worker).await;
    let path = format!("/c/summit/settings/team/{}", worker.id);
    let promoted = console.post(&path, &admin, &[("role", "company_admin")]).await;
    assert_eq!(location(&promoted), format!("{path}?did=saved"));
    assert_eq!(
        console.get("/c/summit/settings/team", &cookie).await.status(),
        StatusCode::OK
    );
    assert_eq!(
        console
            .post(&path, &admin, &[("role", "platform_admin")])
            .await
            .status(),
        StatusCode::FORBIDDEN
    );
    console.post(&path, &admin, &[("role", "staff")]).await;
    assert_eq!(
        console.get("/c/summit/settings/team", &cookie).await.status(),
        StatusCode::FORBIDDEN
    );

    let out = console.post(&format!("{path}/sign-out"), &admin, &[]).await;
    assert_eq!(location(&out), format!("{path}?did=everywhere-out"));
    assert!(location(&console.get("/c/summit/customers", &cookie).await).starts_with("/sign-in"));

    let cookie = console.session_of(&worker).await;
    let made = console.post(&format!("{path}/link"), &admin, &[]).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let fresh = link(&html(made).await);
    console.post(&format!("{path}/deactivate"), &admin, &[]).await;
    assert!(location(&console.get("/c/summit/customers", &cookie).await).starts_with("/sign-in"));
    assert_eq!(console.post(&fresh, "", &[]).await.status(), StatusCode::GONE);
    assert_eq!(
        console.post(&format!("{path}/link"), &admin, &[]).await.status(),
        StatusCode::CONFLICT
    );
    console.post(&format!("{path}/reactivate"), &admin, &[]).await;
    let cookie = console.session_of(&worker).await;
    assert_eq!(
        console.get("/c/summit/customers", &cookie).await.status(),
        StatusCode::OK
    );

    // Oneself, and the last administrator.
    let own = format!("/c/summit/settings/team/{}", me.id);
    assert_eq!(
        console.post(&format!("{own}/deactivate"), &admin, &[]).await.status(),
        StatusCode::FORBIDDEN
    );
    let platform = console.session(None, Role::PlatformAdmin).await;
    let refused = console.post(&format!("{own}/deactivate"), &platform, &[]).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert!(html(refused).await.contains("only administrator left"));
    assert_eq!(
        console.get("/c/summit/customers", &admin).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn signing_somebody_out_ends_their_links_whether_or_not_they_are_signed_in() {
    let console = console(false).await;
    let admin = console.session(Some("summit"), Role::CompanyAdmin).await;
    let worker = console.member(Some("summit"), Role::Staff).await;
    let path = format!("/c/summit/settings/team/{}", worker.id);
    let made = console.post(&format!("{path}/link"), &admin, &[]).await;
    let fresh = link(&html(made).await);
    let page = html(console.get(&path, &admin).await).await;
    assert!(
        page.contains("Sign out everywhere") && page.contains("0 devices"),
        "{page}"
    );
    console.post(&format!("{path}/sign-out"), &admin, &[]).await;
    assert_eq!(console.post(&fresh, "", &[]).await.status(), StatusCode::GONE);
    console.post(&format!("{path}/deactivate"), &admin, &[]).await;
    let page = html(console.get(&path, &admin).await).await;
    assert!(!page.contains("Sign out everywhere"));
}

#[tokio::test]
async fn whoever_is_shut_out_while_the_password_is_checked_gets_the_usual_answer() {
    let slow = PasswordHashing {
        memory_kib: 128 * 1024,
        passes: 6,
        ..PasswordHashing::default()
    };
    let console = console_hashing(false, slow).await;
    let member = console.member(Some("summit"), Role::Staff).await;
    password(&console, &member).await;
    let platform = &console.state.platform;
    let before = platform.password_hashes();
    let form = [("email", "staff@summit.example"), ("password", "correct horse battery")];
    let shutting_out = async {
        while platform.password_hashes() == before {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        let staff = platform.staff();
        staff.set_active(&member.id, false, &Actor::system()).await.unwrap();
    };
    let (answer, ()) = tokio::join!(console.post("/sign-in", "", &form), shutting_out);
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(answer.headers().get(header::SET_COOKIE).is_none());
    let page = html(answer).await;
    assert!(
        page.contains("The e-mail or the password is not right") && page.contains("value=\"staff@summit.example\"")
    );
    platform
        .staff()
        .set_active(&member.id, true, &Actor::system())
        .await
        .unwrap();
    assert!(platform.staff().devices(&member.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_form_sent_after_the_session_ended_is_not_lost_on_a_sign_in_page() {
    let console = console(false).await;
    let cookie = console.session(Some("summit"), Role::Staff).await;
    let dana = console.customer("Dana").await;
    console.clock.advance(platform::SESSION_IDLE_SECONDS);
    let path = format!("/c/summit/customers/{}/edit", dana.id);
    let typed = [("first_name", "Dora"), ("last_name", "Whitfield")];
    let answer = console.post(&path, &cookie, &typed).await;
    assert_eq!((answer.status(), location(&answer)), (StatusCode::UNAUTHORIZED, ""));
    let page = html(answer).await;
    for part in [
        "Your session has ended, nothing was saved.",
        "what you typed is still there",
        "href=\"/sign-in\" target=\"_blank\"",
    ] {
        assert!(page.contains(part), "{page}");
    }
    let company = console.company("summit").await;
    let kept = console
        .state
        .platform
        .customers()
        .get(&company, &dana.id)
        .await
        .unwrap();
    assert_eq!(kept, dana);
    // A page is asked for again after signing in.
    assert!(location(&console.get(&path, &cookie).await).starts_with("/sign-in?next="));
}

#[tokio::test]
async fn a_session_set_before_signing_in_is_never_adopted() {
    let console = console(false).await;
    let member = console.member(Some("summit"), Role::Staff).await;
    password(&console, &member).await;
    let form = [("email", "staff@summit.example"), ("password", "correct horse battery")];
    let planted = "staff=planted-by-somebody-else";
    let fresh = session(&console.post("/sign-in", planted, &form).await);
    assert_ne!(fresh, planted);
    assert!(location(&console.get("/c/summit/customers", planted).await).starts_with("/sign-in"));
    assert_eq!(
        console.get("/c/summit/customers", &fresh).await.status(),
        StatusCode::OK
    );
    let again = session(&console.post("/sign-in", &fresh, &form).await);
    assert_ne!(again, fresh, "each sign-in has an id of its own");
    assert!(location(&console.get("/c/summit/customers", &fresh).await).starts_with("/sign-in"));
    assert_eq!(
        console.get("/c/summit/customers", &again).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn somebody_who_has_to_wait_is_told_how_long_and_keeps_what_was_typed() {
    let console = console(false).await;
    console.member(Some("summit"), Role::Staff).await;
    let mut pages = Vec::new();
    for email in ["staff@summit.example", "nobody@summit.example"] {
        let form = [("email", email), ("password", "wrong horse")];
        for _ in 0..5 {
            assert_eq!(
                console.post("/sign-in", "", &form).await.status(),
                StatusCode::UNAUTHORIZED
            );
        }
        let slowed = console.post("/sign-in", "", &form).await;
        assert_eq!(slowed.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(slowed.headers()[header::RETRY_AFTER], "2");
        let page = html(slowed).await;
        assert!(
            page.contains(&format!("value=\"{email}\"")) && page.contains("Wait 2 seconds"),
            "{page}"
        );
        pages.push(page.replace(email, ""));
    }
    assert_eq!(pages[0], pages[1], "whether there is such an account is not told");
}

#[tokio::test]
async fn a_new_password_needs_the_present_one_and_ends_every_session() {
    let console = console(false).await;
    let member = console.member(Some("summit"), Role::Staff).await;
    let (here, elsewhere) = (console.session_of(&member).await, console.session_of(&member).await);
    let typed = |current: &'static str| {
        [
            ("current", current),
            ("password", "a better password yet"),
            ("repeated", "a better password yet"),
        ]
    };
    let first = [
        ("password", "correct horse battery"),
        ("repeated", "correct horse battery"),
    ];
    let set = console.post("/account", &here, &first).await;
    assert_eq!(location(&set), "/account?did=saved", "the first one needs none before");
    let here = session(&set);
    for wrong in ["", "wrong horse"] {
        let refused = console.post("/account", &here, &typed(wrong)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html(refused).await.contains("not your present password"));
    }
    assert!(location(&console.get("/account", &elsewhere).await).starts_with("/sign-in"));
    let other = console.session_of(&member).await;
    let changed = console.post("/account", &here, &typed("correct horse battery")).await;
    let fresh = session(&changed);
    assert_ne!(fresh, here);
    for ended in [&here, &other] {
        assert!(location(&console.get("/account", ended).await).starts_with("/sign-in"));
    }
    assert_eq!(console.get("/account", &fresh).await.status(), StatusCode::OK);
    for _ in 0..5 {
        console.post("/account", &fresh, &typed("wrong horse")).await;
    }
    let slowed = console.post("/account", &fresh, &typed("a better password yet")).await;
    assert_eq!(slowed.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(slowed.headers().contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_signs_out_the_others() {
    let console = console(false).await;
    let member = console.member(Some("summit"), Role::Staff).await;
    let mut phone = Actor::named(ActorKind::Staff, &member.id, &member.name);
    phone.user_agent = "Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36".into();
    phone.address = "203.0.113.9".parse().ok();
    let staff = console.state.platform.staff();
    let phone = format!(
        "staff={}",
        staff.start_session(&member, &SignInProof::LINK, &phone).await.unwrap()
    );
    let here = console.session_of(&member).await;
    let page = html(console.get("/account", &here).await).await;
    assert!(
        page.contains("Chrome on Android") && page.contains("203.0.113.9") && page.contains("this one"),
        "{page}"
    );
    let out = console.post("/account/sign-out-others", &here, &[]).await;
    assert_eq!(location(&out), "/account?did=others-out");
    assert!(location(&console.get("/account", &phone).await).starts_with("/sign-in"));
    let page = html(console.get("/account", &here).await).await;
    assert!(!page.contains("Chrome on Android") && !page.contains("Sign out the others"));
}

#[tokio::test]
async fn what_staff_do_is_in_the_audit_with_address_and_request() {
    let console = console(false).await;
    let member = console.member(Some("summit"), Role::CompanyAdmin).await;
    password(&console, &member).await;
    let form = |password: &'static str| {
        format!(
            "email=company_admin%40summit.example&password={}",
            password.replace(' ', "+")
        )
    };
    let send = async |path: &str, cookie: &str, body: String| {
        let mut request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        request.extensions_mut().insert(crate::web::RequestInfo {
            request_id: "req-7".into(),
            client_address: "203.0.113.9".parse().ok(),
            user_agent: "Test".into(),
        });
        console.send(request).await
    };
    send("/sign-in", "", form("wr0ng horse")).await;
    let signed_in = send("/sign-in", "", form("correct horse battery")).await;
    let cookie = session(&signed_in);
    let team = "/c/summit/settings/team";
    let invited = "name=Ben&email=ben%40summit.example&role=staff".to_owned();
    let made = link(&html(send(team, &cookie, invited).await).await);
    let ben = console
        .state
        .platform
        .staff()
        .by_email("ben@summit.example")
        .await
        .unwrap();
    let path = format!("{team}/{}", ben.id);
    send(&path, &cookie, "role=company_admin".into()).await;
    send(&format!("{path}/deactivate"), &cookie, String::new()).await;
    send(&format!("{path}/reactivate"), &cookie, String::new()).await;
    let key = send(
        "/c/summit/settings/api-keys",
        &cookie,
        "name=CRM&scope=fields%3Aread".into(),
    )
    .await;
    let key = html(key).await;
    let key = &key[key.find("fsk_").unwrap()..][..20];
    let log = console.state.platform.activity();
    let company = console.company("summit").await;
    let all = log.audit(&company, None, None, 50).await.unwrap().items;
    let from_here: Vec<_> = all.iter().rev().filter(|entry| entry.request_id == "req-7").collect();
    let kinds: Vec<_> = from_here.iter().map(|entry| entry.entry.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "staff.sign_in_failed",
            "staff.signed_in",
            "staff.created",
            "staff.link_made",
            "staff.role_changed",
            "staff.deactivated",
            "staff.activated",
            "api_key.created",
        ]
    );
    for entry in from_here {
        assert_eq!(entry.address, "203.0.113.9", "{entry:?}");
        let told = format!("{entry:?}");
        let token = made.rsplit('/').next().unwrap();
        for secret in [
            "wr0ng",
            "correct horse",
            token,
            key,
            cookie.trim_start_matches("staff="),
        ] {
            assert!(!told.contains(secret), "{told}");
        }
    }
    assert_eq!(
        log.verify(&company).await.unwrap(),
        platform::ChainVerdict::Intact(all.len() as u64)
    );
}
