//! `documents`: files and rendered documents, streamed from the host through the guest.
//! Source: `wit/documents.wit`. A document's bytes are pulled as fast as they are read, never collected.

use super::{Answer, bounded, convert, customers::CustomerHandle, denied, known_length};
use crate::{bindings::fieldservice::plugins::documents as wit, call::Call, manifest::Permission};
use bytes::Bytes;
use capabilities::{self as cap, ByteStream};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, InputStream, Pollable, StreamError, StreamResult};

/// A document the plugin may read.
#[expect(unreachable_pub, reason = "generated bindings re-export it")]
pub struct DocumentHandle(pub(crate) Arc<dyn cap::Document>);

impl Call {
    fn documents(&self) -> cap::Result<Arc<dyn cap::Documents>> {
        self.grants
            .documents
            .clone()
            .ok_or_else(|| denied(Permission::Documents))
    }

    fn keep_document(
        &mut self,
        answer: Result<Arc<dyn cap::Document>, super::wit::types::Error>,
    ) -> Answer<Resource<DocumentHandle>> {
        let document = match answer {
            Ok(document) => document,
            Err(error) => return Ok(Err(error)),
        };
        Ok(self
            .table
            .push(DocumentHandle(document))
            .map_err(|_| super::customers::too_many_handles()))
    }
}

impl wit::Host for Call {
    async fn file(&mut self, owner: Resource<CustomerHandle>, id: String) -> Answer<Resource<DocumentHandle>> {
        let customer = self.table.get(&owner)?.0.id();
        let granted = self.documents();
        let file = async move {
            known_length(&id)?;
            granted?.file(&customer, &id).await
        };
        let answer = bounded(self.capability_time, file, |document| document).await?;
        self.keep_document(answer)
    }

    async fn render(
        &mut self,
        owner: Resource<CustomerHandle>,
        subject: wit::Subject,
        language: String,
    ) -> Answer<Resource<DocumentHandle>> {
        let customer = self.table.get(&owner)?.0.id();
        let granted = self.documents();
        let rendered = async move {
            super::at_most("language", &language, 64)?;
            granted?.render(&customer, subject_of(subject)?, &language).await
        };
        let answer = bounded(self.capability_time, rendered, |document| document).await?;
        self.keep_document(answer)
    }
}

fn subject_of(subject: wit::Subject) -> cap::Result<cap::DocumentSubject> {
    let known = |id: String| known_length(&id).map(|()| id);
    Ok(match subject {
        wit::Subject::Estimate(id) => cap::DocumentSubject::Estimate(known(id)?),
        wit::Subject::Invoice(id) => cap::DocumentSubject::Invoice(known(id)?),
        wit::Subject::Receipt(id) => cap::DocumentSubject::Receipt(known(id)?),
        wit::Subject::Statement((from, to)) => {
            cap::DocumentSubject::Statement(convert::civil_date("from", &from)?, convert::civil_date("to", &to)?)
        }
    })
}

impl wit::HostDocument for Call {
    async fn info(&mut self, document: Resource<DocumentHandle>) -> Answer<wit::DocumentInfo> {
        let info = self.table.get(&document)?.0.info();
        Ok(Ok(wit::DocumentInfo {
            name: info.name,
            media_type: info.media_type,
            size: info.size,
            etag: info.etag,
            modified: convert::moment(info.modified),
            viewable: info.viewable,
        }))
    }

    async fn read(
        &mut self,
        document: Resource<DocumentHandle>,
        range: Option<wit::ByteRange>,
    ) -> Answer<Resource<DynInputStream>> {
        let document = Arc::clone(&self.table.get(&document)?.0);
        let Ok(place) = Arc::clone(&self.documents_open).try_acquire_owned() else {
            return Ok(Err(super::customers::too_many_handles()));
        };
        let size = document.info().size;
        let read = async move {
            if range.is_some_and(|range| range.start > range.end || range.end > size) {
                return Err(cap::Error::invalid(
                    "range",
                    "out-of-range",
                    "The range is not within the document.",
                ));
            }
            document.read(range.map(|range| range.start..range.end)).await
        };
        let bytes = match bounded(self.capability_time, read, |bytes| bytes).await? {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(error)),
        };
        let stream: DynInputStream = Box::new(DocumentStream {
            bytes,
            next: Next::Unknown,
            _place: place,
        });
        Ok(self
            .table
            .push(stream)
            .map_err(|_| super::customers::too_many_handles()))
    }

    async fn drop(&mut self, document: Resource<DocumentHandle>) -> wasmtime::Result<()> {
        self.table.delete(document)?;
        Ok(())
    }
}

/// A `ByteStream` as a guest reads it: one piece is fetched when it waits for one, and no further.
struct DocumentStream {
    bytes: ByteStream,
    next: Next,
    /// Behind it may be an open file of the host's: it counts until it is dropped.
    _place: OwnedSemaphorePermit,
}

/// What is known of the stream's next bytes.
enum Next {
    /// Nothing was fetched yet.
    Unknown,
    /// A piece, from which part may have been read.
    Piece(Bytes),
    /// The stream failed; said once, then it is closed.
    Failed(std::io::Error),
    /// Nothing comes any more.
    Closed,
}

#[async_trait::async_trait]
impl Pollable for DocumentStream {
    async fn ready(&mut self) {
        while matches!(self.next, Next::Unknown) {
            self.next = match self.bytes.next().await {
                Some(Ok(piece)) if piece.is_empty() => Next::Unknown,
                Some(Ok(piece)) => Next::Piece(piece),
                Some(Err(error)) => Next::Failed(error),
                None => Next::Closed,
            };
        }
    }
}

#[async_trait::async_trait]
impl InputStream for DocumentStream {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match std::mem::replace(&mut self.next, Next::Unknown) {
            Next::Unknown => Ok(Bytes::new()),
            Next::Piece(mut piece) => {
                let taken = piece.split_to(size.min(piece.len()));
                if !piece.is_empty() {
                    self.next = Next::Piece(piece);
                }
                Ok(taken)
            }
            Next::Failed(error) => {
                self.next = Next::Closed;
                Err(StreamError::LastOperationFailed(error.into()))
            }
            Next::Closed => {
                self.next = Next::Closed;
                Err(StreamError::Closed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use tokio::sync::Semaphore;

    fn reading(pieces: Vec<std::io::Result<Bytes>>) -> DocumentStream {
        DocumentStream {
            bytes: Box::pin(stream::iter(pieces)),
            next: Next::Unknown,
            _place: Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap(),
        }
    }

    #[tokio::test]
    async fn a_stream_is_read_in_pieces_and_ends() {
        let pieces = vec![
            Ok(Bytes::from_static(b"hello ")),
            Ok(Bytes::new()),
            Ok(Bytes::from_static(b"world")),
        ];
        let mut stream = reading(pieces);
        assert!(stream.read(10).unwrap().is_empty());
        stream.ready().await;
        assert_eq!(stream.read(4).unwrap(), "hell");
        assert_eq!(stream.read(10).unwrap(), "o ");
        assert_eq!(stream.blocking_read(10).await.unwrap(), "world");
        assert!(matches!(stream.blocking_read(10).await, Err(StreamError::Closed)));
    }

    #[tokio::test]
    async fn a_failure_is_told_before_the_end() {
        let pieces = vec![Ok(Bytes::from_static(b"a")), Err(std::io::Error::other("disk"))];
        let mut stream = reading(pieces);
        assert_eq!(stream.blocking_read(10).await.unwrap(), "a");
        assert!(matches!(
            stream.blocking_read(10).await,
            Err(StreamError::LastOperationFailed(_))
        ));
        assert!(matches!(stream.blocking_read(10).await, Err(StreamError::Closed)));
    }
}
