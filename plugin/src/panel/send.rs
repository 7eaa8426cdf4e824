//! *E-mail it now* and *Text it now*: a link of its own, in the customer's language, to the address on file.
//! A repeated press sends nothing again and makes no second link.

use super::{Desk, link, success};
use crate::{
    Error,
    bindings::exports::fieldservice::plugins::actions_menu::Notice,
    bindings::fieldservice::plugins::{activity::Kind, messages::Recipient, storage::Entry, types::Channel},
    format::date_after,
    links::{self, Link, Purpose, Way},
    mail::Mail,
    tokens,
};

/// What stands under a press while its message is on the way to the outbox, and afterwards.
const CLAIMED: &[u8] = b"claimed";
const SENT: &[u8] = b"sent";
/// How long a press is remembered.
const REMEMBERED_SECONDS: u32 = 86_400;

/// Send a link; `press` is the number that the button carried.
pub(super) fn now(desk: &Desk<'_>, channel: Channel, press: &str) -> Result<Notice, Error> {
    let press = tokens::read(press).ok_or(Error::NotFound)?;
    let unreachable = || Error::Unavailable("There is no way to send this.".to_owned());
    let to = desk.address(channel).ok_or_else(unreachable)?;
    let words = &desk.words;
    let key = format!("sent/{}/{press}", desk.customer);
    let remember = |value: &[u8]| Entry {
        key: key.clone(),
        value: value.to_vec(),
        ttl: Some(REMEMBERED_SECONDS),
    };
    if !desk.host.compare_and_swap(None, remember(CLAIMED))? {
        let sent = desk.host.get(&key)?.as_deref() == Some(SENT);
        return Ok(success(if sent {
            words.panel_sent_to(to)
        } else {
            words.panel_sending(to)
        }));
    }
    let (link, token) = match link::mint(desk, Way::from(channel)) {
        Ok(minted) => minted,
        Err(error) => {
            desk.host.delete(&key)?;
            return Err(error);
        }
    };
    if let Err(error) = dispatch(desk, channel, &link, &token, &press) {
        // It reached nobody: neither the link nor the press shall count.
        desk.host.delete(&links::key(&tokens::hash(&token)))?;
        desk.host.delete(&key)?;
        return Err(error);
    }
    desk.host.set(remember(SENT))?;
    desk.record(Kind::LinkShared, &format!("Made a {}", link.label()));
    Ok(success(words.panel_sent_to(to)))
}

fn dispatch(desk: &Desk<'_>, channel: Channel, link: &Link, token: &str, press: &str) -> Result<(), Error> {
    let mail = Mail::to(desk.host, desk.customer)?;
    let (words, company) = (&mail.words, &mail.company.name);
    let url = links::address(&desk.host.mount_url(), token);
    let key = format!("staff-link-{press}");
    match channel {
        Channel::Sms => mail.send_text(words.mail_link_text(company, &url), &key),
        Channel::Email => {
            let lead = match link.purpose {
                Purpose::Plain => words.mail_staff_link_body(company),
                Purpose::Registration => words.mail_staff_link_protected_body(company),
            };
            let until = words.date(&date_after(&desk.now.local.date, desk.settings.link_lifetime_days));
            mail.send(
                Recipient::OnFile,
                &words.mail_link_subject(company),
                &[lead, url, words.mail_link_until(until)],
                &key,
            )
        }
    }
}
