//! `messages`: transactional messages through the host's outbox.
//! Source: `wit/messages.wit`.

use super::{Answer, at_most, bounded, convert, denied, known_length};
use crate::{bindings::fieldservice::plugins::messages as wit, call::Call, manifest::Permission};
use capabilities as cap;

/// Longest body in characters.
const BODY_CHARS: usize = 64 * 1024;

impl wit::Host for Call {
    async fn send(&mut self, message: wit::Message) -> Answer<String> {
        let granted = self.grants.messages.clone();
        let sent = async move {
            let messages = granted.ok_or_else(|| denied(Permission::Messages))?;
            messages.send(checked(message)?).await
        };
        bounded(self.capability_time, sent, |id| id).await
    }

    async fn send_confidential(&mut self, message: wit::Message) -> Answer<String> {
        let granted = self.grants.messages.clone();
        let sent = async move {
            let messages = granted.ok_or_else(|| denied(Permission::Messages))?;
            messages.send_confidential(checked(message)?).await
        };
        bounded(self.capability_time, sent, |id| id).await
    }
}

fn checked(message: wit::Message) -> cap::Result<cap::Message> {
    known_length(&message.customer)?;
    at_most("subject", &message.subject, 300)?;
    at_most("body", &message.body, BODY_CHARS)?;
    at_most("idempotency-key", &message.idempotency_key, 128)?;
    one_line("subject", &message.subject)?;
    if message.body.contains('\0') {
        return Err(cap::Error::invalid("body", "not-allowed", "This must not contain NUL."));
    }
    let to = match message.to {
        wit::Recipient::OnFile => cap::Recipient::OnFile,
        wit::Recipient::Unverified(to) => {
            at_most("to", &to, 320)?;
            one_line("to", &to)?;
            cap::Recipient::Unverified(to)
        }
    };
    Ok(cap::Message {
        customer: message.customer,
        channel: convert::channel(message.channel),
        to,
        subject: message.subject,
        body: message.body,
        idempotency_key: message.idempotency_key,
    })
}

/// A line break in a subject or address would begin a header of the sender's own.
fn one_line(field: &str, text: &str) -> cap::Result<()> {
    if text.contains(['\r', '\n', '\0']) {
        return Err(cap::Error::invalid(field, "not-allowed", "This must be one line."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(subject: &str, to: wit::Recipient) -> wit::Message {
        wit::Message {
            customer: "C1".into(),
            channel: super::super::wit::types::Channel::Email,
            to,
            subject: subject.into(),
            body: "Hello".into(),
            idempotency_key: "k".into(),
        }
    }

    #[test]
    fn headers_cannot_be_smuggled_in() {
        assert!(checked(message("Your visit", wit::Recipient::OnFile)).is_ok());
        assert!(checked(message("x\r\nBcc: all@example.com", wit::Recipient::OnFile)).is_err());
        assert!(
            checked(message(
                "x",
                wit::Recipient::Unverified("a@example.com\nBcc: b@example.com".into())
            ))
            .is_err()
        );
    }
}
