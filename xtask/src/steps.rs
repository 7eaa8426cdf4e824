//! `cargo xtask test`: every proof of the project, in an order that fails early, with a table of what ran, what
//! it said itself and how long it took. In CI (`CI` is set) nothing may be skipped.

mod browser;
mod context;
mod table;
mod tests;

use std::process::ExitCode;
use std::time::Instant;

use crate::arguments::Arguments;
use crate::{component, process, supply, walls, workspace};
use context::Context;
use table::Row;

/// What a step came to.
pub(crate) enum Outcome {
    Passed(String),
    /// Could not run on this machine, and why.
    Skipped(String),
}

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&mut Context) -> anyhow::Result<Outcome>,
}

const STEPS: [Step; 9] = [
    Step {
        name: "format",
        about: "rustfmt finds nothing to change",
        run: format,
    },
    Step {
        name: "walls",
        about: "the architecture's rules hold",
        run: check_walls,
    },
    Step {
        name: "supply",
        about: "licences, sources and (with cargo-deny) advisories of the dependencies",
        run: supplies,
    },
    Step {
        name: "component",
        about: "the Customer Portal builds as a component",
        run: build_component,
    },
    Step {
        name: "guests",
        about: "the fixture components build",
        run: guests,
    },
    Step {
        name: "lint",
        about: "clippy finds nothing, natively and for the component's target",
        run: lint,
    },
    Step {
        name: "tests",
        about: "unit and integration tests, on SQLite and PostgreSQL",
        run: tests::unit_and_integration,
    },
    Step {
        name: "end-to-end",
        about: "the real host and component over real HTTP and SMTP",
        run: tests::end_to_end,
    },
    Step {
        name: "browser",
        about: "the main path, accessibility and screenshots in Chromium",
        run: browser::run,
    },
];

pub(crate) fn run(mut arguments: Arguments) -> anyhow::Result<ExitCode> {
    let only = arguments.value("--only")?;
    let list = arguments.flag("--list");
    arguments.finish()?;
    if list {
        for step in &STEPS {
            println!("{:<11} {}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }

    let wanted: Option<Vec<&str>> = only.as_deref().map(|names| names.split(',').collect());
    for name in wanted.iter().flatten() {
        anyhow::ensure!(
            STEPS.iter().any(|step| step.name == *name),
            "no step `{name}`; `cargo xtask test --list` lists them"
        );
    }

    let mut context = Context::new();
    let mut rows = Vec::new();
    for step in &STEPS {
        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&step.name)) {
            continue;
        }
        println!("\n── {} ── {}", step.name, step.about);
        let started = Instant::now();
        let outcome = (step.run)(&mut context);
        let row = Row::new(step.name, outcome, started.elapsed());
        println!("{row}");
        rows.push(row);
    }
    drop(context);

    print!("{}", table::draw(&rows));
    Ok(if rows.iter().any(Row::failed) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn format(_: &mut Context) -> anyhow::Result<Outcome> {
    process::run(workspace::cargo().args(["fmt", "--all", "--check"]))?;
    process::run(
        workspace::cargo()
            .args(["fmt", "--all", "--check", "--manifest-path"])
            .arg("tests/guests/Cargo.toml"),
    )?;
    Ok(Outcome::Passed("formatted".to_owned()))
}

fn check_walls(_: &mut Context) -> anyhow::Result<Outcome> {
    walls::check().map(Outcome::Passed)
}

fn supplies(_: &mut Context) -> anyhow::Result<Outcome> {
    supply::check().map(Outcome::Passed)
}

fn build_component(context: &mut Context) -> anyhow::Result<Outcome> {
    let component = context.component()?;
    let size = std::fs::metadata(&component)?.len();
    Ok(Outcome::Passed(format!("{} KiB", size / 1024)))
}

fn guests(context: &mut Context) -> anyhow::Result<Outcome> {
    Ok(Outcome::Passed(format!("{} components", context.guests()?)))
}

fn lint(_: &mut Context) -> anyhow::Result<Outcome> {
    process::run(workspace::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    component::ensure_target()?;
    process::run(workspace::cargo().args([
        "clippy",
        "--release",
        "--package",
        "customer-portal",
        "--target",
        component::TARGET,
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Outcome::Passed("no warnings".to_owned()))
}
