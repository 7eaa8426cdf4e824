//! `interface credentials`: passwords of customers, per plugin. No hash leaves this file.
//! Unknown login, wrong password and unregistered customer take the same path and the same work.

use super::Call;
use crate::{
    FieldChange, NewEntry,
    domain::activity::append,
    security::{Attempt, Throttle, Verdict, check_password},
    store::db::{Tx, args},
    validate::is_email,
};
use ::capabilities::{CredentialStatus, Credentials, CustomerId, Error, FieldError, Result, SetMode};
use async_trait::async_trait;

pub(super) struct CredentialsCapability(pub(super) Call);

impl CredentialsCapability {
    fn throttle(&self, login_key: &str) -> Throttle {
        let realm = format!("credentials {} {}", self.0.company.id, self.0.plugin.id);
        Throttle::new(&realm, login_key, self.0.context.client_address)
    }

    /// For the audit, not for the customer's timeline: there the plugin tells what it was about.
    fn entry(&self, customer: &str, what: &str, summary: String) -> NewEntry {
        NewEntry {
            kind: format!("credentials.{what}"),
            subject_kind: "customer".into(),
            subject_id: customer.into(),
            summary,
            plugin_id: self.0.plugin.id.clone(),
            ..NewEntry::default()
        }
    }

    async fn log(&self, tx: &mut Tx, customer: &str, what: &str, summary: &str) -> crate::Result<()> {
        let entry = self.entry(customer, what, summary.into());
        let (actor, now) = (self.0.actor(Some(customer)), self.0.platform.now());
        append(tx, &self.0.company.id, &[entry], &actor, now).await
    }

    /// One entry for a wrong password, and one when waiting begins; as much work for a login nobody has.
    async fn log_failure(&self, customer: Option<&str>, login: &str, attempt: &Attempt<'_>) -> crate::Result<()> {
        let platform = &self.0.platform;
        let whom = match customer {
            Some(_) => "a customer’s login".to_owned(),
            None => {
                // What was typed may be a slip of the tongue, a password even: only its fingerprint is kept.
                let name = platform.inner.secret_key.fingerprint("unknown logins 1", login)?;
                format!("an e-mail nobody signs in with ({name})")
            }
        };
        let id = customer.unwrap_or_default();
        let summary = format!("A wrong password was given for {whom}");
        let mut entries = vec![self.entry(id, "sign_in_failed", summary)];
        if attempt.begins_wait() {
            let summary = format!("Sign-in waits after repeated wrong passwords for {whom}");
            entries.push(self.entry(id, "sign_in_slowed", summary));
        }
        let mut tx = platform.db().begin().await?;
        // Nobody knows who tries: the visitor is named, not the customer.
        append(
            &mut tx,
            &self.0.company.id,
            &entries,
            &self.0.actor(None),
            platform.now(),
        )
        .await?;
        tx.commit().await
    }

    fn login_taken(error: crate::Error) -> Error {
        if error.is_duplicate() {
            return Error::invalid("login", "taken", "Somebody else signs in with this e-mail already.");
        }
        error.into()
    }
}

#[async_trait]
impl Credentials for CredentialsCapability {
    async fn set(&self, customer: &str, login: &str, password: &str, mode: SetMode) -> Result<()> {
        self.0.require_write()?;
        let (company, plugin) = (&self.0.company, &self.0.plugin.id);
        self.0.require_customer(customer).await?;
        let login = login.trim();
        let mut problems: Vec<_> = check_password(password, &company.details.name).into_iter().collect();
        if login.len() > 254 || !is_email(login) {
            problems.push(FieldError::new("login", "malformed", "This is not an e-mail address."));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let hash = self.0.platform.hasher().hash(&company.id, password).await?;
        let now = self.0.platform.now();
        let key = login.to_lowercase();
        let db = self.0.platform.db();
        let mut tx = db.begin().await?;
        match mode {
            SetMode::Create => {
                let sql = "INSERT INTO credentials (company_id, plugin_id, customer_id, login, login_key, password_hash, registered_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (company_id, plugin_id, customer_id) DO NOTHING";
                let args = args![&company.id, plugin, customer, login, key, hash, now];
                if tx.execute(sql, args).await.map_err(Self::login_taken)? == 0 {
                    return Err(Error::Conflict("A password is set already. Sign in with it.".into()));
                }
                self.log(&mut tx, customer, "registered", "Registered with a password")
                    .await?;
                tx.commit().await?;
            }
            SetMode::Replace => {
                let sql = "UPDATE credentials SET login = $4, login_key = $5, password_hash = $6
                     WHERE company_id = $1 AND plugin_id = $2 AND customer_id = $3";
                let args = args![&company.id, plugin, customer, login, &key, hash];
                if tx.execute(sql, args).await.map_err(Self::login_taken)? == 0 {
                    return Err(Error::NotFound);
                }
                self.log(&mut tx, customer, "password_set", "Set another password")
                    .await?;
                tx.commit().await?;
                // Whoever proves to be the customer need not wait out somebody else's guesses.
                self.throttle(&key).succeeded(db).await?;
            }
        }
        Ok(())
    }

    async fn verify(&self, login: &str, password: &str) -> Result<CustomerId> {
        self.0.require_write()?;
        let (db, now) = (self.0.platform.db(), self.0.platform.now());
        let key = login.trim().to_lowercase();
        let throttle = self.throttle(&key);
        let attempt = throttle.attempt(db, now).await?;
        let place = || (self.0.company.id.as_str(), self.0.plugin.id.as_str());
        // Longer than any password that can be set: the same work, and the answer is known.
        let password = if password.len() > 4096 { "" } else { password };
        let mut customer = None;
        // Twice: a password that was stored anew while it was checked is checked as it stands then.
        for _ in 0..2 {
            let sql = "SELECT customer_id, password_hash FROM credentials
                 WHERE company_id = $1 AND plugin_id = $2 AND login_key = $3";
            let row = db.row(sql, args![place().0, place().1, &key]).await?;
            let (found, stored) = match row {
                Some(mut row) => (Some(row.text()?), Some(row.text()?)),
                None => (None, None),
            };
            let pool = self.0.platform.hasher();
            let verdict = match pool.verify(&self.0.company.id, password, stored.clone()).await {
                Ok(verdict) => verdict,
                Err(error) => {
                    attempt.withdrawn(db).await?;
                    return Err(error.into());
                }
            };
            customer = found;
            let (Some(id), Some(checked)) = (&customer, stored) else {
                break;
            };
            let rehashed = match verdict {
                Verdict::Wrong => break,
                Verdict::Right => None,
                Verdict::RightRehashed(hash) => Some(hash),
            };
            let sql = "UPDATE credentials SET last_signed_in_at = $4, password_hash = COALESCE($5, password_hash)
                 WHERE company_id = $1 AND plugin_id = $2 AND customer_id = $3 AND password_hash = $6";
            let mut tx = db.begin().await?;
            let args = args![place().0, place().1, id, now, rehashed, checked];
            if tx.execute(sql, args).await? == 0 {
                continue;
            }
            self.log(&mut tx, id, "signed_in", "Signed in with the password")
                .await?;
            tx.commit().await?;
            attempt.succeeded(db, now).await?;
            return Ok(id.clone());
        }
        self.log_failure(customer.as_deref(), &key, &attempt).await?;
        Err(Error::Denied("The e-mail or the password is not right.".into()))
    }

    async fn find(&self, login: &str) -> Result<Option<CustomerId>> {
        let sql = "SELECT customer_id FROM credentials WHERE company_id = $1 AND plugin_id = $2 AND login_key = $3";
        let key = login.trim().to_lowercase();
        let args = args![&self.0.company.id, &self.0.plugin.id, key];
        let row = self.0.platform.db().row(sql, args).await?;
        let found = row.map(|mut row| row.text()).transpose()?;
        Ok(found.filter(|id| self.0.require_bound(id).is_ok()))
    }

    async fn change_login(&self, customer: &str, login: &str) -> Result<()> {
        self.0.require_write()?;
        let (company, plugin) = (&self.0.company.id, &self.0.plugin.id);
        self.0.require_customer(customer).await?;
        let login = login.trim();
        if login.len() > 254 || !is_email(login) {
            return Err(Error::invalid("login", "malformed", "This is not an e-mail address."));
        }
        let mut tx = self.0.platform.db().begin().await?;
        let sql = "SELECT login FROM credentials WHERE company_id = $1 AND plugin_id = $2 AND customer_id = $3";
        let Some(mut row) = tx.row(sql, args![company, plugin, customer]).await? else {
            return Err(Error::NotFound);
        };
        let before = row.text()?;
        if before == login {
            return Ok(());
        }
        let sql = "UPDATE credentials SET login = $4, login_key = $5
             WHERE company_id = $1 AND plugin_id = $2 AND customer_id = $3";
        let args = args![company, plugin, customer, login, login.to_lowercase()];
        tx.execute(sql, args).await.map_err(Self::login_taken)?;
        let entry = NewEntry {
            customer_id: Some(customer.to_owned()),
            kind: "credentials.login_changed".into(),
            summary: "Changed the e-mail the customer signs in with".into(),
            changes: vec![FieldChange {
                field: "login".into(),
                before,
                after: login.to_owned(),
            }],
            plugin_id: plugin.clone(),
            ..NewEntry::default()
        };
        let (actor, now) = (self.0.actor(Some(customer)), self.0.platform.now());
        append(&mut tx, company, &[entry], &actor, now).await?;
        Ok(tx.commit().await?)
    }

    async fn clear(&self, customer: &str) -> Result<()> {
        self.0.require_write()?;
        self.0.require_customer(customer).await?;
        let sql = "DELETE FROM credentials WHERE company_id = $1 AND plugin_id = $2 AND customer_id = $3";
        let mut tx = self.0.platform.db().begin().await?;
        let gone = tx
            .execute(sql, args![&self.0.company.id, &self.0.plugin.id, customer])
            .await?;
        if gone > 0 {
            self.log(&mut tx, customer, "cleared", "Forgot the customer’s password")
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn status(&self, customer: &str) -> Result<CredentialStatus> {
        self.0.require_customer(customer).await?;
        let (db, now) = (self.0.platform.db(), self.0.platform.now());
        let sql = "SELECT login, login_key, registered_at, last_signed_in_at FROM credentials
             WHERE company_id = $1 AND plugin_id = $2 AND customer_id = $3";
        let Some(mut row) = db
            .row(sql, args![&self.0.company.id, &self.0.plugin.id, customer])
            .await?
        else {
            return Ok(CredentialStatus::default());
        };
        let (login, key) = (row.text()?, row.text()?);
        let (registered_at, last_signed_in) = (row.time()?, row.opt_time()?);
        let throttled_until = self.throttle(&key).account_blocked_until(db, now).await?;
        Ok(CredentialStatus {
            registered: true,
            login,
            registered_at: Some(self.0.moment(registered_at)),
            last_signed_in: last_signed_in.map(|at| self.0.moment(at)),
            throttled_until: throttled_until.map(|at| self.0.moment(at)),
        })
    }
}
