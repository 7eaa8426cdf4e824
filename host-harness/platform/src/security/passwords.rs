//! Password rules and argon2id hashing on a bounded pool of blocking threads.
//! A burst beyond the pool and its short queue is answered with "try again", so that everything else stays fast.

use crate::{Error, Result};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use capabilities::FieldError;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::Semaphore;

/// OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Calls that may wait per hash under way.
const QUEUE_PER_SLOT: usize = 8;

const MIN_CHARS: usize = 8;
const MAX_CHARS: usize = 256;

/// Passwords that every guesser tries first; longer lists add nothing once attempts are slowed down.
const COMMON: &str = include_str!("common_passwords.txt");

/// Hashes and checks passwords.
pub(crate) struct PasswordHasher {
    slots: Arc<Semaphore>,
    queue: Semaphore,
    hashes: Arc<AtomicU64>,
    dummy: Arc<OnceLock<String>>,
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
    pub(crate) fn new(slots: usize) -> Self {
        let slots = slots.max(1);
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            queue: Semaphore::new(slots * QUEUE_PER_SLOT),
            hashes: Arc::default(),
            dummy: Arc::default(),
        }
    }

    /// Hashes computed so far, dummy ones included.
    pub(crate) fn count(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.run(move || hash(&password)).await
    }

    /// Check a password. Without a stored hash the same work is done against a dummy, and the answer is `Wrong`.
    pub(crate) async fn verify(&self, password: &str, stored: Option<String>) -> Result<Verdict> {
        let password = password.to_owned();
        let dummy = self.dummy.clone();
        self.run(move || {
            let Some(stored) = stored else {
                // The first call of the process pays for making the dummy, on top; all others do equal work.
                let dummy = match dummy.get() {
                    Some(dummy) => dummy,
                    None => {
                        let made = hash("no password of anybody")?;
                        dummy.get_or_init(|| made)
                    }
                };
                matches(&password, dummy)?;
                return Ok(Verdict::Wrong);
            };
            if !matches(&password, &stored)? {
                return Ok(Verdict::Wrong);
            }
            if outdated(&stored)? {
                hash(&password).map(Verdict::RightRehashed)
            } else {
                Ok(Verdict::Right)
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let _place = self.queue.try_acquire().map_err(|_| Error::RateLimited(2))?;
        let slot = self
            .slots
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Error::RateLimited(2))?;
        let hashes = self.hashes.clone();
        tokio::task::spawn_blocking(move || {
            let _slot = slot;
            hashes.fetch_add(1, Ordering::Relaxed);
            work()
        })
        .await
        .map_err(|_| Error::Unavailable("The password could not be checked.".into()))?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| failed(&error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    tracing::error!(%error, "password hashing failed");
    Error::Unavailable("The password could not be checked.".into())
}

fn hash(password: &str) -> Result<String> {
    Ok(argon2()?
        .hash_password(password.as_bytes())
        .map_err(|error| failed(&error))?
        .to_string())
}

fn matches(password: &str, stored: &str) -> Result<bool> {
    let stored = PasswordHash::new(stored).map_err(|_| Error::corrupt("a password hash"))?;
    Ok(argon2()?.verify_password(password.as_bytes(), &stored).is_ok())
}

/// Whether a hash was made with weaker parameters than today's.
fn outdated(stored: &str) -> Result<bool> {
    let stored = PasswordHash::new(stored).map_err(|_| Error::corrupt("a password hash"))?;
    let params = Params::try_from(&stored).map_err(|_| Error::corrupt("a password hash"))?;
    Ok(params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES || stored.algorithm.as_str() != "argon2id")
}

/// Why a password cannot be used: too short, too long, among the first guesses, or little more than the company's name.
pub(crate) fn check_password(password: &str, company_name: &str) -> Option<FieldError> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Some(FieldError::new("password", "too-short", "Use at least 8 characters."));
    }
    if chars > MAX_CHARS {
        return Some(FieldError::new("password", "too-long", "Use at most 256 characters."));
    }
    let plain = simplify(password);
    let company = simplify(company_name);
    let named = company.len() >= 4 && plain.contains(&company) && plain.len() < company.len() + 6;
    let first_word = company_name.split_whitespace().next().map(simplify).unwrap_or_default();
    let first_named = first_word.len() >= 4 && plain.starts_with(&first_word) && plain.len() < first_word.len() + 5;
    let one_char = password.chars().all(|c| password.starts_with(c));
    if named || first_named || one_char || COMMON.lines().any(|common| common == password.to_lowercase()) {
        return Some(FieldError::new(
            "password",
            "too-common",
            "This password is easy to guess. Choose another one.",
        ));
    }
    None
}

/// Letters and digits only, in lower case.
fn simplify(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<String> {
        check_password(password, "Summit Heating & Air").map(|error| error.code)
    }

    #[test]
    fn rules() {
        assert_eq!(code("seven77").as_deref(), Some("too-short"));
        assert_eq!(code(&"x1".repeat(129)).as_deref(), Some("too-long"));
        assert_eq!(code("password1").as_deref(), Some("too-common"));
        assert_eq!(code("PassWord").as_deref(), Some("too-common"));
        assert_eq!(code("summitheating&air1").as_deref(), Some("too-common"));
        assert_eq!(code("Summit2026").as_deref(), Some("too-common"));
        assert_eq!(code("aaaaaaaaaaaa").as_deref(), Some("too-common"));
        assert_eq!(code("пароль из слов"), None);
        assert_eq!(code("correct horse battery"), None);
        assert_eq!(code(&"long words ".repeat(20)), None);
    }

    #[tokio::test]
    async fn an_unknown_login_costs_the_same_number_of_hashes() {
        let hasher = PasswordHasher::new(1);
        let stored = hasher.hash("correct horse battery").await.unwrap();
        assert_eq!(hasher.count(), 1);
        assert_eq!(
            hasher.verify("wrong", Some(stored.clone())).await.unwrap(),
            Verdict::Wrong
        );
        assert_eq!(hasher.count(), 2);
        assert_eq!(hasher.verify("wrong", None).await.unwrap(), Verdict::Wrong);
        assert_eq!(hasher.count(), 3);
        assert_eq!(
            hasher.verify("correct horse battery", Some(stored)).await.unwrap(),
            Verdict::Right
        );
    }

    #[tokio::test]
    async fn a_weaker_hash_is_replaced() {
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8192, 1, 1, None).unwrap(),
        );
        let stored = weak.hash_password(b"correct horse battery").unwrap().to_string();
        let verdict = PasswordHasher::new(1)
            .verify("correct horse battery", Some(stored))
            .await
            .unwrap();
        let Verdict::RightRehashed(fresh) = verdict else {
            unreachable!("{verdict:?}")
        };
        assert!(fresh.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{fresh}");
    }

    #[tokio::test]
    async fn a_burst_beyond_the_queue_is_turned_away() {
        let hasher = Arc::new(PasswordHasher::new(1));
        let calls: Vec<_> = (0..QUEUE_PER_SLOT + 4)
            .map(|_| {
                let hasher = hasher.clone();
                async move { hasher.hash("correct horse battery").await }
            })
            .collect();
        let answers = futures_util::future::join_all(calls).await;
        assert_eq!(
            answers
                .iter()
                .filter(|answer| matches!(answer, Err(Error::RateLimited(_))))
                .count(),
            4
        );
    }
}
