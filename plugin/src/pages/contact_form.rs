//! The contact form: which fields there are, how long each may be, what was typed, what is wrong
//! with it, and what stands on file when another tab was faster.

use crate::{
    bindings::fieldservice::plugins::{
        customers::{Contact, ContactChange},
        types::{Address, FieldError},
    },
    forms::{Field, Form, looks_like_email, one_line},
    i18n::Words,
    view::{Mistake, refusal},
};

/// One input.
pub(super) struct Input {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) kind: &'static str,
    pub(super) autocomplete: &'static str,
    pub(super) longest: usize,
    pub(super) wide: bool,
    pub(super) error: Option<String>,
    /// What is on file now, when that differs from what was typed.
    pub(super) present: Option<String>,
}

/// The form as filled in.
pub(super) struct ContactForm {
    pub(super) inputs: Vec<Input>,
    /// Version of the details that the form began with.
    pub(super) version: u64,
    /// Something is wrong with the form as a whole.
    whole: Option<&'static str>,
}

struct Rule {
    key: &'static str,
    label: fn(&Words) -> &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    longest: usize,
    wide: bool,
}

const fn rule(
    key: &'static str,
    label: fn(&Words) -> &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    longest: usize,
    wide: bool,
) -> Rule {
    Rule {
        key,
        label,
        kind,
        autocomplete,
        longest,
        wide,
    }
}

/// The fields in their order. Whoever adds one adds it to `read` and `change` too.
const RULES: [Rule; 11] = [
    rule("first_name", Words::first_name, "text", "given-name", 100, false),
    rule("last_name", Words::last_name, "text", "family-name", 100, false),
    rule("company_name", Words::company_name, "text", "organization", 150, true),
    rule("email", Words::email, "email", "email", 254, true),
    rule("phone", Words::phone, "tel", "tel", 40, false),
    rule("mobile", Words::mobile, "tel", "tel", 40, false),
    rule("street", Words::street, "text", "address-line1", 200, true),
    rule("unit", Words::unit, "text", "address-line2", 60, false),
    rule("city", Words::city, "text", "address-level2", 100, false),
    rule("region", Words::region, "text", "address-level1", 60, false),
    rule("postal_code", Words::postal_code, "text", "postal-code", 20, false),
];

impl ContactForm {
    /// The form with what is on file.
    pub(super) fn of(words: &Words, contact: &Contact) -> Self {
        let inputs = RULES
            .iter()
            .map(|rule| input(words, rule, read(contact, rule.key).to_owned()))
            .collect();
        Self {
            inputs,
            version: contact.version,
            whole: None,
        }
    }

    /// The form as it was sent. What is missing stands as it is on file, and the form is refused.
    pub(super) fn typed(words: &Words, contact: &Contact, form: &Form) -> Self {
        let mut whole = None;
        let mut inputs: Vec<Input> = RULES
            .iter()
            .map(|rule| {
                let value = match form.field(rule.key) {
                    Field::One(value) => one_line(value),
                    Field::Missing => {
                        whole = Some(words.form_incomplete());
                        read(contact, rule.key).to_owned()
                    }
                    Field::Twice => {
                        whole = Some(words.form_twice());
                        read(contact, rule.key).to_owned()
                    }
                };
                // What is on file already is the company's business, not this form's.
                let known = value == read(contact, rule.key);
                let error = if known { None } else { check(words, rule, &value) };
                Input {
                    error,
                    ..input(words, rule, value)
                }
            })
            .collect();
        let version = form.get("version").and_then(|text| text.parse().ok());
        if version.is_none() {
            whole = Some(words.form_incomplete());
        }
        let named = inputs.iter().take(3).any(|input| !input.value.is_empty());
        if let Some(first) = inputs.first_mut().filter(|_| !named) {
            first.error = Some(words.error_name().to_owned());
        }
        Self {
            inputs,
            version: version.unwrap_or(contact.version),
            whole,
        }
    }

    /// What is wrong, for the summary on top.
    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        let whole = self.whole.map(|text| Mistake {
            input: String::new(),
            text: text.to_owned(),
        });
        let fields = self.inputs.iter().filter_map(|input| {
            let text = input.error.as_ref()?;
            Some(Mistake {
                input: input.key.to_owned(),
                text: format!("{}: {text}", input.label),
            })
        });
        whole.into_iter().chain(fields).collect()
    }

    /// The host's own refusals, beside the fields they are about.
    pub(super) fn refuse(&mut self, words: &Words, errors: &[FieldError]) -> Vec<Mistake> {
        let mut elsewhere = Vec::new();
        for error in errors {
            let key = error.field.replace('-', "_");
            let key = key.rsplit('.').next().unwrap_or_default();
            let text = refusal(words, error);
            match self.inputs.iter_mut().find(|input| input.key == key) {
                Some(input) => input.error = Some(text),
                None => elsewhere.push(Mistake {
                    input: String::new(),
                    text,
                }),
            }
        }
        elsewhere.into_iter().chain(self.mistakes()).collect()
    }

    /// After a conflict: what was typed stays, what is there now stands beside it, and saving again
    /// builds on that.
    pub(super) fn show_present(&mut self, words: &Words, present: &Contact) {
        self.version = present.version;
        for input in &mut self.inputs {
            let value = read(present, input.key);
            if value != input.value {
                let shown = if value.is_empty() { words.empty_value() } else { value };
                input.present = Some(words.on_file_now(shown));
            }
        }
    }

    /// Only what differs from what is on file; `None` when nothing does.
    pub(super) fn change(&self, contact: &Contact) -> Option<ContactChange> {
        let new = |key: &str| {
            let input = self.inputs.iter().find(|input| input.key == key)?;
            (input.value != read(contact, key)).then(|| input.value.clone())
        };
        let part = |key: &str, old: &str| new(key).unwrap_or_else(|| old.to_owned());
        let old = &contact.address;
        let moved = ["street", "unit", "city", "region", "postal_code"]
            .iter()
            .any(|key| new(key).is_some());
        let address = moved.then(|| Address {
            street: part("street", &old.street),
            unit: part("unit", &old.unit),
            city: part("city", &old.city),
            region: part("region", &old.region),
            postal_code: part("postal_code", &old.postal_code),
            country: old.country.clone(),
        });
        let any = self.inputs.iter().any(|input| input.value != read(contact, input.key));
        any.then(|| ContactChange {
            first_name: new("first_name"),
            last_name: new("last_name"),
            company_name: new("company_name"),
            email: new("email"),
            phone: new("phone"),
            mobile: new("mobile"),
            address,
            language: None,
        })
    }

    /// Names of the changed fields for staff, in English; values stay out of the timeline's text.
    pub(super) fn changed_names(&self, contact: &Contact) -> Vec<String> {
        let changed = self
            .inputs
            .iter()
            .filter(|input| input.value != read(contact, input.key));
        changed.map(|input| input.key.replace('_', " ")).collect()
    }
}

fn input(words: &Words, rule: &Rule, value: String) -> Input {
    Input {
        key: rule.key,
        label: (rule.label)(words),
        value,
        kind: rule.kind,
        autocomplete: rule.autocomplete,
        longest: rule.longest,
        wide: rule.wide,
        error: None,
        present: None,
    }
}

fn read<'c>(contact: &'c Contact, key: &str) -> &'c str {
    match key {
        "first_name" => &contact.first_name,
        "last_name" => &contact.last_name,
        "company_name" => &contact.company_name,
        "email" => &contact.email,
        "phone" => &contact.phone,
        "mobile" => &contact.mobile,
        "street" => &contact.address.street,
        "unit" => &contact.address.unit,
        "city" => &contact.address.city,
        "region" => &contact.address.region,
        "postal_code" => &contact.address.postal_code,
        _ => "",
    }
}

/// What the portal can tell by itself; the host has the last word.
fn check(words: &Words, rule: &Rule, value: &str) -> Option<String> {
    if value.chars().count() > rule.longest {
        let longest = i64::try_from(rule.longest).unwrap_or(i64::MAX);
        return Some(words.error_longer_than(longest));
    }
    let wrong = match rule.kind {
        _ if value.is_empty() => None,
        "email" if !looks_like_email(value) => Some(words.error_email()),
        "tel" if value.chars().filter(char::is_ascii_digit).count() < 5 => Some(words.error_phone()),
        _ => None,
    };
    wrong.map(str::to_owned)
}
