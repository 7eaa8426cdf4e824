//! Slowing down failed sign-ins, per account and per address, kept in the database so that every node agrees.
//! The wait doubles from the limit on and is never longer than a quarter of an hour: nobody is locked out for good.

use super::sha256_hex;
use crate::{
    Result,
    store::db::{Db, Tx, args},
};
use jiff::Timestamp;
use std::net::IpAddr;

/// Failures of one account before waiting starts.
const ACCOUNT_LIMIT: i64 = 5;
/// Failures from one address before waiting starts; many people can share one.
const ADDRESS_LIMIT: i64 = 30;
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;
/// Failures longer ago than this are forgotten.
const MEMORY_SECONDS: i64 = 60 * 60;

/// The counters one attempt touches. Accounts are kept as hashes: a log of guesses is no address book.
pub(crate) struct Throttle {
    account: String,
    address: Option<String>,
}

impl Throttle {
    /// `realm` names where the account lives, for example a company and plugin.
    pub(crate) fn new(realm: &str, login: &str, address: Option<IpAddr>) -> Self {
        let network = address.map(|address| match address {
            IpAddr::V4(_) => address.to_string(),
            // One subscriber has a whole /64.
            IpAddr::V6(v6) => format!("{:x}", v6.to_bits() >> 64),
        });
        Self {
            account: format!("account:{}", sha256_hex(format!("{realm}\n{login}").as_bytes())),
            address: network.map(|network| format!("address:{network}")),
        }
    }

    fn limits(&self) -> impl Iterator<Item = (&String, i64)> {
        [(&self.account, ACCOUNT_LIMIT)]
            .into_iter()
            .chain(self.address.iter().map(|key| (key, ADDRESS_LIMIT)))
    }

    /// Until when attempts wait, if they do.
    pub(crate) async fn blocked_until(&self, db: &Db, now: Timestamp) -> Result<Option<Timestamp>> {
        let mut until = None;
        for (key, _) in self.limits() {
            let row = db
                .row("SELECT blocked_until FROM throttles WHERE key = $1", args![key])
                .await?;
            let blocked = row.map(|mut row| row.time()).transpose()?;
            until = until.max(blocked.filter(|blocked| *blocked > now));
        }
        Ok(until)
    }

    /// Until when attempts on the account wait, whoever makes them.
    pub(crate) async fn account_blocked_until(&self, db: &Db, now: Timestamp) -> Result<Option<Timestamp>> {
        Self {
            account: self.account.clone(),
            address: None,
        }
        .blocked_until(db, now)
        .await
    }

    pub(crate) async fn failed(&self, db: &Db, now: Timestamp) -> Result<()> {
        let mut tx = db.begin().await?;
        for (key, limit) in self.limits() {
            let sql = "INSERT INTO throttles (key, failures, last_failure_at, blocked_until) VALUES ($1, 1, $2, 0)
                 ON CONFLICT (key) DO UPDATE SET last_failure_at = $2, failures =
                     CASE WHEN throttles.last_failure_at < $3 THEN 1 ELSE throttles.failures + 1 END
                 RETURNING failures";
            let forgotten = now.as_millisecond() - MEMORY_SECONDS * 1000;
            let failures = tx.one(sql, args![key, now, forgotten]).await?.int()?;
            if failures >= limit {
                let doublings = u32::try_from(failures - limit).unwrap_or(u32::MAX).min(20);
                let wait = (1_i64 << doublings).min(LONGEST_WAIT_SECONDS);
                let until = now.as_millisecond() + wait * 1000;
                tx.execute(
                    "UPDATE throttles SET blocked_until = $2 WHERE key = $1",
                    args![key, until],
                )
                .await?;
            }
        }
        tx.commit().await
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
        let end = began
            .saturating_add(jiff::SignedDuration::from_secs(MEMORY_SECONDS))
            .unwrap_or(began);
        Ok((used > limit).then_some(end))
    }

    /// The account's counter starts over; the address's does not, or one good account would wash a guesser clean.
    pub(crate) async fn succeeded(&self, db: &Db) -> Result<()> {
        db.execute("DELETE FROM throttles WHERE key = $1", args![&self.account])
            .await?;
        Ok(())
    }
}
