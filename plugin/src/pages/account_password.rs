//! Changing the password: the current one is asked for, through the host's throttled check. Every
//! other device is signed out and this one gets a new session.

use super::{
    error,
    new_password::{self, NewPassword, error_of, mistake},
    page, sign_in,
};
use crate::{
    Error, access,
    bindings::fieldservice::plugins::activity::{Kind, Subject},
    forms::{Form, Unreadable},
    http::Response,
    portal::{Portal, Visitor},
    recovery,
    view::{Layout, Mistake},
};
use askama::Template;

#[derive(Template)]
#[template(path = "account_password.html")]
struct PasswordPage<'a> {
    layout: Layout<'a>,
    action: String,
    back: String,
    email: &'a str,
    current_error: Option<String>,
    password: NewPassword<'a>,
    mistakes: &'a [Mistake],
}

/// Id of the input for the current password.
const CURRENT: &str = "current";

/// The page; without a password there is none to change.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    match login(portal, visitor)? {
        Some(email) => render(portal, visitor, 200, &email, &[]),
        None => Ok(Response::see_other(portal.href("/account"))),
    }
}

/// The form.
pub fn act(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    let Some(email) = login(portal, visitor)? else {
        return Ok(Response::see_other(portal.href("/account")));
    };
    let form = match Form::of_body(portal.request) {
        Ok(form) => form,
        Err(Unreadable::TooLong) => return Ok(error::unreadable(portal, Some(visitor), 413)),
        Err(Unreadable::Malformed) => return Ok(error::unreadable(portal, Some(visitor), 400)),
    };
    let current = form.get("current").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    // The rule first: nobody has to wait for having chosen too short a password.
    if let Err(mistake) = new_password::check(portal, password, &email) {
        return render(portal, visitor, 422, &email, &[mistake]);
    }
    let (words, customer) = (&portal.words, &visitor.live.session.customer);
    let wrong = || [mistake(CURRENT, words.current_password_wrong())];
    if current.is_empty() || current.len() > 1_024 {
        return render(portal, visitor, 422, &email, &wrong());
    }
    match portal.host.verify_password(&email, current) {
        Ok(known) if known == *customer => {}
        Ok(_) | Err(Error::Denied(_) | Error::Invalid(_) | Error::NotFound) => {
            return render(portal, visitor, 422, &email, &wrong());
        }
        Err(Error::RateLimited(seconds)) => {
            let text = words.slow_body(error::minutes(seconds));
            let response = render(portal, visitor, 429, &email, &[mistake(CURRENT, text)])?;
            return Ok(response.with("retry-after", seconds.to_string()));
        }
        Err(other) => return Err(other),
    }
    // Whoever knew the password that was changed during the check must not change it back.
    if access::of(portal.host, customer)?.generation != visitor.live.session.generation {
        return Ok(Response::see_other(portal.href("/sign-in")));
    }
    match portal.host.replace_password(customer, &email, password) {
        Ok(()) => {}
        Err(Error::Invalid(errors)) => {
            return render(portal, visitor, 422, &email, &new_password::refused(portal, &errors));
        }
        Err(other) => return Err(other),
    }
    let generation = access::end_sessions(portal.host, customer)?;
    let cookie = sign_in::begin(portal, customer, generation)?;
    let summary = "Changed the password of the portal".to_owned();
    portal.note(visitor, Kind::AccessChanged, Subject::None, summary);
    recovery::tell_of_new_password(portal.host, customer, &email);
    Ok(Response::see_other(portal.href("/account?password-changed")).with("set-cookie", cookie))
}

/// The e-mail the customer signs in with; `None` without a password.
fn login(portal: &Portal<'_>, visitor: &Visitor) -> Result<Option<String>, Error> {
    let status = portal.host.password_status(&visitor.live.session.customer)?;
    Ok(status.registered.then_some(status.login))
}

fn render(
    portal: &Portal<'_>,
    visitor: &Visitor,
    status: u16,
    email: &str,
    mistakes: &[Mistake],
) -> Result<Response, Error> {
    let words = &portal.words;
    let template = PasswordPage {
        layout: Layout::customer(portal, visitor, None, words.change_password(), "/account/password"),
        action: portal.href("/account/password"),
        back: portal.href("/account"),
        email,
        current_error: error_of(mistakes, CURRENT),
        password: NewPassword::new(portal, words.new_password(), mistakes),
        mistakes,
    };
    page(status, words, &template)
}
