//! `interface documents`: files the company shares with a customer, streamed.
//! Rendered documents come with the document engine; until then the host says it has none.

use super::Call;
use crate::StoredFile;
use ::capabilities::{ByteStream, Document, DocumentInfo, DocumentSubject, Documents, Error, Result};
use async_trait::async_trait;
use std::{ops::Range, sync::Arc};

pub(super) struct DocumentsCapability(pub(super) Call);

#[async_trait]
impl Documents for DocumentsCapability {
    async fn file(&self, customer: &str, id: &str) -> Result<Arc<dyn Document>> {
        self.0.require_bound(customer)?;
        let file = self.0.platform.files().get(&self.0.company.id, id).await?;
        if file.customer_id != customer || !file.visible || !self.owner_visible(&file).await? {
            return Err(Error::NotFound);
        }
        Ok(Arc::new(FileDocument {
            call: self.0.clone(),
            file,
        }))
    }

    async fn render(&self, _: &str, _: DocumentSubject, _: &str) -> Result<Arc<dyn Document>> {
        Err(Error::Unavailable("This host does not render documents.".into()))
    }
}

impl DocumentsCapability {
    /// A file on a draft stays with the draft.
    async fn owner_visible(&self, file: &StoredFile) -> Result<bool> {
        use crate::{OwnerKind, store::db::args};
        if !matches!(file.owner_kind, OwnerKind::Estimate | OwnerKind::Invoice) {
            return Ok(true);
        }
        let sql = format!(
            "SELECT 1 FROM {} WHERE company_id = $1 AND id = $2 AND status <> 'draft'",
            file.owner_kind.table()
        );
        Ok(self
            .0
            .platform
            .db()
            .row(sql, args![&self.0.company.id, &file.owner_id])
            .await?
            .is_some())
    }
}

struct FileDocument {
    call: Call,
    file: StoredFile,
}

#[async_trait]
impl Document for FileDocument {
    fn info(&self) -> DocumentInfo {
        DocumentInfo {
            name: self.file.name.clone(),
            media_type: self.file.media_type.clone(),
            size: self.file.size,
            etag: self.file.sha256.clone(),
            modified: self.call.moment(self.file.added_at),
            viewable: self.file.viewable(),
        }
    }

    async fn read(&self, range: Option<Range<u64>>) -> Result<ByteStream> {
        Ok(self
            .call
            .platform
            .files()
            .read(&self.call.company.id, &self.file, range)
            .await?)
    }
}
