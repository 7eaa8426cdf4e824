//! Reading `host.toml` and the `HOST_*` variables over the defaults.
//! A variable's text is taken as it stands, and no refusal repeats a text that was found: it may be a secret.

use super::{ConfigError, Settings};
use figment::{
    Figment, Metadata, Profile, Provider,
    error::{Actual, Error, Kind},
    providers::{Format, Serialized, Toml},
    util::nest,
    value::{Dict, Map, Value},
};
use serde::Serialize;
use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

const PREFIX: &str = "HOST_";

/// Settings that are no text: a variable with another name keeps its text, even where it looks like a number.
const NUMBERS_AND_SWITCHES: [&str; 5] = [
    "mailbox",
    "smtp.port",
    "smtp.timeout_seconds",
    "smtp.connections",
    "sms.timeout_seconds",
];

#[derive(Serialize)]
struct Defaults {
    data_dir: &'static str,
    staff_listen: &'static str,
    public_listen: &'static str,
}

impl Settings {
    /// Read `file` (when given) and the environment over the defaults.
    ///
    /// # Errors
    /// The first setting that is unknown, missing or of another kind, and where it stands.
    pub fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::read_from(file, std::env::vars_os())
    }

    /// The same, with the variables named.
    pub(super) fn read_from(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Defaults {
            data_dir: "data",
            staff_listen: "127.0.0.1:8080",
            public_listen: "127.0.0.1:8081",
        }));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError(vec![format!(
                    "there is no configuration file {}",
                    file.display()
                )]));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        for (name, text) in variables {
            if let Some(variable) = Variable::read(&name, text)? {
                figment = figment.merge(variable);
            }
        }
        figment
            .extract()
            .map_err(|errors| ConfigError(errors.into_iter().map(|error| refusal(&error)).collect()))
    }
}

/// One `HOST_…` variable.
struct Variable {
    name: String,
    /// The setting, as in `smtp.host`.
    key: String,
    value: Value,
}

impl Variable {
    /// The variable, if it is one of ours.
    fn read(name: &OsStr, text: OsString) -> Result<Option<Self>, ConfigError> {
        let Some(name) = name.to_str() else { return Ok(None) };
        let ours = name
            .split_at_checked(PREFIX.len())
            .filter(|(prefix, _)| prefix.eq_ignore_ascii_case(PREFIX))
            .map(|(_, setting)| setting.to_ascii_lowercase())
            .filter(|setting| is_setting(setting));
        let Some(setting) = ours else { return Ok(None) };
        let key = setting.replace("__", ".");
        let text = text
            .into_string()
            .map_err(|_| ConfigError(vec![format!("{name} is not UTF-8")]))?;
        let value = match key.as_str() {
            "trusted_proxies" => list(&text),
            key if NUMBERS_AND_SWITCHES.contains(&key)
                || key.starts_with("limits.")
                || key.starts_with("passwords.") =>
            {
                number_or_switch(text.trim())
            }
            _ => Value::from(text),
        };
        Ok(Some(Self {
            name: name.to_owned(),
            key,
            value,
        }))
    }
}

impl Provider for Variable {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let settings = nest(&self.key, self.value.clone()).into_dict().unwrap_or_default();
        Ok(Map::from([(Profile::Default, settings)]))
    }
}

/// Whether what follows `HOST_` names a setting: other programs use the prefix too.
fn is_setting(name: &str) -> bool {
    const PLAIN: [&str; 10] = [
        "data_dir",
        "database_url",
        "staff_listen",
        "public_listen",
        "public_url",
        "staff_url",
        "secret_key",
        "trusted_proxies",
        "mailbox",
        "mail_dir",
    ];
    const SECTIONS: [&str; 5] = ["smtp__", "sms__", "log__", "limits__", "passwords__"];
    PLAIN.contains(&name) || SECTIONS.iter().any(|section| name.starts_with(section))
}

/// `10.0.0.1, 10.0.0.2` or `["10.0.0.1", "10.0.0.2"]`.
fn list(text: &str) -> Value {
    let text = text.trim();
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let items: Vec<Value> = inner
        .split(',')
        .map(|item| item.trim().trim_matches(['"', '\'']))
        .filter(|item| !item.is_empty())
        .map(Value::from)
        .collect();
    Value::from(items)
}

fn number_or_switch(text: &str) -> Value {
    if let Ok(switch) = text.parse::<bool>() {
        Value::from(switch)
    } else if let Ok(number) = text.parse::<u64>() {
        Value::from(number)
    } else {
        Value::from(text)
    }
}

/// What is wrong with a setting and where it stands, without the text that was found there.
fn refusal(error: &Error) -> String {
    let key = error.path.join(".");
    let place = error
        .metadata
        .as_ref()
        .map(|metadata| match &metadata.source {
            Some(source) => format!(" ({source})"),
            None => format!(" ({})", metadata.name),
        })
        .unwrap_or_default();
    match &error.kind {
        // Which of the places should have it, nobody knows.
        Kind::MissingField(field) if key.is_empty() => format!("{field} is missing"),
        Kind::MissingField(field) => format!("{key}.{field} is missing"),
        Kind::UnknownField(_, known) => format!("{key} is no setting{place}; there are {}", known.join(", ")),
        Kind::UnknownVariant(found, known) => format!("{key} = {found:?} is none of {}{place}", known.join(", ")),
        Kind::InvalidType(found, expected) => {
            format!("{key} is {}, expected {}{place}", kind(found), expectation(expected))
        }
        Kind::InvalidValue(Actual::Unsigned(found), _) => format!("{key} = {found} is too large{place}"),
        Kind::InvalidValue(Actual::Signed(found), _) => format!("{key} = {found} is out of range{place}"),
        Kind::Message(message) if key.is_empty() => format!("{}{place}", without_source(message)),
        Kind::Message(message) => format!("{key}: {}{place}", without_source(message)),
        _ => format!("{key} cannot be used{place}"),
    }
}

fn kind(found: &Actual) -> &'static str {
    match found {
        Actual::Bool(_) => "a switch",
        Actual::Unsigned(_) | Actual::Signed(_) => "a whole number",
        Actual::Float(_) => "a number",
        Actual::Str(_) | Actual::Char(_) => "text",
        Actual::Seq => "a list",
        Actual::Map => "a section",
        _ => "something else",
    }
}

fn expectation(expected: &str) -> &str {
    match expected {
        "a string" | "path string" => "text (in host.toml: between quotation marks)",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "u16" | "u32" | "u64" | "usize" => "a whole number",
        section if section.starts_with("struct ") => "a section",
        other => other,
    }
}

/// A syntax error shows the line of the file it is about, with whatever secret stands there: leave that out.
fn without_source(message: &str) -> String {
    let shows_source = |line: &str| {
        line.trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .trim_start()
            .starts_with('|')
    };
    let lines: Vec<&str> = message
        .lines()
        .filter(|line| !shows_source(line) && !line.trim().is_empty())
        .collect();
    lines.join(": ")
}
