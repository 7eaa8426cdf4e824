//! *Send me a fresh link*: what stands behind a link that no longer opens, and behind no link at
//! all. Whatever was asked for, and whatever came of it, the answer is the same.

use super::{error, page};
use crate::{
    Error,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        types::Channel,
    },
    forms::{Form, Unreadable, looks_like_email},
    http::Response,
    links, mail, masking,
    portal::Portal,
    recovery::{self, Sent},
    view::Layout,
};
use askama::Template;

/// What the page offers.
enum Offer<'a> {
    /// To the masked address on file; the link that was opened says whose.
    OnFile { token: &'a str, to: String },
    /// To whatever is on file for the e-mail that is typed.
    Ask,
    /// Nothing: the company sends no messages.
    Nothing,
}

#[derive(Template)]
#[template(path = "fresh_link.html")]
struct FreshLinkPage<'a> {
    layout: Layout<'a>,
    heading: &'static str,
    lead: String,
    action: String,
    offer: Offer<'a>,
    email: &'a str,
    refused: Option<&'static str>,
}

/// The answer to a link that does not open. Unknown and garbled, expired and revoked are pairs that
/// look alike; only whoever holds a link that did open once learns that there is an address on file.
pub(super) fn instead_of(portal: &Portal<'_>, token: &str) -> Result<Response, Error> {
    let offer = match links::known(portal.host, token)? {
        Some((_, link)) => match on_file(portal, &link.customer)? {
            Some(to) => Offer::OnFile { token, to },
            None => Offer::Ask,
        },
        None => Offer::Ask,
    };
    let words = &portal.words;
    let lead = words.link_over_body(&portal.company.name);
    let response = render(portal, 404, words.link_over_heading(), lead, offer, "", None)?;
    Ok(response.with("referrer-policy", "no-referrer".to_owned()))
}

/// The page for somebody who has no link at hand, and what is said after asking for one.
pub fn show(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let words = &portal.words;
    if Form::of_query(portal.request).has("sent") {
        return error::say(
            portal,
            200,
            words.fresh_link_sent_heading(),
            words.fresh_link_sent_body().to_owned(),
        );
    }
    ask(portal, 200, "", None)
}

/// *Send me a fresh link*; the answer takes as long for every link and every address.
pub fn send(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    recovery::in_equal_time(portal.host, || look_up_and_send(portal))
}

fn look_up_and_send(portal: &Portal<'_>) -> Result<Response, Error> {
    let form = match Form::of_body(portal.request) {
        Ok(form) => form,
        Err(Unreadable::TooLong) => return Ok(error::unreadable(portal, None, 413)),
        Err(Unreadable::Malformed) => return Ok(error::unreadable(portal, None, 400)),
    };
    let customer = if let Some(token) = form.get("link") {
        links::known(portal.host, token)?.map(|(_, link)| link.customer)
    } else {
        let email = form.get("email").unwrap_or_default().trim();
        if email.len() > 254 || !looks_like_email(email) {
            return ask(portal, 422, email, Some(portal.words.error_email()));
        }
        portal.host.find_by_email(email)?
    };
    if let Some(customer) = customer {
        // Too soon, nowhere to send it, nobody there any more: none of it is the asking person's to know.
        if recovery::send_fresh_link(portal.host, &customer).is_ok() {
            let summary = "Asked for a fresh portal link and was sent one".to_owned();
            portal.record(&customer, Kind::LinkShared, Subject::None, summary, "");
        }
    }
    Ok(Response::see_other(portal.href("/fresh-link?sent")).with("referrer-policy", "no-referrer".to_owned()))
}

/// Where a fresh link of this customer would go, masked.
fn on_file(portal: &Portal<'_>, customer: &str) -> Result<Option<String>, Error> {
    match portal.host.customer(customer).and_then(|handle| handle.contact()) {
        Ok(contact) => Ok(recovery::way_to(portal.host, &contact).map(|sent| masked(&sent))),
        // The company removed the customer; to whoever holds the link that is like an unknown one.
        Err(Error::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

fn masked(sent: &Sent) -> String {
    match sent.channel {
        Channel::Email => masking::email(&sent.to),
        Channel::Sms => masking::phone(&sent.to),
    }
}

fn ask(portal: &Portal<'_>, status: u16, email: &str, refused: Option<&'static str>) -> Result<Response, Error> {
    let words = &portal.words;
    let lead = words.fresh_link_lead(&portal.company.name);
    render(
        portal,
        status,
        words.fresh_link_heading(),
        lead,
        Offer::Ask,
        email,
        refused,
    )
}

fn render(
    portal: &Portal<'_>,
    status: u16,
    heading: &'static str,
    lead: String,
    offer: Offer<'_>,
    email: &str,
    refused: Option<&'static str>,
) -> Result<Response, Error> {
    let can_send = mail::sends(portal.host, Channel::Email) || mail::sends(portal.host, Channel::Sms);
    let offer = if can_send { offer } else { Offer::Nothing };
    let template = FreshLinkPage {
        layout: Layout {
            // Not the address of a link that opens nothing: its page is the same whatever stands in it.
            path: "/fresh-link".to_owned(),
            ..Layout::open(portal, heading)
        },
        heading,
        lead,
        action: portal.href("/fresh-link"),
        offer,
        email,
        refused,
    };
    page(status, &portal.words, &template)
}
