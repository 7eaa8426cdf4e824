//! Changes to who works here: roles, shutting somebody out, letting them in again.
//! Whoever may ask is the caller's question ([`Staff::may_manage`]); that an admin is left is answered here.

use super::{Role, Staff, StaffMembers, end_access, entry};
use crate::{
    Actor, Error, Result,
    domain::activity::append,
    store::db::{Tx, args},
};

impl StaffMembers<'_> {
    /// Give somebody of a company another role in it. `Conflict` when nobody else could administer the company then.
    pub async fn set_role(&self, id: &str, role: Role, actor: &Actor) -> Result<Staff> {
        let now = self.platform.now();
        let staff = self.get(id).await?;
        if staff.role == role {
            return Ok(staff);
        }
        if staff.role == Role::PlatformAdmin || role == Role::PlatformAdmin {
            let why = "Platform admins belong to no company; invite them with an e-mail of their own.";
            return Err(Error::invalid("role", "not-allowed", why));
        }
        let mut tx = self.platform.db().begin().await?;
        let mut told = entry(
            id,
            "staff.role_changed",
            format!("Made {} {} instead of {}", staff.name, role.words(), staff.role.words()),
        );
        told.changes = vec![crate::FieldChange {
            field: "role".into(),
            before: staff.role.code().into(),
            after: role.code().into(),
        }];
        append(&mut tx, staff.chain(), &[told], actor, now).await?;
        if role < Role::CompanyAdmin {
            require_another_admin(&mut tx, &staff).await?;
        }
        let sql = "UPDATE staff SET role = $2 WHERE id = $1";
        tx.execute(sql, args![id, role.code()]).await?;
        tx.commit().await?;
        self.get(id).await
    }

    /// Let somebody sign in, or end that and every session and sign-in link of theirs. `Conflict` for the last admin.
    pub async fn set_active(&self, id: &str, active: bool, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let staff = self.get(id).await?;
        if staff.active == active {
            return Ok(());
        }
        let (kind, what) = if active {
            ("staff.activated", "Let")
        } else {
            ("staff.deactivated", "No longer let")
        };
        let mut tx = self.platform.db().begin().await?;
        let summary = format!("{what} {} sign in", staff.name);
        append(&mut tx, staff.chain(), &[entry(id, kind, summary)], actor, now).await?;
        if !active {
            require_another_admin(&mut tx, &staff).await?;
            end_access(&mut tx, id).await?;
        }
        let sql = "UPDATE staff SET active = $2 WHERE id = $1";
        tx.execute(sql, args![id, active]).await?;
        tx.commit().await
    }
}

/// Called while the chain is held, so that of two admins who remove each other one stays.
async fn require_another_admin(tx: &mut Tx, staff: &Staff) -> Result<()> {
    if staff.role < Role::CompanyAdmin {
        return Ok(());
    }
    let sql =
        "SELECT 1 FROM staff WHERE role = $1 AND COALESCE(company_id, '') = $2 AND active = 1 AND id <> $3 LIMIT 1";
    if tx
        .row(sql, args![staff.role.code(), staff.chain(), &staff.id])
        .await?
        .is_none()
    {
        return Err(Error::Conflict(format!(
            "{} is the only administrator left. Make somebody else an administrator first.",
            staff.name
        )));
    }
    Ok(())
}
