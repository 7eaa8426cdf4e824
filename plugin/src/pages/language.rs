//! Choosing a language: the customer's own choice is kept with their details and wins from then on.
//! Back to the page it was chosen on.

use crate::{
    Error,
    bindings::fieldservice::plugins::customers::ContactChange,
    forms::Form,
    http::Response,
    i18n,
    pages::error,
    portal::{Portal, Visitor},
    routes,
};

/// The choice.
pub fn choose(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    let Ok(form) = Form::of_body(portal.request) else {
        return Ok(error::unreadable(portal, Some(visitor), 400));
    };
    let Some(language) = form.get("language").and_then(i18n::find) else {
        return Ok(error::unreadable(portal, Some(visitor), 422));
    };
    let back = form.get("return").filter(|path| routes::is_page(path)).unwrap_or("/");
    let location = portal.href(back);
    let mut version = visitor.contact.version;
    // The version is only read here, so another tab's change in between is no conflict of the customer's.
    for _ in 0..3 {
        match visitor.customer.update_contact(version, &language_only(language.tag)) {
            Ok(_) => return Ok(Response::see_other(location)),
            Err(Error::Conflict(_)) => version = visitor.customer.contact()?.version,
            Err(other) => return Err(other),
        }
    }
    Err(Error::Unavailable("The details keep changing.".to_owned()))
}

fn language_only(tag: &str) -> ContactChange {
    ContactChange {
        first_name: None,
        last_name: None,
        company_name: None,
        email: None,
        phone: None,
        mobile: None,
        address: None,
        language: Some(tag.to_owned()),
    }
}
