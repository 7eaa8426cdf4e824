//! How long to wait before the next attempt: doubling, with a cap, spread by chance.
//! The spread keeps a thousand messages that failed together from coming back together.

use std::time::Duration;

/// Waiting times between attempts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// Never longer than this, unless the other side asks for more.
    pub longest: Duration,
    /// Share of the waiting time that chance may add, 0 to 1.
    pub jitter: f64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(30),
            longest: Duration::from_secs(3600),
            jitter: 0.25,
        }
    }
}

impl Backoff {
    /// How long to wait after attempt number `attempt` (from 1) failed; at least `asked`, if the other side said so.
    pub fn after(&self, attempt: u32, asked: Option<Duration>) -> Duration {
        let doubled = self
            .first
            .saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)));
        let wait = doubled.min(self.longest);
        // Without the system's randomness the messages merely come back together.
        let chance = getrandom::u32().map_or(0.0, |chance| f64::from(chance) / f64::from(u32::MAX));
        let spread = wait.mul_f64(self.jitter.clamp(0.0, 1.0) * chance);
        wait.saturating_add(spread).max(asked.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn doubles_up_to_the_cap() {
        let backoff = Backoff {
            first: SECOND,
            longest: SECOND * 10,
            jitter: 0.0,
        };
        let waits: Vec<u64> = (1..=6).map(|attempt| backoff.after(attempt, None).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 10, 10]);
        assert_eq!(backoff.after(u32::MAX, None), SECOND * 10);
    }

    #[test]
    fn waits_as_long_as_asked() {
        let backoff = Backoff {
            first: SECOND,
            longest: SECOND * 10,
            jitter: 0.0,
        };
        assert_eq!(backoff.after(1, Some(SECOND * 90)), SECOND * 90);
    }

    #[test]
    fn chance_only_adds_its_share() {
        let backoff = Backoff {
            first: SECOND * 100,
            longest: SECOND * 1000,
            jitter: 0.25,
        };
        let waits: Vec<Duration> = (0..200).map(|_| backoff.after(1, None)).collect();
        assert!(waits.iter().all(|wait| (100..=125).contains(&wait.as_secs())));
        assert!(waits.iter().any(|wait| wait != &SECOND.saturating_mul(100)));
    }
}
