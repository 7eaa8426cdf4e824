//! What several steps need: the built component, the guests, the host's binary and the throw-away PostgreSQL.
//! Each is made once, when a step first asks, so that `--only` works for any step.

use std::path::PathBuf;

use crate::postgres::Server;
use crate::{component, demo};

/// Everything made so far.
pub(crate) struct Context {
    component: Option<PathBuf>,
    guests: Option<usize>,
    host: Option<PathBuf>,
    postgres: Option<Server>,
}

impl Context {
    pub(crate) fn new() -> Self {
        Self {
            component: None,
            guests: None,
            host: None,
            postgres: None,
        }
    }

    /// Whether this is a CI run, where a missing tool is a failure and not a reason to skip.
    pub(crate) fn ci() -> bool {
        std::env::var_os("CI").is_some_and(|value| !value.is_empty())
    }

    pub(crate) fn component(&mut self) -> anyhow::Result<PathBuf> {
        if self.component.is_none() {
            self.component = Some(component::build(None)?);
        }
        Ok(self.component.clone().unwrap_or_default())
    }

    /// How many fixture guests were built.
    pub(crate) fn guests(&mut self) -> anyhow::Result<usize> {
        if self.guests.is_none() {
            self.guests = Some(component::build_guests()?.len());
        }
        Ok(self.guests.unwrap_or_default())
    }

    pub(crate) fn host(&mut self) -> anyhow::Result<PathBuf> {
        if self.host.is_none() {
            self.host = Some(demo::build_host_for_tests()?);
        }
        Ok(self.host.clone().unwrap_or_default())
    }

    /// The throw-away PostgreSQL, or `None` (after saying so loudly) on a machine without its binaries.
    pub(crate) fn postgres(&mut self) -> anyhow::Result<Option<&Server>> {
        if self.postgres.is_none() {
            self.postgres = Server::start()?;
            match &self.postgres {
                Some(server) => println!("Throw-away {} on loopback.", server.version()),
                None if Self::ci() => anyhow::bail!("no PostgreSQL binaries here, and in CI nothing is skipped"),
                None => println!(
                    "\n*** No PostgreSQL binaries on this machine: the tests run on SQLite ONLY. ***\n\
                     *** Install PostgreSQL (Debian: `apt-get install postgresql`) to run them on both. ***\n"
                ),
            }
        }
        Ok(self.postgres.as_ref())
    }
}
