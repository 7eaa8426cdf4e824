//! A guest that imports `messages`, which its manifest does not ask for.
//! It must be refused before any of it runs.

use kit::{
    http::{Answer, Request, text},
    pages::fieldservice::plugins::{messages, types::Channel},
};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

fn serve(request: Request) -> Answer {
    let sent = messages::send(&messages::Message {
        customer: "C1".to_owned(),
        channel: Channel::Email,
        to: messages::Recipient::OnFile,
        subject: "Hello".to_owned(),
        body: request.path,
        idempotency_key: "once".to_owned(),
    });
    text(format!("{sent:?}"))
}
