//! Reading forms and queries (`application/x-www-form-urlencoded`) with a hard eye:
//! a field that came twice, or not at all, is told apart from one that came empty.

use crate::http::{Request, percent_decode};

/// The most pairs that are read from one form or query.
const MOST_PAIRS: usize = 100;

/// The pairs of a form or query, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

/// Why a form could not be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Longer than a form may be.
    TooLong,
    /// Not a form: wrong type, broken escapes or too many fields.
    Malformed,
}

/// What stood in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'a> {
    /// Once, with this value.
    One(&'a str),
    /// Not at all.
    Missing,
    /// More than once.
    Twice,
}

impl Form {
    /// Pairs of a query or body.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let mut pairs = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == MOST_PAIRS {
                return Err(Unreadable::Malformed);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_decode(name, true).ok_or(Unreadable::Malformed)?;
            let value = percent_decode(value, true).ok_or(Unreadable::Malformed)?;
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// The form a request carries.
    pub fn of_body(request: &Request) -> Result<Self, Unreadable> {
        let body = request.body.as_deref().ok_or(Unreadable::TooLong)?;
        let media_type = request
            .header("content-type")
            .unwrap_or("application/x-www-form-urlencoded");
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Unreadable::Malformed);
        }
        Self::parse(std::str::from_utf8(body).map_err(|_| Unreadable::Malformed)?)
    }

    /// The query of a request; one that cannot be read is taken as empty.
    pub fn of_query(request: &Request) -> Self {
        Self::parse(request.query()).unwrap_or_default()
    }

    /// What stood in a field.
    pub fn field(&self, name: &str) -> Field<'_> {
        let mut values = self
            .pairs
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (None, _) => Field::Missing,
            (Some(value), None) => Field::One(value),
            (Some(_), Some(_)) => Field::Twice,
        }
    }

    /// The value of a field that came exactly once.
    pub fn get(&self, name: &str) -> Option<&str> {
        match self.field(name) {
            Field::One(value) => Some(value),
            Field::Missing | Field::Twice => None,
        }
    }

    /// Whether a field came at all.
    pub fn has(&self, name: &str) -> bool {
        !matches!(self.field(name), Field::Missing)
    }
}

/// One line of text as a person meant it: no control characters, no blanks around it.
pub fn one_line(text: &str) -> String {
    let cleaned: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cleaned.trim().to_owned()
}

/// Whether a text has the shape of an e-mail address; the host and the mail itself have the last word.
pub fn looks_like_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace) && !domain.starts_with('.')
}
