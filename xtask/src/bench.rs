//! `cargo xtask bench`: builds the component, the host and the measuring program, and starts the last. The host is the
//! tests' build unless `--release` asks for the other: every figure is a ratio within one run, so either will do.

use std::process::{Command, ExitCode};

use crate::arguments::Arguments;
use crate::{component, demo, process, workspace};

/// Builds, measures, and says where the figures are. A missed target is no failure: benchmarks report.
pub(crate) fn run(mut arguments: Arguments) -> anyhow::Result<ExitCode> {
    let quick = arguments.flag("--quick");
    let release = arguments.flag("--release");
    arguments.finish()?;

    let component = component::build(None)?;
    let host = if release {
        demo::build_host_for_release()?
    } else {
        demo::build_host()?
    };
    process::run(workspace::cargo().args(["build", "--workspace", "--bin", "bench"]))?;
    let target = workspace::target()?;
    let mut command = Command::new(target.join("debug/bench"));
    command
        .current_dir(workspace::root())
        .env("PORTAL_COMPONENT", component)
        .env("HOST_HARNESS_BIN", host)
        .arg("--out")
        .arg(target.join("bench/report.json"));
    if quick {
        command.arg("--quick");
    }
    process::run(&mut command)?;
    Ok(ExitCode::SUCCESS)
}
