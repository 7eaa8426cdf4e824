//! The command line, read by hand: a handful of flags does not earn a parser crate in a tool that everything
//! else waits for. A flag nobody asked about is an error, never silently ignored.

use std::collections::VecDeque;

/// What is left of the command line.
pub(crate) struct Arguments {
    rest: VecDeque<String>,
}

impl Arguments {
    pub(crate) fn from_environment() -> Self {
        Self {
            rest: std::env::args().skip(1).collect(),
        }
    }

    /// The first word, the command.
    pub(crate) fn command(&mut self) -> Option<String> {
        self.rest.pop_front()
    }

    /// Takes `--name VALUE` or `--name=VALUE`.
    pub(crate) fn value(&mut self, name: &str) -> anyhow::Result<Option<String>> {
        let joined = format!("{name}=");
        if let Some(at) = self.rest.iter().position(|word| word.starts_with(&joined)) {
            let word = self.rest.remove(at).unwrap_or_default();
            return Ok(word.strip_prefix(&joined).map(str::to_owned));
        }
        let Some(at) = self.rest.iter().position(|word| word == name) else {
            return Ok(None);
        };
        self.rest.remove(at);
        match self.rest.remove(at) {
            Some(value) if !value.starts_with("--") => Ok(Some(value)),
            _ => anyhow::bail!("`{name}` needs a value"),
        }
    }

    /// Takes a flag without a value.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        match self.rest.iter().position(|word| word == name) {
            Some(at) => self.rest.remove(at).is_some(),
            None => false,
        }
    }

    /// Refuses whatever was not taken.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self.rest.front() {
            None => Ok(()),
            Some(word) => anyhow::bail!("`{word}` is not understood here; `cargo xtask help` lists the flags"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Arguments {
        Arguments {
            rest: words.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    #[test]
    fn takes_values_in_both_spellings_and_flags() {
        let mut arguments = of(&["demo", "--port=9000", "--data-dir", "x", "--fresh"]);
        assert_eq!(arguments.command().as_deref(), Some("demo"));
        assert_eq!(arguments.value("--port").unwrap().as_deref(), Some("9000"));
        assert_eq!(arguments.value("--data-dir").unwrap().as_deref(), Some("x"));
        assert!(arguments.flag("--fresh"));
        assert!(!arguments.flag("--fresh"));
        arguments.finish().unwrap();
    }

    #[test]
    fn refuses_a_missing_value_and_a_word_left_over() {
        assert!(of(&["--port"]).value("--port").is_err());
        assert!(of(&["--port", "--fresh"]).value("--port").is_err());
        assert!(of(&["--ports"]).finish().is_err());
    }
}
