//! The demo's mailbox: everything it sent, as its receivers would read it.
//! Stands only on a host that keeps messages instead of sending them, and needs no sign-in there.

use super::{
    failure,
    layout::Page,
    listing::{Asked, ROWS},
    outbox::first_words,
    view::Fact,
};
use crate::{
    AppState,
    web::{Failure, page},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use capabilities::Channel;
use jiff::{Timestamp, tz::TimeZone};
use platform::MailboxMessage;

struct Row {
    href: String,
    title: String,
    to: String,
    when: String,
    channel: &'static str,
}

#[derive(askama::Template)]
#[template(path = "console/mailbox.html")]
struct MailboxPage {
    page: Page,
    messages: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

/// A stretch of text that is a web address or is not.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    link: bool,
}

#[derive(askama::Template)]
#[template(path = "console/mailbox_message.html")]
struct MessagePage {
    page: Page,
    heading: String,
    facts: Vec<Fact>,
    sms: bool,
    pieces: Vec<Piece>,
    html_href: Option<String>,
}

fn channel(message: &MailboxMessage) -> &'static str {
    match message.channel {
        Channel::Email => "E-mail",
        Channel::Sms => "SMS",
    }
}

fn title(message: &MailboxMessage) -> String {
    if message.subject.is_empty() {
        first_words(&message.text)
    } else {
        message.subject.clone()
    }
}

/// When a message was sent, in its company's zone.
async fn when(state: &AppState, company_id: &str, at: Timestamp) -> String {
    let zone = state
        .platform
        .companies()
        .get(company_id)
        .await
        .map_or(TimeZone::UTC, |company| company.zone());
    at.to_zoned(zone).strftime("%b %-d, %Y, %-I:%M %p").to_string()
}

/// `GET /mailbox`
pub(super) async fn list(State(state): State<AppState>, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let found = state
        .platform
        .mailbox()
        .list(None, asked.cursor(), ROWS)
        .await
        .map_err(failure)?;
    let mut messages = Vec::new();
    for message in &found.items {
        messages.push(Row {
            href: format!("/mailbox/{}", super::words::encode(&message.id)),
            title: title(message),
            to: message.recipient.clone(),
            when: when(&state, &message.company_id, message.sent_at).await,
            channel: channel(message),
        });
    }
    let mailbox = MailboxPage {
        page: Page::bare("Mailbox"),
        messages,
        first: asked.first(),
        next: asked.next(found.next.as_deref()),
    };
    Ok(page(StatusCode::OK, &mailbox))
}

/// `GET /mailbox/{id}`
pub(super) async fn show(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, Failure> {
    let message = state.platform.mailbox().get(&id).await.map_err(failure)?;
    let facts = vec![
        Fact::new("From", message.sender.clone()),
        Fact::new("To", message.recipient.clone()),
        Fact::new("Kind", channel(&message)),
        Fact::new("Sent", when(&state, &message.company_id, message.sent_at).await),
    ];
    let html_href = (!message.html.is_empty()).then(|| format!("/mailbox/{}/html", super::words::encode(&id)));
    let view = MessagePage {
        page: Page::bare(title(&message)),
        heading: title(&message),
        facts,
        sms: message.channel == Channel::Sms,
        pieces: pieces(&message.text),
        html_href,
    };
    Ok(page(StatusCode::OK, &view))
}

/// `GET /mailbox/{id}/html`: the HTML part alone. The policy of every page holds for it too: no script of its own,
/// nothing from elsewhere.
pub(super) async fn html(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, Failure> {
    let message = state.platform.mailbox().get(&id).await.map_err(failure)?;
    if message.html.is_empty() {
        return Err(Failure::not_found());
    }
    Ok(Html(message.html).into_response())
}

/// A text with its web addresses picked out.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = ["https://", "http://"]
        .iter()
        .filter_map(|scheme| rest.find(scheme))
        .min()
    {
        let (before, from) = rest.split_at(start);
        let length = from
            .find(|c: char| c.is_whitespace() || "<>\"'`".contains(c))
            .unwrap_or(from.len());
        let (address, after) = from.split_at(length);
        let trimmed = address.trim_end_matches(['.', ',', ')', ';', '!', '?', ':']);
        if !before.is_empty() {
            pieces.push(Piece {
                text: before.to_owned(),
                link: false,
            });
        }
        pieces.push(Piece {
            text: trimmed.to_owned(),
            link: true,
        });
        let tail = address.get(trimmed.len()..).unwrap_or_default();
        if !tail.is_empty() {
            pieces.push(Piece {
                text: tail.to_owned(),
                link: false,
            });
        }
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece {
            text: rest.to_owned(),
            link: false,
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_become_links_and_nothing_else() {
        let seen: Vec<_> = pieces("See http://a.example/x?y=1.\njavascript:alert(1) (https://b.example)")
            .into_iter()
            .map(|piece| (piece.text, piece.link))
            .collect();
        let expected = [
            ("See ", false),
            ("http://a.example/x?y=1", true),
            (".", false),
            ("\njavascript:alert(1) (", false),
            ("https://b.example", true),
            (")", false),
        ];
        assert_eq!(seen, expected.map(|(text, link)| (text.to_owned(), link)));
    }
}
