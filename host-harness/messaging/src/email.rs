//! Makes an Internet message (RFC 5322, MIME) of an outbox entry.
//! Header injection stops here: a line break or NUL in anything that becomes a header is refused, not repaired.

use crate::OutgoingMessage;
use crate::transport::{ConfigError, SendError};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

/// Who we are in the e-mails we send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailIdentity {
    from: Mailbox,
}

impl EmailIdentity {
    /// From `Summit Heating & Air <office@summit.example>` or a bare address.
    ///
    /// # Errors
    /// When it is no e-mail address.
    pub fn new(from: &str) -> Result<Self, ConfigError> {
        let from = from
            .parse()
            .map_err(|_| ConfigError(format!("“{from}” is no sender address such as Name <a@b.example>")))?;
        Ok(Self { from })
    }

    /// The message as it goes over the wire.
    pub(crate) fn compose(&self, message: &OutgoingMessage) -> Result<Message, SendError> {
        let subject = message.subject.as_deref().unwrap_or_default();
        header_safe("subject", subject)?;
        let to = mailbox("recipient", &message.to, Some(&message.to_name))?;
        let mut from = self.from.clone();
        if let Some(name) = &message.from_name {
            header_safe("sender's name", name)?;
            from.name = Some(name.clone());
        }
        header_safe("id", &message.id)?;
        // Always the same for the same outbox entry, so that a second copy can be recognised.
        let id = format!("<{}@{}>", message.id, self.from.email.domain());
        let mut builder = Message::builder()
            .message_id(Some(id))
            .from(from)
            .to(to)
            .subject(subject);
        if let Some(reply_to) = &message.reply_to {
            builder = builder.reply_to(mailbox("reply address", reply_to, None)?);
        }
        let text = message.text.clone();
        let composed = match message.html.clone() {
            Some(html) => builder.multipart(MultiPart::alternative_plain_html(text, html)),
            None => builder.singlepart(SinglePart::plain(text)),
        };
        composed.map_err(|error| SendError::permanent(format!("the e-mail cannot be written: {error}")))
    }
}

fn mailbox(what: &str, address: &str, name: Option<&str>) -> Result<Mailbox, SendError> {
    header_safe(what, address)?;
    let name = name.unwrap_or_default().trim();
    header_safe(what, name)?;
    let parsed: Address = address
        .trim()
        .parse()
        .map_err(|_| SendError::permanent(format!("the {what} “{address}” is no e-mail address")))?;
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), parsed))
}

fn header_safe(what: &str, value: &str) -> Result<(), SendError> {
    if value.contains(['\r', '\n', '\0']) {
        return Err(SendError::permanent(format!("the {what} holds a line break or a NUL")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channel;

    fn message() -> OutgoingMessage {
        OutgoingMessage {
            id: "m-1".to_owned(),
            channel: Channel::Email,
            to: "dana@whitfield.example".to_owned(),
            to_name: "Dana Whitfield, Esq.".to_owned(),
            from_name: Some("Summit Heating & Air".to_owned()),
            reply_to: Some("office@summit.example".to_owned()),
            subject: Some("Ihr Wärmepumpen-Termin".to_owned()),
            text: "Hello".to_owned(),
            html: Some("<p>Hello</p>".to_owned()),
        }
    }

    fn compose(message: &OutgoingMessage) -> Result<String, SendError> {
        let identity = EmailIdentity::new("Field service <mail@host.example>").unwrap();
        identity
            .compose(message)
            .map(|composed| String::from_utf8(composed.formatted()).unwrap())
    }

    #[test]
    fn writes_both_parts_and_the_headers() {
        let written = compose(&message()).unwrap();
        assert!(written.contains("Message-ID: <m-1@host.example>"));
        assert!(written.contains("From: =?utf-8?b?U3VtbWl0IEhlYXRpbmcgJiBBaXI=?= <mail@host.example>"));
        // Encoded whole, so that the comma cannot start a second address.
        assert!(written.contains("To: =?utf-8?b?RGFuYSBXaGl0ZmllbGQsIEVzcS4=?= <dana@whitfield.example>"));
        assert!(written.contains("Reply-To: office@summit.example"));
        assert!(written.contains("Subject: Ihr =?utf-8?"));
        assert!(written.contains("multipart/alternative"));
        assert!(written.contains("text/plain") && written.contains("text/html"));
        assert!(written.contains("Date: "));
    }

    #[test]
    fn refuses_line_breaks_in_every_header() {
        let evil = "x\r\nBcc: everyone@evil.example".to_owned();
        let attacks: [fn(&mut OutgoingMessage, String); 6] = [
            |message, evil| message.subject = Some(evil),
            |message, evil| message.to = evil,
            |message, evil| message.to_name = evil,
            |message, evil| message.from_name = Some(evil),
            |message, evil| message.reply_to = Some(evil),
            |message, evil| message.id = evil,
        ];
        for attack in attacks {
            let mut message = message();
            attack(&mut message, evil.clone());
            assert!(matches!(compose(&message), Err(SendError::Permanent(_))), "{message:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        for to in [
            "",
            "dana",
            "dana@",
            "a@b.example, c@d.example",
            "dana@whitfield.example\0",
        ] {
            let message = OutgoingMessage {
                to: to.to_owned(),
                ..message()
            };
            assert!(matches!(compose(&message), Err(SendError::Permanent(_))), "{to}");
        }
    }
}
