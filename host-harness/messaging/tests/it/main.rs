//! What a host sees of this crate: templates, real SMTP and HTTP on loopback, the outbox worker.
//! One test binary, a module for each.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod file_and_mailbox;
mod http_receiver;
mod sms_http;
mod smtp;
mod smtp_server;
mod templates;
mod worker;

use messaging::{Channel, OutgoingMessage};

/// A message to Dana.
fn message(id: &str, channel: Channel) -> OutgoingMessage {
    let email = channel == Channel::Email;
    OutgoingMessage {
        id: id.to_owned(),
        channel,
        to: if email {
            "dana@whitfield.example"
        } else {
            "303-555-0142"
        }
        .to_owned(),
        to_name: "Dana Whitfield".to_owned(),
        from_name: Some("Summit Heating & Air".to_owned()),
        reply_to: Some("office@summit.example".to_owned()),
        subject: email.then(|| "Your visit on Tuesday".to_owned()),
        text: "Hello Dana,\n.\n..two dots\nSee you on Tuesday.".to_owned(),
        html: email.then(|| "<p>Hello Dana</p>".to_owned()),
    }
}
