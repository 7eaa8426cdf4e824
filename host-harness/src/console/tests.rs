//! The console over a real store: the flows where much can go wrong. Who may open what stands in `access`.
//! Routes come from the table itself: one that is added without a rule does not compile, one with a wrong rule fails here.

mod access;
mod staff;

use super::routes;
use crate::{
    AppState,
    config::{Config, Settings},
    messages::Messages,
    plugins::PluginHost,
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt;
use platform::{
    Actor, CompanyDetails, Customer, CustomerDetails, FixedClock, NewStaff, PasswordHashing, Platform, PlatformConfig,
    Role, SecretKey, SignInProof, Staff, TemplateDetails,
};
use std::sync::Arc;
use tower::Service;

struct Console {
    state: AppState,
    clock: Arc<FixedClock>,
    _folder: tempfile::TempDir,
}

async fn console(mailbox: bool) -> Console {
    console_hashing(mailbox, PasswordHashing::default()).await
}

async fn console_hashing(mailbox: bool, passwords: PasswordHashing) -> Console {
    let folder = tempfile::tempdir().unwrap();
    let settings: Settings = serde_json::from_value(serde_json::json!({
        "data_dir": folder.path(),
        "staff_listen": "127.0.0.1:8080",
        "public_listen": "127.0.0.1:8081",
        "mailbox": mailbox,
    }))
    .unwrap();
    let clock = Arc::new(FixedClock::at(jiff::Timestamp::now()));
    let platform = Platform::open(PlatformConfig {
        database_url: format!("sqlite://{}", folder.path().join("host.db").display()),
        files_dir: folder.path().join("files"),
        secret_key: SecretKey::random().unwrap(),
        public_url: "http://127.0.0.1:8081".into(),
        email: true,
        sms: true,
        connections: 2,
        passwords,
        clock: clock.clone(),
    })
    .await
    .unwrap();
    let plugins = PluginHost::open(platform.clone(), None).await.unwrap();
    let messages = Messages::new(platform.clone(), plugins.clone(), None, true, true);
    let state = AppState::new(Arc::new(Config::check(settings).unwrap()), platform, plugins, messages);
    for (slug, name) in [("summit", "Summit Heating & Air"), ("brook", "Brook & Sons Plumbing")] {
        let details = CompanyDetails {
            slug: slug.into(),
            name: name.into(),
            locale: "en-US".into(),
            time_zone: "America/Denver".into(),
            currency: "USD".into(),
            ..CompanyDetails::default()
        };
        state
            .platform
            .companies()
            .create(details, &Actor::system())
            .await
            .unwrap();
        clock.advance(1);
    }
    Console {
        state,
        clock,
        _folder: folder,
    }
}

impl Console {
    async fn company(&self, slug: &str) -> String {
        self.state.platform.companies().by_slug(slug).await.unwrap().id
    }

    /// A member of staff, added when there is none with this role.
    async fn member(&self, slug: Option<&str>, role: Role) -> Staff {
        let company_id = match slug {
            Some(slug) => Some(self.company(slug).await),
            None => None,
        };
        let email = format!("{}@{}.example", role.code(), slug.unwrap_or("host"));
        let staff = self.state.platform.staff();
        match staff.by_email(&email).await {
            Ok(known) => known,
            Err(_) => {
                let new = NewStaff {
                    company_id,
                    email,
                    name: "Marta Ruiz".into(),
                    role,
                };
                staff.create(new, &Actor::system()).await.unwrap()
            }
        }
    }

    /// The cookie of a new session of such a member.
    async fn session(&self, slug: Option<&str>, role: Role) -> String {
        self.session_of(&self.member(slug, role).await).await
    }

    async fn session_of(&self, member: &Staff) -> String {
        let staff = self.state.platform.staff();
        format!(
            "staff={}",
            staff
                .start_session(member, &SignInProof::LINK, &Actor::system())
                .await
                .unwrap()
        )
    }

    async fn customer(&self, first: &str) -> Customer {
        let details = CustomerDetails {
            first_name: first.into(),
            last_name: "Whitfield".into(),
            email: "dana@whitfield.example".into(),
            ..CustomerDetails::default()
        };
        let company = self.company("summit").await;
        self.state
            .platform
            .customers()
            .create(&company, details, &Actor::system())
            .await
            .unwrap()
    }

    async fn send(&self, request: Request<Body>) -> Response {
        let mut app: axum::Router = super::router().with_state(self.state.clone());
        app.call(request).await.unwrap()
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        self.send(
            Request::get(path)
                .header(header::COOKIE, cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Response {
        let body: Vec<String> = form
            .iter()
            .map(|(n, v)| format!("{}={}", super::words::encode(n), super::words::encode(v)))
            .collect();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.send(request).await
    }
}

async fn html(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

fn location(response: &Response) -> &str {
    response
        .headers()
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_sign_in_link_is_used_by_its_button_once() {
    let console = console(false).await;
    console.session(None, Role::PlatformAdmin).await;
    let staff = console
        .state
        .platform
        .staff()
        .by_email("platform_admin@host.example")
        .await
        .unwrap();
    let token = console
        .state
        .platform
        .staff()
        .create_sign_in_token(&staff.id, 600, &Actor::system())
        .await
        .unwrap();
    let path = format!("/sign-in/t/{token}");
    for _ in 0..3 {
        let answer = console.get(&path, "").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(
            answer.headers().get(header::SET_COOKIE).is_none(),
            "looking must not sign in"
        );
        assert_eq!(answer.headers()[header::REFERRER_POLICY], "no-referrer");
    }
    let answer = console.post(&path, "", &[]).await;
    assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, "/"));
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let session = cookie.split(';').next().unwrap().to_owned();
    assert_eq!(
        console.get("/c/summit/customers", &session).await.status(),
        StatusCode::OK
    );
    let again = console.post(&path, "", &[]).await;
    assert_eq!(again.status(), StatusCode::GONE);
    assert!(again.headers().get(header::SET_COOKIE).is_none());
    let out = console.post("/sign-out", &session, &[]).await;
    assert_eq!(location(&out), "/sign-in?did=signed-out");
    assert!(location(&console.get("/c/summit/customers", &session).await).starts_with("/sign-in?next="));
}

#[tokio::test]
async fn a_wrong_password_says_the_same_whoever_it_is_for() {
    let console = console(false).await;
    console.session(Some("summit"), Role::Staff).await;
    let staff = console
        .state
        .platform
        .staff()
        .by_email("staff@summit.example")
        .await
        .unwrap();
    let actor = Actor::system();
    console
        .state
        .platform
        .staff()
        .set_password(&staff.id, "correct horse battery", &actor)
        .await
        .unwrap();
    let mut answers = Vec::new();
    for email in ["staff@summit.example", "nobody@summit.example"] {
        let answer = console
            .post(
                "/sign-in",
                "",
                &[("email", email), ("password", "wrong horse"), ("next", "")],
            )
            .await;
        answers.push((answer.status(), html(answer).await.replace(email, "")));
    }
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
    assert_eq!(answers[0], answers[1]);
    let right = [
        ("email", "staff@summit.example"),
        ("password", "correct horse battery"),
        ("next", "//evil.example"),
    ];
    let answer = console.post("/sign-in", "", &right).await;
    assert_eq!(
        (answer.status(), location(&answer)),
        (StatusCode::SEE_OTHER, "/"),
        "only own paths are followed"
    );
}

#[tokio::test]
async fn somebody_elses_change_is_said_and_what_was_typed_stays() {
    let console = console(false).await;
    let cookie = console.session(Some("summit"), Role::Staff).await;
    let customer = console.customer("Dana").await;
    let edit = format!("/c/summit/customers/{}/edit", customer.id);
    let form = |version: &'static str, first: &'static str| {
        [
            ("version", version),
            ("first_name", first),
            ("last_name", "Whitfield"),
            ("email", "dana@whitfield.example"),
        ]
    };
    let version: &'static str = customer.version.to_string().leak();
    let saved = console.post(&edit, &cookie, &form(version, "Diana")).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    let stale = console.post(&edit, &cookie, &form(version, "Danielle")).await;
    assert_eq!(stale.status(), StatusCode::CONFLICT);
    let page = html(stale).await;
    assert!(page.contains("Somebody else changed this"), "{page}");
    assert!(page.contains("value=\"Danielle\""), "what was typed is lost");
    // The form now carries the present version: saving once more is a decision.
    let present = (customer.version + 1).to_string();
    assert!(
        page.contains(&format!("name=\"version\" value=\"{present}\"")),
        "{page}"
    );
    let wrong = console
        .post(&edit, &cookie, &[("version", &present), ("email", "nonsense")])
        .await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = html(wrong).await;
    assert!(
        page.contains("There is a problem") && page.contains("value=\"nonsense\"") && page.contains("aria-invalid")
    );
}

#[tokio::test]
async fn an_estimate_is_made_with_its_lines_and_totals() {
    let console = console(false).await;
    let cookie = console.session(Some("summit"), Role::Staff).await;
    let customer = console.customer("Dana").await;
    let new = format!("/c/summit/new/estimate?customer={}", customer.id);
    let mut form = vec![
        ("title", "Heat pump"),
        ("status", "sent"),
        ("tax_name", "Sales tax"),
        ("tax_rate", "10"),
        ("line_name-0", "Outdoor unit"),
        ("line_quantity-0", "2"),
        ("line_price-0", "1,000.50"),
        ("line_taxable-0", "yes"),
        ("line_name-1", ""),
        ("line_name-5", "Labour"),
        ("line_quantity-5", "x"),
        ("line_price-5", "100"),
    ];
    let refused = console.post(&new, &cookie, &form).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = html(refused).await;
    assert!(
        page.contains("href=\"#line_quantity-1\"") && page.contains("value=\"Labour\""),
        "{page}"
    );
    form.retain(|(name, _)| *name != "line_quantity-5");
    form.push(("line_quantity-5", "1"));
    let made = console.post(&new, &cookie, &form).await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    let page = html(console.get(location(&made), &cookie).await).await;
    for shown in [
        "$2,101.00",
        "$200.10",
        "$2,301.10",
        "Sales tax 10 %",
        "Outdoor unit",
        "Labour",
        "Created",
    ] {
        assert!(page.contains(shown), "{shown} is missing");
    }
}

#[tokio::test]
async fn a_template_with_an_unknown_field_is_refused_and_kept() {
    let console = console(false).await;
    let cookie = console.session(Some("summit"), Role::Staff).await;
    let body = "Hi {{ customer.frist_name }}";
    let form = [
        ("channel", "email"),
        ("name", "Reminder"),
        ("subject", "Your visit"),
        ("body", body),
    ];
    let refused = console.post("/c/summit/new/template", &cookie, &form).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = html(refused).await;
    assert!(page.contains("customer.first_name"), "the nearest field is named");
    assert!(page.contains("Hi {{ customer.frist_name }}"), "what was typed is lost");
    let split = [
        ("channel", "email"),
        ("name", "Reminder"),
        ("subject", "a\r\nBcc: b@c.example"),
        ("body", "Hi"),
    ];
    assert_eq!(
        console.post("/c/summit/new/template", &cookie, &split).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY,
        "a subject cannot hold a line break"
    );
}

#[tokio::test]
async fn a_message_goes_to_one_customer_and_shows_its_progress() {
    let console = console(true).await;
    let cookie = console.session(Some("summit"), Role::Staff).await;
    let customer = console.customer("Dana").await;
    let details = TemplateDetails {
        channel: capabilities::Channel::Email,
        name: "Hello".into(),
        subject: "Hello {{ customer.first_name }}".into(),
        body: "Dear {{ customer.first_name | customer }}".into(),
    };
    let company = console.company("summit").await;
    let template = console
        .state
        .platform
        .templates()
        .create(&company, details, &Actor::system())
        .await
        .unwrap();
    let send = format!("/c/summit/communications/{}/send", template.id);
    let form = [
        ("customer", customer.id.as_str()),
        ("to", "one"),
        ("form_key", "k1"),
        ("q", ""),
    ];
    let sent = console.post(&send, &cookie, &form).await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let first = location(&sent).to_owned();
    assert!(first.starts_with("/c/summit/sends/"), "{first}");
    let twice = console.post(&send, &cookie, &form).await;
    assert_eq!(location(&twice), first, "a double click sends once");
    let progress = html(console.get(&first, &cookie).await).await;
    assert!(
        progress.contains("dana@whitfield.example") && progress.contains("1 waiting"),
        "{progress}"
    );
    let outbox = html(console.get("/c/summit/outbox", &cookie).await).await;
    assert_eq!(outbox.matches("Hello Dana").count(), 1);
    let nobody = console.post(&send, &cookie, &[("to", "one"), ("form_key", "k2")]).await;
    assert_eq!(nobody.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let many = html(
        console
            .post(&send, &cookie, &[("to", "many"), ("form_key", "k3"), ("q", "")])
            .await,
    )
    .await;
    assert!(many.contains("Send 1 e-mail"), "many are confirmed first");
}

#[tokio::test]
async fn every_page_opens_and_obeys_the_content_policy() {
    let console = console(true).await;
    let cookie = console.session(None, Role::PlatformAdmin).await;
    let customer = console.customer("Dana").await;
    let of = [
        ("title", "Tune-up"),
        ("name", "Tune-up"),
        ("percent_complete", "10"),
        ("line_name-0", "Visit"),
    ];
    let mut ids = std::collections::HashMap::from([("customers", customer.id.clone())]);
    for (kind, area) in [
        ("job", "jobs"),
        ("project", "projects"),
        ("estimate", "estimates"),
        ("invoice", "invoices"),
    ] {
        let made = console
            .post(&format!("/c/summit/new/{kind}?customer={}", customer.id), &cookie, &of)
            .await;
        assert_eq!(made.status(), StatusCode::SEE_OTHER, "{kind}");
        let id = location(&made)
            .rsplit('/')
            .next()
            .unwrap()
            .split('?')
            .next()
            .unwrap()
            .to_owned();
        ids.insert(area, id);
    }
    let paid = [("amount", "12.50"), ("date", "2026-11-20"), ("method", "cash")];
    let made = console
        .post(
            &format!("/c/summit/new/payment?customer={}", customer.id),
            &cookie,
            &paid,
        )
        .await;
    ids.insert(
        "payments",
        location(&made)
            .rsplit('/')
            .next()
            .unwrap()
            .split('?')
            .next()
            .unwrap()
            .to_owned(),
    );
    let text = [
        ("channel", "sms"),
        ("name", "On our way"),
        ("body", "Hi {{ customer.first_name | there }}"),
    ];
    let made = console.post("/c/summit/new/template", &cookie, &text).await;
    ids.insert(
        "communications",
        location(&made)
            .rsplit('/')
            .next()
            .unwrap()
            .split('?')
            .next()
            .unwrap()
            .to_owned(),
    );
    ids.insert("team", console.member(Some("summit"), Role::Staff).await.id);
    let mut opened = 0;
    for rule in routes().rules() {
        if rule.method != Method::GET
            || rule.path.contains("{plugin}")
            || ["/", "/-/console/{hash}/{name}", "/sign-in/b/{token}"].contains(&rule.path)
        {
            continue;
        }
        let parts: Vec<&str> = rule.path.split('/').collect();
        let mut path = rule
            .path
            .replace("{slug}", "summit")
            .replace("{kind}", "job")
            .replace("{token}", "x");
        if path.contains("{id}") {
            let area = parts
                .iter()
                .position(|part| *part == "{id}")
                .and_then(|at| parts.get(at - 1))
                .unwrap();
            let Some(id) = ids.get(area) else { continue };
            path = path.replace("{id}", id);
        }
        if path.contains("/new/") {
            path = format!("{path}?customer={}", customer.id);
        }
        let answer = console.get(&path, &cookie).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let page = html(answer).await;
        opened += 1;
        assert_eq!(page.matches("<h1").count(), 1, "{path} has one heading");
        assert!(page.contains("<main") && page.contains("lang=\"en\""), "{path}");
        assert!(
            !page.contains(" style=") && !page.contains("<style"),
            "{path} has inline style"
        );
        assert!(
            !page.contains(" onclick=") && !page.contains("<script>"),
            "{path} has inline script"
        );
        assert_eq!(
            page.matches("<form method=\"get\" action=\"/c").count(),
            0,
            "{path} changes by GET"
        );
        for piece in page.split("<input ").skip(1) {
            let input = piece.split('>').next().unwrap();
            let id = input.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
            let labelled = input.contains("type=\"hidden\"")
                || input.contains("aria-label=")
                || id.is_some_and(|id| page.contains(&format!("for=\"{id}\"")))
                || input.contains("type=\"checkbox\"")
                || input.contains("type=\"radio\"");
            assert!(labelled, "{path}: an input without a label: {input}");
        }
    }
    assert!(opened > 35, "only {opened} pages were opened");
}

#[tokio::test]
async fn one_lands_in_ones_own_company() {
    let console = console(false).await;
    let brook = console.session(Some("brook"), Role::Staff).await;
    assert_eq!(location(&console.get("/", &brook).await), "/c/brook/customers");
    let everywhere = console.session(None, Role::PlatformAdmin).await;
    let home = console.get("/", &everywhere).await;
    assert_eq!(location(&home), "/c/summit/customers", "the oldest one");
    let page = html(console.get(location(&home), &everywhere).await).await;
    assert!(
        page.contains("href=\"/c/brook/customers\""),
        "the others are one click away"
    );
    let page = html(console.get("/c/brook/customers", &brook).await).await;
    assert!(!page.contains("/c/summit/"), "staff see their own company only");
}

#[tokio::test]
async fn an_api_key_is_shown_once() {
    let console = console(false).await;
    let cookie = console.session(Some("summit"), Role::CompanyAdmin).await;
    let form = [
        ("name", "Scheduler"),
        ("scope", "fields:read"),
        ("scope", "actions:run"),
    ];
    let made = console.post("/c/summit/settings/api-keys", &cookie, &form).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    assert!(html(made).await.contains("fsk_"));
    let later = html(console.get("/c/summit/settings/api-keys", &cookie).await).await;
    assert!(later.contains("Scheduler") && !later.contains("fsk_"));
    let none = console
        .post("/c/summit/settings/api-keys", &cookie, &[("name", "x")])
        .await;
    assert_eq!(none.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_file_that_is_no_plugin_is_refused_in_plain_words() {
    let console = console(false).await;
    let cookie = console.session(None, Role::PlatformAdmin).await;
    let upload = |content: &str| {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"component\"; filename=\"a.wasm\"\r\n\r\n{content}\r\n--b--\r\n"
        );
        Request::post("/c/summit/settings/install")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap()
    };
    let refused = console.send(upload("GIF89a")).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html(refused).await.contains("it is not WebAssembly"));
    let empty = console.send(upload("")).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let smuggled = console
        .post("/c/summit/settings/install/pick", &cookie, &[("file", "../host.db")])
        .await;
    assert_eq!(smuggled.status(), StatusCode::NOT_FOUND);
}
