//! `docs/security.md` says which tests prove each security rule. Here: every rule has its row, every row names a test or
//! says plainly that it has none yet, and whatever it names stands in the sources.

use super::{Fault, Source};

/// The page.
const PAGE: &str = "docs/security.md";
/// How many rules there are.
const RULES: usize = 29;
/// What a row says instead of a test.
const UNPROVEN: &str = "Not provable yet";

pub(crate) fn check(sources: &[Source]) -> Vec<Fault> {
    let Some(page) = sources.iter().find(|source| source.path == PAGE) else {
        return vec![format!("{PAGE} is missing")];
    };
    let mut faults = rows(&page.text);
    for (at, line) in page.text.lines().enumerate() {
        for name in quoted(line) {
            if let Some(fault) = fault_in(name, sources) {
                faults.push(format!("{PAGE}:{}: `{name}`: {fault}", at + 1));
            }
        }
    }
    faults
}

/// Each rule has exactly one row, and the row proves it or says that it does not.
fn rows(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for rule in 1..=RULES {
        let start = format!("| {rule} |");
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with(&start)).collect();
        match rows.as_slice() {
            [row] if quoted(row).any(|name| name.contains("::")) || row.contains(UNPROVEN) => {}
            [_] => faults.push(format!(
                "{PAGE}: rule {rule} names no test and does not say `{UNPROVEN}`"
            )),
            _ => faults.push(format!("{PAGE}: rule {rule} has {} rows", rows.len())),
        }
    }
    faults
}

/// What stands between backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// What is wrong with a name: `path/to/file.rs::test`, `path/to/file` or `folder/`. Other words in backticks are nobody's
/// business here.
fn fault_in(name: &str, sources: &[Source]) -> Option<&'static str> {
    let (path, test) = match name.split_once("::") {
        Some((path, test)) if path.ends_with(".rs") => (path, Some(test)),
        _ => (name, None),
    };
    if path.ends_with('/') && path.contains(|c: char| c.is_ascii_alphabetic()) && !path.starts_with('/') {
        let known = sources.iter().any(|source| source.path.starts_with(path));
        return (!known).then_some("there is no such folder");
    }
    let file = [".rs", ".mjs", ".wit", ".html", ".js", ".sql", ".toml", ".md"]
        .iter()
        .any(|ending| path.ends_with(ending));
    if !file || !path.contains('/') || path.contains(['{', '*', ' ']) {
        return None;
    }
    let Some(source) = sources.iter().find(|source| source.path == path) else {
        return Some("there is no such file");
    };
    let known = test.is_none_or(|test| has_test(&source.text, test));
    (!known).then_some("there is no such test")
}

/// Whether a file has a test of this name: a function with a test's attribute, or one listed for both databases.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let definition = format!("fn {name}(");
    let Some(at) = lines
        .iter()
        .position(|line| line.strip_prefix("async ").unwrap_or(line).starts_with(&definition))
    else {
        return false;
    };
    let before = lines.get(..at).unwrap_or_default();
    let attributes = before.iter().rev().take_while(|line| line.starts_with("#["));
    let attributed = attributes
        .into_iter()
        .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"));
    attributed || (text.contains("on_both_engines! {") && lines.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// A page that is in order, with this for the row of rule 1.
    fn page(first: &str) -> String {
        let rest: Vec<String> = (2..=RULES)
            .map(|rule| format!("| {rule} | x | {UNPROVEN}. |"))
            .collect();
        format!("{first}\n{}\n", rest.join("\n"))
    }

    fn faults(first: &str) -> Vec<Fault> {
        let tests = "//! One.\n//! Two.\n#[tokio::test]\nasync fn works() {}\nfn helper() {}\n";
        let both =
            "on_both_engines! {\n    holds\n}\nasync fn holds(world: World) {}\nasync fn other(world: World) {}\n";
        check(&[
            source(PAGE, &page(first)),
            source("tests/a.rs", tests),
            source("tests/b.rs", both),
        ])
    }

    #[test]
    fn a_row_that_names_a_test_that_is_there_is_in_order() {
        assert_eq!(
            faults("| 1 | x | `tests/a.rs` | `tests/a.rs::works` |"),
            Vec::<Fault>::new()
        );
        assert_eq!(
            faults("| 1 | x | `tests/b.rs::holds`, `plain words` |"),
            Vec::<Fault>::new()
        );
    }

    #[test]
    fn a_test_or_file_that_is_not_there_is_found() {
        for row in [
            "| 1 | `tests/a.rs::gone` |",
            "| 1 | `tests/a.rs::helper` |",
            "| 1 | `tests/b.rs::other` |",
            "| 1 | `tests/c.rs::works` |",
            "| 1 | `tests/a.rs::works` in `nowhere/b.rs` |",
            "| 1 | `tests/a.rs::works` in `nowhere/` |",
        ] {
            assert_eq!(faults(row).len(), 1, "{row}");
        }
    }

    #[test]
    fn a_rule_without_a_row_with_two_or_with_nothing_in_it_is_found() {
        assert_eq!(faults("").len(), 1);
        assert_eq!(faults("| 1 | x |").len(), 1);
        let twice = "| 1 | `tests/a.rs::works` |";
        assert_eq!(faults(&format!("{twice}\n{twice}")).len(), 1);
        assert_eq!(check(&[]).len(), 1);
    }
}
