//! Where a request really comes from: the peer, or what proxies we trust say about it.
//! `X-Forwarded-For` from anybody else is ignored.

use axum::http::HeaderMap;
use std::{net::IpAddr, str::FromStr};

/// An address or a network in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| "is not an IP address or network")?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix.parse().map_err(|_| "has a prefix that is not a number")?,
        };
        if prefix > longest {
            Err("has a prefix longer than the address")
        } else {
            Ok(Self { address, prefix })
        }
    }
}

impl Network {
    /// Whether so much lies in it that it names nobody: wider than any private IPv4 network or
    /// provider's IPv6 network.
    pub(crate) fn is_everything(&self) -> bool {
        match self.address {
            IpAddr::V4(_) => self.prefix < 8,
            IpAddr::V6(own) => self.prefix < 16 && !own.is_unique_local(),
        }
    }

    /// Whether `other` lies in this network.
    pub fn contains(&self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

/// The nearest address that is not one of our proxies.
pub(super) fn of(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer?.to_canonical();
    if !is_trusted(peer) {
        return Some(peer);
    }
    let mut nearest = peer;
    let hops = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    for hop in hops
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let Ok(address) = hop.parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
        if !is_trusted(nearest) {
            break;
        }
    }
    Some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn forwarded(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        let found = of(
            Some(ip("203.0.113.9")),
            &forwarded("1.2.3.4"),
            &["10.0.0.0/8".parse().unwrap()],
        );
        assert_eq!(found, Some(ip("203.0.113.9")));
    }

    #[test]
    fn behind_proxies_the_nearest_stranger_counts() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let found = of(
            Some(ip("10.0.0.1")),
            &forwarded("6.6.6.6, 203.0.113.9, 10.2.3.4"),
            &trusted,
        );
        assert_eq!(found, Some(ip("203.0.113.9")));
    }

    #[test]
    fn only_what_trusted_proxies_wrote_counts_however_it_came() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()];
        let found = |peer: &str, lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
            }
            headers.insert("x-real-ip", HeaderValue::from_static("6.6.6.6"));
            headers.insert("forwarded", HeaderValue::from_static("for=6.6.6.6"));
            of(Some(ip(peer)), &headers, &trusted).unwrap().to_string()
        };
        // What the visitor wrote stands left of what the nearest proxy saw, in the same line or one before.
        assert_eq!(found("10.0.0.1", &["6.6.6.6", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(found("10.0.0.1", &["10.9.9.9, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(found("10.0.0.1", &["203.0.113.9, 10.0.0.7", "10.0.0.8"]), "203.0.113.9");
        assert_eq!(found("::ffff:10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
        // A hop that is no address ends the search: what stands left of it may be anything.
        assert_eq!(found("10.0.0.1", &["6.6.6.6, unknown, 10.0.0.8"]), "10.0.0.8");
        assert_eq!(found("10.0.0.1", &["6.6.6.6, 1.2.3.4:80"]), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &[""]), "10.0.0.1");
        assert_eq!(found("203.0.113.50", &["10.0.0.1"]), "203.0.113.50");
        assert_eq!(found("::1", &["10.0.0.5, 10.0.0.6"]), "10.0.0.5");
    }

    #[test]
    fn networks_know_their_members() {
        let network: Network = "2001:db8::/32".parse().unwrap();
        assert!(network.contains(ip("2001:db8:1::1")));
        assert!(!network.contains(ip("2001:db9::1")));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains(ip("9.9.9.9")));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
    }
}
