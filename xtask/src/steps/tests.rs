//! The steps that run Rust tests: unit and integration tests of every crate, then the end-to-end tests.
//! cargo-nextest runs them when it is there, cargo's own runner otherwise.

use std::process::Command;

use super::{Context, Outcome};
use crate::{component, process, workspace};

/// The package of the end-to-end tests; everything else is a unit or integration test.
const END_TO_END: &str = "conformance";

pub(crate) fn unit_and_integration(context: &mut Context) -> anyhow::Result<Outcome> {
    prepare(context)?;
    let engines = engines(context)?;
    let line = if has_nextest() {
        let line = execute(context, nextest(&format!("not package({END_TO_END})")))?;
        let documented = execute(context, workspace_tests(&["--doc"]))?;
        format!("{line}; documentation: {documented}")
    } else {
        execute(context, workspace_tests(&[]))?
    };
    Ok(Outcome::Passed(format!("{line}; {engines}")))
}

pub(crate) fn end_to_end(context: &mut Context) -> anyhow::Result<Outcome> {
    prepare(context)?;
    let engines = engines(context)?;
    if !has_nextest() {
        return Ok(Outcome::Passed("ran with `tests` (no cargo-nextest here)".to_owned()));
    }
    let line = execute(context, nextest(&format!("package({END_TO_END})")))?;
    Ok(Outcome::Passed(format!("{line}; {engines}")))
}

/// Builds what tests start or load.
fn prepare(context: &mut Context) -> anyhow::Result<()> {
    context.component()?;
    context.guests()?;
    context.host()?;
    Ok(())
}

/// Starts PostgreSQL if it can be, and says which engines the tests run on.
fn engines(context: &mut Context) -> anyhow::Result<String> {
    Ok(match context.postgres()? {
        Some(server) => format!("SQLite and {}", server.version()),
        None => "SQLite ONLY".to_owned(),
    })
}

fn has_nextest() -> bool {
    let version = workspace::cargo().args(["nextest", "--version"]).output();
    version.is_ok_and(|output| output.status.success())
}

fn nextest(filter: &str) -> Command {
    let mut command = workspace::cargo();
    command.args([
        "nextest",
        "run",
        "--workspace",
        "--no-fail-fast",
        "--status-level",
        "slow",
        "-E",
        filter,
    ]);
    command
}

fn workspace_tests(extra: &[&str]) -> Command {
    let mut command = workspace::cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]).args(extra);
    command
}

/// Runs a test command with the paths and addresses the tests read, and returns its own summary.
fn execute(context: &mut Context, mut command: Command) -> anyhow::Result<String> {
    command.env("PORTAL_COMPONENT", context.component()?);
    command.env("HOST_HARNESS_BIN", context.host()?);
    command.env(
        "GUESTS_DIR",
        component::guests_target()?.join(component::TARGET).join("release"),
    );
    match context.postgres()? {
        Some(server) => command.env("TEST_POSTGRES_URL", server.url()),
        None => command.env_remove("TEST_POSTGRES_URL"),
    };
    let (ok, lines) = process::watch(&mut command)?;
    let summary = summary(&lines);
    anyhow::ensure!(ok, "{summary}");
    Ok(summary)
}

/// `Summary [..] 210 tests run: 210 passed` of nextest, or cargo's `test result:` lines added up.
fn summary(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| process::plain(line)).collect();
    if let Some(line) = lines
        .iter()
        .rev()
        .find(|line| line.trim_start().starts_with("Summary ["))
    {
        return line
            .split_once(']')
            .map_or(line.as_str(), |(_, text)| text)
            .trim()
            .to_owned();
    }
    let (mut passed, mut failed) = (0_u64, 0_u64);
    for line in lines.iter().filter(|line| line.starts_with("test result:")) {
        passed += number_before(line, " passed");
        failed += number_before(line, " failed");
    }
    if passed + failed == 0 {
        "no test ran".to_owned()
    } else {
        format!("{passed} passed, {failed} failed")
    }
}

fn number_before(line: &str, word: &str) -> u64 {
    let before = line.split_once(word).map_or("", |(before, _)| before);
    before
        .rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod units {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn reads_the_summary_of_nextest() {
        let text = "  Starting 3 tests\n     Summary [   1.2s] 3 tests run: 3 passed, 1 skipped\nlast";
        assert_eq!(summary(&lines(text)), "3 tests run: 3 passed, 1 skipped");
    }

    #[test]
    fn adds_up_the_results_of_cargo_test() {
        let text = "test result: ok. 4 passed; 0 failed; 0 ignored\ntest result: FAILED. 2 passed; 1 failed; 0 ignored";
        assert_eq!(summary(&lines(text)), "6 passed, 1 failed");
        assert_eq!(summary(&lines("nothing")), "no test ran");
    }
}
