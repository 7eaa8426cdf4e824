//! The way of a customer's request into a plugin and of its answer out: what may pass, and under which names.
//! Security headers are not set here: the middleware sets them on whatever leaves, so no plugin can weaken them.

use super::{branding, cookies::Drawer, view_as};
use crate::{
    AppState,
    middleware::MAX_FORM,
    plugins::PluginError,
    web::{Failure, OwnPage, RequestInfo, is_local_path},
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use capabilities::Origin;
use http_body_util::Limited;

/// Request headers a plugin may see.
const INBOUND: [HeaderName; 13] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::USER_AGENT,
    header::RANGE,
    header::IF_RANGE,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    HeaderName::from_static("sec-fetch-dest"),
    HeaderName::from_static("sec-fetch-mode"),
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("sec-fetch-user"),
];

/// Response headers a plugin may set; cookies, addresses and caching are looked at more closely.
const OUTBOUND: [HeaderName; 11] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LANGUAGE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::ACCEPT_RANGES,
    header::CONTENT_RANGE,
    header::VARY,
    header::RETRY_AFTER,
    header::REFERRER_POLICY,
];
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Types that may be kept by browsers for ever, when the plugin says so.
const CACHEABLE: [&str; 7] = [
    "text/css",
    "text/javascript",
    "application/javascript",
    "image/svg+xml",
    "image/png",
    "font/woff",
    "font/woff2",
];

pub(super) async fn serve(state: State<AppState>, info: RequestInfo, request: Request) -> Response {
    pass(state, info, request)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

/// The company and the mount of a path. Read from the path as it came: what follows them is the plugin's to read,
/// and a link that a mail program broke need not be text to be answered.
fn place(path: &str) -> Option<(String, String)> {
    let mut segments = path.strip_prefix('/')?.split('/');
    Some((segments.next()?.to_owned(), segments.next()?.to_owned()))
}

async fn pass(State(state): State<AppState>, info: RequestInfo, request: Request) -> Result<Response, Failure> {
    let (slug, mount) = place(request.uri().path()).ok_or_else(Failure::not_found)?;
    let company = branding::company(&state, &slug).await?;
    refuse_large(&request)?;
    let viewing = view_as::of(&state, request.headers(), &company, &mount).await?;
    if let Some(viewing) = &viewing {
        viewing.admits(request.method())?;
    }
    // Whoever looks as a customer has none of that customer's cookies, and gets none.
    let drawer = match viewing {
        Some(_) => Drawer::closed(),
        None => Drawer::new(&slug, &mount, state.config.public_https()),
    };
    let request = inbound(request, &drawer, &state.config.public_url)?;
    let context = match viewing {
        Some(viewing) => viewing.call(&info),
        None => info.call(Origin::Public),
    };
    match state.plugins.serve_http(&company, &mount, request, context).await {
        Ok(answer) => {
            let (parts, body) = answer.into_parts();
            let mut response = Response::new(Body::new(body));
            *response.status_mut() = parts.status;
            *response.headers_mut() = outbound(&parts.headers, &drawer, &state.config.public_url);
            response.extensions_mut().insert(OwnPage);
            Ok(response)
        }
        Err(PluginError::Paused) => Err(Failure::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Closed for a moment",
            format!("These pages are switched off for now. {}", reach(&company)),
        )),
        Err(PluginError::Failed) => Err(Failure::new(
            StatusCode::BAD_GATEWAY,
            "Something went wrong on our side",
            format!(
                "Nothing you typed caused this, and nothing was changed. Please try again. {}",
                reach(&company)
            ),
        )),
        Err(error) => Err(error.into()),
    }
}

/// A body that says it is too large is refused before a plugin is troubled; one that does not say is cut at the limit.
fn refuse_large(request: &Request) -> Result<(), Failure> {
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_FORM as u64) {
        return Err(Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "That is too large",
            "What you sent is larger than we accept here. Nothing was changed.",
        ));
    }
    Ok(())
}

fn reach(company: &platform::Company) -> String {
    match (company.phone.as_str(), company.email.as_str()) {
        ("", "") => String::new(),
        (phone, "") => format!("{} is at {phone}.", company.name),
        ("", email) => format!("{} is at {email}.", company.name),
        (phone, email) => format!("{} is at {phone} and {email}.", company.name),
    }
}

/// The request as the plugin gets it: our own authority, its own cookies, a bounded body.
fn inbound(request: Request, drawer: &Drawer, public_url: &str) -> Result<http::Request<Limited<Body>>, Failure> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let uri: Uri = format!("{public_url}{target}")
        .parse()
        .map_err(|_| Failure::bad_request("This address cannot be read. Please check it for typing mistakes."))?;
    let mut headers = HeaderMap::new();
    for name in INBOUND {
        for value in parts.headers.get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    if let Some(authority) = uri
        .authority()
        .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok())
    {
        headers.insert(header::HOST, authority);
    }
    if let Some(cookies) = drawer.inbound(&parts.headers) {
        headers.insert(header::COOKIE, cookies);
    }
    let mut request = http::Request::new(Limited::new(body, MAX_FORM));
    *request.method_mut() = parts.method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The headers of an answer that may leave.
fn outbound(own: &HeaderMap, drawer: &Drawer, public_url: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in OUTBOUND {
        // Said twice, a header means one thing to us and another to a browser: only the last word leaves.
        if let Some(value) = own.get_all(&name).iter().next_back() {
            headers.insert(name, value.clone());
        }
    }
    if let Some(target) = own.get(header::LOCATION).and_then(|value| location(value, public_url)) {
        headers.insert(header::LOCATION, target);
    }
    if let Some(kinds) = own.get(&CLEAR_SITE_DATA).and_then(clearable) {
        headers.insert(CLEAR_SITE_DATA, kinds);
    }
    for cookie in drawer.rewrite(own) {
        headers.append(header::SET_COOKIE, cookie);
    }
    let caching = if may_be_cached(own, &headers) {
        own.get(header::CACHE_CONTROL)
            .cloned()
            .unwrap_or(HeaderValue::from_static("no-store"))
    } else {
        HeaderValue::from_static("no-store")
    };
    headers.insert(header::CACHE_CONTROL, caching);
    headers
}

/// A redirect stays on this host: a path, or the host's own public address.
fn location(value: &HeaderValue, public_url: &str) -> Option<HeaderValue> {
    let target = value.to_str().ok()?;
    let path = match target.strip_prefix(public_url) {
        Some("") => "/",
        Some(path) => path,
        None => target,
    };
    is_local_path(path).then(|| HeaderValue::from_str(path).ok()).flatten()
}

/// What signing out may clear. Never `"cookies"`: the origin is shared with other companies.
fn clearable(value: &HeaderValue) -> Option<HeaderValue> {
    let asked = value.to_str().ok()?;
    let kinds: Vec<&str> = asked
        .split(',')
        .map(str::trim)
        .filter(|kind| matches!(*kind, "\"cache\"" | "\"storage\""))
        .collect();
    if kinds.is_empty() {
        None
    } else {
        HeaderValue::from_str(&kinds.join(", ")).ok()
    }
}

fn may_be_cached(own: &HeaderMap, out: &HeaderMap) -> bool {
    let text = |name: HeaderName| own.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = text(header::CONTENT_TYPE)
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let caching = text(header::CACHE_CONTROL);
    let asks = ["public", "max-age=", "immutable"]
        .iter()
        .all(|word| caching.contains(word));
    asks && CACHEABLE.contains(&kind.as_str())
        && !own.contains_key(header::SET_COOKIE)
        && !out.contains_key(header::CONTENT_DISPOSITION)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://service.example.com";

    fn answer(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        outbound(&headers, &Drawer::new("summit", "portal", true), PUBLIC)
    }

    #[test]
    fn only_known_headers_leave() {
        let headers = answer(&[
            ("content-type", "text/html"),
            ("connection", "keep-alive"),
            ("transfer-encoding", "chunked"),
            ("content-security-policy", "default-src *"),
            ("access-control-allow-origin", "*"),
            ("strict-transport-security", "max-age=0"),
            ("x-made-up", "1"),
        ]);
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["cache-control", "content-type"]);
    }

    #[test]
    fn a_header_said_twice_leaves_once() {
        let headers = answer(&[("content-type", "text/plain"), ("content-type", "text/html")]);
        assert_eq!(
            headers.get_all("content-type").iter().collect::<Vec<_>>(),
            ["text/html"]
        );
    }

    #[test]
    fn redirects_stay_here() {
        let to = |target: &'static str| {
            answer(&[("location", target)])
                .get("location")
                .map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(to("/summit/portal"), Some("/summit/portal".into()));
        assert_eq!(
            to("https://service.example.com/summit/portal?a=1"),
            Some("/summit/portal?a=1".into())
        );
        for bad in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "https://service.example.com.evil.example/",
            "javascript:alert(1)",
        ] {
            assert_eq!(to(bad), None, "{bad}");
        }
    }

    #[test]
    fn signing_out_cannot_clear_other_companies_cookies() {
        let headers = answer(&[("clear-site-data", "\"cache\", \"cookies\", \"storage\"")]);
        assert_eq!(headers["clear-site-data"], "\"cache\", \"storage\"");
        assert!(answer(&[("clear-site-data", "\"*\"")]).get("clear-site-data").is_none());
    }

    #[test]
    fn only_plain_assets_are_cached() {
        let caching = |kind, control, cookie: bool| {
            let mut pairs = vec![("content-type", kind), ("cache-control", control)];
            if cookie {
                pairs.push(("set-cookie", "a=b"));
            }
            answer(&pairs)["cache-control"].to_str().unwrap().to_owned()
        };
        let forever = "public, max-age=31536000, immutable";
        assert_eq!(caching("text/css; charset=utf-8", forever, false), forever);
        assert_eq!(caching("text/css", forever, true), "no-store");
        assert_eq!(caching("text/html", forever, false), "no-store");
        assert_eq!(caching("text/css", "public, max-age=60", false), "no-store");
    }

    #[test]
    fn a_plugin_sees_our_name_and_its_own_cookies_only() {
        let request = Request::builder()
            .uri("/summit/portal/invoices?page=2")
            .header("host", "evil.example")
            .header("cookie", "staff=top; __Host-summit.portal.session=abc")
            .header("authorization", "Bearer secret")
            .header("x-forwarded-for", "1.2.3.4")
            .body(Body::empty())
            .unwrap();
        let request = inbound(request, &Drawer::new("summit", "portal", true), PUBLIC).unwrap();
        assert_eq!(
            request.uri(),
            "https://service.example.com/summit/portal/invoices?page=2"
        );
        assert_eq!(request.headers()["host"], "service.example.com");
        assert_eq!(request.headers()["cookie"], "session=abc");
        assert_eq!(request.headers().len(), 2);
    }
}
