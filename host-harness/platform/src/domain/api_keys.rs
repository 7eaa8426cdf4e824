//! Keys by which a company's other apps call the JSON API.
//! Shown once when made; only the hash is stored.

use super::{NewEntry, activity::append};
use crate::{
    Actor, Platform, Result, TokenHash, new_token,
    security::new_id,
    store::db::{Fields, Row, args},
    validate::Check,
};
use jiff::Timestamp;

/// The scopes a key can have.
pub const API_SCOPES: [&str; 4] = ["fields:read", "fields:resolve", "actions:read", "actions:run"];

/// A key, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The host's id.
    pub id: String,
    /// The company whose data it reaches.
    pub company_id: String,
    /// What it is for, in staff's words.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether the key may do this.
    pub fn allows(&self, scope: &str) -> bool {
        self.revoked_at.is_none() && self.scopes.iter().any(|own| own == scope)
    }
}

/// The API keys repository.
#[derive(Clone, Copy)]
pub struct ApiKeys<'a> {
    pub(crate) platform: &'a Platform,
}

impl ApiKeys<'_> {
    /// A company's keys, newest first.
    pub async fn list(&self, company_id: &str) -> Result<Vec<ApiKey>> {
        let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE company_id = $1 ORDER BY created_at DESC, id");
        self.platform
            .db()
            .rows(sql, args![company_id])
            .await?
            .iter_mut()
            .map(read)
            .collect()
    }

    /// Make a key; the second value is the plain key `fsk_…`, shown once.
    pub async fn create(
        &self,
        company_id: &str,
        name: &str,
        scopes: &[String],
        actor: &Actor,
    ) -> Result<(ApiKey, String)> {
        let now = self.platform.now();
        let mut check = Check::default();
        check.required("name", name, 100);
        if scopes.is_empty() {
            check.refuse("scopes", "required", "Choose at least one scope.");
        }
        if let Some(unknown) = scopes.iter().find(|scope| !API_SCOPES.contains(&scope.as_str())) {
            check.refuse("scopes", "not-allowed", format!("There is no scope {unknown:?}."));
        }
        check.finish()?;
        self.platform.companies().get(company_id).await?;
        let (id, key) = (new_id("key")?, format!("fsk_{}", new_token()?));
        let mut tx = self.platform.db().begin().await?;
        let fields: Fields = vec![
            ("id", (&id).into()),
            ("company_id", company_id.into()),
            ("hash", TokenHash::of(&key).0.into()),
            ("name", name.into()),
            ("scopes", scopes.join(" ").into()),
            ("created_at", now.into()),
        ];
        tx.insert("api_keys", fields).await?;
        let entry = NewEntry {
            kind: "api_key.created".into(),
            subject_kind: "api_key".into(),
            subject_id: id.clone(),
            summary: format!("Made the API key {name:?} with {}", scopes.join(", ")),
            ..NewEntry::default()
        };
        append(&mut tx, company_id, &[entry], actor, now).await?;
        let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE id = $1");
        let made = read(&mut tx.one(sql, args![id]).await?)?;
        tx.commit().await?;
        Ok((made, key))
    }

    /// Revoke a key.
    pub async fn revoke(&self, company_id: &str, id: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $3) WHERE company_id = $1 AND id = $2 RETURNING name";
        let name = tx.one(sql, args![company_id, id, now]).await?.text()?;
        let entry = NewEntry {
            kind: "api_key.revoked".into(),
            subject_kind: "api_key".into(),
            subject_id: id.into(),
            summary: format!("Revoked the API key {name:?}"),
            ..NewEntry::default()
        };
        append(&mut tx, company_id, &[entry], actor, now).await?;
        tx.commit().await
    }

    /// The live key that this plain key is; `NotFound` otherwise.
    pub async fn authenticate(&self, key: &str) -> Result<ApiKey> {
        let now = self.platform.now();
        let db = self.platform.db();
        let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE hash = $1 AND revoked_at IS NULL");
        let key = read(&mut db.one(sql, args![TokenHash::of(key).0]).await?)?;
        if key
            .last_used_at
            .is_none_or(|used| now.as_second() - used.as_second() >= 60)
        {
            db.execute(
                "UPDATE api_keys SET last_used_at = $2 WHERE id = $1",
                args![&key.id, now],
            )
            .await?;
        }
        Ok(key)
    }
}

const COLUMNS: &str = "id, company_id, name, scopes, created_at, last_used_at, revoked_at";

fn read(row: &mut Row) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row.text()?,
        company_id: row.text()?,
        name: row.text()?,
        scopes: row.text()?.split(' ').map(str::to_owned).collect(),
        created_at: row.time()?,
        last_used_at: row.opt_time()?,
        revoked_at: row.opt_time()?,
    })
}
