//! Plural categories of whole numbers, after Unicode CLDR's cardinal rules.
//! A table of our own instead of ICU's data: 1 KB in the component instead of 60; a test holds it against ICU.

/// The category of `count` in a language (its primary subtag), one of CLDR's six names.
/// A language that is not known has `one` for 1 and `other` for the rest.
pub fn category(language: &str, count: i64) -> &'static str {
    let n = count.unsigned_abs();
    let (tens, hundreds) = (n % 10, n % 100);
    match language {
        "id" | "ja" | "ko" | "ms" | "my" | "th" | "zh" | "lo" | "yo" => "other",
        "fr" | "pt" | "es" | "it" | "ca" => match n {
            0 if matches!(language, "fr" | "pt") => "one",
            1 => "one",
            _ if n != 0 && n.is_multiple_of(1_000_000) => "many",
            _ => "other",
        },
        "hi" | "bn" | "fa" | "gu" | "kn" | "am" | "zu" | "hy" | "pa" | "vi" => {
            if n <= 1 {
                "one"
            } else {
                "other"
            }
        }
        "ru" | "uk" | "be" => match (tens, hundreds) {
            (1, h) if h != 11 => "one",
            (2..=4, h) if !(12..=14).contains(&h) => "few",
            _ => "many",
        },
        "sr" | "hr" | "bs" => match (tens, hundreds) {
            (1, h) if h != 11 => "one",
            (2..=4, h) if !(12..=14).contains(&h) => "few",
            _ => "other",
        },
        "pl" => match (n, tens, hundreds) {
            (1, _, _) => "one",
            (_, 2..=4, h) if !(12..=14).contains(&h) => "few",
            _ => "many",
        },
        "cs" | "sk" => match n {
            1 => "one",
            2..=4 => "few",
            _ => "other",
        },
        "lt" => match (tens, hundreds) {
            (1, h) if h != 11 => "one",
            (2..=9, h) if !(12..=19).contains(&h) => "few",
            _ => "other",
        },
        "lv" => match (tens, hundreds) {
            (0, _) | (_, 11..=19) => "zero",
            (1, _) => "one",
            _ => "other",
        },
        "ro" => match (n, hundreds) {
            (1, _) => "one",
            (0, _) | (_, 1..=19) => "few",
            _ => "other",
        },
        "sl" => match hundreds {
            1 => "one",
            2 => "two",
            3 | 4 => "few",
            _ => "other",
        },
        "ar" => match (n, hundreds) {
            (0, _) => "zero",
            (1, _) => "one",
            (2, _) => "two",
            (_, 3..=10) => "few",
            (_, 11..=99) => "many",
            _ => "other",
        },
        "he" => match n {
            1 => "one",
            2 => "two",
            _ => "other",
        },
        _ => {
            if n == 1 {
                "one"
            } else {
                "other"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::category;
    use icu_locale_core::Locale;
    use icu_plurals::{PluralCategory, PluralRules};

    #[test]
    fn agrees_with_icu_in_every_language_it_knows() {
        let languages = [
            "en", "es", "fr", "pt", "it", "ca", "de", "nl", "sv", "ru", "uk", "be", "sr", "hr", "bs", "pl", "cs", "sk",
            "lt", "lv", "ro", "sl", "ar", "he", "id", "ja", "ko", "ms", "my", "th", "vi", "zh", "lo", "hi", "bn", "fa",
            "gu", "kn", "am", "zu", "hy", "pa", "tr", "fi", "el", "bg", "hu", "et", "nb",
        ];
        let numbers = (0..1200_i64).chain([10_000, 999_999, 1_000_000, 1_000_001, 2_000_000, 11_000_011]);
        let numbers: Vec<i64> = numbers.collect();
        let mut differences = Vec::new();
        for language in languages {
            let locale: Locale = language.parse().unwrap();
            let rules = PluralRules::try_new_cardinal(locale.into()).unwrap();
            for number in &numbers {
                let expected = match rules.category_for(u64::try_from(*number).unwrap()) {
                    PluralCategory::Zero => "zero",
                    PluralCategory::One => "one",
                    PluralCategory::Two => "two",
                    PluralCategory::Few => "few",
                    PluralCategory::Many => "many",
                    PluralCategory::Other => "other",
                };
                let ours = category(language, *number);
                if ours != expected {
                    differences.push(format!("{language} {number}: {ours}, ICU {expected}"));
                }
            }
        }
        assert!(differences.is_empty(), "{differences:#?}");
    }
}
