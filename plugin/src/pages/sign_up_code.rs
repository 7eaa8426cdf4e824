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
    /// Whether a password was typed on the page before, too.
    typed_before: bool,
}

/// Who is signing up, and how far they are.
struct Proving {
    live: Live,
    /// The address that a code went to.
    email: String,
    /// The customer has an address on file: then *Sign Up* asked for a password beside it.
    on_file: bool,
}

/// The page.
pub fn show(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    match proving(portal)? {
        Ok(proving) => {
            let resent = Form::of_query(portal.request).has("resent");
            render(portal, 200, &proving, "", &[], resent)
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// The form. The password is looked at first: a code is not used up for one that will not do.
pub fn act(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let proving = match proving(portal)? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (live, email) = (&proving.live, &proving.email);
    let form = match read(portal) {
        Ok(form) => form,
        Err(response) => return Ok(response),
    };
    let code = form.get("code").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    let refuse = |mistakes: &[Mistake]| render(portal, 422, &proving, code, mistakes, false);
    if let Err(mistake) = new_password::check(portal, password, email) {
        return refuse(&[mistake]);
    }
    let (words, customer) = (&portal.words, &live.session.customer);
    let address = match codes::check(portal.host, Purpose::SignUp, customer, code)? {
        Verdict::Right(address) => address,
        Verdict::Wrong => return refuse(&[mistake("code", words.code_wrong())]),
        Verdict::Over => return refuse(&[mistake("code", words.code_over())]),
    };
    let contact = portal.host.customer(customer)?.contact()?;
    match finish(portal, live, &contact, &address, password)? {
        Ok(response) => {
            codes::forget(portal.host, Purpose::SignUp, customer)?;
            Ok(response)
        }
        Err(mistakes) => refuse(&mistakes),
    }
}

/// Another code to the same address.
pub fn again(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let proving = match proving(portal)? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let customer = &proving.live.session.customer;
    match codes::send(portal.host, Purpose::SignUp, customer, &proving.email) {
        Ok(()) => Ok(Response::see_other(portal.href("/sign-up/code?resent"))),
        Err(Error::RateLimited(seconds)) => {
            let text = portal.words.slow_body(error::minutes(seconds));
            let response = render(portal, 429, &proving, "", &[mistake("code", text)], false)?;
            Ok(response.with("retry-after", seconds.to_string()))
        }
        Err(other) => Err(other),
    }
}

/// Who is signing up, or where to go without.
fn proving(portal: &Portal<'_>) -> Result<Result<Proving, Response>, Error> {
    let Some(live) = signing_up(portal)? else {
        return Ok(Err(to_sign_in(portal)));
    };
    let customer = &live.session.customer;
    if portal.host.password_status(customer)?.registered {
        return Ok(Err(to_sign_in(portal)));
    }
    Ok(match codes::pending(portal.host, Purpose::SignUp, customer)? {
        Some(email) => Ok(Proving {
            on_file: !portal.host.customer(customer)?.contact()?.email.is_empty(),
            live,
            email,
        }),
        None => Err(Response::see_other(portal.href("/sign-up"))),
    })
}

fn render(
    portal: &Portal<'_>,
    status: u16,
    proving: &Proving,
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
        email: &proving.email,
        code,
        code_error: error_of(mistakes, "code").or_else(|| error_of(mistakes, "email")),
        password: NewPassword::new(portal, words.password(), mistakes),
        mistakes,
        resent,
        typed_before: proving.on_file,
    };
    page(status, words, &template)
}
