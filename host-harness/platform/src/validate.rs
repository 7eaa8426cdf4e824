//! Rules for what people type: lengths, line breaks, e-mail and telephone forms.
//! Every broken rule of an input is gathered, so that a form can show them all at once.

use crate::{Error, Result};
use capabilities::{Address, FieldError};

/// Longest one-line field, in characters.
pub(crate) const LINE: usize = 200;
/// Longest plain text, in characters.
pub(crate) const TEXT: usize = 8_000;

/// Broken rules so far.
#[derive(Default)]
pub(crate) struct Check(pub(crate) Vec<FieldError>);

impl Check {
    pub(crate) fn refuse(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field, code, message));
    }

    /// One line without control characters.
    pub(crate) fn line(&mut self, field: &str, value: &str, max: usize) -> bool {
        if value.chars().count() > max {
            self.refuse(field, "too-long", format!("Use at most {max} characters."));
        } else if value.chars().any(is_unfit) || value.contains(['\n', '\r', '\t']) {
            self.refuse(
                field,
                "not-allowed",
                "Line breaks and control characters are not allowed here.",
            );
        } else {
            return true;
        }
        false
    }

    /// Plain text of several lines.
    pub(crate) fn text(&mut self, field: &str, value: &str, max: usize) {
        if value.chars().count() > max {
            self.refuse(field, "too-long", format!("Use at most {max} characters."));
        } else if value.chars().any(is_unfit) {
            self.refuse(field, "not-allowed", "Control characters are not allowed here.");
        }
    }

    pub(crate) fn required(&mut self, field: &str, value: &str, max: usize) {
        if value.trim().is_empty() {
            self.refuse(field, "required", "Please fill this in.");
        } else {
            self.line(field, value, max);
        }
    }

    /// An e-mail address, or empty.
    pub(crate) fn email(&mut self, field: &str, value: &str) {
        if !value.is_empty() && self.line(field, value, 254) && !is_email(value) {
            self.refuse(
                field,
                "malformed",
                "This is not an e-mail address such as name@example.com.",
            );
        }
    }

    /// A telephone number as people write it, or empty.
    pub(crate) fn phone(&mut self, field: &str, value: &str) {
        if !value.is_empty() && self.line(field, value, 40) && !is_phone(value) {
            self.refuse(
                field,
                "malformed",
                "This is not a telephone number such as (303) 555-0134.",
            );
        }
    }

    pub(crate) fn address(&mut self, prefix: &str, address: &Address) {
        let parts = [
            ("street", &address.street, LINE),
            ("unit", &address.unit, 60),
            ("city", &address.city, 100),
            ("region", &address.region, 100),
            ("postal_code", &address.postal_code, 20),
        ];
        for (field, value, max) in parts {
            self.line(&format!("{prefix}{field}"), value, max);
        }
        let country = &address.country;
        if !(country.is_empty() || country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase())) {
            self.refuse(
                &format!("{prefix}country"),
                "malformed",
                "Use a two-letter country code such as US.",
            );
        }
    }

    /// A BCP 47 tag, or empty.
    pub(crate) fn language(&mut self, field: &str, value: &str) {
        let well_formed = value.len() <= 35
            && value
                .split('-')
                .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            && value
                .split('-')
                .next()
                .is_some_and(|first| first.len() >= 2 && first.bytes().all(|b| b.is_ascii_alphabetic()));
        if !value.is_empty() && !well_formed {
            self.refuse(field, "malformed", "Use a language tag such as en-US.");
        }
    }

    pub(crate) fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.0))
        }
    }
}

/// Control characters but tab and line breaks, and characters that turn the reading direction of what follows.
fn is_unfit(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

pub(crate) fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else {
        return false;
    };
    let local_ok = !local.is_empty()
        && local.chars().count() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let label_ok = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    local_ok && domain.contains('.') && domain.split('.').all(label_ok)
}

fn is_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    (3..=20).contains(&digits)
        && value
            .chars()
            .all(|c| c.is_ascii_digit() || " +()-./#,;*xXextEXT".contains(c))
        && value
            .chars()
            .next()
            .is_some_and(|c| c.is_ascii_digit() || matches!(c, '+' | '(' | '#' | '*'))
}

/// An id of the user's own or of the host's. A browser takes `.` and `..` out of an address, so that no page of
/// such a record could be opened.
pub(crate) fn is_id(value: &str) -> bool {
    (1..=64).contains(&value.len())
        && !matches!(value, "." | "..")
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        for good in [
            "ann@example.com",
            "a.b+c@mail.example.co.uk",
            "jörg@exämple.de",
            "o'neil@example.org",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "a b@example.com",
            "a@ex ample.com",
            "a@b..com",
            "a@-b.com",
            "a@b.com\n",
            "a,b@example.com",
            "<a@example.com>",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn phones() {
        for good in [
            "303-555-0134",
            "(303) 555-0134",
            "+49 30 1234567",
            "911",
            "555.0134 ext. 12",
        ] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["", "call me", "12", "555-0134; DROP TABLE", "303\u{a0}555"] {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn ids() {
        for good in ["a", "C-1", "inv_2026.04", "...", ".a", "-"] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a b", "ä", &"x".repeat(65)] {
            assert!(!is_id(bad), "{bad}");
        }
    }

    #[test]
    fn control_characters_and_direction_overrides_are_refused() {
        for bad in ["a\r\nBcc: x@example.com", "a\0b", "a\u{202e}b", "a\tb"] {
            let mut check = Check::default();
            check.line("name", bad, 200);
            assert_eq!(check.0.len(), 1, "{bad:?}");
        }
    }
}
