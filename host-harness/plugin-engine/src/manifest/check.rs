//! The rules of `plugin.toml`: names that are safe to put into addresses and pages, and no contradictions.
//! Refusals are plain words for whoever wrote the plugin.

use super::{Manifest, Permission, SettingSpec, SettingType};
use std::collections::BTreeSet;

/// Most entries of one kind.
const MAX_ENTRIES: usize = 100;

impl Manifest {
    pub(super) fn check(&self) -> Result<(), String> {
        slug("id", &self.id, 64, "-")?;
        line("name", &self.name, 1, 80)?;
        version(&self.version)?;
        line("publisher", &self.publisher, 1, 80)?;
        line("description", &self.description, 1, 500)?;
        line("icon", &self.icon, 0, 64)?;
        for (permission, reason) in self.permissions.asked() {
            line(&format!("permissions.{permission}"), reason, 1, 300)?;
        }
        if self.permissions.asks_for(Permission::Documents) && !self.permissions.asks_for(Permission::Customers) {
            return Err("it asks for `documents`, which needs `customers` too".to_owned());
        }
        for (what, count) in [
            ("settings", self.settings.len()),
            ("actions", self.actions.len()),
            ("template-fields", self.template_fields.len()),
        ] {
            if count > MAX_ENTRIES {
                return Err(format!("it has more than {MAX_ENTRIES} [[{what}]]"));
            }
        }
        unique("settings", self.settings.iter().map(|s| s.key.as_str()))?;
        unique("actions", self.actions.iter().map(|a| a.id.as_str()))?;
        unique("template-fields", self.template_fields.iter().map(|f| f.key.as_str()))?;
        self.settings.iter().try_for_each(check_setting)?;
        for action in &self.actions {
            slug("actions.id", &action.id, 64, "-")?;
            line("actions.label", &action.label, 1, 80)?;
            if action.subjects.is_empty() {
                return Err(format!("action `{}` names no subjects", action.id));
            }
        }
        for field in &self.template_fields {
            slug("template-fields.key", &field.key, 64, "_")?;
            line("template-fields.label", &field.label, 1, 80)?;
            line("template-fields.description", &field.description, 0, 500)?;
            line("template-fields.sample", &field.sample, 0, 500)?;
            if field.channels.is_empty() {
                return Err(format!("template field `{}` names no channels", field.key));
            }
        }
        if let Some(routes) = &self.routes {
            slug("routes.mount", &routes.mount, 32, "-")?;
        }
        if self.limits.memory_mib == 0 || self.limits.request_ms == 0 {
            return Err("limits must be more than 0".to_owned());
        }
        Ok(())
    }
}

fn check_setting(setting: &SettingSpec) -> Result<(), String> {
    slug("settings.key", &setting.key, 64, "-_")?;
    line("settings.label", &setting.label, 1, 80)?;
    line("settings.help", &setting.help, 0, 500)?;
    let key = &setting.key;
    if (setting.kind == SettingType::Choice) == setting.choices.is_empty() {
        return Err(format!(
            "setting `{key}`: `choices` belongs to settings of type choice, and they need it"
        ));
    }
    unique(
        &format!("settings `{key}` choices"),
        setting.choices.iter().map(|c| c.value.as_str()),
    )?;
    for choice in &setting.choices {
        line("settings.choices.value", &choice.value, 1, 64)?;
        line("settings.choices.label", &choice.label, 1, 80)?;
    }
    if setting.min.zip(setting.max).is_some_and(|(min, max)| min > max) {
        return Err(format!("setting `{key}`: `min` is larger than `max`"));
    }
    if !setting.default.is_empty()
        && let Some(why) = setting.refuses(&setting.default)
    {
        return Err(format!("setting `{key}`: its own default is refused. {why}"));
    }
    Ok(())
}

/// Lower-case ASCII letters and digits with `joiners` between them, starting with a letter.
fn slug(what: &str, text: &str, max: usize, joiners: &str) -> Result<(), String> {
    let good = text.len() <= max
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || joiners.contains(c));
    if good {
        Ok(())
    } else {
        Err(format!(
            "`{what}` must be 1 to {max} lower-case letters, digits or `{joiners}`, starting with a letter; it is `{}`",
            excerpt(text)
        ))
    }
}

/// One line of text without control characters.
fn line(what: &str, text: &str, min: usize, max: usize) -> Result<(), String> {
    let length = text.trim().chars().count();
    if length < min {
        return Err(format!("`{what}` is empty"));
    }
    if length > max {
        return Err(format!("`{what}` is longer than {max} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("`{what}` must be one line without control characters"));
    }
    Ok(())
}

fn version(text: &str) -> Result<(), String> {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<_> = core.split('.').collect();
    let good = numbers.len() == 3
        && numbers
            .iter()
            .all(|n| n.parse::<u32>().is_ok() && (n.len() == 1 || !n.starts_with('0')))
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c));
    if good {
        Ok(())
    } else {
        Err(format!("`version` must look like 1.2.0; it is `{}`", excerpt(text)))
    }
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("[[{what}]] has `{}` twice", excerpt(name)));
        }
    }
    Ok(())
}

/// At most 60 characters of untrusted text, fit for a message.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

pub(super) fn toml_words(text: &str, error: &toml::de::Error) -> String {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map(|before| before.matches('\n').count().saturating_add(1));
    match line {
        Some(line) => format!(
            "line {line}: {}",
            excerpt(error.message().lines().next().unwrap_or_default())
        ),
        None => excerpt(error.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;

    const SMALL: &str = r#"
        id = "tiny"
        name = "Tiny"
        version = "1.0.0"
        publisher = "Example"
        description = "Does little."
        wit = "fieldservice:plugins@1.0"
    "#;

    fn refusal(extra: &str) -> String {
        match Manifest::parse(&format!("{SMALL}\n{extra}")) {
            Ok(_) => panic!("accepted: {extra}"),
            Err(words) => words,
        }
    }

    #[test]
    fn a_small_manifest_has_the_documented_defaults() {
        let manifest = Manifest::parse(SMALL).unwrap();
        assert_eq!(
            manifest.limits,
            ManifestLimits {
                memory_mib: 64,
                request_ms: 10_000
            }
        );
        assert!(!manifest.reuse && manifest.routes.is_none());
        assert_eq!(manifest.permissions.asked().count(), 0);
    }

    #[test]
    fn everything_it_can_say_survives_json() {
        let manifest = Manifest::parse(&format!(
            r#"{SMALL}
            [permissions]
            customers = "To show records."
            documents = "To hand out files."
            [[settings]]
            key = "link_days"
            type = "integer"
            label = "Links work for (days)"
            default = 90
            min = 1
            max = 365
            [[settings]]
            key = "tone"
            type = "choice"
            label = "Tone"
            default = "warm"
            choices = ["warm", {{ value = "dry", label = "Dry" }}]
            [[actions]]
            id = "copy-link"
            label = "Copy link"
            subjects = ["customer"]
            [[template-fields]]
            key = "link"
            label = "Link"
            channels = ["email", "sms"]
            [routes]
            mount = "portal"
            "#
        ))
        .unwrap();
        let json = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
        assert_eq!(manifest.settings.first().unwrap().default, "90");
    }

    #[test]
    fn refusals_name_the_place() {
        assert!(refusal("surprise = 1").contains("line"));
        assert!(refusal("[permissions]\nfiles = \"x\"").contains("files"));
        assert!(refusal("[permissions]\ndocuments = \"x\"").contains("needs `customers`"));
        assert!(refusal("[permissions]\nstorage = \"\"").contains("permissions.storage"));
        assert!(refusal("[routes]\nmount = \"../x\"").contains("routes.mount"));
        assert!(refusal("[[actions]]\nid = \"a\"\nlabel = \"A\"\nsubjects = []").contains("no subjects"));
        let twice = "[[actions]]\nid = \"a\"\nlabel = \"A\"\nsubjects = [\"customer\"]\n";
        assert!(refusal(&twice.repeat(2)).contains("twice"));
        let setting = "[[settings]]\nkey = \"n\"\ntype = \"integer\"\nlabel = \"N\"\ndefault = 9\nmax = 3";
        assert!(refusal(setting).contains("at most 3"));
        assert!(
            Manifest::parse(&SMALL.replace("1.0.0", "one"))
                .unwrap_err()
                .contains("version")
        );
        assert!(
            Manifest::parse(&SMALL.replace("\"tiny\"", "\"Tiny\""))
                .unwrap_err()
                .contains("`id`")
        );
        assert!(
            Manifest::parse(&SMALL.replace("Does little.", "a\\nb"))
                .unwrap_err()
                .contains("one line")
        );
    }
}
