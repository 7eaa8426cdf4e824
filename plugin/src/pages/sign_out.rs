//! Signing out ends the session on the server, not only in the browser, and asks the browser to
//! forget what it kept.

use crate::{
    Error,
    bindings::fieldservice::plugins::activity::{Kind, Subject},
    http::Response,
    portal::{Portal, Visitor},
    session,
};

/// The deed.
pub fn act(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    session::end(portal.host, portal.cookie())?;
    portal.note(
        visitor,
        Kind::SignedOut,
        Subject::None,
        "Signed out of the portal".to_owned(),
    );
    Ok(Response::see_other(portal.href("/sign-in?signed-out"))
        .with("set-cookie", session::forgotten())
        .with("clear-site-data", "\"cache\", \"storage\"".to_owned()))
}
