//! What a customer is told at the e-mail on file when their contact details change, so that a
//! change that was not theirs does not go unnoticed. In their own language, without a link.

use crate::{
    Error,
    bindings::fieldservice::plugins::{messages::Recipient, types::Channel},
    host::Host,
    mail::{self, Mail},
    masking,
};

/// Tell the present address that another one, or none when `new` is empty, takes its place. Sent
/// before the change, while it is still the one on file; `key` names the change, so that it is
/// told once.
pub fn email_changes(host: &dyn Host, customer: &str, new: &str, key: &str) -> Result<(), Error> {
    let mail = Mail::to(host, customer)?;
    let (words, company) = (&mail.words, &mail.company.name);
    let what = if new.is_empty() {
        words.notice_email_removed(company)
    } else {
        words.notice_email_changed(company, masking::email(new))
    };
    tell(host, &mail, what, key)
}

/// Tell the address on file that a telephone number was changed. Not being able to is no reason to
/// undo a change that has been made.
pub fn phone_changed(host: &dyn Host, customer: &str, version: u64) {
    let Ok(mail) = Mail::to(host, customer) else { return };
    let what = mail.words.notice_phone_changed(&mail.company.name);
    let _ = tell(host, &mail, what, &format!("phone-changed/{customer}/{version}"));
}

fn tell(host: &dyn Host, mail: &Mail<'_>, what: String, key: &str) -> Result<(), Error> {
    if mail.contact.email.is_empty() || !mail::sends(host, Channel::Email) {
        return Ok(());
    }
    let company = &mail.company.name;
    let paragraphs = [what, mail.words.notice_not_you(company)];
    mail.send(Recipient::OnFile, &mail.words.notice_subject(company), &paragraphs, key)
}
