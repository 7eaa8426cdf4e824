//! Sessions of staff: begun under a fresh id, ended by idleness, age, sign-out or somebody else's decision.
//! The cookie's value is stored as a hash only.

use super::{SignInProof, Staff, StaffMembers, entry};
use crate::{
    Actor, Error, Result, TokenHash,
    domain::activity::append,
    new_token,
    security::new_id,
    store::db::{Fields, args},
};
use jiff::Timestamp;

/// Idle lifetime of a staff session in seconds.
pub const SESSION_IDLE_SECONDS: i64 = 8 * 3600;
/// Absolute lifetime of a staff session in seconds.
pub const SESSION_ABSOLUTE_SECONDS: i64 = 7 * 24 * 3600;

/// A live session of a member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSession {
    /// Who is signed in.
    pub staff: Staff,
    /// The session's record id (not the cookie).
    pub id: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends however busy it is.
    pub expires_at: Timestamp,
}

/// A device somebody is signed in on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffDevice {
    /// The session's record id (not the cookie).
    pub session_id: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last heard of, to the minute.
    pub last_seen_at: Timestamp,
    /// Where it signed in from, or empty.
    pub address: String,
    /// What it called itself, or empty.
    pub user_agent: String,
}

impl StaffMembers<'_> {
    /// Begin a session; the cookie's value (not stored). `Denied` when they were shut out, or their password was set
    /// anew, after they proved who they are.
    pub async fn start_session(&self, staff: &Staff, proof: &SignInProof, actor: &Actor) -> Result<String> {
        let now = self.platform.now();
        let token = new_token()?;
        let address = actor.address.map(|address| address.to_string()).unwrap_or_default();
        let expires_at = now.as_millisecond() + SESSION_ABSOLUTE_SECONDS * 1000;
        let mut tx = self.platform.db().begin().await?;
        let summary = format!("{} signed in", staff.name);
        append(
            &mut tx,
            staff.chain(),
            &[entry(&staff.id, "staff.signed_in", summary)],
            actor,
            now,
        )
        .await?;
        // Whoever sets a password or shuts somebody out holds the chain as well: they come before this and are seen
        // here, or after it and end what begins here.
        let sql = "UPDATE staff SET last_signed_in_at = $2
     WHERE id = $1 AND active = 1 AND ($3 = '' OR password_hash = $3)";
        if tx.execute(sql, args![&staff.id, now, proof.password_hash()]).await? == 0 {
            return Err(Error::Denied(
                "The password was changed, or you were shut out, meanwhile. Sign in again.".into(),
            ));
        }
        let fields: Fields = vec![
            ("hash", TokenHash::of(&token).0.into()),
            ("id", new_id("ss")?.into()),
            ("staff_id", (&staff.id).into()),
            ("created_at", now.into()),
            ("last_seen_at", now.into()),
            ("expires_at", expires_at.into()),
            ("address", address.into()),
            ("user_agent", (&actor.user_agent).into()),
        ];
        tx.insert("staff_sessions", fields).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The live session of a cookie; extends its idle lifetime. `NotFound` otherwise.
    pub async fn session(&self, token: &str) -> Result<StaffSession> {
        let now = self.platform.now();
        let db = self.platform.db();
        let hash = TokenHash::of(token).0;
        let sql = "SELECT id, staff_id, created_at, expires_at, last_seen_at FROM staff_sessions
     WHERE hash = $1 AND expires_at > $2 AND last_seen_at > $3";
        let mut row = db.one(sql, args![&hash, now, idle_since(now)]).await?;
        let (id, staff_id) = (row.text()?, row.text()?);
        let (created_at, expires_at, last_seen) = (row.time()?, row.time()?, row.time()?);
        let staff = self.get(&staff_id).await?;
        if !staff.active {
            return Err(Error::NotFound);
        }
        // To the minute is enough, and spares a write per page.
        if now.as_second() - last_seen.as_second() >= 60 {
            db.execute(
                "UPDATE staff_sessions SET last_seen_at = $2 WHERE hash = $1",
                args![hash, now],
            )
            .await?;
        }
        Ok(StaffSession {
            staff,
            id,
            created_at,
            expires_at,
        })
    }

    /// Where somebody is signed in, the latest sign-in first.
    pub async fn devices(&self, id: &str) -> Result<Vec<StaffDevice>> {
        let now = self.platform.now();
        let sql = "SELECT id, created_at, last_seen_at, address, user_agent FROM staff_sessions
     WHERE staff_id = $1 AND expires_at > $2 AND last_seen_at > $3 ORDER BY created_at DESC, id";
        let mut rows = self.platform.db().rows(sql, args![id, now, idle_since(now)]).await?;
        let devices = rows.iter_mut().map(|row| {
            Ok(StaffDevice {
                session_id: row.text()?,
                created_at: row.time()?,
                last_seen_at: row.time()?,
                address: row.text()?,
                user_agent: row.text()?,
            })
        });
        devices.collect()
    }

    /// End a session; no error when there is none.
    pub async fn end_session(&self, token: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "DELETE FROM staff_sessions WHERE hash = $1 RETURNING staff_id";
        let Some(mut row) = tx.row(sql, args![TokenHash::of(token).0]).await? else {
            return Ok(());
        };
        let staff = self.get_in(&mut tx, &row.text()?).await?;
        let summary = format!("{} signed out", staff.name);
        append(
            &mut tx,
            staff.chain(),
            &[entry(&staff.id, "staff.signed_out", summary)],
            actor,
            now,
        )
        .await?;
        tx.commit().await
    }

    /// Sign somebody out on every device, except (when named) the session that asks for it; on how many.
    /// Without an exception their sign-in links end as well.
    pub async fn end_sessions(&self, id: &str, except: Option<&str>, actor: &Actor) -> Result<u64> {
        let now = self.platform.now();
        let staff = self.get(id).await?;
        let mut tx = self.platform.db().begin().await?;
        let sql = "DELETE FROM staff_sessions WHERE staff_id = $1 AND id <> $2";
        let ended = tx.execute(sql, args![id, except.unwrap_or_default()]).await?;
        let withdrawn = match except {
            Some(_) => 0,
            None => {
                let sql = "DELETE FROM staff_tokens WHERE staff_id = $1 AND used_at IS NULL AND expires_at > $2";
                tx.execute(sql, args![id, now]).await?
            }
        };
        if ended == 0 && withdrawn == 0 {
            return Ok(0);
        }
        let how = if except.is_some() { "other " } else { "" };
        let what = if ended == 1 { "device" } else { "devices" };
        let mut summary = format!("Signed {} out on {ended} {how}{what}", staff.name);
        if withdrawn > 0 {
            let what = if withdrawn == 1 { "link" } else { "links" };
            summary.push_str(&format!(" and withdrew {withdrawn} sign-in {what}"));
        }
        append(
            &mut tx,
            staff.chain(),
            &[entry(id, "staff.signed_out_elsewhere", summary)],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        Ok(ended)
    }
}

fn idle_since(now: Timestamp) -> i64 {
    now.as_millisecond() - SESSION_IDLE_SECONDS * 1000
}
