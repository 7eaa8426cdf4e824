//! What a customer is told at the e-mail on file when their contact details change, so that a
//! change that was not theirs does not go unnoticed. In their own language, without a link.

use crate::{
    Error,
    bindings::fieldservice::plugins::{
        company::FeatureSet,
        customers::Contact,
        messages::{Message, Recipient},
        types::Channel,
    },
    i18n::Words,
    masking,
    portal::Portal,
};

/// Tell the present address that another one, or none, takes its place. Sent before the change,
/// while it is still the one on file; `key` names the change, so that it is told once.
pub fn email_changes(portal: &Portal<'_>, customer: &str, contact: &Contact, new: &str, key: &str) -> Result<(), Error> {
    let words = portal.words_of(contact);
    let company = &portal.company.name;
    let what = if new.is_empty() {
        words.notice_email_removed(company)
    } else {
        words.notice_email_changed(company, masking::email(new))
    };
    tell(portal, &words, customer, contact, what, key)
}

/// Tell the address on file that a telephone number was changed. Not being able to is no reason to
/// refuse a change that has been made.
pub fn phone_changed(portal: &Portal<'_>, customer: &str, contact: &Contact) {
    let words = portal.words_of(contact);
    let what = words.notice_phone_changed(&portal.company.name);
    let key = format!("phone-changed/{customer}/{}", contact.version);
    let _ = tell(portal, &words, customer, contact, what, &key);
}

fn tell(
    portal: &Portal<'_>,
    words: &Words,
    customer: &str,
    contact: &Contact,
    what: String,
    key: &str,
) -> Result<(), Error> {
    if contact.email.is_empty() || !portal.host.features().contains(FeatureSet::EMAIL) {
        return Ok(());
    }
    let company = &portal.company;
    let reach: Vec<&str> = [company.phone.as_str(), company.email.as_str()]
        .into_iter()
        .filter(|way| !way.is_empty())
        .collect();
    let mut body = vec![what, words.notice_not_you(&company.name)];
    if !reach.is_empty() {
        body.push(reach.join("\n"));
    }
    let message = Message {
        customer: customer.to_owned(),
        channel: Channel::Email,
        to: Recipient::OnFile,
        subject: words.notice_subject(&company.name),
        body: body.join("\n\n"),
        idempotency_key: key.to_owned(),
    };
    portal.host.send_message(&message).map(|_| ())
}
