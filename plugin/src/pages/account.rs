//! *Sign-in & security*: how the customer signs in, and where the portal is open. One device, or
//! all the others, can be signed out from here.

use super::{opened, page};
use crate::{
    Error,
    bindings::fieldservice::plugins::activity::{Kind, Subject},
    format::wall_clock,
    forms::Form,
    http::Response,
    i18n::Words,
    pages::sign_out,
    portal::{Portal, Visitor},
    session::{self, Live},
    view::{Layout, RowView},
};
use askama::Template;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    layout: Layout<'a>,
    /// What was done just now: the words, and a sentence about it or nothing.
    done: Option<(&'static str, &'static str)>,
    /// The e-mail the customer signs in with; empty without a password.
    login: String,
    change: String,
    devices: Vec<DeviceView>,
    sign_out_others: String,
    /// The last few openings, and where all of them stand.
    opened: Vec<RowView>,
    all_opened: String,
}

/// A device as drawn.
struct DeviceView {
    name: String,
    about: String,
    /// Whether it is the one that looks.
    this: bool,
    /// Where it is signed out.
    action: String,
}

/// The path below the mount.
const PATH: &str = "/account";

/// Devices on the page; whoever has more signs them out together.
const MOST_DEVICES: usize = 50;

/// Openings on the page; the rest are one click away.
const OPENINGS: usize = 5;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    let words = &portal.words;
    let query = Form::of_query(portal.request);
    let done = if query.has("password-changed") {
        Some((words.password_changed(), words.password_changed_lead()))
    } else if query.has("others-signed-out") {
        Some((words.others_signed_out(), ""))
    } else if query.has("device-signed-out") {
        Some((words.device_signed_out(), ""))
    } else {
        None
    };
    let customer = &visitor.live.session.customer;
    let sessions = session::list(portal.host, &portal.settings, customer)?;
    let template = AccountPage {
        layout: Layout::customer(portal, visitor, None, words.account(), PATH),
        done,
        login: portal.host.password_status(customer)?.login,
        change: portal.href("/account/password"),
        devices: devices(portal, visitor, sessions),
        sign_out_others: portal.href("/account/sign-out-others"),
        opened: opened::latest(portal, visitor, OPENINGS)?,
        all_opened: portal.href("/opened"),
    };
    page(200, words, &template)
}

/// Sign one device out. A device that is signed out already is as good as done.
pub fn sign_out_device(portal: &Portal<'_>, visitor: &Visitor, hash: &str) -> Result<Response, Error> {
    if hash == visitor.live.hash {
        return sign_out::act(portal, visitor, "");
    }
    if session::end_one(portal.host, &visitor.live.session.customer, hash)? {
        let summary = "Signed another device out of the portal".to_owned();
        portal.note(visitor, Kind::SignedOut, Subject::None, summary);
    }
    Ok(Response::see_other(portal.href("/account?device-signed-out")))
}

/// Sign every other device out.
pub fn sign_out_others(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    session::end_others(portal.host, &portal.settings, &visitor.live)?;
    let summary = "Signed every other device out of the portal".to_owned();
    portal.note(visitor, Kind::SignedOut, Subject::None, summary);
    Ok(Response::see_other(portal.href("/account?others-signed-out")))
}

/// This device first, then the one used last.
fn devices(portal: &Portal<'_>, visitor: &Visitor, mut sessions: Vec<Live>) -> Vec<DeviceView> {
    sessions.sort_by_key(|live| live.hash != visitor.live.hash);
    let rows = sessions.into_iter().take(MOST_DEVICES).map(|live| {
        let words = &portal.words;
        let since = words.device_since(words.date(&wall_clock(&portal.now, live.session.created).date));
        DeviceView {
            name: live.session.device.label(words),
            about: format!("{since} · {}", seen(words, portal.now.unix_seconds - live.session.seen)),
            this: live.hash == visitor.live.hash,
            action: portal.href(&format!("/account/devices/{}", live.hash)),
        }
    });
    rows.collect()
}

/// How long ago a device was used, as exactly as a session notes it.
fn seen(words: &Words, seconds: i64) -> String {
    match seconds {
        ..600 => words.seen_now().to_owned(),
        600..HOUR => words.seen_minutes_ago(seconds / MINUTE),
        HOUR..DAY => words.seen_hours_ago(seconds / HOUR),
        _ => words.seen_days_ago(seconds / DAY),
    }
}
