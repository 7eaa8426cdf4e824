//! Files on jobs, projects, estimates and invoices: a row here, the bytes in the object store under their hash.
//! The content type is read from the bytes, never from the name.

use super::{NewEntry, activity::append, records::new_record};
use crate::{
    Actor, Error, Platform, Result,
    security::new_id,
    store::{
        db::{Fields, Row, args},
        objects::StoredObject,
    },
    validate::{Check, LINE},
};
use capabilities::ByteStream;
use futures_util::StreamExt;
use jiff::Timestamp;
use std::ops::Range;

/// Largest file that can be added.
pub const MAX_FILE_BYTES: u64 = 50 * 1024 * 1024;

/// What a file hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerKind {
    /// A job.
    Job,
    /// A project.
    Project,
    /// An estimate.
    Estimate,
    /// An invoice.
    Invoice,
}

impl OwnerKind {
    /// The word stored in the database: `job`, `project`, `estimate`, `invoice`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Project => "project",
            Self::Estimate => "estimate",
            Self::Invoice => "invoice",
        }
    }

    /// The kind of a stored word.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "job" => Some(Self::Job),
            "project" => Some(Self::Project),
            "estimate" => Some(Self::Estimate),
            "invoice" => Some(Self::Invoice),
            _ => None,
        }
    }
}

/// A file to add.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// What it hangs on; the customer follows from it.
    pub owner_kind: OwnerKind,
    /// Id of that record.
    pub owner_id: String,
    /// Name as shown; no path.
    pub name: String,
    /// Whether the customer may see it.
    pub visible: bool,
}

/// A file as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Unique within the company.
    pub id: String,
    /// Whose record it hangs on.
    pub customer_id: String,
    /// What it hangs on.
    pub owner_kind: OwnerKind,
    /// Id of that record.
    pub owner_id: String,
    /// Name as shown.
    pub name: String,
    /// As detected from the bytes.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// Whether the customer may see it.
    pub visible: bool,
    /// When it was added.
    pub added_at: Timestamp,
}

impl StoredFile {
    /// Whether a browser may show it inside a tab.
    pub fn viewable(&self) -> bool {
        crate::store::media::viewable(&self.media_type)
    }
}

/// The files repository.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    pub(crate) platform: &'a Platform,
}

impl Files<'_> {
    /// The files of one record, oldest first.
    pub async fn of(&self, company_id: &str, owner_kind: OwnerKind, owner_id: &str) -> Result<Vec<StoredFile>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM files WHERE company_id = $1 AND owner_kind = $2 AND owner_id = $3 ORDER BY created_at, id LIMIT 500"
        );
        let args = args![company_id, owner_kind.code(), owner_id];
        self.platform.db().rows(sql, args).await?.iter_mut().map(read).collect()
    }

    /// One file's record.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<StoredFile> {
        let sql = format!("SELECT {COLUMNS} FROM files WHERE company_id = $1 AND id = $2");
        read(&mut self.platform.db().one(sql, args![company_id, id]).await?)
    }

    /// Its bytes, or a range of them.
    pub async fn read(&self, company_id: &str, file: &StoredFile, range: Option<Range<u64>>) -> Result<ByteStream> {
        if let Some(range) = &range
            && (range.start > range.end || range.end > file.size)
        {
            return Err(Error::invalid(
                "range",
                "out-of-range",
                "The range is not within the file.",
            ));
        }
        if file.size == 0 || range.as_ref().is_some_and(Range::is_empty) {
            return Ok(futures_util::stream::empty().boxed());
        }
        self.platform.objects().get(company_id, &file.sha256, range).await
    }

    /// Add a file from a stream.
    pub async fn put(&self, company_id: &str, new: NewFile, bytes: ByteStream, actor: &Actor) -> Result<StoredFile> {
        let now = self.platform.now();
        let mut check = Check::default();
        check_name(&mut check, &new.name);
        check.finish()?;
        let owner = format!(
            "SELECT customer_id FROM {} WHERE company_id = $1 AND id = $2",
            new.owner_kind.table()
        );
        let customer_id = self
            .platform
            .db()
            .one(owner.clone(), args![company_id, &new.owner_id])
            .await?
            .text()?;
        let stored = self.platform.objects().put(company_id, bytes, MAX_FILE_BYTES).await?;
        let id = new_id("fi")?;
        let mut tx = self.platform.db().begin().await?;
        tx.one(owner, args![company_id, &new.owner_id]).await?;
        let fields = fields(&new, &customer_id, &stored);
        tx.insert("files", new_record(company_id, &id, now, fields)).await?;
        append(
            &mut tx,
            company_id,
            &[entry(&id, &customer_id, &new.name, "added")],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        self.get(company_id, &id).await
    }

    /// Remove a file's record; bytes that nothing refers to any more go too.
    pub async fn delete(&self, company_id: &str, id: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let file = self.get(company_id, id).await?;
        let mut tx = self.platform.db().begin().await?;
        if tx
            .execute(
                "DELETE FROM files WHERE company_id = $1 AND id = $2",
                args![company_id, id],
            )
            .await?
            == 0
        {
            return Err(Error::NotFound);
        }
        let still_used = tx
            .row(
                "SELECT 1 FROM files WHERE company_id = $1 AND sha256 = $2 LIMIT 1",
                args![company_id, &file.sha256],
            )
            .await?
            .is_some();
        append(
            &mut tx,
            company_id,
            &[entry(id, &file.customer_id, &file.name, "removed")],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        if !still_used {
            self.platform.objects().delete(company_id, &file.sha256).await?;
        }
        Ok(())
    }
}

impl OwnerKind {
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Job => "jobs",
            Self::Project => "projects",
            Self::Estimate => "estimates",
            Self::Invoice => "invoices",
        }
    }
}

const COLUMNS: &str = "id, customer_id, owner_kind, owner_id, name, media_type, size, sha256, visible, created_at";

fn read(row: &mut Row) -> Result<StoredFile> {
    Ok(StoredFile {
        id: row.text()?,
        customer_id: row.text()?,
        owner_kind: OwnerKind::parse(&row.text()?).ok_or_else(|| Error::corrupt("a file's owner"))?,
        owner_id: row.text()?,
        name: row.text()?,
        media_type: row.text()?,
        size: row.uint()?,
        sha256: row.text()?,
        visible: row.flag()?,
        added_at: row.time()?,
    })
}

/// A name people see; never a path.
pub(crate) fn check_name(check: &mut Check, name: &str) {
    check.required("name", name, LINE);
    if name.contains(['/', '\\']) || matches!(name, "." | "..") {
        check.refuse("name", "not-allowed", "A file's name is not a path.");
    }
}

pub(crate) fn fields(new: &NewFile, customer_id: &str, stored: &StoredObject) -> Fields {
    vec![
        ("customer_id", customer_id.into()),
        ("owner_kind", new.owner_kind.code().into()),
        ("owner_id", (&new.owner_id).into()),
        ("name", (&new.name).into()),
        ("media_type", stored.media_type.into()),
        ("size", i64::try_from(stored.size).unwrap_or(i64::MAX).into()),
        ("sha256", (&stored.sha256).into()),
        ("visible", new.visible.into()),
    ]
}

fn entry(id: &str, customer_id: &str, name: &str, what: &str) -> NewEntry {
    NewEntry {
        customer_id: Some(customer_id.to_owned()),
        kind: format!("file.{what}"),
        subject_kind: "file".into(),
        subject_id: id.to_owned(),
        summary: format!("File {name:?} {what}"),
        ..NewEntry::default()
    }
}
