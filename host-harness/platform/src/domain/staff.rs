//! Staff: who they are, what they may do, and adding them.
//! Signing in, sessions and changes to the team stand in files of their own below this one.

mod sessions;
mod sign_in;
mod team;

pub use sessions::{SESSION_ABSOLUTE_SECONDS, SESSION_IDLE_SECONDS, StaffDevice, StaffSession};
pub use sign_in::SignInProof;

use super::{NewEntry, activity::append};
use crate::{
    Actor, Error, Platform, Result,
    security::new_id,
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

    /// The role as people say it.
    fn words(self) -> String {
        self.code().replace('_', " ")
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

    /// Whether this person may change somebody's role, let them in or shut them out: an admin whose role is not below
    /// theirs, of the same company or of the whole installation.
    pub fn may_manage(&self, other: &Self) -> bool {
        let same = match &other.company_id {
            Some(company) => self.may_administer(company),
            None => self.role == Role::PlatformAdmin,
        };
        same && other.role <= self.role
    }

    /// The chain of the log that tells of this person: their company's, or the installation's own.
    fn chain(&self) -> &str {
        self.company_id.as_deref().unwrap_or_default()
    }
}

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

    /// Whether anybody can sign in at all, or a new installation waits for its first admin.
    pub async fn anybody(&self) -> Result<bool> {
        Ok(self
            .platform
            .db()
            .row("SELECT 1 FROM staff LIMIT 1", args![])
            .await?
            .is_some())
    }

    /// Add somebody; they sign in by a one-time token until they set a password.
    pub async fn create(&self, new: NewStaff, actor: &Actor) -> Result<Staff> {
        new.check()?;
        if let Some(company) = &new.company_id {
            self.platform.companies().get(company).await?;
        }
        let mut tx = self.platform.db().begin().await?;
        let id = self.add(&mut tx, &new, actor).await?;
        tx.commit().await?;
        self.get(&id).await
    }

    /// Add the first platform admin of a new installation, who signs in with `password`. `Conflict` once there is
    /// anybody: of two who try at once, one succeeds.
    pub async fn create_first(&self, email: &str, name: &str, password: &str, actor: &Actor) -> Result<Staff> {
        let new = NewStaff {
            company_id: None,
            email: email.into(),
            name: name.into(),
            role: Role::PlatformAdmin,
        };
        let mut refused = match new.check() {
            Err(Error::Invalid(fields)) => fields,
            other => other.map(|()| Vec::new())?,
        };
        refused.extend(crate::security::check_password(password, ""));
        if !refused.is_empty() {
            return Err(Error::Invalid(refused));
        }
        let hash = self.platform.hasher().hash(sign_in::REALM, password).await?;
        let mut tx = self.platform.db().begin().await?;
        // Adding holds the installation's chain, so whoever comes second sees the first.
        let id = self.add(&mut tx, &new, actor).await?;
        let sql = "SELECT 1 FROM staff WHERE id <> $1 LIMIT 1";
        if tx.row(sql, args![&id]).await?.is_some() {
            return Err(Error::Conflict("Somebody can sign in already.".into()));
        }
        tx.execute("UPDATE staff SET password_hash = $2 WHERE id = $1", args![&id, hash])
            .await?;
        tx.commit().await?;
        self.get(&id).await
    }

    async fn add(&self, tx: &mut Tx, new: &NewStaff, actor: &Actor) -> Result<String> {
        let now = self.platform.now();
        let id = new_id("st")?;
        let chain = new.company_id.as_deref().unwrap_or_default();
        let summary = format!("Added {} as {}", new.name, new.role.words());
        append(tx, chain, &[entry(&id, "staff.created", summary)], actor, now).await?;
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
        Ok(id)
    }

    async fn get_in(&self, tx: &mut Tx, id: &str) -> Result<Staff> {
        let sql = format!("SELECT {COLUMNS} FROM staff WHERE id = $1");
        read(&mut tx.one(sql, args![id]).await?)
    }
}

impl NewStaff {
    fn check(&self) -> Result<()> {
        let mut check = Check::default();
        check.required("email", &self.email, 254);
        check.email("email", &self.email);
        check.required("name", &self.name, LINE);
        if self.company_id.is_none() != (self.role == Role::PlatformAdmin) {
            check.refuse(
                "role",
                "not-allowed",
                "Platform admins belong to no company; everybody else belongs to one.",
            );
        }
        check.finish()
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

/// End every session and sign-in link of somebody; called while their chain is held.
async fn end_access(tx: &mut Tx, id: &str) -> Result<()> {
    for table in ["staff_sessions", "staff_tokens"] {
        let sql = format!("DELETE FROM {table} WHERE staff_id = $1");
        tx.execute(sql, args![id]).await?;
    }
    Ok(())
}

/// An entry about somebody, for [`Staff::chain`].
fn entry(staff_id: &str, kind: &str, summary: String) -> NewEntry {
    NewEntry {
        kind: kind.into(),
        subject_kind: "staff".into(),
        subject_id: staff_id.into(),
        summary,
        ..NewEntry::default()
    }
}

/// Whole seconds to wait, at least one.
pub(crate) fn seconds_until(now: Timestamp, until: Timestamp) -> u32 {
    let millis = until.as_millisecond() - now.as_millisecond();
    u32::try_from(millis.div_euclid(1000) + 1).unwrap_or(1)
}
