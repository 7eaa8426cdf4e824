//! The addresses people type, and the proxies before them: what is refused, and why.
//! Cookies know hosts and no ports, so behind https:// the console has a host of its own.

use super::Settings;
use crate::middleware::Network;
use http::Uri;
use std::net::{IpAddr, SocketAddr};

/// The checked base address of a listener: as configured, or the listener's own when on loopback.
pub(super) fn address(key: &str, configured: Option<&str>, listen: SocketAddr, refused: &mut Vec<String>) -> String {
    let Some(text) = configured else {
        if !listen.ip().is_loopback() {
            refused.push(format!(
                "{key} is missing: the listener {listen} can be reached from elsewhere, so say under which https:// address"
            ));
        }
        return format!("http://{listen}");
    };
    // Hosts and schemes know no capitals; what compares addresses later need not either.
    let text = text.trim_end_matches('/').to_ascii_lowercase();
    let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
    // Not repeated: before the @ may stand a password.
    if after_scheme.contains(['@', '?', '#']) {
        refused.push(format!(
            "{key} may hold only scheme, host and port, such as https://service.example.com"
        ));
        return text;
    }
    let Some((scheme, host)) = text
        .parse::<Uri>()
        .ok()
        .and_then(|uri| Some((uri.scheme_str()?.to_owned(), host_and_port(&uri)?)))
    else {
        refused.push(format!(
            "{key} = {text:?} is not an absolute address such as https://service.example.com"
        ));
        return text;
    };
    match scheme.as_str() {
        "https" => {}
        "http" if is_loopback(&host) => {
            if !listen.ip().is_loopback() {
                refused.push(format!(
                    "{key} = {text:?} is plain HTTP, but the listener {listen} can be reached from elsewhere; \
                     put a TLS proxy before it and write its https:// address"
                ));
            }
        }
        "http" => refused.push(format!(
            "{key} = {text:?} is plain HTTP on an address that is not this machine; session cookies and links would \
             travel unprotected. Put a TLS proxy before the host and write https://"
        )),
        other => refused.push(format!("{key}: {other}:// is neither http:// nor https://")),
    }
    if after_scheme.contains('/') {
        refused.push(format!(
            "{key} = {text:?} has a path; give the host a (sub)domain of its own"
        ));
    }
    text
}

/// The host of an address whose port, if any, is one.
fn host_and_port(uri: &Uri) -> Option<String> {
    let (host, authority) = (uri.host()?, uri.authority()?.as_str());
    let port = authority.strip_prefix(host)?;
    (port.is_empty() || uri.port_u16().is_some()).then(|| host.to_owned())
}

/// Cookies are sent to every port of a host, so one host for both would show customers' pages the console's.
/// On this machine alone, over plain HTTP, that is accepted: the gateway hands plugins only their own.
pub(super) fn check_hosts(urls: [&str; 2], refused: &mut Vec<String>) {
    let [public, staff] = urls.map(|url| {
        let uri = url.parse::<Uri>().ok()?;
        Some(uri.host()?.trim_end_matches('.').to_ascii_lowercase())
    });
    let secure = urls.iter().any(|url| url.starts_with("https://"));
    if secure && public.is_some() && public == staff {
        refused.push(
            "staff_url and public_url have the same host; browsers would send the console's cookie to the customers' \
             pages. Give each a (sub)domain of its own"
                .into(),
        );
    }
}

/// The networks whose `X-Forwarded-For` is believed.
pub(super) fn proxies(settings: &Settings, refused: &mut Vec<String>) -> Vec<Network> {
    let mut networks = Vec::new();
    for text in &settings.trusted_proxies {
        match text.parse::<Network>() {
            Ok(network) if network.is_everything() => refused.push(format!(
                "trusted_proxies: {text:?} believes everybody, so whoever guesses passwords could choose an address; \
                 name the proxy's own address"
            )),
            Ok(network) => networks.push(network),
            Err(why) => refused.push(format!("trusted_proxies: {text:?} {why}")),
        }
    }
    networks
}

/// The host speaks plain HTTP itself, so an https:// address means a proxy; one that is not named would be taken for
/// every customer at once.
pub(super) fn check_behind_proxy(settings: &Settings, proxies: &[Network], urls: [&str; 2], refused: &mut Vec<String>) {
    let [public_url, staff_url] = urls;
    let listeners = [
        ("public", public_url, settings.public_listen),
        ("staff", staff_url, settings.staff_listen),
    ];
    for (name, url, listen) in listeners {
        if url.starts_with("https://") && !listen.ip().is_loopback() && proxies.is_empty() {
            refused.push(format!(
                "{name}_url = {url:?} is served by a TLS proxy, and {name}_listen = {listen} can be reached past it: \
                 name the proxy in trusted_proxies, or listen on loopback"
            ));
        }
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}
