//! How often one address may do one thing: a fixed number per window.
//! Bounded memory: when too many addresses are remembered, the oldest windows are forgotten.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Most addresses remembered at once.
const MAX_ADDRESSES: usize = 50_000;

/// A counter per address.
#[derive(Debug)]
pub struct Throttle {
    allowed: u32,
    window: Duration,
    seen: Mutex<HashMap<Option<IpAddr>, (Instant, u32)>>,
}

impl Throttle {
    /// At most `allowed` calls of `admit` per address and `window`.
    pub fn new(allowed: u32, window: Duration) -> Self {
        Self {
            allowed,
            window,
            seen: Mutex::new(HashMap::new()),
        }
    }

    /// Count one attempt; `Err` says after how many seconds to come back.
    pub fn admit(&self, address: Option<IpAddr>, now: Instant) -> Result<(), u32> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MAX_ADDRESSES {
            seen.retain(|_, (since, _)| now.duration_since(*since) < self.window);
            if seen.len() >= MAX_ADDRESSES {
                seen.clear();
            }
        }
        let (since, count) = seen.entry(address).or_insert((now, 0));
        if now.duration_since(*since) >= self.window {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count <= self.allowed {
            return Ok(());
        }
        let left = self.window.saturating_sub(now.duration_since(*since)).as_secs();
        Err(u32::try_from(left).unwrap_or(u32::MAX).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_waits_while_another_goes_on() {
        let throttle = Throttle::new(2, Duration::from_secs(60));
        let (one, other) = ("203.0.113.1".parse().ok(), "203.0.113.2".parse().ok());
        let start = Instant::now();
        assert_eq!(throttle.admit(one, start), Ok(()));
        assert_eq!(throttle.admit(one, start), Ok(()));
        assert_eq!(throttle.admit(one, start), Err(60));
        assert_eq!(throttle.admit(other, start), Ok(()));
        assert_eq!(throttle.admit(one, start + Duration::from_secs(61)), Ok(()));
    }
}
