//! The handle everything else hangs on: opens the store, runs migrations, hands out repositories.
//! Cheap to clone; one per process.

use crate::{
    actor::Actor,
    capabilities::PluginIdentity,
    capabilities::grants,
    clock::Clock,
    domain::*,
    error::Result,
    import::{ImportError, ImportProgress, ImportReport, TemplateObjections},
    security::SecretKey,
    security::{PasswordHasher, PasswordHashing, Seal, read_booking_token, sweep_throttles},
    store::{
        db::{Db, Engine, args},
        migrate::migrate,
        objects::Objects,
    },
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// How to open a platform.
#[derive(Clone)]
pub struct PlatformConfig {
    /// `sqlite://path/to/file.db` (created when missing) or `postgres://…`.
    pub database_url: String,
    /// Folder for uploaded files and installed plugins; created when missing.
    pub files_dir: PathBuf,
    /// Signs booking addresses; keep it for the life of the installation.
    pub secret_key: SecretKey,
    /// Absolute public address without a trailing slash, for example `https://example.com`.
    pub public_url: String,
    /// Whether a transport for e-mail is configured.
    pub email: bool,
    /// Whether a transport for text messages is configured.
    pub sms: bool,
    /// Connections for reading (SQLite) or in all (PostgreSQL).
    pub connections: u32,
    /// How passwords are hashed.
    pub passwords: PasswordHashing,
    /// The present moment.
    pub clock: Arc<dyn Clock>,
}

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Plugin storage entries past their time.
    pub storage_entries: u64,
    /// Staff sessions, sign-in tokens and looks past their time.
    pub sessions: u64,
    /// Counters of failed sign-ins that nothing depends on any more.
    pub throttles: u64,
}

/// A company's whole world: records, files, people, plugins.
#[derive(Clone)]
pub struct Platform {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    db: Db,
    objects: Objects,
    clock: Arc<dyn Clock>,
    hasher: PasswordHasher,
    seal: Seal,
    pub(crate) secret_key: SecretKey,
    pub(crate) public_url: String,
    pub(crate) email: bool,
    pub(crate) sms: bool,
}

impl Platform {
    /// Open the store and bring its schema up to date.
    pub async fn open(config: PlatformConfig) -> Result<Self> {
        let db = Db::open(&config.database_url, config.connections).await?;
        migrate(&db, config.clock.now()).await?;
        let inner = Inner {
            db,
            objects: Objects::open(&config.files_dir)?,
            clock: config.clock,
            hasher: PasswordHasher::new(&config.passwords)?,
            seal: Seal::new(&config.secret_key)?,
            secret_key: config.secret_key,
            public_url: config.public_url.trim_end_matches('/').to_owned(),
            email: config.email,
            sms: config.sms,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.inner.objects
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.inner.hasher
    }

    pub(crate) fn seal(&self) -> &Seal {
        &self.inner.seal
    }

    /// The present moment by the platform's clock.
    pub fn now(&self) -> jiff::Timestamp {
        self.inner.clock.now()
    }

    /// `sqlite` or `postgresql`.
    pub fn engine(&self) -> &'static str {
        match self.inner.db.engine {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgresql",
        }
    }

    /// Whether the store answers; for readiness probes.
    pub async fn ready(&self) -> Result<()> {
        self.db().one("SELECT 1", args![]).await.map(drop)
    }

    /// Remove what is past its time. Call now and then.
    pub async fn sweep(&self) -> Result<SweepReport> {
        let now = self.now();
        let storage_entries = crate::capabilities::sweep_storage(self.db(), now).await?;
        let idle_since = now.as_millisecond() - SESSION_IDLE_SECONDS * 1000;
        let sql = "DELETE FROM staff_sessions WHERE expires_at <= $1 OR last_seen_at <= $2";
        let mut sessions = self.db().execute(sql, args![now, idle_since]).await?;
        sessions += self
            .db()
            .execute("DELETE FROM staff_tokens WHERE expires_at <= $1", args![now])
            .await?;
        sessions += self
            .db()
            .execute("DELETE FROM customer_views WHERE expires_at <= $1", args![now])
            .await?;
        Ok(SweepReport {
            storage_entries,
            sessions,
            throttles: sweep_throttles(self.db(), now).await?,
        })
    }

    /// Close every connection; outstanding work finishes first.
    pub async fn close(&self) {
        self.inner.db.close().await;
    }

    /// Password hashes computed since the start, dummy ones included.
    pub fn password_hashes(&self) -> u64 {
        self.hasher().count()
    }

    /// Companies.
    pub fn companies(&self) -> Companies<'_> {
        Companies { platform: self }
    }
    /// Staff, their passwords, invitations and sessions.
    pub fn staff(&self) -> StaffMembers<'_> {
        StaffMembers { platform: self }
    }
    /// Staff looking at a plugin's pages as a customer.
    pub fn views(&self) -> CustomerViews<'_> {
        CustomerViews { platform: self }
    }
    /// Keys of other apps.
    pub fn api_keys(&self) -> ApiKeys<'_> {
        ApiKeys { platform: self }
    }
    /// Customers.
    pub fn customers(&self) -> Customers<'_> {
        Customers { platform: self }
    }
    /// Jobs.
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs { platform: self }
    }
    /// Projects.
    pub fn projects(&self) -> Projects<'_> {
        Projects { platform: self }
    }
    /// Estimates and their lines.
    pub fn estimates(&self) -> Estimates<'_> {
        Estimates { platform: self }
    }
    /// Invoices and their lines.
    pub fn invoices(&self) -> Invoices<'_> {
        Invoices { platform: self }
    }
    /// Payments.
    pub fn payments(&self) -> Payments<'_> {
        Payments { platform: self }
    }
    /// Service requests.
    pub fn requests(&self) -> Requests<'_> {
        Requests { platform: self }
    }
    /// Files.
    pub fn files(&self) -> Files<'_> {
        Files { platform: self }
    }
    /// Timeline and audit.
    pub fn activity(&self) -> ActivityLog<'_> {
        ActivityLog { platform: self }
    }
    /// Installed plugins and what each company does with them.
    pub fn plugins(&self) -> Plugins<'_> {
        Plugins { platform: self }
    }
    /// Message templates.
    pub fn templates(&self) -> Templates<'_> {
        Templates { platform: self }
    }
    /// Messages on their way out.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox { platform: self }
    }
    /// What the demo transport "sent".
    pub fn mailbox(&self) -> Mailbox<'_> {
        Mailbox { platform: self }
    }

    /// Import a company's folder: validate everything, then store it in one transaction. A row that is as it was
    /// imported last leaves its record alone. `objections` judges what templates say.
    pub async fn import(
        &self,
        folder: &Path,
        actor: &Actor,
        progress: &(dyn Fn(ImportProgress) + Send + Sync),
        objections: TemplateObjections<'_>,
    ) -> Result<ImportReport, ImportError> {
        crate::import::run(self, folder, actor, progress, objections).await
    }

    /// The capabilities of one call of a plugin for `company`.
    pub fn grants(
        &self,
        company: &Company,
        plugin: &Arc<PluginIdentity>,
        context: capabilities::CallContext,
    ) -> capabilities::Grants {
        grants(self, company, plugin, context)
    }

    /// Whose booking token this is; `NotFound` when it is expired, damaged or another company's.
    pub async fn booking_customer(&self, company: &Company, token: &str) -> Result<Customer> {
        let customer = read_booking_token(&self.inner.secret_key, &company.id, token, self.now())?;
        self.customers().get(&company.id, &customer).await
    }
}
