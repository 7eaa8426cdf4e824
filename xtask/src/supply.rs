//! Where the dependencies come from and under which licence, checked against `deny.toml` on any machine; then
//! cargo-deny itself, advisories included, where it is installed.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::Value;

use crate::{process, workspace};

/// Checks and returns a summary line.
pub(crate) fn check() -> anyhow::Result<String> {
    let allowed = allowed_licences()?;
    let metadata = workspace::read_metadata(&["--locked"])?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo metadata lists no packages")?;
    let mut faults = Vec::new();
    for package in packages {
        let text = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or_default();
        let name = format!("{} {}", text("name"), text("version"));
        // A package without a source is one of ours.
        if let Some(source) = package.get("source").and_then(Value::as_str)
            && !source.starts_with("registry+")
            && !source.starts_with("sparse+")
        {
            faults.push(format!("{name} comes from {source}, not from the registry"));
        }
        if !permits(text("license"), &allowed) {
            faults.push(format!(
                "{name}: licence `{}` is not among those deny.toml allows",
                text("license")
            ));
        }
    }
    anyhow::ensure!(
        faults.is_empty(),
        "{} dependencies break deny.toml\n{}",
        faults.len(),
        faults.join("\n")
    );

    let denied = if process::on_path("cargo-deny") {
        process::run(workspace::cargo().args(["deny", "check"]))?;
        "cargo deny: ok"
    } else {
        println!("\n*** cargo-deny is not installed: advisories are NOT checked (licences and sources are). ***\n");
        "cargo-deny NOT INSTALLED: no advisories"
    };
    Ok(format!(
        "{} packages: licences and sources ok; {denied}",
        packages.len()
    ))
}

/// The `allow` list of `[licenses]`; read line by line, since that list is all we need of the file.
fn allowed_licences() -> anyhow::Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(workspace::root().join("deny.toml")).context("deny.toml")?;
    let list = text
        .split_once("[licenses]")
        .and_then(|(_, section)| section.split_once("allow = ["))
        .and_then(|(_, list)| list.split_once(']'))
        .map(|(list, _)| list)
        .context("deny.toml has no `allow` list under [licenses]")?;
    Ok(list
        .split(',')
        .map(|item| item.trim().trim_matches('"').to_owned())
        .filter(|item| !item.is_empty())
        .collect())
}

/// Whether an SPDX expression can be met with the allowed licences. `/`, which old crates write, means OR.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    !words.is_empty() && reader.any() && reader.words.is_empty()
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.next();
        }
        found
    }

    fn any(&mut self) -> bool {
        let mut met = self.all();
        while self.eat("OR") {
            met |= self.all();
        }
        met
    }

    fn all(&mut self) -> bool {
        let mut met = self.one();
        while self.eat("AND") {
            met &= self.one();
        }
        met
    }

    fn one(&mut self) -> bool {
        if self.eat("(") {
            let met = self.any();
            return self.eat(")") && met;
        }
        let Some(licence) = self.next() else { return false };
        if self.eat("WITH") {
            let exception = self.next().unwrap_or_default();
            return self.allowed.contains(&format!("{licence} WITH {exception}"));
        }
        self.allowed.contains(licence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(expression: &str) -> bool {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
            .map(str::to_owned)
            .into();
        permits(expression, &allowed)
    }

    #[test]
    fn an_expression_is_met_by_any_alternative_and_by_every_conjunct() {
        assert!(allows("MIT"));
        assert!(allows("GPL-3.0 OR MIT"));
        assert!(allows("MIT/Apache-2.0"));
        assert!(allows("(MIT OR GPL-3.0) AND Apache-2.0 WITH LLVM-exception"));
    }

    #[test]
    fn anything_else_is_refused() {
        assert!(!allows(""));
        assert!(!allows("GPL-3.0"));
        assert!(!allows("MIT AND GPL-3.0"));
        assert!(!allows("MIT WITH Surprise-exception"));
        assert!(!allows("(MIT"));
        assert!(!allows("MIT MIT"));
    }

    #[test]
    fn deny_toml_lists_the_licences() {
        assert!(allowed_licences().unwrap().contains("Apache-2.0"));
    }
}
