//! *Sign Up*: the customer who opened a registration link makes a password. The e-mail is the one
//! on file; a password that exists is never overwritten.

use super::{error, page, sign_in};
use crate::{
    Error, access,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        types::FieldError,
    },
    forms::{Form, Unreadable},
    http::Response,
    portal::Portal,
    session::{Live, Stage},
    view::{Layout, refusal},
};
use askama::Template;

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage<'a> {
    layout: Layout<'a>,
    action: String,
    email: &'a str,
    rule: String,
    least: i64,
    mistake: Option<String>,
}

/// The longest password, in characters; long enough for any phrase.
const LONGEST: usize = 256;

/// The page.
pub fn show(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let Some(live) = signing_up(portal)? else {
        return Ok(Response::see_other(portal.href("/sign-in")));
    };
    let email = portal.host.customer(&live.session.customer)?.contact()?.email;
    render(portal, 200, &email, None)
}

/// The form.
pub fn act(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let Some(live) = signing_up(portal)? else {
        return Ok(Response::see_other(portal.href("/sign-in")));
    };
    let form = match Form::of_body(portal.request) {
        Ok(form) => form,
        Err(Unreadable::TooLong) => return Ok(error::unreadable(portal, None, 413)),
        Err(Unreadable::Malformed) => return Ok(error::unreadable(portal, None, 400)),
    };
    let customer = &live.session.customer;
    let email = portal.host.customer(customer)?.contact()?.email;
    if email.is_empty() {
        return render(portal, 422, &email, None);
    }
    let words = &portal.words;
    let given = form.get("email").unwrap_or_default().trim();
    if !given.eq_ignore_ascii_case(&email) {
        return render(portal, 422, &email, Some(words.sign_up_other_email().to_owned()));
    }
    let password = form.get("password").unwrap_or_default();
    if let Err(mistake) = check(portal, password, &email) {
        return render(portal, 422, &email, Some(mistake));
    }
    match portal.host.create_password(customer, &email, password) {
        Ok(()) => {}
        Err(Error::Conflict(_)) => return Ok(Response::see_other(portal.href("/sign-in"))),
        Err(Error::Invalid(errors)) => {
            let mistake = errors.first().map(|error| password_refusal(portal, error));
            return render(portal, 422, &email, mistake);
        }
        Err(other) => return Err(other),
    }
    // From now on a password is asked for, also of whoever holds an older plain link.
    access::protect(portal.host, customer, true)?;
    let cookie = sign_in::begin(portal, customer)?;
    let summary = "Signed up for the password-protected portal".to_owned();
    portal.record(customer, Kind::SignedUp, Subject::None, summary, &live.session.via);
    Ok(Response::see_other(portal.href("/")).with("set-cookie", cookie))
}

/// The session that a registration link gave, and only that.
fn signing_up(portal: &Portal<'_>) -> Result<Option<Live>, Error> {
    Ok(portal.live()?.filter(|live| live.session.stage == Stage::SignUp))
}

fn check(portal: &Portal<'_>, password: &str, email: &str) -> Result<(), String> {
    let words = &portal.words;
    let characters = password.chars().count();
    let least = usize::try_from(portal.settings.password_min_length).unwrap_or(8);
    if characters < least {
        return Err(words.password_too_short(portal.settings.password_min_length));
    }
    if characters > LONGEST {
        return Err(words.password_too_long().to_owned());
    }
    let folded = password.to_lowercase();
    let names = [email, &portal.company.name, &portal.company.slug];
    if names.iter().any(|name| folded == name.to_lowercase()) {
        return Err(words.password_too_common().to_owned());
    }
    Ok(())
}

fn password_refusal(portal: &Portal<'_>, error: &FieldError) -> String {
    let words = &portal.words;
    match (error.field.as_str(), error.code.as_str()) {
        ("password", "too-short") => words.password_too_short(portal.settings.password_min_length),
        ("password", "too-long") => words.password_too_long().to_owned(),
        ("password", "too-common") => words.password_too_common().to_owned(),
        ("login", "taken") => words.sign_up_taken().to_owned(),
        _ => refusal(words, error),
    }
}

fn render(portal: &Portal<'_>, status: u16, email: &str, mistake: Option<String>) -> Result<Response, Error> {
    let words = &portal.words;
    let least = portal.settings.password_min_length;
    let template = SignUpPage {
        layout: Layout::open(portal, words.sign_up()),
        action: portal.href("/sign-up"),
        email,
        rule: words.password_rule(least),
        least,
        mistake,
    };
    page(status, words, &template)
}
