//! *Confirm your new e-mail*: the code that was sent to it, a new code, or leaving things as they
//! are. The page stands until one of these, whatever is reloaded or closed in between.

use super::{error, page};
use crate::{
    Error,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        customers::Contact,
    },
    codes::{self, Purpose, Verdict},
    email_change::{self, Outcome, Pending},
    forms::{Form, Unreadable},
    http::Response,
    portal::{Portal, Visitor},
    view::{Layout, refusal},
};
use askama::Template;

/// What stands above the form.
enum Notice {
    None,
    /// The rest of the form was saved.
    Saved,
    /// A new code is on its way.
    Sent,
    /// No code was sent: others went out a moment ago.
    Later,
    /// The code was not the one.
    Refused(&'static str),
    /// What was asked for cannot be done now, or not at all.
    Stopped(String),
}

#[derive(Template)]
#[template(path = "confirm_email.html")]
struct ConfirmPage<'a> {
    layout: Layout<'a>,
    back: String,
    address: &'a str,
    confirm: String,
    again: String,
    cancel: String,
    notice: Notice,
    /// Nothing waits any more.
    over: bool,
}

/// Let a new address wait, and send it a code. `Invalid` when it is no address.
pub(super) fn start(
    portal: &Portal<'_>,
    visitor: &Visitor,
    contact: &Contact,
    address: &str,
    saved: bool,
) -> Result<Response, Error> {
    let customer = &visitor.live.session.customer;
    let told = match codes::send(portal.host, Purpose::NewEmail, customer, address) {
        Ok(()) if saved => "?saved",
        Ok(()) => "",
        Err(Error::RateLimited(_)) => "?later",
        Err(other) => return Err(other),
    };
    email_change::begin(portal, customer, &contact.email, address)?;
    Ok(Response::see_other(portal.href(&format!("/details/email{told}"))))
}

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    let Some(pending) = waiting(portal, visitor)? else {
        return Ok(Response::see_other(portal.href("/")));
    };
    let query = Form::of_query(portal.request);
    let notices = [
        ("saved", Notice::Saved),
        ("sent", Notice::Sent),
        ("later", Notice::Later),
    ];
    let notice = notices.into_iter().find(|(name, _)| query.has(name));
    let notice = notice.map_or(Notice::None, |(_, notice)| notice);
    render(portal, visitor, 200, &pending, notice, false)
}

/// The code.
pub fn confirm(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    let Some(pending) = waiting(portal, visitor)? else {
        return Ok(Response::see_other(portal.href("/")));
    };
    let form = match Form::of_body(portal.request) {
        Ok(form) => form,
        Err(Unreadable::TooLong) => return Ok(error::unreadable(portal, Some(visitor), 413)),
        Err(Unreadable::Malformed) => return Ok(error::unreadable(portal, Some(visitor), 400)),
    };
    let (words, customer) = (&portal.words, &visitor.live.session.customer);
    let code = form.get("code").unwrap_or_default();
    let refused = match codes::check(portal.host, Purpose::NewEmail, customer, code)? {
        Verdict::Right(address) if address == pending.address => return finish(portal, visitor, &pending),
        Verdict::Wrong => words.code_wrong(),
        // Right for an address that was replaced by another is over as well.
        Verdict::Over | Verdict::Right(_) => words.code_over(),
    };
    render(portal, visitor, 422, &pending, Notice::Refused(refused), false)
}

fn finish(portal: &Portal<'_>, visitor: &Visitor, pending: &Pending) -> Result<Response, Error> {
    let words = &portal.words;
    let (status, why) = match email_change::finish(portal, visitor, pending) {
        Ok(Outcome::Done) => {
            let summary = "Changed email, proven by a code".to_owned();
            portal.note(visitor, Kind::Edited, Subject::Details, summary);
            return Ok(Response::see_other(portal.href("/?saved")));
        }
        Ok(Outcome::Stale) => (409, words.confirm_email_stale().to_owned()),
        Ok(Outcome::Taken) => (422, words.error_taken().to_owned()),
        Err(Error::Invalid(errors)) => {
            let text = errors.first().map(|error| refusal(words, error));
            (422, text.unwrap_or_else(|| words.error_not_allowed().to_owned()))
        }
        Err(other) => return Err(other),
    };
    email_change::cancel(portal.host, &visitor.live.session.customer)?;
    render(portal, visitor, status, pending, Notice::Stopped(why), true)
}

/// *Send a new code*.
pub fn send_again(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    let Some(pending) = waiting(portal, visitor)? else {
        return Ok(Response::see_other(portal.href("/")));
    };
    let customer = &visitor.live.session.customer;
    match codes::send(portal.host, Purpose::NewEmail, customer, &pending.address) {
        Ok(()) => Ok(Response::see_other(portal.href("/details/email?sent"))),
        Err(Error::RateLimited(seconds)) => {
            let text = portal.words.slow_body(error::minutes(seconds));
            let response = render(portal, visitor, 429, &pending, Notice::Stopped(text), false)?;
            Ok(response.with("retry-after", seconds.to_string()))
        }
        Err(other) => Err(other),
    }
}

/// *Keep things as they are*.
pub fn cancel(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    email_change::cancel(portal.host, &visitor.live.session.customer)?;
    Ok(Response::see_other(portal.href("/")))
}

/// The address that waits. There is none where customers may not edit their details, nor for staff
/// who only look.
pub(super) fn waiting(portal: &Portal<'_>, visitor: &Visitor) -> Result<Option<Pending>, Error> {
    if !portal.settings.edit_details || portal.look.is_some() {
        return Ok(None);
    }
    email_change::pending(portal.host, &visitor.live.session.customer)
}

fn render(
    portal: &Portal<'_>,
    visitor: &Visitor,
    status: u16,
    pending: &Pending,
    notice: Notice,
    over: bool,
) -> Result<Response, Error> {
    let words = &portal.words;
    let heading = words.confirm_email_heading();
    let template = ConfirmPage {
        layout: Layout::customer(portal, visitor, None, heading, "/details/email"),
        back: portal.href("/"),
        address: &pending.address,
        confirm: portal.href("/details/email"),
        again: portal.href("/details/email/code"),
        cancel: portal.href("/details/email/cancel"),
        notice,
        over,
    };
    page(status, words, &template)
}
