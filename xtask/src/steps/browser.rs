//! The browser step: Playwright's test runner drives an installed Chromium through `tests/browser`.
//! Playwright's own browser download is never used.

use std::path::PathBuf;
use std::process::Command;

use super::{Context, Outcome};
use crate::{process, workspace};

pub(crate) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let Some(chromium) = chromium() else {
        return missing("no Chromium on this machine (Debian: `apt-get install chromium`)");
    };
    if !process::on_path("npm") || !process::on_path("node") {
        return missing("no Node.js and npm on this machine");
    }
    let folder = workspace::root().join("tests/browser");
    if !folder.join("node_modules/@playwright/test").is_dir() {
        process::run(
            Command::new("npm")
                .current_dir(&folder)
                .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
                .args(["ci", "--no-audit", "--no-fund"]),
        )?;
    }
    let screens = workspace::root().join("target/screens");
    let mut command = Command::new("node");
    command
        .current_dir(&folder)
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .env("CHROMIUM", &chromium)
        .env("PORTAL_COMPONENT", context.component()?)
        .env("HOST_HARNESS_BIN", context.host()?)
        .env("SCREENS_DIR", &screens);
    let (ok, lines) = process::watch(&mut command)?;
    let summary = summary(&lines);
    anyhow::ensure!(ok, "{summary}");
    Ok(Outcome::Passed(format!(
        "{summary}; screenshots in {}",
        workspace::relative(&screens)
    )))
}

fn missing(what: &str) -> anyhow::Result<Outcome> {
    anyhow::ensure!(!Context::ci(), "{what}, and in CI nothing is skipped");
    println!("\n*** Browser tests SKIPPED: {what}. ***\n");
    Ok(Outcome::Skipped(what.to_owned()))
}

/// The browser the user names, or the first one installed.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|candidate| candidate.is_file())
}

/// Playwright ends with lines such as `12 passed (40s)` and `1 failed`.
fn summary(lines: &[String]) -> String {
    let counts: Vec<String> = lines
        .iter()
        .map(|line| process::plain(line).trim().to_owned())
        .filter(|line| {
            let mut words = line.split(' ');
            let number = words.next().is_some_and(|word| word.parse::<u32>().is_ok());
            number
                && words
                    .next()
                    .is_some_and(|word| matches!(word, "passed" | "failed" | "flaky" | "skipped" | "did"))
        })
        .collect();
    if counts.is_empty() {
        "Playwright ran no test".to_owned()
    } else {
        counts.join(", ")
    }
}

#[cfg(test)]
mod units {
    use super::*;

    #[test]
    fn reads_the_counts_playwright_prints_last() {
        let text = ["Running 13 tests", "  1 failed", "  12 passed (40.1s)"].map(str::to_owned);
        assert_eq!(summary(&text), "1 failed, 12 passed (40.1s)");
    }
}
