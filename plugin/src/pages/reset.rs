//! Choosing a new password by a link from an e-mail. `GET` shows the form and changes nothing; the
//! `POST` uses the link up, ends every session of before and begins a new one.

use super::{
    new_password::{self, NewPassword},
    page, sign_in,
    sign_up::read,
};
use crate::{
    Error,
    bindings::fieldservice::plugins::activity::{Kind, Subject},
    http::{Response, percent_encode},
    opens::{self, How},
    portal::Portal,
    recovery,
    view::{Layout, Mistake},
};
use askama::Template;

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage<'a> {
    layout: Layout<'a>,
    action: String,
    email: &'a str,
    password: NewPassword<'a>,
    mistakes: &'a [Mistake],
}

#[derive(Template)]
#[template(path = "reset_over.html")]
struct OverPage<'a> {
    layout: Layout<'a>,
    again: String,
}

/// The page.
pub fn show(portal: &Portal<'_>, token: &str) -> Result<Response, Error> {
    match recovery::find_reset(portal.host, token)? {
        Some(found) => render(portal, 200, token, &found.login, &[]),
        None => over(portal),
    }
}

/// The form.
pub fn act(portal: &Portal<'_>, token: &str) -> Result<Response, Error> {
    let Some(found) = recovery::find_reset(portal.host, token)? else {
        return over(portal);
    };
    let form = match read(portal) {
        Ok(form) => form,
        Err(response) => return Ok(leave(response)),
    };
    let (customer, email) = (&found.reset.customer, &found.login);
    let password = form.get("password").unwrap_or_default();
    if let Err(mistake) = new_password::check(portal, password, email) {
        return render(portal, 422, token, email, &[mistake]);
    }
    let generation = match recovery::set_new_password(portal.host, &found, password) {
        Ok(Some(generation)) => generation,
        Ok(None) => return over(portal),
        Err(Error::Invalid(errors)) => {
            return render(portal, 422, token, email, &new_password::refused(portal, &errors));
        }
        Err(other) => return Err(other),
    };
    opens::note(portal, customer, How::Password);
    let cookie = sign_in::begin(portal, customer, generation)?;
    let summary = "Chose a new password by a link sent to their e-mail address".to_owned();
    portal.record(customer, Kind::AccessChanged, Subject::None, summary, sign_in::VIA);
    let response = Response::see_other(portal.href("/account?password-changed"));
    Ok(leave(response.with("set-cookie", cookie)))
}

fn render(portal: &Portal<'_>, status: u16, token: &str, email: &str, mistakes: &[Mistake]) -> Result<Response, Error> {
    let words = &portal.words;
    let template = ResetPage {
        layout: Layout::open(portal, words.reset_heading()),
        action: portal.href(&format!("/r/{}", percent_encode(token))),
        email,
        password: NewPassword::new(portal, words.new_password(), mistakes),
        mistakes,
    };
    Ok(leave(page(status, words, &template)?))
}

/// Unknown, garbled, used and expired: one answer, with the way to a new link.
fn over(portal: &Portal<'_>) -> Result<Response, Error> {
    let words = &portal.words;
    let template = OverPage {
        layout: Layout {
            path: "/forgot".to_owned(),
            ..Layout::open(portal, words.reset_over_heading())
        },
        again: portal.href("/forgot"),
    };
    Ok(leave(page(404, words, &template)?))
}

/// The address holds the token: it must not reach anyone as a referrer.
fn leave(response: Response) -> Response {
    response.with("referrer-policy", "no-referrer".to_owned())
}
