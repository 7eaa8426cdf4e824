//! The second step of *Sign Up* with another e-mail: the code that was sent to it, and the password.
//! Nothing was stored before; the page can be reloaded and the code sent again.

use super::{
    error,
    new_password::{self, NewPassword, error_of, mistake},
    page,
    sign_up::{finish, read, signing_up, to_sign_in},
};
use crate::{
    Error,
    codes::{self, Purpose, Verdict},
    forms::Form,
    http::Response,
    portal::Portal,
    session::Live,
    view::{Layout, Mistake},
};
use askama::Template;

#[derive(Template)]
#[template(path = "sign_up_code.html")]
struct CodePage<'a> {
    layout: Layout<'a>,
    action: String,
    again: String,
    other: String,
    email: &'a str,
    /// As it was typed.
    code: &'a str,
    code_error: Option<String>,
    password: NewPassword<'a>,
    mistakes: &'a [Mistake],
    resent: bool,
}

/// The page.
pub fn show(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    match proving(portal)? {
        Ok((_, email)) => {
            let resent = Form::of_query(portal.request).has("resent");
            render(portal, 200, &email, "", &[], resent)
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// The form. The password is looked at first: a code is not used up for one that will not do.
pub fn act(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let (live, email) = match proving(portal)? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let form = match read(portal) {
        Ok(form) => form,
        Err(response) => return Ok(response),
    };
    let code = form.get("code").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    let refuse = |mistakes: &[Mistake]| render(portal, 422, &email, code, mistakes, false);
    if let Err(mistake) = new_password::check(portal, password, &email) {
        return refuse(&[mistake]);
    }
    let (words, customer) = (&portal.words, &live.session.customer);
    let address = match codes::check(portal.host, Purpose::SignUp, customer, code)? {
        Verdict::Right(address) => address,
        Verdict::Wrong => return refuse(&[mistake("code", words.code_wrong())]),
        Verdict::Over => return refuse(&[mistake("code", words.code_over())]),
    };
    let contact = portal.host.customer(customer)?.contact()?;
    match finish(portal, &live, &contact, &address, password)? {
        Ok(response) => {
            codes::forget(portal.host, Purpose::SignUp, customer)?;
            Ok(response)
        }
        Err(mistakes) => refuse(&mistakes),
    }
}

/// Another code to the same address.
pub fn again(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let (live, email) = match proving(portal)? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match codes::send(portal.host, Purpose::SignUp, &live.session.customer, &email) {
        Ok(()) => Ok(Response::see_other(portal.href("/sign-up/code?resent"))),
        Err(Error::RateLimited(seconds)) => {
            let text = portal.words.slow_body(error::minutes(seconds));
            let response = render(portal, 429, &email, "", &[mistake("code", text)], false)?;
            Ok(response.with("retry-after", seconds.to_string()))
        }
        Err(other) => Err(other),
    }
}

/// Who is signing up and the address that a code went to, or where to go without.
fn proving(portal: &Portal<'_>) -> Result<Result<(Live, String), Response>, Error> {
    let Some(live) = signing_up(portal)? else {
        return Ok(Err(to_sign_in(portal)));
    };
    let customer = &live.session.customer;
    if portal.host.password_status(customer)?.registered {
        return Ok(Err(to_sign_in(portal)));
    }
    Ok(match codes::pending(portal.host, Purpose::SignUp, customer)? {
        Some(email) => Ok((live, email)),
        None => Err(Response::see_other(portal.href("/sign-up"))),
    })
}

fn render(
    portal: &Portal<'_>,
    status: u16,
    email: &str,
    code: &str,
    mistakes: &[Mistake],
    resent: bool,
) -> Result<Response, Error> {
    let words = &portal.words;
    let template = CodePage {
        layout: Layout::open(portal, words.code_heading()),
        action: portal.href("/sign-up/code"),
        again: portal.href("/sign-up/code/again"),
        other: portal.href("/sign-up"),
        email,
        code,
        code_error: error_of(mistakes, "code").or_else(|| error_of(mistakes, "email")),
        password: NewPassword::new(portal, words.password(), mistakes),
        mistakes,
        resent,
    };
    page(status, words, &template)
}
