//! Bytes under their hash in an object store: uploads, logos, components.
//! A name is the SHA-256 of what it holds, so writing twice is writing once.

use crate::{
    Error, Result,
    security::{hex, new_id},
};
use bytes::Bytes;
use capabilities::ByteStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::{
    GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path,
};
use sha2::{Digest, Sha256};
use std::{ops::Range, path, sync::Arc};

/// Bytes gathered before they are written as one part.
const PART: usize = 1024 * 1024;

/// The object store.
#[derive(Clone)]
pub(crate) struct Objects(Arc<dyn ObjectStore>);

/// What was stored.
pub(crate) struct StoredObject {
    pub(crate) sha256: String,
    pub(crate) size: u64,
    pub(crate) media_type: &'static str,
}

impl Objects {
    pub(crate) fn open(folder: &path::Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self(Arc::new(LocalFileSystem::new_with_prefix(folder)?)))
    }

    /// `space` is a company's id or `plugins`.
    fn path(space: &str, sha256: &str) -> Path {
        Path::from_iter([space, sha256.get(..2).unwrap_or("00"), sha256])
    }

    /// Store a stream of at most `limit` bytes.
    pub(crate) async fn put(&self, space: &str, mut bytes: ByteStream, limit: u64) -> Result<StoredObject> {
        let incoming = Path::from_iter([space, "incoming", &new_id("in")?]);
        let mut upload = self.0.put_multipart(&incoming).await?;
        let stored = match copy(&mut bytes, upload.as_mut(), limit).await {
            Ok(stored) => stored,
            Err(error) => {
                upload.abort().await?;
                return Err(error);
            }
        };
        upload.complete().await?;
        self.0.rename(&incoming, &Self::path(space, &stored.sha256)).await?;
        Ok(stored)
    }

    pub(crate) async fn put_bytes(&self, space: &str, bytes: Bytes) -> Result<StoredObject> {
        let limit = bytes.len() as u64;
        self.put(space, futures_util::stream::iter([Ok(bytes)]).boxed(), limit)
            .await
    }

    pub(crate) async fn get_bytes(&self, space: &str, sha256: &str) -> Result<Bytes> {
        Ok(self.0.get(&Self::path(space, sha256)).await?.bytes().await?)
    }

    /// Stream an object or a range of it.
    pub(crate) async fn get(&self, space: &str, sha256: &str, range: Option<Range<u64>>) -> Result<ByteStream> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let found = self.0.get_opts(&Self::path(space, sha256), options).await?;
        Ok(found.into_stream().map_err(std::io::Error::other).boxed())
    }

    pub(crate) async fn delete(&self, space: &str, sha256: &str) -> Result<()> {
        match self.0.delete(&Self::path(space, sha256)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => Ok(done?),
        }
    }

    pub(crate) async fn exists(&self, space: &str, sha256: &str) -> Result<bool> {
        match self.0.head(&Self::path(space, sha256)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

async fn copy(bytes: &mut ByteStream, upload: &mut dyn MultipartUpload, limit: u64) -> Result<StoredObject> {
    let (mut hash, mut size, mut part, mut media_type) = (Sha256::new(), 0_u64, Vec::new(), None);
    while let Some(chunk) = bytes.try_next().await? {
        size += chunk.len() as u64;
        if size > limit {
            let message = format!("A file can have at most {} MiB.", limit / 1024 / 1024);
            return Err(Error::invalid("file", "too-long", message));
        }
        hash.update(&chunk);
        part.extend_from_slice(&chunk);
        if part.len() >= PART {
            media_type.get_or_insert_with(|| super::media::sniff(&part));
            upload.put_part(std::mem::take(&mut part).into()).await?;
        }
    }
    let media_type = media_type.unwrap_or_else(|| super::media::sniff(&part));
    if !part.is_empty() {
        upload.put_part(part.into()).await?;
    }
    Ok(StoredObject {
        sha256: hex(&hash.finalize()),
        size,
        media_type,
    })
}
