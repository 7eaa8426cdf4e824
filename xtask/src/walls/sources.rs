//! What may stand in which file: SQL, wasmtime, HTML, the word "portal", unescaped output, machine paths;
//! and the budgets of style sheets and scripts that a customer's phone loads.

use super::{Fault, Source};

/// A rule looks at one file and says what breaks it.
type Rule = fn(&Source) -> Vec<Fault>;

const RULES: [Rule; 10] = [
    opens_with_its_purpose,
    no_module_called_utils,
    no_leftovers,
    sql_only_in_platform,
    wasmtime_only_in_the_engine,
    html_only_in_templates,
    the_host_knows_no_portal,
    tests_read_the_plugin_s_table_only,
    templates_escape_everything,
    nothing_of_one_machine,
];

/// What a page may load: folder, extension, most bytes over all files together.
const BUDGETS: [(&str, &str, usize); 4] = [
    ("templates/", ".css", 25 * 1024),
    ("templates/", ".js", 10 * 1024),
    ("host-harness/assets/console/", ".css", 25 * 1024),
    ("host-harness/assets/console/", ".js", 10 * 1024),
];

pub(crate) fn check(sources: &[Source]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = sources
        .iter()
        .flat_map(|source| RULES.iter().flat_map(|rule| rule(source)))
        .collect();
    for (folder, extension, most) in BUDGETS {
        let all = sources
            .iter()
            .filter(|source| source.path.starts_with(folder) && source.path.ends_with(extension));
        let bytes: usize = all.map(|source| source.text.len()).sum();
        if bytes > most {
            faults.push(format!(
                "{folder}*{extension}: {bytes} bytes, more than the budget of {most}"
            ));
        }
    }
    faults
}

impl Source {
    fn rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn template(&self) -> bool {
        self.path.ends_with(".html") || self.path.ends_with(".svg")
    }

    fn test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.starts_with("xtask/")
    }

    /// Lines of code with their numbers: up to the file's unit tests, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let text = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        text.lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn faults(&self, what: &str, broken: impl Fn(&str) -> bool) -> Vec<Fault> {
        let lines = self.code().filter(|(_, line)| broken(line));
        lines
            .map(|(number, line)| format!("{}:{number}: {what}: {}", self.path, line.trim()))
            .collect()
    }
}

fn opens_with_its_purpose(source: &Source) -> Vec<Fault> {
    let mut lines = source.text.lines();
    let purpose = lines.next().is_some_and(|line| line.starts_with("//! "))
        && lines.next().is_some_and(|line| line.starts_with("//!"));
    // A binary's attributes may only follow the header, so nothing excuses a missing one.
    if source.rust() && !purpose {
        return vec![format!(
            "{}: does not open with two `//!` lines that say what lives there",
            source.path
        )];
    }
    Vec::new()
}

fn no_module_called_utils(source: &Source) -> Vec<Fault> {
    let name = source
        .path
        .rsplit('/')
        .find(|part| *part != "mod.rs")
        .unwrap_or_default();
    if source.rust()
        && matches!(
            name,
            "utils.rs" | "util.rs" | "utils" | "util" | "helpers.rs" | "misc.rs" | "common.rs"
        )
    {
        return vec![format!("{}: name it after what it holds", source.path)];
    }
    Vec::new()
}

fn no_leftovers(source: &Source) -> Vec<Fault> {
    if source.path.starts_with("xtask/") || !source.rust() {
        return Vec::new();
    }
    let words = ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!(", "dbg!(", "#[ignore"];
    let lines = source
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| words.iter().any(|word| line.contains(word)));
    lines
        .map(|(at, line)| format!("{}:{}: left over: {}", source.path, at + 1, line.trim()))
        .collect()
}

fn sql_only_in_platform(source: &Source) -> Vec<Fault> {
    if !source.rust() || source.test() || source.path.starts_with("host-harness/platform/") {
        return Vec::new();
    }
    let sql = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "sqlx::"];
    source.faults("SQL stands in `platform` only", |line| {
        sql.iter().any(|word| line.contains(word)) || (line.contains("\"UPDATE ") && line.contains(" SET "))
    })
}

fn wasmtime_only_in_the_engine(source: &Source) -> Vec<Fault> {
    if !source.rust() || source.test() || source.path.starts_with("host-harness/plugin-engine/") {
        return Vec::new();
    }
    source.faults("wasmtime is the engine's own affair", |line| {
        line.contains("wasmtime::") || line.contains("wasmtime_")
    })
}

/// Turns the plain text of a message into the HTML part of a mail: its input is not a page, so no template fits.
const MAIL_HTML: &str = "host-harness/messaging/src/html.rs";

fn html_only_in_templates(source: &Source) -> Vec<Fault> {
    if !source.rust() || source.test() || source.path == MAIL_HTML {
        return Vec::new();
    }
    let tags = [
        "<!doctype",
        "<html",
        "<body",
        "<div",
        "<span",
        "<p>",
        "<p ",
        "<a href",
        "<ul",
        "<li>",
        "<table",
        "<form",
        "<h1",
        "<h2",
        "<br>",
        "<img",
        "<input",
        "<button",
    ];
    source.faults("HTML stands in templates only", |line| {
        let lower = line.to_ascii_lowercase();
        line.contains('"') && tags.iter().any(|tag| lower.contains(tag))
    })
}

/// The contract and the reference host serve any plugin: no name, path or word of this one may stand in them.
fn the_host_knows_no_portal(source: &Source) -> Vec<Fault> {
    let speaks = [".rs", ".html", ".svg", ".js", ".css", ".wit", ".sql"]
        .iter()
        .any(|end| source.path.ends_with(end));
    let host = source.path.starts_with("host-harness/") || source.path.starts_with("wit/");
    if !host || source.test() || !speaks {
        return Vec::new();
    }
    source.faults("the host knows nothing of portals", |line| {
        line.to_ascii_lowercase().contains("portal")
    })
}

/// The end-to-end tests see what anybody outside sees; of the plugin they may read which routes there are, no more.
fn tests_read_the_plugin_s_table_only(source: &Source) -> Vec<Fault> {
    if !source.rust() || !source.path.starts_with("tests/") {
        return Vec::new();
    }
    source.faults(
        "tests read the plugin's table of routes and nothing else of it",
        |line| {
            line.split("customer_portal::")
                .skip(1)
                .any(|rest| !rest.starts_with("routes::") && !rest.starts_with("http::Method;"))
        },
    )
}

fn templates_escape_everything(source: &Source) -> Vec<Fault> {
    let lines = source.text.lines().enumerate().filter(|(_, line)| {
        let dense: String = line.chars().filter(|character| !character.is_whitespace()).collect();
        (source.template() && (dense.contains("|safe") || dense.contains("escape=\"none\"")))
            || (source.rust() && !source.test() && dense.contains("escape=\"none\"") && !dense.contains("ext="))
    });
    lines
        .map(|(at, line)| format!("{}:{}: unescaped output: {}", source.path, at + 1, line.trim()))
        .collect()
}

/// Nothing committed names a package registry's host or a path of the machine it was written on.
fn nothing_of_one_machine(source: &Source) -> Vec<Fault> {
    // Put together here, so that this file does not contain what it looks for.
    let words = [
        concat!("registry.", "npmjs"),
        concat!("static.", "crates.io"),
        concat!("index.", "crates.io"),
        concat!("deb.", "debian.org"),
        concat!("/wo", "rk/main"),
        concat!("/ro", "ot/"),
        concat!("/tmp/", "t-"),
    ];
    let lines = source
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| words.iter().any(|word| line.contains(word)));
    lines
        .map(|(at, _)| {
            format!(
                "{}:{}: names a registry's host or a path of one machine",
                source.path,
                at + 1
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<Fault> {
        check(&[Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }])
    }

    const HEAD: &str = "//! One.\n//! Two.\n";

    #[test]
    fn a_file_says_what_it_is() {
        assert_eq!(faults("plugin/src/lib.rs", "fn main() {}\n").len(), 1);
        assert!(faults("plugin/src/lib.rs", HEAD).is_empty());
    }

    #[test]
    fn sql_outside_the_platform_is_found_and_its_unit_tests_are_not() {
        let text = format!("{HEAD}let q = \"SELECT 1\";\n");
        assert_eq!(faults("host-harness/src/lib.rs", &text).len(), 1);
        assert!(faults("host-harness/platform/src/lib.rs", &text).is_empty());
        assert!(
            faults(
                "host-harness/src/lib.rs",
                &format!("{HEAD}#[cfg(test)]\nmod tests {{ \"SELECT 1\" }}\n")
            )
            .is_empty()
        );
    }

    #[test]
    fn the_host_may_not_say_portal_but_a_comment_may() {
        assert_eq!(
            faults("host-harness/templates/console/a.html", "<h1>Portal</h1>").len(),
            1
        );
        assert!(faults("host-harness/src/a.rs", &format!("{HEAD}// served at /summit/portal\n")).is_empty());
        assert!(faults("templates/a.html", "<h1>Portal</h1>").is_empty());
    }

    #[test]
    fn tests_that_reach_into_the_plugin_are_found() {
        let text = format!("{HEAD}use customer_portal::session::Session;\n");
        assert_eq!(faults("tests/end_to_end/a.rs", &text).len(), 1);
        let table = format!("{HEAD}use customer_portal::http::Method;\nuse customer_portal::routes::ROUTES;\n");
        assert!(faults("tests/end_to_end/a.rs", &table).is_empty());
    }

    #[test]
    fn unescaped_output_and_html_in_code_are_found() {
        assert_eq!(faults("templates/a.html", "{{ name | safe }}").len(), 1);
        assert_eq!(
            faults("plugin/src/a.rs", &format!("{HEAD}let a = \"<div>\";\n")).len(),
            1
        );
    }

    #[test]
    fn a_style_sheet_over_budget_is_found() {
        assert_eq!(faults("templates/portal.css", &"a".repeat(25 * 1024 + 1)).len(), 1);
    }
}
