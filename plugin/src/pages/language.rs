//! Choosing a language: the browser keeps it for the pages before signing in; a customer's own choice
//! is kept with their details, too, and wins from then on. Back to the page it was chosen on.

use crate::{
    Error,
    bindings::fieldservice::plugins::customers::ContactChange,
    forms::Form,
    http::{Request, Response},
    i18n::{self, LANGUAGES},
    pages::error,
    portal::{Portal, Visitor},
    routes,
    view::LanguageChoice,
};

/// The cookie's name; the host makes it unique per company and plugin.
const COOKIE: &str = "lang";

/// Seconds the browser keeps the choice: a year.
const KEPT_SECONDS: u32 = 365 * 86_400;

/// Tag of the language this browser keeps, when there is still a file for it; else empty.
pub fn kept(request: &Request) -> &'static str {
    request
        .cookie(COOKIE)
        .and_then(i18n::find)
        .map_or("", |language| language.tag)
}

/// The languages there are; none for staff who look as a customer, for choosing one is the customer's.
pub fn choices(portal: &Portal<'_>) -> Vec<LanguageChoice> {
    LANGUAGES
        .iter()
        .filter(|_| portal.look.is_none())
        .map(|language| LanguageChoice {
            tag: language.tag,
            name: i18n::own_name(language),
            current: language.tag == portal.words.tag(),
        })
        .collect()
}

/// The choice.
pub fn choose(portal: &Portal<'_>, _: &str) -> Result<Response, Error> {
    let visitor = portal.visitor()?;
    let Ok(form) = Form::of_body(portal.request) else {
        return Ok(error::unreadable(portal, visitor.as_ref(), 400));
    };
    let Some(language) = form.get("language").and_then(i18n::find) else {
        return Ok(error::unreadable(portal, visitor.as_ref(), 422));
    };
    if let Some(visitor) = &visitor {
        store(visitor, language.tag)?;
    }
    let back = routes::way_back(form.get("return").unwrap_or("/"));
    let cookie = format!(
        "{COOKIE}={}; Max-Age={KEPT_SECONDS}; Path=/; HttpOnly; SameSite=Lax",
        language.tag
    );
    // The page may be one whose address holds a token.
    Ok(Response::see_other(portal.href(&back))
        .with("set-cookie", cookie)
        .with("referrer-policy", "no-referrer".to_owned()))
}

fn store(visitor: &Visitor, tag: &str) -> Result<(), Error> {
    let mut version = visitor.contact.version;
    // The version is only read here, so another tab's change in between is no conflict of the customer's.
    for _ in 0..3 {
        match visitor.customer.update_contact(version, &language_only(tag)) {
            Ok(_) => return Ok(()),
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
