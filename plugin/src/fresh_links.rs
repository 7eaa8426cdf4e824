//! A fresh link for a customer whose link no longer opens: only ever to the address on file, as
//! often as is reasonable, leading where their protection says. Whoever asks learns nothing of it.

use crate::{
    Error, access,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        company::FeatureSet,
        customers::Contact,
        messages::{Message, Recipient},
        types::Channel,
    },
    links::{self, Link, Purpose, Way},
    masking,
    portal::Portal,
    throttle::{self, Limit},
    tokens,
};

/// Fresh links to one customer.
const OF_A_CUSTOMER: [Limit; 2] = [
    Limit { within: 300, most: 1 },
    Limit {
        within: links::DAY,
        most: 5,
    },
];

/// Fresh links of a company together, against somebody who goes through a list of addresses.
const OF_A_COMPANY: [Limit; 1] = [Limit {
    within: 3_600,
    most: 200,
}];

/// Whether this company can send fresh links at all.
pub fn offered(portal: &Portal<'_>) -> bool {
    portal
        .host
        .features()
        .intersects(FeatureSet::EMAIL | FeatureSet::SMS)
}

/// The masked address or number that a fresh link would go to; `None` when there is none on file
/// that the company can reach.
pub fn destination(portal: &Portal<'_>, contact: &Contact) -> Option<String> {
    Some(match channel(portal, contact)? {
        Channel::Email => masking::email(&contact.email),
        Channel::Sms => masking::phone(text_number(contact)),
    })
}

/// Send a fresh link, unless it is too soon for one or there is nowhere to send it. All of that
/// is `Ok`: the answer to the browser must not depend on it.
pub fn send(portal: &Portal<'_>, customer: &str) -> Result<(), Error> {
    let now = portal.now.unix_seconds;
    let contact = match portal.host.customer(customer).and_then(|handle| handle.contact()) {
        Ok(contact) => contact,
        Err(Error::NotFound) => return Ok(()),
        Err(other) => return Err(other),
    };
    let Some(channel) = channel(portal, &contact) else {
        return Ok(());
    };
    let allowed = throttle::take(portal.host, &format!("fresh-link/{customer}"), &OF_A_CUSTOMER, now)?
        && throttle::take(portal.host, "fresh-links", &OF_A_COMPANY, now)?;
    if !allowed {
        return Ok(());
    }
    let protected = access::of(portal.host, customer)?.is_protected(&portal.settings);
    let purpose = if protected {
        Purpose::Registration
    } else {
        Purpose::Plain
    };
    let link = Link::new(&portal.settings, purpose, customer, Way::from(channel), now);
    let Some(token) = links::mint(portal.host, std::slice::from_ref(&link))?.pop() else {
        return Ok(());
    };
    let message = write(portal, customer, channel, &contact, &token);
    // A message that the host refuses is nothing the person asking may learn from.
    if portal.host.send_message(&message).is_ok() {
        let summary = format!("Asked for a fresh link and was sent a {}", link.label());
        portal.record(customer, Kind::LinkShared, Subject::None, summary, "");
    }
    Ok(())
}

/// How the customer can be reached: by e-mail, else by text message.
fn channel(portal: &Portal<'_>, contact: &Contact) -> Option<Channel> {
    let features = portal.host.features();
    if features.contains(FeatureSet::EMAIL) && !contact.email.is_empty() {
        Some(Channel::Email)
    } else if features.contains(FeatureSet::SMS) && !text_number(contact).is_empty() {
        Some(Channel::Sms)
    } else {
        None
    }
}

/// The number that the host sends text messages to.
fn text_number(contact: &Contact) -> &str {
    if contact.mobile.is_empty() {
        &contact.phone
    } else {
        &contact.mobile
    }
}

/// The message, in the customer's own language whoever asks.
fn write(portal: &Portal<'_>, customer: &str, channel: Channel, contact: &Contact, token: &str) -> Message {
    let words = portal.words_of(contact);
    let company = &portal.company.name;
    let address = links::address(&portal.mount_url, token);
    let (subject, body) = match channel {
        Channel::Email => {
            let last = crate::format::date_after(&portal.now.local.date, portal.settings.link_lifetime_days);
            let parts = [
                words.fresh_link_mail(company),
                address,
                words.fresh_link_mail_until(words.date(&last)),
                words.fresh_link_mail_unasked().to_owned(),
            ];
            (words.fresh_link_subject(company), parts.join("\n\n"))
        }
        Channel::Sms => (String::new(), words.fresh_link_text(company, &address)),
    };
    Message {
        customer: customer.to_owned(),
        channel,
        to: Recipient::OnFile,
        subject,
        body,
        // One message per link: a repeat of the call does not send it twice.
        idempotency_key: format!("fresh-link/{}", tokens::hash(token)),
    }
}
