//! Forms: what came in (`Posted`), how an input is drawn (`Field`), and putting refusals beside the inputs.
//! What was typed always comes back with the refusal.

use crate::web::Failure;
use axum::{
    Form,
    extract::{FromRequest, Request},
};
use capabilities::FieldError;

/// Names that may come more than once: groups of checkboxes and a panel's list of its checkboxes.
const REPEATABLE: [&str; 2] = ["scope", "checkbox"];

/// The fields of a posted form, in order. A field that comes twice is refused: two readers of one
/// form must not see different values.
#[derive(Debug, Clone, Default)]
pub(super) struct Posted(Vec<(String, String)>);

impl Posted {
    fn checked(fields: Vec<(String, String)>) -> Result<Self, Failure> {
        let mut seen = std::collections::HashSet::new();
        for (name, _) in &fields {
            if !seen.insert(name.as_str()) && !REPEATABLE.contains(&name.as_str()) {
                return Err(Failure::bad_request(
                    "The form was sent with one of its fields twice. Go back and send it again.",
                ));
            }
        }
        Ok(Self(fields))
    }

    /// A field's text without surrounding blanks; empty when it is missing.
    pub(super) fn text(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// A field's text as it came.
    pub(super) fn raw(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// A field's text, none when it is missing or blank.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether a field came at all: ticked, for a checkbox.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Every value of a repeatable field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every field, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The version a record was read at.
    pub(super) fn version(&self) -> Result<i64, Failure> {
        self.text("version")
            .parse()
            .map_err(|_| Failure::bad_request("The form came without its version. Open it again."))
    }
}

#[cfg(test)]
impl From<&[(&str, &str)]> for Posted {
    fn from(fields: &[(&str, &str)]) -> Self {
        Self(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map_err(|refused| {
                Failure::new(
                    refused.status(),
                    "That did not work",
                    "The form could not be read. Go back and send it again.",
                )
            })?;
        Self::checked(fields)
    }
}

/// How an input is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Email,
    Tel,
    Password,
    Date,
    DateTime,
    /// A decimal number, right-aligned.
    Amount,
    Number,
    Area,
    Select,
    Check,
}

/// One choice of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
}

impl Choice {
    pub(super) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

/// One input of a form with everything its drawing needs.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) kind: Kind,
    pub(super) value: String,
    pub(super) help: String,
    pub(super) error: Option<String>,
    pub(super) required: bool,
    pub(super) wide: bool,
    pub(super) choices: Vec<Choice>,
    pub(super) autocomplete: &'static str,
}

impl Field {
    /// An input for text that may stay empty.
    pub(super) fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            kind: Kind::Text,
            value: String::new(),
            help: String::new(),
            error: None,
            required: false,
            wide: false,
            choices: Vec::new(),
            autocomplete: "",
        }
    }

    /// A checkbox.
    pub(super) fn check(name: impl Into<String>, label: impl Into<String>, on: bool) -> Self {
        Self::new(name, label)
            .kind(Kind::Check)
            .value(if on { "yes" } else { "" })
            .required()
    }

    /// A choice among several.
    pub(super) fn select(name: impl Into<String>, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self {
            choices,
            ..Self::new(name, label).kind(Kind::Select).required()
        }
    }

    pub(super) fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self.wide = self.wide || kind == Kind::Area;
        self
    }

    pub(super) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    pub(super) fn autocomplete(mut self, purpose: &'static str) -> Self {
        self.autocomplete = purpose;
        self
    }

    pub(super) fn is_check(&self) -> bool {
        self.kind == Kind::Check
    }

    pub(super) fn is_area(&self) -> bool {
        self.kind == Kind::Area
    }

    pub(super) fn is_select(&self) -> bool {
        self.kind == Kind::Select
    }

    pub(super) fn is_amount(&self) -> bool {
        matches!(self.kind, Kind::Amount | Kind::Number)
    }

    pub(super) fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Email => "email",
            Kind::Tel => "tel",
            Kind::Password => "password",
            Kind::Date => "date",
            Kind::DateTime => "datetime-local",
            Kind::Text | Kind::Amount | Kind::Number | Kind::Area | Kind::Select | Kind::Check => "text",
        }
    }

    pub(super) fn checked(&self) -> bool {
        self.value == "yes"
    }

    pub(super) fn has_error(&self) -> bool {
        self.error.is_some()
    }

    pub(super) fn error_text(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }

    pub(super) fn described(&self) -> bool {
        !self.help.is_empty() || self.error.is_some()
    }

    /// Ids of the help and the refusal, for `aria-describedby`.
    pub(super) fn describedby(&self) -> String {
        let mut ids = Vec::new();
        if !self.help.is_empty() {
            ids.push(format!("{}-help", self.name));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.name));
        }
        ids.join(" ")
    }
}

/// Put back what was typed.
pub(super) fn refill(fields: &mut [Field], posted: &Posted) {
    for field in fields {
        field.value = match field.kind {
            Kind::Check => if posted.has(&field.name) { "yes" } else { "" }.to_owned(),
            Kind::Password => String::new(),
            _ => posted.raw(&field.name).to_owned(),
        };
    }
}

/// Put each refusal beside its input. A refusal of something that has no input keeps its sentence
/// in the summary only, without a link.
pub(super) fn refuse(fields: &mut [Field], mut errors: Vec<FieldError>, other_inputs: &[String]) -> Vec<FieldError> {
    for error in &mut errors {
        if let Some(field) = fields.iter_mut().find(|field| field.name == error.field) {
            field.error.get_or_insert_with(|| error.message.clone());
            // Away from its input a sentence such as "Please fill this in." needs to say where.
            if !error.message.starts_with(&field.label) {
                error.message = format!("{}: {}", field.label, error.message);
            }
        } else if !other_inputs.contains(&error.field) {
            error.field.clear();
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_comes_twice_is_refused() {
        let twice = vec![("name".to_owned(), "a".to_owned()), ("name".to_owned(), "b".to_owned())];
        assert!(Posted::checked(twice).is_err());
        let scopes = vec![
            ("scope".to_owned(), "a".to_owned()),
            ("scope".to_owned(), "b".to_owned()),
        ];
        assert_eq!(
            Posted::checked(scopes).ok().map(|posted| posted.all("scope").count()),
            Some(2)
        );
    }

    #[test]
    fn refusals_stand_beside_their_inputs_and_typed_text_returns() {
        let mut fields = [Field::new("email", "E-mail"), Field::check("agree", "Agree", true)];
        refill(&mut fields, &Posted::from([("email", " nonsense ")].as_slice()));
        let errors = refuse(
            &mut fields,
            vec![
                FieldError::new("email", "malformed", "Enter an e-mail address."),
                FieldError::new("elsewhere", "required", "Something else."),
            ],
            &[],
        );
        let [email, agree] = &fields;
        assert_eq!(
            errors.first().map(|e| e.message.as_str()),
            Some("E-mail: Enter an e-mail address.")
        );
        assert_eq!(
            (email.value.as_str(), email.error_text()),
            (" nonsense ", "Enter an e-mail address.")
        );
        assert!(!agree.checked(), "an unticked box comes back unticked");
        assert_eq!(
            errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(),
            ["email", ""]
        );
        assert_eq!(email.describedby(), "email-error");
    }

    #[test]
    fn passwords_are_never_sent_back() {
        let mut fields = [Field::new("password", "Password").kind(Kind::Password)];
        refill(&mut fields, &Posted::from([("password", "secret")].as_slice()));
        assert_eq!(fields.map(|f| f.value), [String::new()]);
    }
}
