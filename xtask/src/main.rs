//! `cargo xtask …`: the project's own commands. `demo` runs the product, `test` proves it, `bench` measures it, `plugin`
//! and `guests` build the WebAssembly parts, `walls` checks the architecture. Small on purpose: it is built before anything else.
#![expect(clippy::print_stdout, reason = "a command line tool talks on standard output")]

mod arguments;
mod bench;
mod component;
mod demo;
mod postgres;
mod process;
mod steps;
mod supply;
mod walls;
mod workspace;

use std::process::ExitCode;

use arguments::Arguments;

const HELP: &str = "\
The project's commands (cargo xtask COMMAND):

  demo [--port N] [--public-port N] [--data-dir DIR] [--fresh]
        builds the component and the host, imports the demo companies and serves them; Ctrl-C stops
  test [--only STEP,…] [--list]
        everything CI runs: format, lints, walls, unit, integration, end to end, browser
  bench [--quick] [--release]
        measures the real host, prints a table and writes target/bench/report.json
  plugin [--with cargo-component] [--out FILE]
        builds the Customer Portal component
  guests
        builds the fixture components the engine's tests use
  walls
        checks the architecture: who may depend on what, where SQL and HTML may stand, budgets
";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let mut arguments = Arguments::from_environment();
    match arguments.command().as_deref() {
        Some("demo") => demo::run(arguments).map(|never| match never {}),
        Some("test") => steps::run(arguments),
        Some("bench") => bench::run(arguments),
        Some("plugin") => {
            let with = arguments.value("--with")?;
            let out = arguments.value("--out")?;
            arguments.finish()?;
            let built = component::build(with.as_deref())?;
            let path = match out {
                Some(out) => component::copy_to(&built, &out)?,
                None => built,
            };
            println!("{}", path.display());
            Ok(ExitCode::SUCCESS)
        }
        Some("guests") => {
            arguments.finish()?;
            let guests = component::build_guests()?;
            println!("{} fixture components", guests.len());
            Ok(ExitCode::SUCCESS)
        }
        Some("walls") => {
            arguments.finish()?;
            println!("{}", walls::check()?);
            Ok(ExitCode::SUCCESS)
        }
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => anyhow::bail!("no command `{other}`; `cargo xtask help` lists them"),
    }
}
