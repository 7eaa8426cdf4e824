//! `cargo xtask demo`: build the component and the host, then *become* the host, so that Ctrl-C and SIGTERM
//! reach it and nothing stands between it and the terminal.

use std::convert::Infallible;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;

use crate::arguments::Arguments;
use crate::component;
use crate::process;
use crate::workspace;

const COMPANIES: [&str; 2] = ["demo/summit", "demo/brook"];

/// Returns only with an error: on success the process is the host's.
pub(crate) fn run(mut arguments: Arguments) -> anyhow::Result<Infallible> {
    let port = arguments.value("--port")?;
    let public_port = arguments.value("--public-port")?;
    let data_dir = arguments.value("--data-dir")?;
    let fresh = arguments.flag("--fresh");
    arguments.finish()?;

    let plugin = component::build(None)?;
    let host = build_host()?;

    // The data folder is the user's: relative to where they stand, not to the repository.
    let data_dir = match data_dir {
        Some(folder) => std::env::current_dir()?.join(folder),
        None => workspace::root().join("target/demo"),
    };
    let mut command = Command::new(&host);
    command
        .arg("demo")
        .arg("--plugin")
        .arg(&plugin)
        .arg("--data-dir")
        .arg(&data_dir);
    for company in COMPANIES {
        command.arg("--company").arg(workspace::root().join(company));
    }
    if let Some(port) = port {
        command.args(["--port", &port]);
    }
    if let Some(port) = public_port {
        command.args(["--public-port", &port]);
    }
    if fresh {
        command.arg("--fresh");
    }
    Err(anyhow::Error::new(command.exec())).with_context(|| format!("cannot start {}", host.display()))
}

/// Builds the host in the profile the tests use and returns its binary.
pub(crate) fn build_host() -> anyhow::Result<PathBuf> {
    process::run(workspace::cargo().args(["build", "--workspace", "--bin", "host-harness"]))?;
    host_binary()
}

/// Builds the host together with every test, so that the test runner afterwards finds the same features and
/// compiles nothing twice.
pub(crate) fn build_host_for_tests() -> anyhow::Result<PathBuf> {
    process::run(workspace::cargo().args(["build", "--workspace", "--bins", "--tests"]))?;
    host_binary()
}

/// Builds the host in the release profile, which takes a good while, and returns its binary.
pub(crate) fn build_host_for_release() -> anyhow::Result<PathBuf> {
    process::run(workspace::cargo().args([
        "build",
        "--release",
        "--package",
        "host-harness",
        "--bin",
        "host-harness",
    ]))?;
    host_in("release")
}

fn host_binary() -> anyhow::Result<PathBuf> {
    host_in("debug")
}

fn host_in(profile: &str) -> anyhow::Result<PathBuf> {
    let path = workspace::target()?.join(profile).join("host-harness");
    anyhow::ensure!(
        path.is_file(),
        "the build succeeded but {} is not there",
        path.display()
    );
    Ok(path)
}
