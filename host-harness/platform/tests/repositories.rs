//! The repository suite: every test runs on SQLite and on PostgreSQL.
//! PostgreSQL needs `TEST_POSTGRES_URL`, the address of a server where databases can be created.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "repositories/world.rs"]
mod world;

/// Runs each named test on both engines.
macro_rules! on_both_engines {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::world::on_sqlite(super::$name).await;
            })*
        }
        mod postgresql {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::world::on_postgresql(super::$name).await;
            })*
        }
    };
}

#[path = "repositories/credentials.rs"]
mod credentials;
#[path = "repositories/customers.rs"]
mod customers;
#[path = "repositories/files.rs"]
mod files;
#[path = "repositories/guessing.rs"]
mod guessing;
#[path = "repositories/handle.rs"]
mod handle;
#[path = "repositories/import.rs"]
mod import;
#[path = "repositories/log.rs"]
mod log;
#[path = "repositories/outbox.rs"]
mod outbox;
#[path = "repositories/people.rs"]
mod people;
#[path = "repositories/plugins.rs"]
mod plugins;
#[path = "repositories/records.rs"]
mod records;
#[path = "repositories/sign_in_races.rs"]
mod sign_in_races;
#[path = "repositories/storage.rs"]
mod storage;
#[path = "repositories/tenancy.rs"]
mod tenancy;
#[path = "repositories/views.rs"]
mod views;
