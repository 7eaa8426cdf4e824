//! Words in the reader's language. The language files become tables at build time
//! (`build/`); here a language is chosen and a message's variables are filled in.

use crate::{
    bindings::fieldservice::plugins::{company::CompanyProfile, types::Date},
    plural,
};

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// One language file.
#[derive(Debug)]
pub struct Language {
    /// Primary language subtag, for example `es`.
    pub tag: &'static str,
    messages: &'static [&'static [Part]],
}

#[derive(Debug)]
enum Part {
    Text(&'static str),
    Variable(usize),
    Select {
        variable: usize,
        variants: &'static [(Key, &'static [Part])],
        default: usize,
    },
}

#[derive(Debug)]
enum Key {
    Number(i64),
    Word(&'static str),
}

#[derive(Debug, Clone, Copy)]
enum Argument<'a> {
    Text(&'a str),
    Count(i64),
}

/// A language in a region, and what the company's dates and money look like there.
///
/// It has one method per message of `templates/languages/en.ftl`, named like the message with
/// `_` for `-`, taking the message's variables in the order they first appear.
#[derive(Debug, Clone)]
pub struct Words {
    language: &'static Language,
    pub(crate) region: String,
    pub(crate) currency: String,
    pub(crate) currency_digits: u8,
    pub(crate) today: Date,
    /// Whether this is the language the company's own labels are written in.
    pub(crate) company_language: bool,
    pub(crate) decimal: String,
    pub(crate) group: String,
    pub(crate) group_from: usize,
    pub(crate) group_size: usize,
}

impl Words {
    /// The reader's own choice, else what their browser asks for, else the company's language;
    /// of these the first there is a file for. The region is the choice's own or the company's.
    pub fn choose(chosen: &str, accept_language: &str, company: &CompanyProfile, today: Date) -> Self {
        let company_tag = primary(&company.locale);
        let asked = accepted(accept_language);
        let wanted = std::iter::once(chosen)
            .chain(asked)
            .chain(std::iter::once(company.locale.as_str()));
        let found = wanted
            .filter(|tag| !tag.is_empty())
            .find_map(|tag| Some((find(tag)?, tag)));
        let (language, tag) = found.unwrap_or((&LANGUAGES[0], company.locale.as_str()));
        let region = region(tag)
            .or_else(|| region(&company.locale))
            .unwrap_or("")
            .to_ascii_uppercase();
        let mut words = Self {
            language,
            region,
            currency: company.currency.clone(),
            currency_digits: company.currency_digits,
            today,
            company_language: language.tag.eq_ignore_ascii_case(company_tag),
            decimal: String::new(),
            group: String::new(),
            group_from: 4,
            group_size: 3,
        };
        words.decimal = words.number_decimal(&words.region);
        words.group = words.number_group(&words.region);
        words.group_from = words.number_group_from(&words.region).parse().unwrap_or(4);
        words.group_size = words.number_group_size(&words.region).parse().unwrap_or(3).max(1);
        words
    }

    /// The language's subtag, for example `es`.
    pub fn tag(&self) -> &'static str {
        self.language.tag
    }

    /// BCP 47 tag for `lang` attributes, for example `es-US`.
    pub fn locale(&self) -> String {
        if self.region.is_empty() {
            self.tag().to_owned()
        } else {
            format!("{}-{}", self.tag(), self.region)
        }
    }

    /// A message without variables by its name, for names that are put together at run time.
    pub fn find(&self, name: &str) -> Option<&'static str> {
        let index = NAMES.binary_search(&name).ok()?;
        match self.language.messages.get(index)? {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    fn plain(&self, index: usize) -> &'static str {
        match self.language.messages.get(index) {
            Some([Part::Text(text), ..]) => text,
            _ => "",
        }
    }

    fn fill(&self, index: usize, arguments: &[Argument<'_>]) -> String {
        let mut out = String::new();
        if let Some(parts) = self.language.messages.get(index) {
            self.write(&mut out, parts, arguments);
        }
        out
    }

    fn write(&self, out: &mut String, parts: &[Part], arguments: &[Argument<'_>]) {
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Variable(index) => match arguments.get(*index) {
                    Some(Argument::Text(text)) => out.push_str(text),
                    Some(Argument::Count(count)) => out.push_str(&self.integer(*count)),
                    None => {}
                },
                Part::Select {
                    variable,
                    variants,
                    default,
                } => {
                    let matches = |key: &Key| match (arguments.get(*variable), key) {
                        (Some(Argument::Count(count)), Key::Number(number)) => count == number,
                        (Some(Argument::Count(count)), Key::Word(word)) => {
                            plural::category(self.language.tag, *count) == *word
                        }
                        (Some(Argument::Text(text)), Key::Word(word)) => text == word,
                        (Some(Argument::Text(_)), Key::Number(_)) | (None, _) => false,
                    };
                    // An exact number wins over a plural form.
                    let exact = variants
                        .iter()
                        .find(|(key, _)| matches!(key, Key::Number(_)) && matches(key));
                    let chosen = exact.or_else(|| variants.iter().find(|(key, _)| matches(key)));
                    if let Some((_, value)) = chosen.or_else(|| variants.get(*default)) {
                        self.write(out, value, arguments);
                    }
                }
            }
        }
    }
}

/// The name a language has in itself, for the language switch.
pub fn own_name(language: &'static Language) -> &'static str {
    let found = NAMES
        .binary_search(&"language-name")
        .ok()
        .and_then(|index| language.messages.get(index));
    match found {
        Some([Part::Text(name)]) => name,
        _ => language.tag,
    }
}

/// The language file for a tag such as `es-MX`.
pub fn find(tag: &str) -> Option<&'static Language> {
    LANGUAGES
        .iter()
        .find(|language| language.tag.eq_ignore_ascii_case(primary(tag)))
}

fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or_default()
}

fn region(tag: &str) -> Option<&str> {
    tag.split(['-', '_'])
        .skip(1)
        .find(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// The tags of an `Accept-Language` header, the most wanted first; at most ten are looked at.
fn accepted(header: &str) -> Vec<&str> {
    let mut tags: Vec<(u32, &str)> = header
        .split(',')
        .take(10)
        .filter_map(|item| {
            let (tag, quality) = item.split_once(';').unwrap_or((item, "q=1"));
            let weight = thousandths(quality.trim().strip_prefix("q=")?.trim())?;
            (weight > 0).then_some((weight, tag.trim()))
        })
        .collect();
    tags.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    tags.into_iter().map(|(_, tag)| tag).collect()
}

/// A quality value of RFC 9110 (`0`, `0.8`, `1.000`) in thousandths.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let fraction: u32 = format!("{fraction:0<3}").parse().ok()?;
    Some((whole.min(1) * 1_000 + fraction).min(1_000))
}
