//! Cookies of plugins: each company and plugin has its own drawer, and the host writes the attributes.
//! A guest says `session=…; Max-Age=…`; the browser gets `__Host-summit.portal.session=…; Path=/; HttpOnly; …`.

use axum::http::{HeaderMap, HeaderValue, header};

/// Most bytes of one cookie, name and value.
const MAX_COOKIE: usize = 4_000;
/// Most cookies of one answer.
const MAX_COOKIES: usize = 16;
/// Longest life of a cookie in seconds: 400 days, as browsers allow.
const MAX_AGE: i64 = 400 * 86_400;

/// Names and attributes of one company's drawer.
#[derive(Debug, Clone)]
pub(super) struct Drawer {
    prefix: String,
    secure: bool,
    closed: bool,
}

impl Drawer {
    /// The drawer of `owner` (a plugin's mount or a page of the host) for the company `slug`.
    pub(super) fn new(slug: &str, owner: &str, secure: bool) -> Self {
        Self {
            prefix: format!("{}{slug}.{owner}.", if secure { "__Host-" } else { "" }),
            secure,
            closed: false,
        }
    }

    /// Nobody's drawer: nothing is taken out and nothing put in.
    pub(super) fn closed() -> Self {
        Self {
            prefix: String::new(),
            secure: true,
            closed: true,
        }
    }

    /// The `Cookie` header as the owner may see it: its own cookies, by their plain names.
    pub(super) fn inbound(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if self.closed {
            return None;
        }
        let own: Vec<String> = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(&self.prefix))
            .map(str::to_owned)
            .collect();
        if own.is_empty() {
            None
        } else {
            HeaderValue::from_str(&own.join("; ")).ok()
        }
    }

    /// The value of one of the owner's cookies.
    pub(super) fn get(&self, headers: &HeaderMap, name: &str) -> Option<String> {
        let cookies = self.inbound(headers)?;
        cookies
            .to_str()
            .ok()?
            .split("; ")
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    }

    /// A `Set-Cookie` of the owner with the host's name and attributes; none when it cannot be one.
    pub(super) fn outbound(&self, set: &str) -> Option<HeaderValue> {
        let mut parts = set.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || !name.bytes().all(is_name_byte) || !value.bytes().all(is_value_byte) {
            return None;
        }
        let age = parts
            .filter_map(|part| part.split_once('='))
            .find(|(key, _)| key.trim().eq_ignore_ascii_case("max-age"))
            .and_then(|(_, age)| age.trim().parse::<i64>().ok());
        self.cookie(name, value, age)
    }

    /// A cookie of the owner.
    pub(super) fn cookie(&self, name: &str, value: &str, max_age: Option<i64>) -> Option<HeaderValue> {
        if self.closed {
            return None;
        }
        let mut cookie = format!("{}{name}={value}; Path=/; HttpOnly; SameSite=Lax", self.prefix);
        if cookie.len() > MAX_COOKIE {
            return None;
        }
        if self.secure {
            cookie.push_str("; Secure");
        }
        if let Some(age) = max_age {
            cookie.push_str(&format!("; Max-Age={}", age.clamp(0, MAX_AGE)));
        }
        HeaderValue::from_str(&cookie).ok()
    }

    /// Every `Set-Cookie` of an answer, rewritten.
    pub(super) fn rewrite(&self, headers: &HeaderMap) -> Vec<HeaderValue> {
        headers
            .get_all(header::SET_COOKIE)
            .iter()
            .take(MAX_COOKIES)
            .filter_map(|value| self.outbound(value.to_str().ok()?))
            .collect()
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// RFC 6265 cookie-octet.
fn is_value_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: Option<HeaderValue>) -> String {
        value
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    #[test]
    fn the_host_chooses_name_and_attributes() {
        let drawer = Drawer::new("summit", "portal", true);
        assert_eq!(
            text(drawer.outbound("session=abc; Max-Age=60; Domain=.example.com; Path=/x; SameSite=None")),
            "__Host-summit.portal.session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60"
        );
        let plain = Drawer::new("summit", "portal", false);
        assert_eq!(
            text(plain.outbound("session=; max-age=0")),
            "summit.portal.session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }

    #[test]
    fn a_name_cannot_reach_into_another_drawer() {
        let drawer = Drawer::new("summit", "portal", true);
        for forged in ["a.b=1", "__Host staff=1", "=1", "nonsense", "a=b\"c", "x,y=1"] {
            assert_eq!(drawer.outbound(forged), None, "{forged}");
        }
        // It may begin with the reserved prefix: inside its own drawer that means nothing.
        assert!(text(drawer.outbound("__Host-staff=1")).starts_with("__Host-summit.portal.__Host-staff=1;"));
    }

    #[test]
    fn a_closed_drawer_takes_and_gives_nothing() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("session=abc; summit.portal.session=abc"),
        );
        headers.append(header::SET_COOKIE, HeaderValue::from_static("session=new"));
        let drawer = Drawer::closed();
        assert_eq!(drawer.inbound(&headers), None);
        assert_eq!(drawer.get(&headers, "session"), None);
        assert!(drawer.rewrite(&headers).is_empty());
    }

    #[test]
    fn a_guest_sees_only_its_own_cookies_by_plain_names() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("staff=top; summit.portal.session=abc; brook.portal.session=x"),
        );
        headers.append(header::COOKIE, HeaderValue::from_static("summit.portal.lang=es"));
        let drawer = Drawer::new("summit", "portal", false);
        assert_eq!(text(drawer.inbound(&headers)), "session=abc; lang=es");
        assert_eq!(drawer.get(&headers, "lang").as_deref(), Some("es"));
        assert_eq!(Drawer::new("summit", "other", false).inbound(&headers), None);
        assert_eq!(Drawer::new("summit", "portal", true).inbound(&headers), None);
    }
}
