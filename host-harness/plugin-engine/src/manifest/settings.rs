//! `[[settings]]`: what a company's admin can set, and which values are refused.
//! Values are text everywhere; their type only says which text is good.

use serde::{Deserialize, Serialize};

/// How a setting is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingType {
    /// `true` or `false`.
    Bool,
    /// A whole number between `min` and `max`.
    Integer,
    /// Text; `min` and `max` bound its length in characters.
    Text,
    /// One of `choices`.
    Choice,
}

/// One of `[[settings]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingSpec {
    /// Lower-case letters, digits, `-` and `_`.
    pub key: String,
    /// How it is entered.
    #[serde(rename = "type")]
    pub kind: SettingType,
    /// Words beside the input.
    pub label: String,
    /// What it does, or empty.
    #[serde(default)]
    pub help: String,
    /// Value until an admin stores one, as text.
    #[serde(default, deserialize_with = "scalar_as_text")]
    pub default: String,
    /// Whether it must be set before the plugin can be enabled.
    #[serde(default)]
    pub required: bool,
    /// Never shown again once stored.
    #[serde(default)]
    pub secret: bool,
    /// Smallest number, or fewest characters.
    #[serde(default)]
    pub min: Option<i64>,
    /// Largest number, or most characters.
    #[serde(default)]
    pub max: Option<i64>,
    /// What can be chosen.
    #[serde(default)]
    pub choices: Vec<SettingChoice>,
}

impl SettingSpec {
    /// Why `value` cannot be stored for this setting, in one plain sentence.
    pub fn refuses(&self, value: &str) -> Option<String> {
        if value.is_empty() {
            return self.required.then(|| format!("{} is required.", self.label));
        }
        let (min, max) = (self.min.unwrap_or(i64::MIN), self.max.unwrap_or(i64::MAX));
        match self.kind {
            SettingType::Bool => {
                (value != "true" && value != "false").then(|| format!("{} must be true or false.", self.label))
            }
            SettingType::Integer => match value.parse::<i64>() {
                Err(_) => Some(format!("{} must be a whole number.", self.label)),
                Ok(number) if number < min => Some(format!("{} must be at least {min}.", self.label)),
                Ok(number) if number > max => Some(format!("{} must be at most {max}.", self.label)),
                Ok(_) => None,
            },
            SettingType::Text => {
                let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
                let max = max.min(SETTING_MAX_CHARS);
                if length < min {
                    Some(format!("{} must have at least {min} characters.", self.label))
                } else {
                    (length > max).then(|| format!("{} must have at most {max} characters.", self.label))
                }
            }
            SettingType::Choice => (!self.choices.iter().any(|choice| choice.value == value))
                .then(|| format!("{} must be one of the choices.", self.label)),
        }
    }
}

/// One entry of a setting's `choices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ChoiceText")]
pub struct SettingChoice {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A choice is written as a plain word or as a table with `value` and `label`.
#[derive(Deserialize)]
#[serde(untagged)]
enum ChoiceText {
    Word(String),
    Table(ChoiceTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceTable {
    value: String,
    label: String,
}

impl From<ChoiceText> for SettingChoice {
    fn from(text: ChoiceText) -> Self {
        match text {
            ChoiceText::Word(word) => Self {
                label: word.clone(),
                value: word,
            },
            ChoiceText::Table(table) => Self {
                value: table.value,
                label: table.label,
            },
        }
    }
}

/// Longest text setting.
const SETTING_MAX_CHARS: i64 = 10_000;

fn scalar_as_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Bool(bool),
        Integer(i64),
        Text(String),
    }
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Integer(value) => value.to_string(),
        Scalar::Text(value) => value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_refuse_what_their_type_forbids() {
        let setting = |kind, min, max| SettingSpec {
            key: "k".into(),
            kind,
            label: "K".into(),
            help: String::new(),
            default: String::new(),
            required: true,
            secret: false,
            min,
            max,
            choices: vec![SettingChoice {
                value: "a".into(),
                label: "A".into(),
            }],
        };
        assert!(setting(SettingType::Bool, None, None).refuses("yes").is_some());
        assert!(setting(SettingType::Bool, None, None).refuses("true").is_none());
        assert!(setting(SettingType::Integer, Some(1), Some(9)).refuses("10").is_some());
        assert!(setting(SettingType::Integer, Some(1), Some(9)).refuses("9").is_none());
        assert!(setting(SettingType::Text, None, Some(3)).refuses("äöü").is_none());
        assert!(setting(SettingType::Text, None, Some(3)).refuses("äöüß").is_some());
        assert!(setting(SettingType::Choice, None, None).refuses("b").is_some());
        assert!(
            setting(SettingType::Text, None, None)
                .refuses("")
                .is_some_and(|why| why.contains("required"))
        );
    }
}
