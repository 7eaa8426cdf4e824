//! The two transports that keep messages in the house: a folder and the demo's mailbox.
//! Both must stand a repeat of the same message.

use crate::message;
use async_trait::async_trait;
use messaging::transport::file::FileTransport;
use messaging::transport::mailbox::MailboxTransport;
use messaging::{Channel, EmailIdentity, MailboxStore, OutgoingMessage, SendError, StoreError, Transport};
use std::sync::{Arc, Mutex};

fn identity() -> EmailIdentity {
    EmailIdentity::new("Summit <office@summit.example>").unwrap()
}

#[tokio::test]
async fn an_email_becomes_an_eml_and_a_text_message_a_txt() {
    let folder = tempfile::tempdir().unwrap();
    let transport = FileTransport::new(folder.path().join("out"), identity());
    for _ in 0..2 {
        transport.send(&message("m-1", Channel::Email)).await.unwrap();
    }
    transport.send(&message("../m 2", Channel::Sms)).await.unwrap();
    let mut names: Vec<_> = std::fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["___m_2.txt", "m-1.eml"]);
    let eml = std::fs::read_to_string(folder.path().join("out/m-1.eml")).unwrap();
    assert!(eml.contains("Subject: Your visit on Tuesday\r\n"));
    let txt = std::fs::read_to_string(folder.path().join("out/___m_2.txt")).unwrap();
    assert!(txt.starts_with("To: 303-555-0142\n\nHello Dana,"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_keeps_the_message_waiting() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("taken"), "").unwrap();
    let transport = FileTransport::new(folder.path().join("taken"), identity());
    let result = transport.send(&message("m-1", Channel::Email)).await;
    assert!(matches!(result, Err(SendError::Transient { .. })), "{result:?}");
}

#[derive(Default)]
struct Kept(Mutex<Vec<OutgoingMessage>>);

#[async_trait]
impl MailboxStore for Kept {
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), StoreError> {
        if message.id == "broken" {
            return Err(StoreError("disk full".to_owned()));
        }
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

#[tokio::test]
async fn the_mailbox_keeps_what_would_have_been_sent() {
    let kept = Arc::new(Kept::default());
    let transport = MailboxTransport::new(Arc::clone(&kept) as Arc<dyn MailboxStore>);
    transport.send(&message("m-1", Channel::Sms)).await.unwrap();
    assert_eq!(*kept.0.lock().unwrap(), [message("m-1", Channel::Sms)]);
    let result = transport.send(&message("broken", Channel::Sms)).await;
    assert!(matches!(result, Err(SendError::Transient { .. })), "{result:?}");
}
