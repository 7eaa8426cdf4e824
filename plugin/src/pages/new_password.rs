//! The field for a new password, wherever one is made: its rule, and what is said of a password
//! that will not do. The host has the last word.

use crate::{
    bindings::fieldservice::plugins::types::FieldError,
    portal::Portal,
    view::{Mistake, refusal},
};

/// The field as the template draws it. It is never filled in.
pub(super) struct NewPassword<'a> {
    pub(super) label: &'static str,
    pub(super) rule: String,
    pub(super) least: i64,
    /// No password either, for the script that watches the typing.
    pub(super) company: &'a str,
    pub(super) error: Option<String>,
}

/// Id of the input that mistakes point at.
pub(super) const INPUT: &str = "password";

/// The longest password, in characters; long enough for any phrase.
const LONGEST: usize = 256;

impl<'a> NewPassword<'a> {
    /// The field under this label, with the mistakes that are about it.
    pub(super) fn new(portal: &'a Portal<'_>, label: &'static str, mistakes: &[Mistake]) -> Self {
        let least = portal.settings.password_min_length;
        Self {
            label,
            rule: portal.words.password_rule(least),
            least,
            company: &portal.company.name,
            error: error_of(mistakes, INPUT),
        }
    }
}

/// What is wrong with one input.
pub(super) fn error_of(mistakes: &[Mistake], input: &str) -> Option<String> {
    let about = mistakes.iter().find(|mistake| mistake.input == input);
    about.map(|mistake| mistake.text.clone())
}

/// Refuses what the host need not be asked about: too short, too long, named after the customer's
/// e-mail or the company.
pub(super) fn check(portal: &Portal<'_>, password: &str, email: &str) -> Result<(), Mistake> {
    let words = &portal.words;
    let characters = password.chars().count();
    let least = usize::try_from(portal.settings.password_min_length).unwrap_or(8);
    let folded = password.to_lowercase();
    let names = [email, &portal.company.name, &portal.company.slug];
    let text = if characters < least {
        words.password_too_short(portal.settings.password_min_length)
    } else if characters > LONGEST {
        words.password_too_long().to_owned()
    } else if names.iter().any(|name| folded == name.to_lowercase()) {
        words.password_too_common().to_owned()
    } else {
        return Ok(());
    };
    Err(mistake(INPUT, text))
}

/// The host's refusal of a password or login, beside the input it is about.
pub(super) fn refused(portal: &Portal<'_>, errors: &[FieldError]) -> Vec<Mistake> {
    let words = &portal.words;
    let explain = |error: &FieldError| match (error.field.as_str(), error.code.as_str()) {
        ("password", "too-short") => words.password_too_short(portal.settings.password_min_length),
        ("password", "too-long") => words.password_too_long().to_owned(),
        ("password", "too-common") => words.password_too_common().to_owned(),
        ("login", "taken") => words.sign_up_taken().to_owned(),
        ("login", "malformed") => words.error_email().to_owned(),
        _ => refusal(words, error),
    };
    errors
        .iter()
        .map(|error| {
            let input = if error.field == "login" { "email" } else { INPUT };
            mistake(input, explain(error))
        })
        .collect()
}

/// A mistake about an input.
pub(super) fn mistake(input: &str, text: impl Into<String>) -> Mistake {
    Mistake {
        input: input.to_owned(),
        text: text.into(),
    }
}
