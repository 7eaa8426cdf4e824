//! *Sign In* with e-mail and password. Unknown e-mail, wrong password and a customer without a
//! password are answered alike; the host does the same work for all of them.

use super::{error, page};
use crate::{
    Error, access,
    bindings::fieldservice::plugins::activity::{Kind, Subject},
    forms::{Form, Unreadable},
    http::{Response, percent_encode},
    opens::{self, How},
    portal::Portal,
    routes,
    session::{self, Session, Stage},
    view::Layout,
};
use askama::Template;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    layout: Layout<'a>,
    action: String,
    forgot: String,
    fresh_link: String,
    email: &'a str,
    refused: Option<String>,
    signed_out: bool,
}

/// What staff read about a customer who came with a password.
pub(super) const VIA: &str = "password";

/// The page; who is signed in already goes on.
pub fn show(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let query = Form::of_query(portal.request);
    let next = query.get("next").filter(|path| routes::is_page(path)).unwrap_or("/");
    if portal.visitor()?.is_some() {
        return Ok(Response::see_other(portal.href(next)));
    }
    render(portal, 200, next, "", None, query.has("signed-out"))
}

/// The attempt.
pub fn act(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let query = Form::of_query(portal.request);
    let next = query.get("next").filter(|path| routes::is_page(path)).unwrap_or("/");
    let form = match Form::of_body(portal.request) {
        Ok(form) => form,
        Err(Unreadable::TooLong) => return Ok(error::unreadable(portal, None, 413)),
        Err(Unreadable::Malformed) => return Ok(error::unreadable(portal, None, 400)),
    };
    let email = form.get("email").unwrap_or_default().trim();
    let password = form.get("password").unwrap_or_default();
    let words = &portal.words;
    if email.is_empty() || password.is_empty() || email.len() > 254 || password.len() > 1_024 {
        return render(
            portal,
            422,
            next,
            email,
            Some(words.sign_in_refused().to_owned()),
            false,
        );
    }
    // Read before the password is looked at, so that one which is changed during the check ends this
    // session too; and read for an e-mail that nobody has as well, so that the way is the same.
    let known = portal.host.find_login(email)?;
    let generation = access::of(portal.host, known.as_deref().unwrap_or_default())?.generation;
    let customer = match portal.host.verify_password(email, password) {
        Ok(customer) if known.as_ref() == Some(&customer) => customer,
        // `Ok`: the e-mail has become somebody else's since then.
        Ok(_) | Err(Error::Denied(_) | Error::Invalid(_) | Error::NotFound) => {
            return render(
                portal,
                422,
                next,
                email,
                Some(words.sign_in_refused().to_owned()),
                false,
            );
        }
        Err(Error::RateLimited(seconds)) => {
            let text = words.slow_body(error::minutes(seconds));
            return Ok(render(portal, 429, next, email, Some(text), false)?.with("retry-after", seconds.to_string()));
        }
        Err(other) => return Err(other),
    };
    opens::note(portal, &customer, How::Password);
    let cookie = begin(portal, &customer, generation)?;
    portal.record(
        &customer,
        Kind::SignedIn,
        Subject::None,
        "Signed in to the portal".to_owned(),
        VIA,
    );
    Ok(Response::see_other(portal.href(next)).with("set-cookie", cookie))
}

/// A session that a password gave; its id is new whatever the browser had before. `generation` is
/// the customer's from before the password was looked at.
pub(super) fn begin(portal: &Portal<'_>, customer: &str, generation: u64) -> Result<String, Error> {
    let now = portal.now.unix_seconds;
    let session = Session::new(customer, Stage::Portal, None, VIA, portal.device(), now);
    session::begin(portal.host, &portal.settings, portal.cookie(), session, generation)
}

fn render(
    portal: &Portal<'_>,
    status: u16,
    next: &str,
    email: &str,
    refused: Option<String>,
    signed_out: bool,
) -> Result<Response, Error> {
    let action = if next == "/" {
        portal.href("/sign-in")
    } else {
        portal.href(&format!("/sign-in?next={}", percent_encode(next)))
    };
    let layout = Layout::open(portal, portal.words.sign_in());
    page(
        status,
        &portal.words,
        &SignInPage {
            layout,
            action,
            forgot: portal.href("/forgot"),
            fresh_link: portal.href("/fresh-link"),
            email,
            refused,
            signed_out,
        },
    )
}
