//! Schema migrations: numbered SQL files, applied once, in order, under a lock, and recorded with their hash.
//! A file that was applied is never edited; a later one changes what it made.

use super::db::{Db, Engine, args};
use crate::{Error, Result, security::sha256_hex};
use jiff::Timestamp;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "main path", include_str!("../../migrations/0001_main_path.sql")),
    (2, "view as", include_str!("../../migrations/0002_view_as.sql")),
    (
        3,
        "imported rows",
        include_str!("../../migrations/0003_imported_rows.sql"),
    ),
];

/// The advisory lock that keeps two starting nodes from migrating at once (PostgreSQL).
const LOCK: &str = "SELECT pg_advisory_xact_lock(7304215)";

pub(crate) async fn migrate(db: &Db, now: Timestamp) -> Result<()> {
    let mut tx = db.begin().await?;
    if db.engine == Engine::Postgres {
        tx.script(LOCK.into()).await?;
    }
    tx.script(for_engine(
        db.engine,
        "CREATE TABLE IF NOT EXISTS schema_migrations (
            version {int} NOT NULL PRIMARY KEY,
            name {text} NOT NULL,
            sha256 {text} NOT NULL,
            applied_at {int} NOT NULL
        ){strict}",
    ))
    .await?;
    for (version, name, sql) in MIGRATIONS {
        let hash = sha256_hex(sql.as_bytes());
        let applied = tx
            .row(
                "SELECT sha256 FROM schema_migrations WHERE version = $1",
                args![*version],
            )
            .await?;
        match applied.map(|mut row| row.text()).transpose()? {
            Some(known) if known == hash => {}
            Some(_) => {
                return Err(Error::corrupt(format_args!(
                    "migration {version} was applied in another wording"
                )));
            }
            None => {
                tx.script(for_engine(db.engine, sql)).await?;
                tx.execute(
                    "INSERT INTO schema_migrations (version, name, sha256, applied_at) VALUES ($1, $2, $3, $4)",
                    args![*version, *name, hash, now],
                )
                .await?;
                tracing::info!(version, name, "migrated");
            }
        }
    }
    let newest = MIGRATIONS.last().map_or(0, |migration| migration.0);
    let ahead = tx
        .row(
            "SELECT version FROM schema_migrations WHERE version > $1 LIMIT 1",
            args![newest],
        )
        .await?;
    if ahead.is_some() {
        return Err(Error::Unavailable(
            "The database belongs to a newer version of this host.".into(),
        ));
    }
    tx.commit().await
}

/// Where the engines name a type differently, a migration says `{int}`, `{blob}`, `{text}` or `{strict}`.
fn for_engine(engine: Engine, sql: &str) -> String {
    let (int, blob, text, strict) = match engine {
        Engine::Sqlite => ("INTEGER", "BLOB", "TEXT", " STRICT"),
        // Byte order, as SQLite sorts: cursors compare the same everywhere.
        Engine::Postgres => ("BIGINT", "BYTEA", "TEXT COLLATE \"C\"", ""),
    };
    sql.replace("{int}", int)
        .replace("{blob}", blob)
        .replace("{text}", text)
        .replace("{strict}", strict)
}
