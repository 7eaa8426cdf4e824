//! Argon2id hashing on a bounded pool of blocking threads: memory never exceeds `parallel` times `memory_kib`.
//! A burst beyond the pool and its queue is answered with "try again", so that everything else stays fast.

use super::{
    hash_queue::{HashQueue, Place},
    random_bytes,
};
use crate::{Error, Result};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use capabilities::FieldError;
use serde::{Deserialize, Serialize};
use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::Semaphore;

/// Seconds after which somebody who found the queue full may try again.
const COME_BACK_SECONDS: u32 = 2;

/// How passwords are hashed, and how many at once. The parameters' lower limits are OWASP's first recommendation
/// for argon2id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordHashing {
    /// Memory of one hash in KiB; at least 19 456 (19 MiB).
    pub memory_kib: u32,
    /// Passes over that memory; at least 2.
    pub passes: u32,
    /// Lanes; at least 1.
    pub lanes: u32,
    /// Hashes computed at the same time: one after another these use the memory again.
    pub parallel: usize,
    /// Calls that may wait for their turn; more are turned away. No caller gets more than half of them.
    pub queue: usize,
}

impl Default for PasswordHashing {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
            parallel: std::thread::available_parallelism().map_or(2, usize::from).min(4),
            queue: 32,
        }
    }
}

impl PasswordHashing {
    /// `Invalid` with every value that is too weak, or that no machine could bear.
    pub fn check(&self) -> Result<()> {
        fn within<T: PartialOrd + std::fmt::Display>(
            refused: &mut Vec<FieldError>,
            key: &str,
            value: &T,
            range: &RangeInclusive<T>,
        ) {
            if !range.contains(value) {
                let message = format!("{value} is not from {} to {}", range.start(), range.end());
                refused.push(FieldError::new(key, "out-of-range", message));
            }
        }
        let mut refused = Vec::new();
        within(&mut refused, "memory_kib", &self.memory_kib, &(19 * 1024..=1024 * 1024));
        within(&mut refused, "passes", &self.passes, &(2..=64));
        within(&mut refused, "lanes", &self.lanes, &(1..=16));
        within(&mut refused, "parallel", &self.parallel, &(1..=64));
        within(&mut refused, "queue", &self.queue, &(2..=4096));
        if refused.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(refused))
        }
    }

    fn argon2(&self) -> Result<Argon2<'static>> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None).map_err(|error| failed(&error))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// Hashes and checks passwords.
pub(crate) struct PasswordHasher {
    work: Work,
    slots: Arc<Semaphore>,
    queue: Arc<HashQueue>,
    /// A hash of no password, with today's parameters: what a guess for nobody is checked against.
    nobodys: String,
}

/// What checking a password found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// Right, and this hash with today's parameters should replace the stored one.
    RightRehashed(String),
}

impl PasswordHasher {
    /// `Invalid` when the parameters are too weak.
    pub(crate) fn new(settings: &PasswordHashing) -> Result<Self> {
        settings.check()?;
        // Random where a hash would stand: it costs a check as much as any other and no password fits it.
        let nobodys = format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            settings.memory_kib,
            settings.passes,
            settings.lanes,
            STANDARD_NO_PAD.encode(random_bytes::<16>()?),
            STANDARD_NO_PAD.encode(random_bytes::<32>()?),
        );
        Ok(Self {
            work: Work {
                argon2: settings.argon2()?,
                hashes: Arc::default(),
            },
            slots: Arc::new(Semaphore::new(settings.parallel)),
            queue: Arc::new(HashQueue::new(settings.parallel, settings.queue)),
            nobodys,
        })
    }

    /// Hashes computed so far, those for nobody included.
    pub(crate) fn count(&self) -> u64 {
        self.work.hashes.load(Ordering::Relaxed)
    }

    /// A new hash. `whose` names whoever shares the pool: a company, or staff.
    pub(crate) async fn hash(&self, whose: &str, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.run(whose, move |work| work.hash(&password)).await
    }

    /// Check a password. Without a stored hash the same work is done for nobody, and the answer is `Wrong`.
    pub(crate) async fn verify(&self, whose: &str, password: &str, stored: Option<String>) -> Result<Verdict> {
        let password = password.to_owned();
        let nobodys = self.nobodys.clone();
        self.run(whose, move |work| {
            let Some(stored) = stored else {
                work.matches(&password, &nobodys)?;
                return Ok(Verdict::Wrong);
            };
            if !work.matches(&password, &stored)? {
                return Ok(Verdict::Wrong);
            }
            if work.outdated(&stored)? {
                work.hash(&password).map(Verdict::RightRehashed)
            } else {
                Ok(Verdict::Right)
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        whose: &str,
        task: impl FnOnce(&Work) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let full = || Error::RateLimited(COME_BACK_SECONDS);
        let place: Place = self.queue.enter(whose).ok_or_else(full)?;
        let slot = self.slots.clone().acquire_owned().await.map_err(|_| full())?;
        let work = self.work.clone();
        // Slot and place go with the work: a caller who hangs up does not free what is still computing.
        tokio::task::spawn_blocking(move || {
            let _held = (place, slot);
            task(&work)
        })
        .await
        .map_err(|_| Error::Unavailable("The password could not be checked.".into()))?
    }
}

/// The computing itself.
#[derive(Clone)]
struct Work {
    argon2: Argon2<'static>,
    hashes: Arc<AtomicU64>,
}

impl Work {
    fn hash(&self, password: &str) -> Result<String> {
        self.hashes.fetch_add(1, Ordering::Relaxed);
        let hash = self.argon2.hash_password(password.as_bytes());
        Ok(hash.map_err(|error| failed(&error))?.to_string())
    }

    /// Computed with the parameters the stored hash names.
    fn matches(&self, password: &str, stored: &str) -> Result<bool> {
        self.hashes.fetch_add(1, Ordering::Relaxed);
        let stored = PasswordHash::new(stored).map_err(|_| Error::corrupt("a password hash"))?;
        Ok(self.argon2.verify_password(password.as_bytes(), &stored).is_ok())
    }

    /// Whether a hash was made with weaker parameters than today's.
    fn outdated(&self, stored: &str) -> Result<bool> {
        let stored = PasswordHash::new(stored).map_err(|_| Error::corrupt("a password hash"))?;
        let params = Params::try_from(&stored).map_err(|_| Error::corrupt("a password hash"))?;
        let today = self.argon2.params();
        Ok(params.m_cost() < today.m_cost()
            || params.t_cost() < today.t_cost()
            || params.p_cost() < today.p_cost()
            || stored.algorithm.as_str() != "argon2id")
    }
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    tracing::error!(%error, "password hashing failed");
    Error::Unavailable("The password could not be checked.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(change: impl FnOnce(&mut PasswordHashing)) -> PasswordHasher {
        let mut settings = PasswordHashing {
            parallel: 1,
            ..PasswordHashing::default()
        };
        change(&mut settings);
        PasswordHasher::new(&settings).unwrap()
    }

    #[tokio::test]
    async fn an_unknown_login_costs_the_same_number_of_hashes_from_the_first_on() {
        let hasher = hasher(|_| ());
        assert_eq!(hasher.verify("a", "wrong", None).await.unwrap(), Verdict::Wrong);
        assert_eq!(hasher.count(), 1);
        let stored = hasher.hash("a", "correct horse battery").await.unwrap();
        assert_eq!(hasher.count(), 2);
        let wrong = hasher.verify("a", "wrong", Some(stored.clone())).await.unwrap();
        assert_eq!((wrong, hasher.count()), (Verdict::Wrong, 3));
        let right = hasher.verify("a", "correct horse battery", Some(stored)).await.unwrap();
        assert_eq!((right, hasher.count()), (Verdict::Right, 4));
    }

    #[tokio::test]
    async fn the_hash_for_nobody_has_the_configured_parameters() {
        let hasher = hasher(|settings| (settings.memory_kib, settings.passes, settings.lanes) = (20_000, 3, 2));
        assert!(hasher.nobodys.starts_with("$argon2id$v=19$m=20000,t=3,p=2$"));
        let parsed = PasswordHash::new(&hasher.nobodys).unwrap();
        let own = hasher.hash("a", "correct horse battery").await.unwrap();
        let made = PasswordHash::new(&own).unwrap();
        assert_eq!(parsed.params, made.params);
        assert_eq!(hasher.nobodys.len(), own.len());
        assert!(!hasher.work.outdated(&hasher.nobodys).unwrap());
    }

    #[tokio::test]
    async fn a_weaker_hash_is_replaced_when_the_configuration_rises() {
        let before = hasher(|_| ());
        let stored = before.hash("a", "correct horse battery").await.unwrap();
        let after = hasher(|settings| settings.passes = 3);
        let verdict = after.verify("a", "correct horse battery", Some(stored)).await.unwrap();
        let Verdict::RightRehashed(fresh) = verdict else {
            unreachable!("{verdict:?}")
        };
        assert!(fresh.starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{fresh}");
        let again = before.verify("a", "correct horse battery", Some(fresh)).await.unwrap();
        assert_eq!(again, Verdict::Right, "a stronger hash stays");
    }

    #[tokio::test]
    async fn a_burst_beyond_the_queue_is_turned_away() {
        let hasher = Arc::new(hasher(|settings| settings.queue = 4));
        let calls = (0..8).map(|call| {
            let hasher = Arc::clone(&hasher);
            let whose = if call < 6 { "one" } else { "another" };
            async move { hasher.hash(whose, "correct horse battery").await.map(|_| whose) }
        });
        let answers = futures_util::future::join_all(calls).await;
        let served = |whose| {
            answers
                .iter()
                .filter(|answer| matches!(answer, Ok(who) if *who == whose))
                .count()
        };
        assert_eq!((served("one"), served("another")), (3, 2));
        assert!(
            answers
                .iter()
                .all(|answer| matches!(answer, Ok(_) | Err(Error::RateLimited(1..))))
        );
        hasher.hash("one", "correct horse battery").await.unwrap();
    }

    #[test]
    fn parameters_below_the_floor_are_refused_by_name() {
        let weak = PasswordHashing {
            memory_kib: 19_455,
            passes: 1,
            lanes: 0,
            parallel: 0,
            queue: 0,
        };
        let Err(Error::Invalid(fields)) = weak.check() else {
            unreachable!()
        };
        let keys: Vec<_> = fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(keys, ["memory_kib", "passes", "lanes", "parallel", "queue"]);
        assert!(PasswordHasher::new(&weak).is_err());
        PasswordHashing::default().check().unwrap();
    }
}
