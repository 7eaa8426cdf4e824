//! Staff: roles, passwords, one-time sign-in tokens, sessions.
//! Tokens and session ids are stored as hashes only; passwords as argon2id.

use super::{NewEntry, activity::append};
use crate::{
    Actor, Error, Platform, Result, TokenHash, new_token,
    security::{Throttle, Verdict, check_password, new_id},
    store::db::{Fields, Row, Tx, args},
    validate::{Check, LINE},
};
use jiff::Timestamp;

/// What a member of staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Works with customers of one company.
    Staff,
    /// Also changes that company's settings, plugins and staff.
    CompanyAdmin,
    /// Installs plugins and sees every company.
    PlatformAdmin,
}

impl Role {
    /// The word stored in the database: `staff`, `company_admin`, `platform_admin`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::CompanyAdmin => "company_admin",
            Self::PlatformAdmin => "platform_admin",
        }
    }

    /// The role of a stored word.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "staff" => Some(Self::Staff),
            "company_admin" => Some(Self::CompanyAdmin),
            "platform_admin" => Some(Self::PlatformAdmin),
            _ => None,
        }
    }
}

/// A new member of staff.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// The company they work for; none for platform admins only.
    pub company_id: Option<String>,
    /// E-mail they sign in with; unique in the installation.
    pub email: String,
    /// Name as colleagues see it.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The host's id.
    pub id: String,
    /// The company they work for; none for platform admins.
    pub company_id: Option<String>,
    /// E-mail they sign in with.
    pub email: String,
    /// Name as colleagues see it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub active: bool,
    /// Whether a password was set.
    pub has_password: bool,
    /// When they last signed in.
    pub last_signed_in: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
}

impl Staff {
    /// Whether this person may see the company at all.
    pub fn may_see(&self, company_id: &str) -> bool {
        self.role == Role::PlatformAdmin || self.company_id.as_deref() == Some(company_id)
    }

    /// Whether this person may change the company's settings.
    pub fn may_administer(&self, company_id: &str) -> bool {
        self.role >= Role::CompanyAdmin && self.may_see(company_id)
    }
}

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

/// Idle lifetime of a staff session in seconds.
pub const SESSION_IDLE_SECONDS: i64 = 8 * 3600;
/// Absolute lifetime of a staff session in seconds.
pub const SESSION_ABSOLUTE_SECONDS: i64 = 7 * 24 * 3600;

/// The staff repository.
#[derive(Clone, Copy)]
pub struct StaffMembers<'a> {
    pub(crate) platform: &'a Platform,
}

impl StaffMembers<'_> {
    /// Everybody of a company, or (none) the platform admins; by name.
    pub async fn list(&self, company_id: Option<&str>) -> Result<Vec<Staff>> {
        let (condition, args) = match company_id {
            Some(id) => ("company_id = $1", args![id]),
            None => ("company_id IS NULL", args![]),
        };
        let sql = format!("SELECT {COLUMNS} FROM staff WHERE {condition} ORDER BY name, id");
        self.platform.db().rows(sql, args).await?.iter_mut().map(read).collect()
    }

    /// One member of staff.
    pub async fn get(&self, id: &str) -> Result<Staff> {
        let sql = format!("SELECT {COLUMNS} FROM staff WHERE id = $1");
        read(&mut self.platform.db().one(sql, args![id]).await?)
    }

    /// The member of staff with this e-mail, compared without case.
    pub async fn by_email(&self, email: &str) -> Result<Staff> {
        let sql = format!("SELECT {COLUMNS} FROM staff WHERE email_key = $1");
        read(&mut self.platform.db().one(sql, args![email.trim().to_lowercase()]).await?)
    }

    /// Add somebody; they sign in by a one-time token until they set a password.
    pub async fn create(&self, new: NewStaff, actor: &Actor) -> Result<Staff> {
        let now = self.platform.now();
        let mut check = Check::default();
        check.required("email", &new.email, 254);
        check.email("email", &new.email);
        check.required("name", &new.name, LINE);
        if new.company_id.is_none() != (new.role == Role::PlatformAdmin) {
            check.refuse(
                "role",
                "not-allowed",
                "Platform admins belong to no company; everybody else belongs to one.",
            );
        }
        check.finish()?;
        if let Some(company) = &new.company_id {
            self.platform.companies().get(company).await?;
        }
        let id = new_id("st")?;
        let mut tx = self.platform.db().begin().await?;
        let fields: Fields = vec![
            ("id", (&id).into()),
            ("company_id", new.company_id.as_deref().into()),
            ("email", (&new.email).into()),
            ("email_key", new.email.to_lowercase().into()),
            ("name", (&new.name).into()),
            ("role", new.role.code().into()),
            ("active", true.into()),
            ("created_at", now.into()),
        ];
        tx.insert("staff", fields)
            .await
            .map_err(|error| match error.is_duplicate() {
                true => Error::invalid("email", "taken", "Somebody already signs in with this e-mail."),
                false => error,
            })?;
        let summary = format!("Added {} as {}", new.name, new.role.code().replace('_', " "));
        log(
            &mut tx,
            new.company_id.as_deref(),
            &id,
            "staff.created",
            summary,
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        self.get(&id).await
    }

    /// Let somebody sign in, or end that and every session of theirs.
    pub async fn set_active(&self, id: &str, active: bool, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let staff = self.get(id).await?;
        let mut tx = self.platform.db().begin().await?;
        tx.execute("UPDATE staff SET active = $2 WHERE id = $1", args![id, active])
            .await?;
        if !active {
            tx.execute("DELETE FROM staff_sessions WHERE staff_id = $1", args![id])
                .await?;
            tx.execute("DELETE FROM staff_tokens WHERE staff_id = $1", args![id])
                .await?;
        }
        let (kind, what) = if active {
            ("staff.activated", "Let")
        } else {
            ("staff.deactivated", "No longer let")
        };
        log(
            &mut tx,
            staff.company_id.as_deref(),
            id,
            kind,
            format!("{what} {} sign in", staff.name),
            actor,
            now,
        )
        .await?;
        tx.commit().await
    }

    /// Set or change a password; ends every other session of theirs.
    pub async fn set_password(&self, id: &str, password: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let staff = self.get(id).await?;
        let company = match &staff.company_id {
            Some(company) => self.platform.companies().get(company).await?.details.name,
            None => String::new(),
        };
        if let Some(error) = check_password(password, &company) {
            return Err(Error::Invalid(vec![error]));
        }
        let hash = self.platform.hasher().hash(password).await?;
        let mut tx = self.platform.db().begin().await?;
        tx.execute("UPDATE staff SET password_hash = $2 WHERE id = $1", args![id, hash])
            .await?;
        tx.execute("DELETE FROM staff_sessions WHERE staff_id = $1", args![id])
            .await?;
        log(
            &mut tx,
            staff.company_id.as_deref(),
            id,
            "staff.password_set",
            format!("{} set a password", staff.name),
            actor,
            now,
        )
        .await?;
        tx.commit().await
    }

    /// Who has this e-mail and password. `Denied`, after the same work, for every kind of mismatch;
    /// `RateLimited` while attempts are slowed down.
    pub async fn verify_password(&self, email: &str, password: &str, actor: &Actor) -> Result<Staff> {
        let now = self.platform.now();
        let db = self.platform.db();
        let login = email.trim().to_lowercase();
        let throttle = Throttle::new("staff", &login, actor.address);
        if let Some(until) = throttle.blocked_until(db, now).await? {
            return Err(Error::RateLimited(seconds_until(now, until)));
        }
        let row = db
            .row(
                "SELECT id, password_hash FROM staff WHERE email_key = $1 AND active = 1",
                args![login],
            )
            .await?;
        let (id, stored) = match row {
            Some(mut row) => (Some(row.text()?), row.opt_text()?),
            None => (None, None),
        };
        let verdict = self.platform.hasher().verify(password, stored).await?;
        let staff = match &id {
            Some(id) => Some(self.get(id).await?),
            None => None,
        };
        let Some(staff) = staff.filter(|_| verdict != Verdict::Wrong) else {
            throttle.failed(db, now).await?;
            if let Some(id) = id {
                let staff = self.get(&id).await?;
                let mut tx = db.begin().await?;
                let summary = format!("A wrong password was given for {}", staff.name);
                log(
                    &mut tx,
                    staff.company_id.as_deref(),
                    &staff.id,
                    "staff.sign_in_failed",
                    summary,
                    actor,
                    now,
                )
                .await?;
                tx.commit().await?;
            }
            return Err(Error::Denied("The e-mail or the password is not right.".into()));
        };
        if let Verdict::RightRehashed(hash) = verdict {
            db.execute(
                "UPDATE staff SET password_hash = $2 WHERE id = $1",
                args![&staff.id, hash],
            )
            .await?;
        }
        throttle.succeeded(db).await?;
        Ok(staff)
    }

    /// A new one-time sign-in token (the plain one: it is not stored).
    pub async fn create_sign_in_token(&self, id: &str, valid_seconds: i64, actor: &Actor) -> Result<String> {
        let now = self.platform.now();
        let staff = self.get(id).await?;
        let token = new_token()?;
        let mut tx = self.platform.db().begin().await?;
        let fields: Fields = vec![
            ("hash", TokenHash::of(&token).0.into()),
            ("staff_id", id.into()),
            ("created_at", now.into()),
            ("expires_at", (now.as_millisecond() + valid_seconds * 1000).into()),
        ];
        tx.insert("staff_tokens", fields).await?;
        log(
            &mut tx,
            staff.company_id.as_deref(),
            id,
            "staff.link_made",
            format!("Made a sign-in link for {}", staff.name),
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Use a one-time token up. `NotFound` when it is unknown, used or past its time.
    pub async fn redeem_sign_in_token(&self, token: &str, actor: &Actor) -> Result<Staff> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "UPDATE staff_tokens SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING staff_id";
        let id = tx.one(sql, args![TokenHash::of(token).0, now]).await?.text()?;
        let sql = format!("SELECT {COLUMNS} FROM staff WHERE id = $1 AND active = 1");
        let staff = read(&mut tx.one(sql, args![id]).await?)?;
        log(
            &mut tx,
            staff.company_id.as_deref(),
            &staff.id,
            "staff.link_used",
            format!("{} used a sign-in link", staff.name),
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        Ok(staff)
    }

    /// Begin a session; the cookie's value (not stored).
    pub async fn start_session(&self, staff: &Staff, actor: &Actor) -> Result<String> {
        let now = self.platform.now();
        let token = new_token()?;
        let mut tx = self.platform.db().begin().await?;
        let fields: Fields = vec![
            ("hash", TokenHash::of(&token).0.into()),
            ("id", new_id("ss")?.into()),
            ("staff_id", (&staff.id).into()),
            ("created_at", now.into()),
            ("last_seen_at", now.into()),
            (
                "expires_at",
                (now.as_millisecond() + SESSION_ABSOLUTE_SECONDS * 1000).into(),
            ),
            (
                "address",
                actor
                    .address
                    .map(|address| address.to_string())
                    .unwrap_or_default()
                    .into(),
            ),
            ("user_agent", (&actor.user_agent).into()),
        ];
        tx.insert("staff_sessions", fields).await?;
        tx.execute(
            "UPDATE staff SET last_signed_in_at = $2 WHERE id = $1",
            args![&staff.id, now],
        )
        .await?;
        log(
            &mut tx,
            staff.company_id.as_deref(),
            &staff.id,
            "staff.signed_in",
            format!("{} signed in", staff.name),
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The live session of a cookie; extends its idle lifetime. `NotFound` otherwise.
    pub async fn session(&self, token: &str) -> Result<StaffSession> {
        let now = self.platform.now();
        let db = self.platform.db();
        let hash = TokenHash::of(token).0;
        let idle_since = now.as_millisecond() - SESSION_IDLE_SECONDS * 1000;
        let sql = "SELECT id, staff_id, created_at, expires_at, last_seen_at FROM staff_sessions
     WHERE hash = $1 AND expires_at > $2 AND last_seen_at > $3";
        let mut row = db.one(sql, args![&hash, now, idle_since]).await?;
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

    /// End a session; no error when there is none.
    pub async fn end_session(&self, token: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "DELETE FROM staff_sessions WHERE hash = $1 RETURNING staff_id";
        let Some(mut row) = tx.row(sql, args![TokenHash::of(token).0]).await? else {
            return Ok(());
        };
        let staff = self.get_in(&mut tx, &row.text()?).await?;
        log(
            &mut tx,
            staff.company_id.as_deref(),
            &staff.id,
            "staff.signed_out",
            format!("{} signed out", staff.name),
            actor,
            now,
        )
        .await?;
        tx.commit().await
    }
}

impl StaffMembers<'_> {
    async fn get_in(&self, tx: &mut Tx, id: &str) -> Result<Staff> {
        let sql = format!("SELECT {COLUMNS} FROM staff WHERE id = $1");
        read(&mut tx.one(sql, args![id]).await?)
    }
}

const COLUMNS: &str = "id, company_id, email, name, role, active,
    CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END, last_signed_in_at, created_at";

fn read(row: &mut Row) -> Result<Staff> {
    Ok(Staff {
        id: row.text()?,
        company_id: row.opt_text()?,
        email: row.text()?,
        name: row.text()?,
        role: Role::parse(&row.text()?).ok_or_else(|| Error::corrupt("a role"))?,
        active: row.flag()?,
        has_password: row.flag()?,
        last_signed_in: row.opt_time()?,
        created_at: row.time()?,
    })
}

/// What platform admins do goes into the installation's own chain.
async fn log(
    tx: &mut Tx,
    company_id: Option<&str>,
    staff_id: &str,
    kind: &str,
    summary: String,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let entry = NewEntry {
        kind: kind.into(),
        subject_kind: "staff".into(),
        subject_id: staff_id.into(),
        summary,
        ..NewEntry::default()
    };
    append(tx, company_id.unwrap_or_default(), &[entry], actor, now).await
}

/// Whole seconds to wait, at least one.
pub(crate) fn seconds_until(now: Timestamp, until: Timestamp) -> u32 {
    let millis = until.as_millisecond() - now.as_millisecond();
    u32::try_from(millis.div_euclid(1000) + 1).unwrap_or(1)
}
