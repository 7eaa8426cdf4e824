//! *Forgot your password?* Whatever e-mail is typed, the answer is the same; what is sent, and
//! whether anything is, only the owner of the address learns.

use super::{
    error,
    new_password::{error_of, mistake},
    page,
    sign_up::read,
};
use crate::{
    Error,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        types::Channel,
    },
    forms::{Form, looks_like_email, one_line},
    http::Response,
    mail,
    portal::Portal,
    recovery,
    view::{Layout, Mistake},
};
use askama::Template;

#[derive(Template)]
#[template(path = "forgot.html")]
struct ForgotPage<'a> {
    layout: Layout<'a>,
    action: String,
    back: String,
    email: &'a str,
    email_error: Option<String>,
    mistakes: &'a [Mistake],
}

#[derive(Template)]
#[template(path = "forgot_sent.html")]
struct SentPage<'a> {
    layout: Layout<'a>,
    again: String,
    back: String,
}

/// The page, or what is said after the form was sent.
pub fn show(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let words = &portal.words;
    if Form::of_query(portal.request).has("sent") {
        let template = SentPage {
            layout: Layout::open(portal, words.forgot_sent_heading()),
            again: portal.href("/forgot"),
            back: portal.href("/sign-in"),
        };
        return page(200, words, &template);
    }
    if !mail::sends(portal.host, Channel::Email) {
        let text = words.forgot_no_email(&portal.company.name);
        return error::say(portal, 200, words.forgot_password(), text);
    }
    render(portal, 200, "", &[])
}

/// The form; the answer takes as long for every address.
pub fn act(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    recovery::in_equal_time(portal.host, || ask(portal))
}

fn ask(portal: &Portal<'_>) -> Result<Response, Error> {
    let form = match read(portal) {
        Ok(form) => form,
        Err(response) => return Ok(response),
    };
    let email = one_line(form.get("email").unwrap_or_default());
    if !looks_like_email(&email) || email.len() > 254 {
        return render(portal, 422, &email, &[mistake("email", portal.words.error_email())]);
    }
    if let Some(customer) = recovery::ask(portal.host, &email)? {
        let summary = "Asked for help with a forgotten password; a link was sent".to_owned();
        portal.record(&customer, Kind::AccessChanged, Subject::None, summary, "");
    }
    Ok(Response::see_other(portal.href("/forgot?sent")))
}

fn render(portal: &Portal<'_>, status: u16, email: &str, mistakes: &[Mistake]) -> Result<Response, Error> {
    let words = &portal.words;
    let template = ForgotPage {
        layout: Layout::open(portal, words.forgot_password()),
        action: portal.href("/forgot"),
        back: portal.href("/sign-in"),
        email,
        email_error: error_of(mistakes, "email"),
        mistakes,
    };
    page(status, words, &template)
}
