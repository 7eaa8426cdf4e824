//! Slowing down guessers, in the database: every node agrees, and a restart forgets nothing.
//! An attempt is counted before the password is looked at and given back when it was right, so parallel guesses count.
//!
//! Nobody is locked out for good; every wait ends. Each counter has its reason:
//!
//! - **Account**: five wrong passwords, then waits that double up to a quarter of an hour. Stops guessing at one person.
//!   Anybody can fill it for anybody, so it binds strangers only:
//! - **Known place**: a network the account was signed in from with success, until 30 days pass without an attempt. It
//!   has five tries and doubling waits of its own and heeds no other counter, so nobody elsewhere can keep the customer
//!   out.
//! - **Address**: thirty wrong ones from one network, then the same waits. Stops trying one password on everybody.
//! - **Realm** (a company's plugin, or staff): a guesser with many addresses stays below both. The realm's level rises by
//!   one with each failure and falls by one every six seconds; above 100 it is under attack. Then each network has to
//!   wait for a turn (1 to 30 seconds, the longer the higher the level) before every attempt, its first one included, and
//!   has five tries instead of thirty before the waits double. A turn belongs to the network that asked, so guessers
//!   cannot take it from honest customers: a stranger waits half a minute at most, known places do not notice.

use super::sha256_hex;
use crate::{
    Error, Result,
    store::db::{Db, Tx, args},
};
use jiff::{SignedDuration, Timestamp};
use std::net::IpAddr;

/// Failures of one account before waiting starts.
const ACCOUNT_LIMIT: i64 = 5;
/// Failures from one network before waiting starts; many people can share one.
const ADDRESS_LIMIT: i64 = 30;
/// The same while the realm is under attack.
const ADDRESS_LIMIT_UNDER_ATTACK: i64 = 5;
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;
/// Failures longer ago than this are forgotten.
const MEMORY_SECONDS: i64 = 60 * 60;
/// The level above which a realm is under attack.
const REALM_LIMIT: i64 = 100;
/// The level does not rise beyond this, so that calm returns soon after the attack.
const REALM_FULL: i64 = 2 * REALM_LIMIT;
/// After so many seconds the level has fallen by one: 100 in ten minutes.
const REALM_FALL_SECONDS: i64 = 6;
const LONGEST_TURN_SECONDS: i64 = 30;
/// A turn not taken for so long has to be asked for again.
const TURN_KEPT_SECONDS: i64 = 10 * 60;
/// How long a network stays known without an attempt from it.
const KNOWN_SECONDS: i64 = 30 * 24 * 60 * 60;

/// The counters one attempt touches. Accounts are kept as hashes: a log of guesses is no address book.
pub(crate) struct Throttle {
    account: String,
    known: Option<String>,
    address: Option<String>,
    realm: String,
    turn: String,
}

/// An attempt that was admitted and counted.
#[must_use = "an attempt stays counted as a failure unless it is given back"]
pub(crate) struct Attempt<'a> {
    throttle: &'a Throttle,
    /// What was counted where, and the wait that set off.
    counted: Vec<(&'a str, Option<Timestamp>)>,
    from_known_place: bool,
    begins_wait: bool,
}

/// A counter's row, locked.
struct Counter<'a> {
    key: &'a str,
    failures: i64,
    last: Timestamp,
    blocked_until: Timestamp,
}

impl Throttle {
    /// `realm` names where the account lives, for example a company and plugin.
    pub(crate) fn new(realm: &str, login: &str, address: Option<IpAddr>) -> Self {
        let network = address.map(|address| match address {
            IpAddr::V4(_) => address.to_string(),
            // One subscriber has a whole /64.
            IpAddr::V6(v6) => format!("{:x}", v6.to_bits() >> 64),
        });
        let hashed = |parts: &[&str]| sha256_hex(parts.join("\n").as_bytes());
        Self {
            account: format!("account:{}", hashed(&[realm, login])),
            known: network
                .as_ref()
                .map(|network| format!("known:{}", hashed(&[realm, login, network]))),
            realm: format!("realm:{}", hashed(&[realm])),
            turn: format!("turn:{}", hashed(&[realm, network.as_deref().unwrap_or(login)])),
            address: network.map(|network| format!("address:{network}")),
        }
    }

    /// Count an attempt, or refuse it with `RateLimited`. Only an attempt that was admitted may look at the password.
    pub(crate) async fn attempt(&self, db: &Db, now: Timestamp) -> Result<Attempt<'_>> {
        let known = self.known_place(db, now).await?;
        let own: Vec<&str> = match known {
            Some(known) => vec![known],
            None => [Some(&self.account), self.address.as_ref()]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect(),
        };
        // Most of a flood is turned away by reading alone.
        for key in &own {
            let sql = "SELECT blocked_until FROM throttles WHERE key = $1";
            if let Some(mut row) = db.row(sql, args![*key]).await? {
                refuse_until(now, row.time()?)?;
            }
        }
        let mut tx = db.begin().await?;
        // Always in the same order: account, address, realm, turn. Two attempts never wait for each other.
        let mut counters = Vec::with_capacity(own.len());
        for key in own {
            let counter = Counter::lock(&mut tx, key, now).await?;
            refuse_until(now, counter.blocked_until)?;
            counters.push(counter);
        }
        let mut attempt = Attempt {
            throttle: self,
            counted: Vec::with_capacity(3),
            from_known_place: known.is_some(),
            begins_wait: false,
        };
        let mut address_limit = ADDRESS_LIMIT;
        let mut realm = None;
        if !attempt.from_known_place {
            let mut counter = Counter::lock(&mut tx, &self.realm, now).await?;
            counter.fall(now);
            if counter.failures > REALM_LIMIT {
                address_limit = ADDRESS_LIMIT_UNDER_ATTACK;
                if let Err(refused) = self.take_turn(&mut tx, counter.failures, now).await {
                    // The turn that was given out must outlive the refusal.
                    tx.commit().await?;
                    return Err(refused);
                }
            }
            counter.failures = (counter.failures + 1).min(REALM_FULL);
            realm = Some(counter);
        }
        for (mut counter, limit) in counters.into_iter().zip([ACCOUNT_LIMIT, address_limit]) {
            let wait = counter.fail(limit, now);
            counter.save(&mut tx).await?;
            attempt.begins_wait |= counter.failures == ACCOUNT_LIMIT && Some(counter.key) != self.address.as_deref();
            attempt.counted.push((counter.key, wait));
        }
        if let Some(counter) = realm {
            counter.save(&mut tx).await?;
            attempt.counted.push((counter.key, None));
        }
        tx.commit().await?;
        Ok(attempt)
    }

    /// The key of the counter for this account and network, if they were together with success lately.
    async fn known_place(&self, db: &Db, now: Timestamp) -> Result<Option<&str>> {
        let Some(known) = &self.known else { return Ok(None) };
        let sql = "SELECT 1 FROM throttles WHERE key = $1 AND last_failure_at > $2";
        let since = now.as_millisecond() - KNOWN_SECONDS * 1000;
        Ok(db.row(sql, args![known, since]).await?.map(|_| known.as_str()))
    }

    /// Use the network's turn, or give it one and say when it comes.
    async fn take_turn(&self, tx: &mut Tx, level: i64, now: Timestamp) -> Result<()> {
        let mut turn = Counter::lock(tx, &self.turn, now).await?;
        refuse_until(now, turn.blocked_until)?;
        let kept = now.as_millisecond() - TURN_KEPT_SECONDS * 1000;
        let comes = turn.blocked_until.as_millisecond() >= kept;
        turn.blocked_until = later(now, turn_seconds(level));
        turn.last = now;
        turn.save(tx).await?;
        if comes {
            Ok(())
        } else {
            refuse_until(now, turn.blocked_until)
        }
    }

    /// Until when strangers' attempts on the account wait, if they do.
    pub(crate) async fn account_blocked_until(&self, db: &Db, now: Timestamp) -> Result<Option<Timestamp>> {
        let sql = "SELECT blocked_until FROM throttles WHERE key = $1";
        let row = db.row(sql, args![&self.account]).await?;
        Ok(row.map(|mut row| row.time()).transpose()?.filter(|until| *until > now))
    }

    /// Count one use of the account within an hour; until when to wait when `limit` is used up.
    pub(crate) async fn take(&self, tx: &mut Tx, limit: i64, now: Timestamp) -> Result<Option<Timestamp>> {
        let sql = "INSERT INTO throttles (key, failures, last_failure_at, blocked_until) VALUES ($1, 1, $2, 0)
             ON CONFLICT (key) DO UPDATE SET
                 failures = CASE WHEN throttles.last_failure_at < $3 THEN 1 ELSE throttles.failures + 1 END,
                 last_failure_at = CASE WHEN throttles.last_failure_at < $3 THEN $2 ELSE throttles.last_failure_at END
             RETURNING failures, last_failure_at";
        let forgotten = now.as_millisecond() - MEMORY_SECONDS * 1000;
        let mut row = tx.one(sql, args![&self.account, now, forgotten]).await?;
        let (used, began) = (row.int()?, row.time()?);
        Ok((used > limit).then_some(later(began, MEMORY_SECONDS)))
    }

    /// Forget the account's failures: whoever proved to be the person need not wait out somebody else's guesses.
    pub(crate) async fn succeeded(&self, db: &Db) -> Result<()> {
        for key in [Some(&self.account), self.known.as_ref()].into_iter().flatten() {
            let sql = "UPDATE throttles SET failures = 0, blocked_until = 0 WHERE key = $1";
            db.execute(sql, args![key]).await?;
        }
        Ok(())
    }
}

impl Attempt<'_> {
    /// Whether waiting starts with this failure of the account.
    pub(crate) fn begins_wait(&self) -> bool {
        self.begins_wait
    }

    /// The password was right: this attempt counts nowhere, the account starts over, and the network is known. The
    /// network's other failures stay, or one good account would wash a guesser clean; and a success from a known place
    /// leaves the account's own counter alone, for it may be holding somebody else off.
    pub(crate) async fn succeeded(self, db: &Db, now: Timestamp) -> Result<()> {
        let mut tx = db.begin().await?;
        if !self.from_known_place {
            let sql = "DELETE FROM throttles WHERE key = $1";
            tx.execute(sql, args![&self.throttle.account]).await?;
            self.give_back(&mut tx).await?;
        }
        if let Some(known) = &self.throttle.known {
            let sql = "INSERT INTO throttles (key, failures, last_failure_at, blocked_until) VALUES ($1, 0, $2, 0)
                 ON CONFLICT (key) DO UPDATE SET failures = 0, last_failure_at = $2, blocked_until = 0";
            tx.execute(sql, args![known, now]).await?;
        }
        tx.commit().await
    }

    /// The password was not looked at after all: this attempt counts nowhere.
    pub(crate) async fn withdrawn(self, db: &Db) -> Result<()> {
        let mut tx = db.begin().await?;
        self.give_back(&mut tx).await?;
        tx.commit().await
    }

    async fn give_back(&self, tx: &mut Tx) -> Result<()> {
        // A wait that this attempt set off ends; one that somebody set off since stands.
        let sql = "UPDATE throttles SET failures = failures - 1,
             blocked_until = CASE WHEN blocked_until = $2 THEN 0 ELSE blocked_until END WHERE key = $1 AND failures > 0";
        for (key, wait) in &self.counted {
            tx.execute(sql, args![*key, *wait]).await?;
        }
        Ok(())
    }
}

impl<'a> Counter<'a> {
    /// The row of `key`, made when missing; nobody else changes it until the transaction ends.
    async fn lock(tx: &mut Tx, key: &'a str, now: Timestamp) -> Result<Self> {
        let sql = "INSERT INTO throttles (key, failures, last_failure_at, blocked_until) VALUES ($1, 0, $2, 0)
             ON CONFLICT (key) DO UPDATE SET failures = throttles.failures
             RETURNING failures, last_failure_at, blocked_until";
        let mut row = tx.one(sql, args![key, now]).await?;
        Ok(Self {
            key,
            failures: row.int()?,
            last: row.time()?,
            blocked_until: row.time()?,
        })
    }

    async fn save(&self, tx: &mut Tx) -> Result<()> {
        let sql = "UPDATE throttles SET failures = $2, last_failure_at = $3, blocked_until = $4 WHERE key = $1";
        tx.execute(sql, args![self.key, self.failures, self.last, self.blocked_until])
            .await?;
        Ok(())
    }

    /// One failure more; the end of the wait that follows, if one does.
    fn fail(&mut self, limit: i64, now: Timestamp) -> Option<Timestamp> {
        if seconds(self.last, now) > MEMORY_SECONDS {
            self.failures = 0;
        }
        self.failures += 1;
        self.last = now;
        let beyond = u32::try_from(self.failures - limit).ok()?;
        let wait = (1_i64 << beyond.min(20)).min(LONGEST_WAIT_SECONDS);
        self.blocked_until = later(now, wait);
        Some(self.blocked_until)
    }

    /// The realm's level at this moment.
    fn fall(&mut self, now: Timestamp) {
        let steps = seconds(self.last, now).max(0) / REALM_FALL_SECONDS;
        self.failures = (self.failures - steps).max(0);
        self.last = later(self.last, steps * REALM_FALL_SECONDS);
    }
}

/// Remove what no attempt will ask about any more; how many rows.
pub(crate) async fn sweep_throttles(db: &Db, now: Timestamp) -> Result<u64> {
    let sql = "DELETE FROM throttles WHERE last_failure_at < $1 AND (key NOT LIKE 'known:%' OR last_failure_at < $2)";
    let (memory, known) = (later(now, -MEMORY_SECONDS), later(now, -KNOWN_SECONDS));
    db.execute(sql, args![memory, known]).await
}

/// How long a network waits for its turn in a realm at this level.
fn turn_seconds(level: i64) -> i64 {
    let doublings = (level - REALM_LIMIT).clamp(0, REALM_LIMIT) / 20;
    (1_i64 << doublings).min(LONGEST_TURN_SECONDS)
}

fn refuse_until(now: Timestamp, until: Timestamp) -> Result<()> {
    if until > now {
        return Err(Error::RateLimited(crate::seconds_until(now, until)));
    }
    Ok(())
}

fn later(from: Timestamp, seconds: i64) -> Timestamp {
    from.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(from)
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn counter(failures: i64) -> Counter<'static> {
        Counter {
            key: "account:x",
            failures,
            last: at(0),
            blocked_until: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn waits_double_from_the_limit_to_a_quarter_of_an_hour_and_are_forgotten_after_an_hour() {
        let mut account = counter(3);
        assert_eq!(account.fail(5, at(0)), None);
        let waits: Vec<_> = (0..12)
            .map(|_| seconds(at(0), account.fail(5, at(0)).unwrap()))
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(account.fail(5, at(3601)), None);
        assert_eq!(account.failures, 1);
    }

    #[test]
    fn a_realm_calms_down_by_one_every_six_seconds() {
        let mut realm = counter(150);
        realm.fall(at(5));
        assert_eq!((realm.failures, seconds(at(0), realm.last)), (150, 0));
        realm.fall(at(17));
        assert_eq!((realm.failures, seconds(at(0), realm.last)), (148, 12));
        realm.fall(at(18));
        assert_eq!(realm.failures, 147, "the seconds that were left over count");
        realm.fall(at(9000));
        assert_eq!(realm.failures, 0);
    }

    #[test]
    fn turns_are_short_and_grow_with_the_attack() {
        let waits: Vec<_> = [101, 119, 120, 140, 160, 180, 200].map(turn_seconds).to_vec();
        assert_eq!(waits, [1, 1, 2, 4, 8, 16, 30]);
    }

    #[test]
    fn an_ipv6_subscriber_is_one_network() {
        let keys = |address: &str| Throttle::new("r", "a", address.parse().ok()).address;
        assert_eq!(keys("2001:db8:1:2::1"), keys("2001:db8:1:2:ffff::9"));
        assert_ne!(keys("2001:db8:1:2::1"), keys("2001:db8:1:3::1"));
        assert_ne!(keys("192.0.2.1"), keys("192.0.2.2"));
    }
}
