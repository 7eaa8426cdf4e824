//! Files and rendered documents, streamed.
//! Source: `wit/documents.wit`.

use crate::{Moment, Result};
use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use jiff::civil;
use std::{ops::Range, pin::Pin, sync::Arc};

/// A document's bytes in order; an `Err` item ends the stream early.
pub type ByteStream = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// What there is to know about a document before reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentInfo {
    /// A good file name without path; any Unicode.
    pub name: String,
    /// For example `application/pdf`.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Strong entity tag without quotes; changes with the bytes.
    pub etag: String,
    /// When the bytes last changed.
    pub modified: Moment,
    /// Whether a browser may show it inside a tab.
    pub viewable: bool,
}

/// What to render as a PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentSubject {
    /// An estimate.
    Estimate(String),
    /// An invoice.
    Invoice(String),
    /// The receipt of a payment.
    Receipt(String),
    /// Statement of account over a period, both days included.
    Statement(civil::Date, civil::Date),
}

/// `resource document`.
#[async_trait]
pub trait Document: Send + Sync {
    /// Name, type, size and tag.
    fn info(&self) -> DocumentInfo;
    /// The bytes, or a range of them; `Invalid` when the range is not within the size.
    async fn read(&self, range: Option<Range<u64>>) -> Result<ByteStream>;
}

/// `interface documents`. `customer` is the id of a handle the engine has checked.
#[async_trait]
pub trait Documents: Send + Sync {
    /// A file the company shares with this customer.
    async fn file(&self, customer: &str, id: &str) -> Result<Arc<dyn Document>>;
    /// A PDF in the given language.
    async fn render(&self, customer: &str, subject: DocumentSubject, language: &str) -> Result<Arc<dyn Document>>;
}
