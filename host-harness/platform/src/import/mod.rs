//! Import of a company's folder: `company.toml`, CSV files, a `files` folder.
//! Everything is validated first; then one transaction stores only what differs from the folder imported last.

mod company;
mod documents;
mod imported;
mod records;
mod run;
mod table;

pub(crate) use run::run;

use crate::{Error, TemplateDetails};
use std::{collections::BTreeMap, fmt};

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportProgress {
    /// What is being done: `Checking`, `Storing files`, `Importing`.
    pub stage: &'static str,
    /// Bytes of CSV (or files) done in this stage.
    pub done: u64,
    /// Bytes (or files) in all.
    pub total: u64,
}

/// What is wrong with a template's fields and braces, a sentence each; that is not for this crate to know.
pub type TemplateObjections<'a> = &'a (dyn Fn(&TemplateDetails) -> Vec<String> + Send + Sync);

/// What an import did to one kind of record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// New ones.
    pub created: u64,
    /// Ones that differed.
    pub updated: u64,
    /// Ones that were already so.
    pub unchanged: u64,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The company's id.
    pub company_id: String,
    /// Its slug.
    pub slug: String,
    /// By kind of record, for example `customers`.
    pub counts: BTreeMap<&'static str, ImportCounts>,
}

/// Why nothing was imported.
#[derive(Debug)]
pub enum ImportError {
    /// The folder has bad rows: `file.csv:LINE: reason`, the first 1,000, and how many there are in all.
    Invalid {
        /// One line per problem.
        problems: Vec<String>,
        /// Problems in all.
        total: u64,
    },
    /// The store failed.
    Platform(Error),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { total, .. } => write!(f, "{total} problems; nothing was imported"),
            Self::Platform(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<Error> for ImportError {
    fn from(error: Error) -> Self {
        Self::Platform(error)
    }
}
