//! Security headers of every response, errors and files included, set after whoever made it.
//! A response with `Content-Disposition` is a file and gets the rules of files.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Content security policy of pages: nothing inline, nothing from elsewhere.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const FILE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";
/// A browser's PDF viewer does not run inside a sandbox.
const PDF_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'";

/// Types a browser may show inside a tab.
const INLINE_TYPES: [&str; 6] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "text/plain",
];

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Set what every response carries. `https`: the listener's configured address is HTTPS.
pub fn apply(headers: &mut HeaderMap, https: bool) {
    let policy = if headers.contains_key(header::CONTENT_DISPOSITION) {
        file_policy(headers)
    } else {
        PAGE_POLICY
    };
    headers.remove(header::CONTENT_SECURITY_POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let stricter = headers
        .get(header::REFERRER_POLICY)
        .is_some_and(|value| value == "no-referrer");
    let referrer = if stricter { "no-referrer" } else { "same-origin" };
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
    if !headers.contains_key(header::CACHE_CONTROL) || headers.contains_key(header::SET_COOKIE) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
}

/// The policy of a file; what a browser must not show in place becomes a download.
fn file_policy(headers: &mut HeaderMap) -> &'static str {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase())
        .unwrap_or_default();
    let disposition = headers
        .get(header::CONTENT_DISPOSITION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (how, rest) = disposition
        .split_once(';')
        .map_or((disposition, ""), |(how, rest)| (how, rest));
    let inline = how.trim().eq_ignore_ascii_case("inline") && INLINE_TYPES.contains(&kind.as_str());
    if !inline {
        let rest = rest.trim();
        let forced = if rest.is_empty() {
            "attachment".to_owned()
        } else {
            format!("attachment; {rest}")
        };
        let forced = HeaderValue::from_str(&forced).unwrap_or(HeaderValue::from_static("attachment"));
        headers.insert(header::CONTENT_DISPOSITION, forced);
    }
    if inline && kind == "application/pdf" {
        PDF_POLICY
    } else {
        FILE_POLICY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(pairs: &[(&'static str, &'static str)], https: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        apply(&mut headers, https);
        headers
    }

    #[test]
    fn nobody_before_can_weaken_a_page() {
        let headers = applied(
            &[
                ("content-security-policy", "default-src *"),
                ("content-security-policy", "script-src 'unsafe-inline'"),
                ("x-content-type-options", "sniff"),
                ("referrer-policy", "unsafe-url"),
                ("permissions-policy", "camera=*"),
            ],
            false,
        );
        assert_eq!(
            headers.get_all("content-security-policy").iter().collect::<Vec<_>>(),
            [PAGE_POLICY]
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "same-origin");
        assert_eq!(headers["cache-control"], "no-store");
        assert!(headers.get("strict-transport-security").is_none());
    }

    #[test]
    fn a_stricter_referrer_policy_stands_and_https_is_remembered() {
        let headers = applied(&[("referrer-policy", "no-referrer")], true);
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert!(headers.contains_key("strict-transport-security"));
    }

    #[test]
    fn only_harmless_types_open_in_the_tab() {
        let shown = |kind: &'static str| {
            applied(
                &[
                    ("content-type", kind),
                    ("content-disposition", "inline; filename=\"a\""),
                ],
                false,
            )["content-disposition"]
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(shown("image/png"), "inline; filename=\"a\"");
        assert_eq!(shown("text/html"), "attachment; filename=\"a\"");
        assert_eq!(shown("image/svg+xml"), "attachment; filename=\"a\"");
    }

    #[test]
    fn files_are_sandboxed_except_a_shown_pdf() {
        let policy = |kind, how| {
            applied(&[("content-type", kind), ("content-disposition", how)], false)["content-security-policy"]
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert!(policy("text/html", "inline").contains("sandbox"));
        assert!(policy("application/pdf", "attachment").contains("sandbox"));
        assert!(!policy("application/pdf", "inline").contains("sandbox"));
    }

    #[test]
    fn a_response_that_sets_a_cookie_is_never_cached() {
        let headers = applied(&[("set-cookie", "a=b"), ("cache-control", "public, max-age=9")], false);
        assert_eq!(headers["cache-control"], "no-store");
    }
}
