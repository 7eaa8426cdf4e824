//! The outbox: every message of the company on its way out, why one failed, and trying again.
//! Messages the transport refused for good wait here for a person.

use super::{
    failure,
    layout::{Nav, Page},
    listing::{Asked, ListPage, ROWS},
    office::Office,
    view::{Cell, Fact, Pill, Tab, Table},
    words,
};
use crate::{
    AppState,
    web::{Failure, page},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use capabilities::{Channel, Tone};
use platform::{NewMessage, OutboxStatus};

/// How far a message has come, as staff read it.
pub(super) fn state_pill(status: OutboxStatus) -> Pill {
    match status {
        OutboxStatus::Queued => Pill::new("Waiting", Tone::Info),
        OutboxStatus::Sending => Pill::new("Sending", Tone::Info),
        OutboxStatus::Sent => Pill::new("Sent", Tone::Success),
        OutboxStatus::Dead => Pill::new("Failed", Tone::Danger),
    }
}

fn channel_label(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "E-mail",
        Channel::Sms => "SMS",
    }
}

/// `GET /c/{slug}/outbox`
pub(super) async fn list(
    State(state): State<AppState>,
    office: Office,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let status = OutboxStatus::parse(&asked.show);
    let outbox = state.platform.outbox();
    let found = outbox
        .list(office.id(), status, None, asked.cursor(), ROWS)
        .await
        .map_err(failure)?;
    let mut table = Table::new("Outbox", &["Message", "To", "Kind", "Queued", "State"]);
    for entry in &found.items {
        let message = &entry.message;
        let title = title(message);
        let to = if message.recipient_name.is_empty() {
            &message.recipient
        } else {
            &message.recipient_name
        };
        let mut how = Cell::from(state_pill(entry.status));
        if entry.status == OutboxStatus::Queued && entry.attempts > 0 {
            how = how.note(format!(
                "again at {}",
                words::instant(&office.company, entry.next_attempt_at)
            ));
        }
        table.rows.push(vec![
            Cell::link(title, office.record("outbox", &entry.id)),
            Cell::text(to.clone()),
            Cell::text(channel_label(message.channel)),
            Cell::text(words::instant(&office.company, entry.created_at)),
            how,
        ]);
    }
    let frame = office.page("Outbox", Nav::Outbox);
    let empty = "No messages here. What you send from a template appears here with how far it has come.";
    let mut list = ListPage::new(frame, &asked, table, found.next.as_deref(), empty);
    list.searchable = false;
    let tab = |code: &str, label, status_of: Option<OutboxStatus>| Tab {
        href: if code.is_empty() {
            "?".into()
        } else {
            format!("?show={code}")
        },
        label,
        current: status_of == status,
    };
    list.filters = vec![
        tab("", "All", None),
        tab("queued", "Waiting", Some(OutboxStatus::Queued)),
        tab("sent", "Sent", Some(OutboxStatus::Sent)),
        tab("dead", "Failed", Some(OutboxStatus::Dead)),
    ];
    Ok(page(StatusCode::OK, &list))
}

/// The first words of a text, as its title.
pub(super) fn first_words(text: &str) -> String {
    let line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .trim();
    if line.chars().count() <= 60 {
        return line.to_owned();
    }
    format!("{}…", line.chars().take(60).collect::<String>().trim_end())
}

fn title(message: &NewMessage) -> String {
    if message.subject.is_empty() {
        first_words(shown(message))
    } else {
        message.subject.clone()
    }
}

/// The text as staff may read it: what is the recipient's alone, such as a link that sets their
/// password, is nobody else's.
fn shown(message: &NewMessage) -> &str {
    if message.confidential {
        "The text of this message is for its recipient alone."
    } else {
        &message.text
    }
}

#[derive(askama::Template)]
#[template(path = "console/outbox_message.html")]
struct MessagePage {
    page: Page,
    back: String,
    heading: String,
    status: Pill,
    retry: Option<String>,
    problem: String,
    text: String,
    facts: Vec<Fact>,
}

/// `GET /c/{slug}/outbox/{id}`
pub(super) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let entry = state.platform.outbox().get(office.id(), &id).await.map_err(failure)?;
    let message = &entry.message;
    let heading = title(message);
    let name = if message.recipient_name.is_empty() {
        &message.recipient
    } else {
        &message.recipient_name
    };
    let mut facts = vec![match &message.customer_id {
        Some(customer) => Fact::linked("To", name.clone(), office.record("customers", customer)),
        None => Fact::new("To", name.clone()),
    }];
    facts.push(Fact::new("Address", message.recipient.clone()));
    facts.push(Fact::new("Kind", channel_label(message.channel)));
    facts.push(Fact::new("Queued", words::instant(&office.company, entry.created_at)));
    if let Some(sent) = entry.sent_at {
        facts.push(Fact::new("Sent", words::instant(&office.company, sent)));
    }
    facts.push(Fact::new("Attempts", entry.attempts.to_string()));
    if entry.status == OutboxStatus::Queued && entry.attempts > 0 {
        facts.push(Fact::new(
            "Next attempt",
            words::instant(&office.company, entry.next_attempt_at),
        ));
    }
    if let Some(campaign) = &entry.campaign_id {
        facts.push(Fact::linked("Part of", "One sending", office.record("sends", campaign)));
    }
    let retry = (entry.status == OutboxStatus::Dead).then(|| format!("{}/retry", office.record("outbox", &id)));
    Ok(page(
        StatusCode::OK,
        &MessagePage {
            page: office.page(heading.clone(), Nav::Outbox),
            back: office.path("outbox"),
            heading,
            status: state_pill(entry.status),
            retry,
            problem: if entry.status == OutboxStatus::Sent {
                String::new()
            } else {
                entry.last_error.clone()
            },
            text: shown(message).to_owned(),
            facts,
        },
    ))
}

/// `POST /c/{slug}/outbox/{id}/retry`
pub(super) async fn retry(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    state
        .platform
        .outbox()
        .retry(office.id(), &id, &office.actor())
        .await
        .map_err(failure)?;
    Ok(office.after(&office.record("outbox", &id), "retried"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_message_is_titled_by_its_first_words() {
        assert_eq!(first_words("\n  Hello Dana\nmore"), "Hello Dana");
        assert_eq!(first_words(&"é".repeat(80)), format!("{}…", "é".repeat(60)));
        assert_eq!(first_words(""), "");
    }

    #[test]
    fn what_is_the_recipients_alone_is_not_shown() {
        let message = |confidential| NewMessage {
            id: String::new(),
            customer_id: None,
            channel: Channel::Sms,
            recipient: "303-555-0199".to_owned(),
            recipient_name: String::new(),
            subject: String::new(),
            text: "Your code is 123456".to_owned(),
            html: String::new(),
            confidential,
            idempotency_key: "k".to_owned(),
        };
        assert_eq!(shown(&message(false)), "Your code is 123456");
        for text in [shown(&message(true)), &title(&message(true))] {
            assert!(
                !text.contains("123456") && text.contains("for its recipient alone"),
                "{text}"
            );
        }
    }
}
