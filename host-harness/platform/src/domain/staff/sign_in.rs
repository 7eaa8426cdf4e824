//! Staff signing in: passwords (slowed down, audited) and one-time links.
//! Every mismatch gets one answer after the same work; tokens are stored as hashes only, passwords as argon2id.

use super::{Staff, StaffMembers, end_access, entry, read};
use crate::{
    Actor, Error, Result, TokenHash,
    domain::activity::append,
    new_token,
    security::{Attempt, Throttle, Verdict, check_password},
    store::db::{Fields, args},
};
use std::fmt;

/// Staff of every company sign in at one page and share its counters.
pub(super) const REALM: &str = "staff";

/// What somebody proved with who they are: the password as it was stored then, or a link that works once.
/// A session begins only while that still holds.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInProof(Option<String>);

impl SignInProof {
    /// A link that works once.
    pub const LINK: Self = Self(None);

    /// The hash that has to stand there still; empty for a link.
    pub(super) fn password_hash(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

/// Tells the kind; never the hash.
impl fmt::Debug for SignInProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "SignInProof(password)"
        } else {
            "SignInProof(link)"
        })
    }
}

impl StaffMembers<'_> {
    /// Set or change a password; ends every session and sign-in link of theirs. The proof a session begins with now.
    pub async fn set_password(&self, id: &str, password: &str, actor: &Actor) -> Result<SignInProof> {
        let now = self.platform.now();
        let staff = self.get(id).await?;
        let company = match &staff.company_id {
            Some(company) => self.platform.companies().get(company).await?.details.name,
            None => String::new(),
        };
        if let Some(error) = check_password(password, &company) {
            return Err(Error::Invalid(vec![error]));
        }
        let hash = self.platform.hasher().hash(REALM, password).await?;
        let mut tx = self.platform.db().begin().await?;
        let summary = format!("{} set a password", staff.name);
        append(
            &mut tx,
            staff.chain(),
            &[entry(id, "staff.password_set", summary)],
            actor,
            now,
        )
        .await?;
        tx.execute("UPDATE staff SET password_hash = $2 WHERE id = $1", args![id, &hash])
            .await?;
        end_access(&mut tx, id).await?;
        tx.commit().await?;
        Ok(SignInProof(Some(hash)))
    }

    /// Who has this e-mail and password, and the proof a session begins with. `Denied`, after the same work, for every
    /// kind of mismatch; `RateLimited` while attempts are slowed down.
    pub async fn verify_password(&self, email: &str, password: &str, actor: &Actor) -> Result<(Staff, SignInProof)> {
        let now = self.platform.now();
        let db = self.platform.db();
        let login = email.trim().to_lowercase();
        let throttle = Throttle::new(REALM, &login, actor.address);
        let attempt = throttle.attempt(db, now).await?;
        let mut member = None;
        // Twice: a password that was stored anew while it was checked is checked as it stands then.
        for _ in 0..2 {
            let sql = "SELECT id, password_hash FROM staff WHERE email_key = $1 AND active = 1";
            let (id, stored) = match db.row(sql, args![&login]).await? {
                Some(mut row) => (Some(row.text()?), row.opt_text()?),
                None => (None, None),
            };
            let verdict = match self.platform.hasher().verify(REALM, password, stored.clone()).await {
                Ok(verdict) => verdict,
                Err(error) => {
                    attempt.withdrawn(db).await?;
                    return Err(error);
                }
            };
            member = match &id {
                Some(id) => Some(self.get(id).await?),
                None => None,
            };
            let (Some(staff), Some(checked)) = (&member, stored) else {
                break;
            };
            let in_force = match verdict {
                Verdict::Wrong => break,
                Verdict::Right => checked,
                Verdict::RightRehashed(fresh) => {
                    let sql = "UPDATE staff SET password_hash = $2 WHERE id = $1 AND password_hash = $3";
                    if db.execute(sql, args![&staff.id, &fresh, checked]).await? == 0 {
                        continue;
                    }
                    fresh
                }
            };
            attempt.succeeded(db, now).await?;
            return Ok((staff.clone(), SignInProof(Some(in_force))));
        }
        self.log_failure(member.as_ref(), &login, &attempt, actor).await?;
        Err(Error::Denied("The e-mail or the password is not right.".into()))
    }

    /// One entry for a wrong password, and one when waiting begins; as much work for an e-mail nobody has.
    async fn log_failure(
        &self,
        staff: Option<&Staff>,
        login: &str,
        attempt: &Attempt<'_>,
        actor: &Actor,
    ) -> Result<()> {
        let now = self.platform.now();
        let (chain, id, whom) = match staff {
            Some(staff) => (staff.chain(), staff.id.as_str(), staff.name.clone()),
            None => {
                // What was typed may be a slip of the tongue, a password even: only its fingerprint is kept.
                let name = self.platform.inner.secret_key.fingerprint("unknown logins 1", login)?;
                ("", "", format!("an e-mail nobody signs in with ({name})"))
            }
        };
        let mut entries = vec![entry(
            id,
            "staff.sign_in_failed",
            format!("A wrong password was given for {whom}"),
        )];
        if attempt.begins_wait() {
            let summary = format!("Sign-in waits after repeated wrong passwords for {whom}");
            entries.push(entry(id, "staff.sign_in_slowed", summary));
        }
        let mut tx = self.platform.db().begin().await?;
        append(&mut tx, chain, &entries, actor, now).await?;
        tx.commit().await
    }

    /// A new one-time sign-in token (the plain one: it is not stored).
    pub async fn create_sign_in_token(&self, id: &str, valid_seconds: i64, actor: &Actor) -> Result<String> {
        let now = self.platform.now();
        let staff = self.get(id).await?;
        let token = new_token()?;
        let mut tx = self.platform.db().begin().await?;
        let summary = format!("Made a sign-in link for {}", staff.name);
        append(
            &mut tx,
            staff.chain(),
            &[entry(id, "staff.link_made", summary)],
            actor,
            now,
        )
        .await?;
        let fields: Fields = vec![
            ("hash", TokenHash::of(&token).0.into()),
            ("staff_id", id.into()),
            ("created_at", now.into()),
            ("expires_at", (now.as_millisecond() + valid_seconds * 1000).into()),
        ];
        tx.insert("staff_tokens", fields).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Use a one-time token up. `NotFound` when it is unknown, used or past its time.
    pub async fn redeem_sign_in_token(&self, token: &str, actor: &Actor) -> Result<Staff> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "UPDATE staff_tokens SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING staff_id";
        let id = tx.one(sql, args![TokenHash::of(token).0, now]).await?.text()?;
        let sql = format!("SELECT {} FROM staff WHERE id = $1 AND active = 1", super::COLUMNS);
        let staff = read(&mut tx.one(sql, args![id]).await?)?;
        let summary = format!("{} used a sign-in link", staff.name);
        append(
            &mut tx,
            staff.chain(),
            &[entry(&staff.id, "staff.link_used", summary)],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        Ok(staff)
    }
}
