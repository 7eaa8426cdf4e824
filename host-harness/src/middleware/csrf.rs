//! Writes come from our own pages or from programs without cookies; everything else is refused.
//! `Sec-Fetch-Site` first, `Origin` where a browser is too old for it.

use crate::web::Failure;
use axum::http::{HeaderMap, Method, header};

/// Refuse a write another site could have set off. `base_url` is the listener's configured address.
pub fn check(method: &Method, headers: &HeaderMap, base_url: &str) -> Result<(), Failure> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let refused = || {
        Failure::forbidden(
            "This form was not sent from our own page, so nothing was changed. Open the page again and send it from there.",
        )
    };
    if headers.contains_key("sec-fetch-site") {
        // A header that is there but unreadable is not one of the good values.
        return match text(header::HeaderName::from_static("sec-fetch-site")) {
            Some("same-origin" | "none") => Ok(()),
            _ => Err(refused()),
        };
    }
    if headers.contains_key(header::ORIGIN) {
        let origin = text(header::ORIGIN).unwrap_or_default();
        let own_host = text(header::HOST).unwrap_or_default();
        let same = origin == base_url
            || origin
                .split_once("://")
                .is_some_and(|(_, host)| !host.is_empty() && host.eq_ignore_ascii_case(own_host));
        return if same { Ok(()) } else { Err(refused()) };
    }
    if headers.contains_key(header::COOKIE) {
        Err(refused())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn allowed(method: Method, pairs: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        check(&method, &headers, "https://service.example.com").is_ok()
    }

    #[test]
    fn reading_is_never_refused() {
        assert!(allowed(
            Method::GET,
            &[("sec-fetch-site", "cross-site"), ("cookie", "a=b")]
        ));
    }

    #[test]
    fn a_browser_says_where_a_write_comes_from() {
        assert!(allowed(
            Method::POST,
            &[("sec-fetch-site", "same-origin"), ("origin", "null"), ("cookie", "a=b")]
        ));
        assert!(allowed(Method::POST, &[("sec-fetch-site", "none")]));
        assert!(!allowed(Method::POST, &[("sec-fetch-site", "same-site")]));
        assert!(!allowed(
            Method::POST,
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://service.example.com")
            ]
        ));
        assert!(!allowed(Method::DELETE, &[("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn an_old_browser_is_judged_by_its_origin() {
        assert!(allowed(
            Method::POST,
            &[("origin", "https://service.example.com"), ("cookie", "a=b")]
        ));
        assert!(allowed(
            Method::POST,
            &[("origin", "http://127.0.0.1:9"), ("host", "127.0.0.1:9")]
        ));
        assert!(!allowed(
            Method::POST,
            &[("origin", "https://evil.example"), ("host", "service.example.com")]
        ));
        assert!(!allowed(
            Method::POST,
            &[("origin", "null"), ("host", "service.example.com")]
        ));
        assert!(!allowed(Method::POST, &[("origin", "null")]));
    }

    #[test]
    fn a_program_without_cookies_may_write_and_one_with_cookies_may_not() {
        assert!(allowed(Method::POST, &[]));
        assert!(!allowed(Method::POST, &[("cookie", "a=b")]));
    }
}
