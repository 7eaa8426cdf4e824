//! *Copy Customer Portal Link*: the *Password Protected* checkbox, the status, a link to copy, show as a QR code,
//! e-mail or text.
//!
//! Only the hash of a link's token is stored, so a link that was shown cannot be shown again, and
//! nothing of it travels through the form. A new one is made when the panel opens, when protection
//! changes (another kind of link is needed) and when staff ask; after anything else the panel
//! offers to make one instead, so that no link lies about that nobody wanted.

use super::{Desk, button, send, success, text};
use crate::{
    Error, access,
    bindings::exports::fieldservice::plugins::actions_menu::{
        ButtonStyle, Checkbox, CopyableLink, Element, Notice, Panel, Submission,
    },
    bindings::fieldservice::plugins::{activity::Kind, types::Channel},
    format::date_after,
    links::{self, Link, Purpose, Way},
    mail, tokens,
};

/// The checkbox's key.
pub const PROTECTED: &str = "password_protected";
/// Key of the button that makes another link.
pub const FRESH: &str = "fresh_link";

const BY_EMAIL: &str = "email:";
const BY_TEXT: &str = "text:";

/// The panel as it opens.
pub(super) fn open(desk: &Desk<'_>) -> Result<Panel, Error> {
    draw(desk, true, None)
}

/// The panel after the checkbox was switched or a button was pressed.
pub(super) fn submit(desk: &Desk<'_>, submission: &Submission) -> Result<Panel, Error> {
    match submission.button.as_str() {
        PROTECTED => {
            let notice = switch(desk, submission)?;
            draw(desk, true, Some(notice))
        }
        FRESH => draw(desk, true, None),
        other => {
            let (channel, press) = other
                .strip_prefix(BY_EMAIL)
                .map(|press| (Channel::Email, press))
                .or_else(|| other.strip_prefix(BY_TEXT).map(|press| (Channel::Sms, press)))
                .ok_or(Error::NotFound)?;
            let notice = match send::now(desk, channel, press) {
                Ok(notice) => notice,
                Err(error) => super::refusal(&desk.words, error)?,
            };
            draw(desk, false, Some(notice))
        }
    }
}

fn switch(desk: &Desk<'_>, submission: &Submission) -> Result<Notice, Error> {
    let value = submission
        .values
        .iter()
        .find(|input| input.key == PROTECTED)
        .map(|input| input.value.as_str());
    let on = match value {
        Some("true") => true,
        Some("false") => false,
        _ => return Err(Error::Conflict("The panel was incomplete; open it again.".to_owned())),
    };
    access::protect(desk.host, desk.customer, on)?;
    let how = if on { "on" } else { "off" };
    desk.record(
        Kind::AccessChanged,
        &format!("Password protection of the portal switched {how} by {}", desk.staff),
    );
    Ok(success(if on {
        desk.words.panel_switched_on()
    } else {
        desk.words.panel_switched_off()
    }))
}

fn is_protected(desk: &Desk<'_>) -> Result<bool, Error> {
    Ok(access::of(desk.host, desk.customer)?.is_protected(&desk.settings))
}

/// A link of the kind the customer needs now, with its token.
pub(super) fn mint(desk: &Desk<'_>, way: Way) -> Result<(Link, String), Error> {
    let purpose = if is_protected(desk)? {
        Purpose::Registration
    } else {
        Purpose::Plain
    };
    let mut link = Link::new(&desk.settings, purpose, desk.customer, way, desk.now.unix_seconds);
    link.created_by.clone_from(&desk.staff);
    let token = links::mint(desk.host, std::slice::from_ref(&link))?
        .pop()
        .ok_or_else(|| Error::Unavailable("No link could be made.".to_owned()))?;
    Ok((link, token))
}

fn draw(desk: &Desk<'_>, with_link: bool, notice: Option<Notice>) -> Result<Panel, Error> {
    let words = &desk.words;
    let protected = is_protected(desk)?;
    let mut elements = vec![Element::Checkbox(Checkbox {
        key: PROTECTED.to_owned(),
        label: words.panel_protected().to_owned(),
        help: if protected {
            words.panel_protected_on_help()
        } else {
            words.panel_protected_off_help()
        }
        .to_owned(),
        checked: protected,
        immediate: true,
    })];
    if protected {
        let status = desk.host.password_status(desk.customer)?;
        elements.extend(desk.registration(&status));
        if !status.registered && desk.contact.email.is_empty() {
            elements.push(text(if mail::sends(desk.host, Channel::Email) {
                words.panel_email_comes()
            } else {
                words.panel_no_email()
            }));
        }
    }
    if with_link {
        elements.push(Element::Link(copyable(desk, protected)?));
    } else {
        let fresh = button(FRESH, words.panel_fresh_link(), ButtonStyle::Secondary);
        elements.push(Element::Button(fresh));
    }
    // The key carries a number of this drawing: pressed twice, it is one press.
    let press = tokens::new(desk.host);
    let ways = [
        (Channel::Email, BY_EMAIL, words.panel_email_now()),
        (Channel::Sms, BY_TEXT, words.panel_text_now()),
    ];
    elements.extend(
        ways.into_iter()
            .filter(|(channel, ..)| desk.address(*channel).is_some())
            .map(|(_, key, label)| Element::Button(button(format!("{key}{press}"), label, ButtonStyle::Secondary))),
    );
    Ok(Panel {
        title: words.panel_title().to_owned(),
        notice,
        elements,
    })
}

fn copyable(desk: &Desk<'_>, protected: bool) -> Result<CopyableLink, Error> {
    let words = &desk.words;
    let (link, token) = mint(desk, Way::Copied)?;
    desk.record(Kind::LinkShared, &format!("Made a {}", link.label()));
    let until = words.date(&date_after(&desk.now.local.date, desk.settings.link_lifetime_days));
    let (label, copy_label) = if protected {
        (words.panel_registration_link(), words.panel_copy_registration_link())
    } else {
        (words.panel_portal_link(), words.panel_copy_link())
    };
    Ok(CopyableLink {
        label: label.to_owned(),
        url: links::address(&desk.host.mount_url(), &token),
        copy_label: copy_label.to_owned(),
        help: words.panel_link_help(until),
        qr: true,
    })
}
