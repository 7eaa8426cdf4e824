//! Opening a portal link. `GET` shows "Continue to …" and changes nothing, so that mail scanners
//! and previews neither use the link up nor sign in; the person's `POST` begins the session.

use super::{fresh_link, page};
use crate::{
    Error,
    access::{self, Access},
    bindings::fieldservice::plugins::activity::{Kind, Subject},
    http::Response,
    links::{self, Link, Purpose},
    opens::{self, How},
    portal::Portal,
    session::{self, Session, Stage},
    view::Layout,
};
use askama::Template;

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage<'a> {
    layout: Layout<'a>,
    action: String,
}

/// The page with the button.
pub fn show(portal: &Portal<'_>, token: &str) -> Result<Response, Error> {
    if links::find(portal.host, token, portal.now.unix_seconds)?.is_none() {
        return fresh_link::instead_of(portal, token);
    }
    let title = portal.words.continue_to(&portal.company.name);
    let action = portal.href(&format!("/l/{}", crate::http::percent_encode(token)));
    let template = LinkPage {
        layout: Layout::open(portal, &title),
        action,
    };
    // The address holds the token: it must not reach anyone as a referrer.
    Ok(page(200, &portal.words, &template)?.with("referrer-policy", "no-referrer".to_owned()))
}

/// The button was pressed: a session, and an address without the token.
pub fn exchange(portal: &Portal<'_>, token: &str) -> Result<Response, Error> {
    let now = portal.now.unix_seconds;
    let Some((hash, link)) = links::find(portal.host, token, now)? else {
        return fresh_link::instead_of(portal, token);
    };
    // Read first: what ends all of the customer's sessions meanwhile ends the one that begins here.
    let access = access::of(portal.host, &link.customer)?;
    match portal.host.customer(&link.customer) {
        Ok(_) => {}
        // The company removed the customer; to whoever holds the link that is the same.
        Err(Error::NotFound) => return fresh_link::instead_of(portal, token),
        Err(other) => return Err(other),
    }
    if !links::opened(portal.host, &hash, now)? {
        return fresh_link::instead_of(portal, token);
    }
    let label = link.label();
    let summary = "Opened the portal link".to_owned();
    portal.record(&link.customer, Kind::LinkOpened, Subject::None, summary, &label);

    if link.purpose == Purpose::Plain && !access.is_protected(&portal.settings) {
        return begin(portal, &hash, &link, &access, Stage::Portal);
    }
    if portal.host.password_status(&link.customer)?.registered {
        return Ok(leave(Response::see_other(portal.href("/sign-in"))));
    }
    begin(portal, &hash, &link, &access, Stage::SignUp)
}

fn begin(portal: &Portal<'_>, hash: &str, link: &Link, access: &Access, stage: Stage) -> Result<Response, Error> {
    let now = portal.now.unix_seconds;
    let session = Session::new(&link.customer, stage, Some(hash), &link.label(), portal.device(), now);
    let to = match stage {
        Stage::Portal => {
            opens::note(portal, &link.customer, How::link(link, &portal.now));
            "/"
        }
        Stage::SignUp => "/sign-up",
    };
    let (settings, generation) = (&portal.settings, access.generation);
    let cookie = session::begin(portal.host, settings, portal.cookie(), session, generation)?;
    Ok(leave(Response::see_other(portal.href(to)).with("set-cookie", cookie)))
}

fn leave(response: Response) -> Response {
    response.with("referrer-policy", "no-referrer".to_owned())
}
