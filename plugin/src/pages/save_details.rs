//! *Save Changes*: what the customer typed is checked, stored and told. A new e-mail waits until it
//! is proven; everything else of the same form is stored at once.

use super::{
    contact_form::ContactForm,
    details::{Outcome, render},
    email, error,
};
use crate::{
    Error,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        customers::{Contact, ContactChange},
        types::{Channel, FieldError},
    },
    forms::{Form, Unreadable},
    http::Response,
    mail, notices,
    portal::{Portal, Visitor},
};

/// The deed.
pub fn act(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    if !portal.settings.edit_details {
        return Err(Error::NotFound);
    }
    let words = &portal.words;
    let form = match Form::of_body(portal.request) {
        Ok(form) => form,
        Err(Unreadable::TooLong) => return Ok(error::unreadable(portal, Some(visitor), 413)),
        Err(Unreadable::Malformed) => return Ok(error::unreadable(portal, Some(visitor), 400)),
    };
    let contact = &visitor.contact;
    let mut typed = ContactForm::typed(words, contact, &form);
    let mistakes = typed.mistakes();
    if !mistakes.is_empty() {
        return render(portal, visitor, 422, contact, typed, Outcome::Refused(mistakes));
    }
    let Some(mut change) = typed.change(contact) else {
        return Ok(Response::see_other(portal.href("/?saved")));
    };
    if typed.version != contact.version {
        return stale(portal, visitor, typed);
    }
    // A new e-mail waits until it is proven; everything else is stored at once.
    let address = change.email.take_if(|email| !email.is_empty());
    if let Some(code) = email_objection(portal, visitor, &change, address.as_deref())? {
        let mistakes = typed.refuse(words, &[about_email(code)]);
        return render(portal, visitor, 422, contact, typed, Outcome::Refused(mistakes));
    }
    let names = typed.changed_names(contact);
    let names: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| address.is_none() || *name != "email")
        .collect();
    let stored = if names.is_empty() {
        contact.clone()
    } else {
        match store(portal, visitor, &change, &names) {
            Ok(stored) => stored,
            Err(Error::Conflict(_)) => return stale(portal, visitor, typed),
            Err(Error::Invalid(errors)) => {
                let mistakes = typed.refuse(words, &errors);
                return render(portal, visitor, 422, contact, typed, Outcome::Refused(mistakes));
            }
            Err(other) => return Err(other),
        }
    };
    let Some(address) = address else {
        return Ok(Response::see_other(portal.href("/?saved")));
    };
    let result = email::start(portal, visitor, &stored, &address, !names.is_empty());
    if let Err(Error::Invalid(_)) = result {
        typed.version = stored.version;
        let mistakes = typed.refuse(words, &[about_email("malformed")]);
        return render(portal, visitor, 422, &stored, typed, Outcome::Refused(mistakes));
    }
    result
}

/// Why an e-mail cannot be changed as it was typed, as a code of the language files.
fn email_objection(
    portal: &Portal<'_>,
    visitor: &Visitor,
    change: &ContactChange,
    address: Option<&str>,
) -> Result<Option<&'static str>, Error> {
    if address.is_some() {
        let can_be_proven = mail::sends(portal.host, Channel::Email);
        return Ok((!can_be_proven).then_some("unprovable"));
    }
    if change.email.is_none() {
        return Ok(None);
    }
    // Taken away, and the customer would have nothing left to sign in or be helped with.
    let login = portal.host.password_status(&visitor.live.session.customer)?.login;
    Ok(login
        .eq_ignore_ascii_case(&visitor.contact.email)
        .then_some("needed-to-sign-in"))
}

fn about_email(code: &str) -> FieldError {
    FieldError {
        field: "email".to_owned(),
        code: code.to_owned(),
        message: String::new(),
    }
}

/// Stores what needs no proof, notes it for staff and tells the customer what should not go unnoticed.
fn store(portal: &Portal<'_>, visitor: &Visitor, change: &ContactChange, names: &[&str]) -> Result<Contact, Error> {
    let (contact, customer) = (&visitor.contact, &visitor.live.session.customer);
    if change.email.is_some() {
        let key = format!("email-removed/{customer}/{}", contact.version);
        notices::email_changes(portal.host, customer, "", &key)?;
    }
    let stored = visitor.customer.update_contact(contact.version, change)?;
    let summary = format!("Changed {}", names.join(", "));
    portal.note(visitor, Kind::Edited, Subject::Details, summary);
    if change.phone.is_some() || change.mobile.is_some() {
        notices::phone_changed(portal.host, customer, stored.version);
    }
    Ok(stored)
}

/// Another tab or the office was faster: what is on file now stands beside what was typed.
fn stale(portal: &Portal<'_>, visitor: &Visitor, mut typed: ContactForm) -> Result<Response, Error> {
    let present = visitor.customer.contact()?;
    typed.show_present(&portal.words, &present);
    render(portal, visitor, 409, &present, typed, Outcome::Stale)
}
