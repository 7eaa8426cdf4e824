//! Writes each message into a folder instead of sending it: `.eml` for e-mail, `.txt` for SMS.
//! For rehearsals, and for sites where another program picks the files up.

use super::{Receipt, SendError, Transport};
use crate::email::EmailIdentity;
use crate::{Channel, OutgoingMessage};
use async_trait::async_trait;
use std::path::PathBuf;

/// Writes messages into a folder.
#[derive(Debug, Clone)]
pub struct FileTransport {
    folder: PathBuf,
    identity: EmailIdentity,
}

impl FileTransport {
    /// Write into `folder`, which is made when the first message comes.
    pub fn new(folder: impl Into<PathBuf>, identity: EmailIdentity) -> Self {
        Self {
            folder: folder.into(),
            identity,
        }
    }
}

#[async_trait]
impl Transport for FileTransport {
    fn name(&self) -> &'static str {
        "file"
    }

    async fn send(&self, message: &OutgoingMessage) -> Result<Receipt, SendError> {
        let (extension, bytes) = match message.channel {
            Channel::Email => ("eml", self.identity.compose(message)?.formatted()),
            Channel::Sms => ("txt", format!("To: {}\n\n{}\n", message.to, message.text).into_bytes()),
        };
        let stem: String = message
            .id
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let path = self.folder.join(format!("{stem}.{extension}"));
        // Written aside and renamed, so that whoever watches the folder never sees half a message.
        let aside = self.folder.join(format!(".{stem}.{extension}.part"));
        let failed = |error: std::io::Error| {
            SendError::transient(format!("cannot write into {}: {error}", self.folder.display()))
        };
        tokio::fs::create_dir_all(&self.folder).await.map_err(failed)?;
        tokio::fs::write(&aside, bytes).await.map_err(failed)?;
        tokio::fs::rename(&aside, &path).await.map_err(failed)?;
        Ok(Receipt {
            reference: path.display().to_string(),
        })
    }
}
