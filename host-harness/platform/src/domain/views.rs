//! Looks: a member of staff sees a plugin's pages as one customer does, for a short while and without changing anything.
//! A one-time token crosses from the console to the public listener and is exchanged there for a cookie's value.

use super::{NewEntry, SESSION_IDLE_SECONDS, activity::append};
use crate::{
    Actor, Platform, Result, Staff, StaffSession, TokenHash, new_token,
    store::db::{Fields, Row, args},
};
use jiff::Timestamp;

/// Seconds in which the one-time token must be used.
pub const VIEW_TOKEN_SECONDS: i64 = 60;
/// Seconds after which a look ends by itself.
pub const VIEW_SECONDS: i64 = 30 * 60;

/// A look that was asked for or has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerView {
    /// The company.
    pub company_id: String,
    /// The only customer it shows.
    pub customer_id: String,
    /// The only plugin whose pages it opens.
    pub plugin_id: String,
    /// Who looks.
    pub staff: Staff,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

impl CustomerView {
    /// The member of staff, with the circumstances of `actor`.
    fn actor(&self, circumstances: &Actor) -> Actor {
        let mut actor = Actor::staff(&self.staff.id, &self.staff.name);
        actor.address = circumstances.address;
        actor.user_agent.clone_from(&circumstances.user_agent);
        actor.request_id.clone_from(&circumstances.request_id);
        actor
    }

    fn entry(&self, kind: &str, summary: String) -> NewEntry {
        NewEntry {
            customer_id: Some(self.customer_id.clone()),
            kind: kind.into(),
            subject_kind: "plugin".into(),
            subject_id: self.plugin_id.clone(),
            summary,
            ..NewEntry::default()
        }
    }
}

/// The looks.
#[derive(Clone, Copy)]
pub struct CustomerViews<'a> {
    pub(crate) platform: &'a Platform,
}

impl CustomerViews<'_> {
    /// A one-time token (the plain one: it is not stored) for `session`'s member of staff. `NotFound` when
    /// the customer is not the company's or the company is not theirs to see.
    pub async fn offer(
        &self,
        session: &StaffSession,
        company_id: &str,
        customer_id: &str,
        plugin_id: &str,
    ) -> Result<String> {
        if !session.staff.may_see(company_id) {
            return Err(crate::Error::NotFound);
        }
        self.platform.customers().get(company_id, customer_id).await?;
        let now = self.platform.now();
        let token = new_token()?;
        let fields: Fields = vec![
            ("hash", TokenHash::of(&token).0.into()),
            ("company_id", company_id.into()),
            ("customer_id", customer_id.into()),
            ("plugin_id", plugin_id.into()),
            ("staff_id", (&session.staff.id).into()),
            ("staff_session_id", (&session.id).into()),
            ("begun", false.into()),
            ("created_at", now.into()),
            ("expires_at", after(now, VIEW_TOKEN_SECONDS).into()),
        ];
        let mut tx = self.platform.db().begin().await?;
        tx.insert("customer_views", fields).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// What a one-time token would begin; changes nothing. `NotFound` when it is unknown, used or past its time.
    pub async fn offered(&self, token: &str) -> Result<CustomerView> {
        self.live(token, false).await
    }

    /// Use a one-time token up: the look begins. Answers the cookie's value, which is not stored.
    pub async fn begin(&self, token: &str, circumstances: &Actor) -> Result<(String, CustomerView)> {
        let mut view = self.live(token, false).await?;
        let now = self.platform.now();
        view.expires_at = Timestamp::from_millisecond(after(now, VIEW_SECONDS))
            .map_err(|_| crate::Error::corrupt("the present moment"))?;
        let cookie = new_token()?;
        let mut tx = self.platform.db().begin().await?;
        // Under another hash the token is worth nothing any more; of two who press at once one gets the look.
        let sql = "UPDATE customer_views SET hash = $2, begun = 1, expires_at = $3 WHERE hash = $1 AND begun = 0";
        let args = args![TokenHash::of(token).0, TokenHash::of(&cookie).0, view.expires_at];
        if tx.execute(sql, args).await? == 0 {
            return Err(crate::Error::NotFound);
        }
        let summary = format!(
            "{} began viewing as the customer; nothing can be changed",
            view.staff.name
        );
        let entry = view.entry("view.begun", summary);
        append(&mut tx, &view.company_id, &[entry], &view.actor(circumstances), now).await?;
        tx.commit().await?;
        Ok((cookie, view))
    }

    /// The look of a cookie. `NotFound` when it ended, or with it the staff session it was begun from.
    pub async fn find(&self, cookie: &str) -> Result<CustomerView> {
        self.live(cookie, true).await
    }

    /// End the look of a cookie; answers it, or none when it had ended before.
    pub async fn end(&self, cookie: &str, circumstances: &Actor) -> Result<Option<CustomerView>> {
        let view = match self.live(cookie, true).await {
            Ok(view) => view,
            Err(crate::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "DELETE FROM customer_views WHERE hash = $1";
        if tx.execute(sql, args![TokenHash::of(cookie).0]).await? == 0 {
            return Ok(None);
        }
        let summary = format!("{} stopped viewing as the customer", view.staff.name);
        let entry = view.entry("view.ended", summary);
        append(&mut tx, &view.company_id, &[entry], &view.actor(circumstances), now).await?;
        tx.commit().await?;
        Ok(Some(view))
    }

    /// A row that is within its time, of somebody who is still signed in and may still see the company.
    async fn live(&self, secret: &str, begun: bool) -> Result<CustomerView> {
        let now = self.platform.now();
        let idle_since = now.as_millisecond() - SESSION_IDLE_SECONDS * 1000;
        let sql = "SELECT v.company_id, v.customer_id, v.plugin_id, v.staff_id, v.expires_at
             FROM customer_views v JOIN staff_sessions s ON s.id = v.staff_session_id AND s.staff_id = v.staff_id
             WHERE v.hash = $1 AND v.begun = $2 AND v.expires_at > $3 AND s.expires_at > $3 AND s.last_seen_at > $4";
        let args = args![TokenHash::of(secret).0, begun, now, idle_since];
        let mut row = self.platform.db().one(sql, args).await?;
        self.read(&mut row).await
    }

    async fn read(&self, row: &mut Row) -> Result<CustomerView> {
        let (company_id, customer_id, plugin_id) = (row.text()?, row.text()?, row.text()?);
        let staff = self.platform.staff().get(&row.text()?).await?;
        if !staff.active || !staff.may_see(&company_id) {
            return Err(crate::Error::NotFound);
        }
        Ok(CustomerView {
            company_id,
            customer_id,
            plugin_id,
            staff,
            expires_at: row.time()?,
        })
    }
}

fn after(now: Timestamp, seconds: i64) -> i64 {
    now.as_millisecond() + seconds * 1000
}
