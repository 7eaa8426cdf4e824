//! *Sign Up*: the customer who opened a registration link makes a password. The e-mail is the one
//! on file, or another one that a code proves first; a password that exists is never overwritten.

use super::{
    error,
    new_password::{self, NewPassword, error_of, mistake},
    page, sign_in,
};
use crate::{
    Error, access,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        customers::{Contact, ContactChange},
        messages::Recipient,
        types::Channel,
    },
    codes::{self, Purpose},
    forms::{Form, Unreadable, looks_like_email, one_line},
    http::Response,
    mail::{self, Mail},
    opens::{self, How},
    portal::Portal,
    session::{Live, Stage},
    tokens,
    view::{Layout, Mistake},
};
use askama::Template;

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage<'a> {
    layout: Layout<'a>,
    action: String,
    /// What stands in the field.
    email: &'a str,
    on_file: bool,
    /// There is no address to sign up with, and none can be proven.
    stuck: bool,
    email_error: Option<String>,
    password: NewPassword<'a>,
    mistakes: &'a [Mistake],
}

/// The page.
pub fn show(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let Some(live) = signing_up(portal)? else {
        return Ok(to_sign_in(portal));
    };
    let on_file = portal.host.customer(&live.session.customer)?.contact()?.email;
    render(portal, 200, &on_file, &on_file, &[])
}

/// The form: with the e-mail on file a password is made, with another one a code is sent to it.
pub fn act(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let Some(live) = signing_up(portal)? else {
        return Ok(to_sign_in(portal));
    };
    let form = match read(portal) {
        Ok(form) => form,
        Err(response) => return Ok(response),
    };
    let contact = portal.host.customer(&live.session.customer)?.contact()?;
    let on_file = &contact.email;
    let email = one_line(form.get("email").unwrap_or_default());
    if on_file.is_empty() || !email.eq_ignore_ascii_case(on_file) {
        return prove(portal, &live, &email, on_file);
    }
    let password = form.get("password").unwrap_or_default();
    if let Err(mistake) = new_password::check(portal, password, on_file) {
        return render(portal, 422, &email, on_file, &[mistake]);
    }
    match finish(portal, &live, &contact, on_file, password)? {
        Ok(response) => Ok(response),
        Err(mistakes) => render(portal, 422, &email, on_file, &mistakes),
    }
}

/// Another address has to be proven before anything is stored.
fn prove(portal: &Portal<'_>, live: &Live, email: &str, on_file: &str) -> Result<Response, Error> {
    let (host, words, customer) = (portal.host, &portal.words, &live.session.customer);
    let refuse = |status, text: &str| render(portal, status, email, on_file, &[mistake("email", text)]);
    if !looks_like_email(email) || email.len() > 254 {
        return refuse(422, words.error_email());
    }
    if host.password_status(customer)?.registered {
        return Ok(to_sign_in(portal));
    }
    if !mail::sends(host, Channel::Email) {
        return refuse(422, words.sign_up_other_email());
    }
    let next = || Response::see_other(portal.href("/sign-up/code"));
    match codes::send(host, Purpose::SignUp, customer, email) {
        Ok(()) => Ok(next()),
        Err(Error::Invalid(_)) => refuse(422, words.error_email()),
        Err(Error::RateLimited(seconds)) => {
            // The form was sent twice: the first code is on its way.
            if codes::pending(host, Purpose::SignUp, customer)?.as_deref() == Some(email) {
                return Ok(next());
            }
            let text = words.slow_body(error::minutes(seconds));
            Ok(refuse(429, &text)?.with("retry-after", seconds.to_string()))
        }
        Err(other) => Err(other),
    }
}

/// The session that a registration link gave, and only that.
pub(super) fn signing_up(portal: &Portal<'_>) -> Result<Option<Live>, Error> {
    let Some(live) = portal.live()?.filter(|live| live.session.stage == Stage::SignUp) else {
        return Ok(None);
    };
    // Somebody signed up in the meantime: from then on the password is asked for, and nothing is shown without.
    let registered = portal.host.password_status(&live.session.customer)?.registered;
    Ok((!registered).then_some(live))
}

pub(super) fn to_sign_in(portal: &Portal<'_>) -> Response {
    Response::see_other(portal.href("/sign-in"))
}

/// The form a request carries, or what is said of one that cannot be read.
pub(super) fn read(portal: &Portal<'_>) -> Result<Form, Response> {
    Form::of_body(portal.request).map_err(|unreadable| match unreadable {
        Unreadable::TooLong => error::unreadable(portal, None, 413),
        Unreadable::Malformed => error::unreadable(portal, None, 400),
    })
}

/// Store the password for a login that is the customer's own and let them in. `Err` inside says
/// what is wrong with what was typed; nothing was stored then.
pub(super) fn finish(
    portal: &Portal<'_>,
    live: &Live,
    contact: &Contact,
    login: &str,
    password: &str,
) -> Result<Result<Response, Vec<Mistake>>, Error> {
    let customer = &live.session.customer;
    match portal.host.create_password(customer, login, password) {
        Ok(()) => {}
        Err(Error::Conflict(_)) => return Ok(Ok(to_sign_in(portal))),
        Err(Error::Invalid(errors)) => return Ok(Err(new_password::refused(portal, &errors))),
        Err(other) => return Err(other),
    }
    // From now on a password is asked for, also of whoever holds an older plain link.
    access::protect(portal.host, customer, true)?;
    opens::note(portal, customer, How::SignUp);
    let cookie = sign_in::begin(portal, customer, live.session.generation)?;
    let own = login.eq_ignore_ascii_case(&contact.email);
    let summary = if own {
        "Signed up for the password-protected portal"
    } else {
        "Signed up for the password-protected portal with an e-mail address proven by a code"
    };
    let via = &live.session.via;
    portal.record(customer, Kind::SignedUp, Subject::None, summary.to_owned(), via);
    if !own {
        keep_or_tell(portal, customer, contact, login);
    }
    Ok(Ok(Response::see_other(portal.href("/")).with("set-cookie", cookie)))
}

/// A proven address fills an empty one on file; where there is one, it hears of the password.
/// The customer is signed up whether or not this works out.
fn keep_or_tell(portal: &Portal<'_>, customer: &str, contact: &Contact, login: &str) {
    if contact.email.is_empty() {
        if portal.settings.edit_details
            && let Ok(handle) = portal.host.customer(customer)
        {
            let _ = handle.update_contact(contact.version, &email_only(login));
        }
        return;
    }
    let Ok(mail) = Mail::to(portal.host, customer) else {
        return;
    };
    let words = &mail.words;
    let _ = mail.send(
        Recipient::OnFile,
        words.mail_registered_subject(),
        &[
            words.mail_registered_body(&mail.company.name),
            words.mail_registered_alarm().to_owned(),
        ],
        &format!("registered-{}", tokens::new(portal.host)),
    );
}

fn email_only(email: &str) -> ContactChange {
    ContactChange {
        first_name: None,
        last_name: None,
        company_name: None,
        email: Some(email.to_owned()),
        phone: None,
        mobile: None,
        address: None,
        language: None,
    }
}

fn render(
    portal: &Portal<'_>,
    status: u16,
    email: &str,
    on_file: &str,
    mistakes: &[Mistake],
) -> Result<Response, Error> {
    let words = &portal.words;
    let template = SignUpPage {
        layout: Layout::open(portal, words.sign_up()),
        action: portal.href("/sign-up"),
        email,
        on_file: !on_file.is_empty(),
        stuck: on_file.is_empty() && !mail::sends(portal.host, Channel::Email),
        email_error: error_of(mistakes, "email"),
        password: NewPassword::new(portal, words.password(), mistakes),
        mistakes,
    };
    page(status, words, &template)
}
