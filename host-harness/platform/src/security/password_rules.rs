//! What makes a password unfit: too short, too long, among the first guesses, or little more than the company's name.
//! No rules of composition: any characters, any language, pasted or typed.

use capabilities::FieldError;

const MIN_CHARS: usize = 8;
const MAX_CHARS: usize = 256;

/// Passwords that every guesser tries first; longer lists add nothing once attempts are slowed down.
const COMMON: &str = include_str!("common_passwords.txt");

/// Why a password cannot be used: too short, too long, among the first guesses, or little more than the company's name.
pub(crate) fn check_password(password: &str, company_name: &str) -> Option<FieldError> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Some(FieldError::new("password", "too-short", "Use at least 8 characters."));
    }
    if chars > MAX_CHARS {
        return Some(FieldError::new("password", "too-long", "Use at most 256 characters."));
    }
    let plain = simplify(password);
    let company = simplify(company_name);
    let named = company.len() >= 4 && plain.contains(&company) && plain.len() < company.len() + 6;
    let first_word = company_name.split_whitespace().next().map(simplify).unwrap_or_default();
    let first_named = first_word.len() >= 4 && plain.starts_with(&first_word) && plain.len() < first_word.len() + 5;
    let one_char = password.chars().all(|c| password.starts_with(c));
    if named || first_named || one_char || COMMON.lines().any(|common| common == password.to_lowercase()) {
        return Some(FieldError::new(
            "password",
            "too-common",
            "This password is easy to guess. Choose another one.",
        ));
    }
    None
}

/// Letters and digits only, in lower case.
fn simplify(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<String> {
        check_password(password, "Summit Heating & Air").map(|error| error.code)
    }

    #[test]
    fn rules() {
        assert_eq!(code("seven77").as_deref(), Some("too-short"));
        assert_eq!(code(&"x1".repeat(129)).as_deref(), Some("too-long"));
        assert_eq!(code("password1").as_deref(), Some("too-common"));
        assert_eq!(code("PassWord").as_deref(), Some("too-common"));
        assert_eq!(code("summitheating&air1").as_deref(), Some("too-common"));
        assert_eq!(code("Summit2026").as_deref(), Some("too-common"));
        assert_eq!(code("aaaaaaaaaaaa").as_deref(), Some("too-common"));
        assert_eq!(code("пароль из слов"), None);
        assert_eq!(code("correct horse battery"), None);
        assert_eq!(code(&"long words ".repeat(20)), None);
    }
}
