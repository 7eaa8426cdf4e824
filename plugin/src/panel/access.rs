//! *Customer Portal Access*: the customer's live links, the sign-in, the devices, and what staff can end of them.
//! A password is never seen or set here: the customer gets a link to choose one.

use super::{Desk, badge, button, success, text};
use crate::{
    Error,
    bindings::exports::fieldservice::plugins::actions_menu::{
        ButtonStyle, Element, Notice, Panel, Submission, Table, TableRow,
    },
    bindings::fieldservice::plugins::{
        activity::Kind,
        types::{Channel, Tone},
    },
    format::wall_clock,
    links::{Purpose, Way},
    live_links::{self, Listed},
    mail, recovery, session,
};

const REVOKE: &str = "revoke:";
const REVOKE_ALL: &str = "revoke_all";
const SIGN_OUT: &str = "sign_out";
const RESET: &str = "reset_password";
const MORE: &str = "more:";
const NEWEST: &str = "newest";

/// The panel as it opens.
pub(super) fn open(desk: &Desk<'_>) -> Result<Panel, Error> {
    draw(desk, None, None)
}

/// The panel after a button was pressed.
pub(super) fn submit(desk: &Desk<'_>, submission: &Submission) -> Result<Panel, Error> {
    let words = &desk.words;
    let now = desk.now.unix_seconds;
    let notice = match submission.button.as_str() {
        NEWEST => None,
        REVOKE_ALL => {
            let count = live_links::revoke_all(desk.host, desk.customer, now)?;
            desk.record(
                Kind::LinkRevoked,
                &format!("Every link revoked by {} ({count})", desk.staff),
            );
            Some(success(words.access_revoked_all()))
        }
        SIGN_OUT => {
            session::end_all(desk.host, desk.customer)?;
            desk.record(Kind::AccessChanged, &format!("Signed out everywhere by {}", desk.staff));
            Some(success(words.access_signed_out()))
        }
        RESET => Some(reset(desk)?),
        other => match (other.strip_prefix(REVOKE), other.strip_prefix(MORE)) {
            (Some(hash), _) => {
                let link = live_links::revoke(desk.host, desk.customer, hash, now)?;
                desk.record(
                    Kind::LinkRevoked,
                    &format!("Revoked by {}: {}", desk.staff, link.label()),
                );
                Some(success(words.access_revoked()))
            }
            (None, Some(cursor)) => return draw(desk, Some(cursor), None),
            (None, None) => return Err(Error::NotFound),
        },
    };
    draw(desk, None, notice)
}

fn reset(desk: &Desk<'_>) -> Result<Notice, Error> {
    match recovery::send_reset(desk.host, desk.customer) {
        Ok(sent) => {
            desk.record(
                Kind::AccessChanged,
                &format!("Link to choose a new password sent by {}", desk.staff),
            );
            Ok(success(desk.words.access_reset_sent(&sent.to)))
        }
        // Nobody has signed up: there is no password to choose anew.
        Err(Error::NotFound) => Ok(Notice {
            tone: Tone::Warning,
            text: desk.words.access_no_password().to_owned(),
        }),
        Err(error) => super::refusal(&desk.words, error),
    }
}

fn draw(desk: &Desk<'_>, cursor: Option<&str>, notice: Option<Notice>) -> Result<Panel, Error> {
    let words = &desk.words;
    let status = desk.host.password_status(desk.customer)?;
    let mut elements = desk.registration(&status);
    if status.registered {
        elements.push(text(words.access_login(&status.login)));
        if mail::sends(desk.host, Channel::Email) {
            let reset = button(RESET, words.access_send_reset(), ButtonStyle::Secondary);
            elements.push(Element::Button(reset));
        }
    }
    let sessions = session::list(desk.host, &desk.settings, desk.customer)?;
    let count = i64::try_from(sessions.len()).unwrap_or(i64::MAX);
    let tone = if count == 0 { Tone::Neutral } else { Tone::Info };
    elements.push(badge(words.access_devices(), words.access_device_count(count), tone));
    if let Some(latest) = sessions.first() {
        let seen = wall_clock(&desk.now, latest.session.seen);
        elements.push(text(
            words.access_last_seen(words.visit(&seen, None), latest.session.device.label(words)),
        ));
        let sign_out = button(SIGN_OUT, words.access_sign_out(), ButtonStyle::Danger);
        elements.push(Element::Button(sign_out));
    }
    let page = live_links::list(desk.host, desk.customer, cursor, desk.now.unix_seconds)?;
    let some = !page.links.is_empty();
    elements.push(Element::Table(Table {
        caption: words.access_links().to_owned(),
        columns: [
            words.access_link(),
            words.access_created_by(),
            words.access_sent_via(),
            words.access_created(),
            words.access_opened(),
            words.access_expires(),
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: page.links.iter().map(|listed| row(desk, listed)).collect(),
        empty: words.access_no_links().to_owned(),
    }));
    if let Some(next) = page.next {
        let more = button(format!("{MORE}{next}"), words.access_more(), ButtonStyle::Secondary);
        elements.push(Element::Button(more));
    }
    if cursor.is_some() {
        let newest = button(NEWEST, words.access_newest(), ButtonStyle::Secondary);
        elements.push(Element::Button(newest));
    }
    if some || cursor.is_some() {
        elements.push(text(words.access_revoke_help()));
        let all = button(REVOKE_ALL, words.access_revoke_all(), ButtonStyle::Danger);
        elements.push(Element::Button(all));
    }
    Ok(Panel {
        title: words.access_title().to_owned(),
        notice,
        elements,
    })
}

fn row(desk: &Desk<'_>, Listed { hash, link }: &Listed) -> TableRow {
    let words = &desk.words;
    let at = |unix: i64| words.visit(&wall_clock(&desk.now, unix), None);
    let what = match link.purpose {
        Purpose::Plain => words.panel_portal_link(),
        Purpose::Registration => words.panel_registration_link(),
    };
    let by = if link.created_by.is_empty() {
        words.access_by_message()
    } else {
        &link.created_by
    };
    let way = match link.way {
        Way::Copied => words.access_way_copied(),
        Way::Email => words.access_way_email(),
        Way::Sms => words.access_way_sms(),
    };
    let opened = link.opened.map_or_else(|| words.access_never().to_owned(), at);
    TableRow {
        cells: vec![
            what.to_owned(),
            by.to_owned(),
            way.to_owned(),
            at(link.created),
            opened,
            words.date(&wall_clock(&desk.now, link.expires).date),
        ],
        buttons: vec![button(
            format!("{REVOKE}{hash}"),
            words.access_revoke(),
            ButtonStyle::Danger,
        )],
    }
}
