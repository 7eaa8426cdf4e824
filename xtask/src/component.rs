//! Building the WebAssembly parts: the Customer Portal component and the fixture guests of the engine's tests.
//! Both use the release profile (size and speed of the sandbox matter more than their build time).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::process;
use crate::workspace;

/// The component's target.
pub(crate) const TARGET: &str = "wasm32-wasip2";
const PACKAGE: &str = "customer-portal";

/// Makes sure that the compiler can build for [`TARGET`], adding the target through rustup if it is missing.
pub(crate) fn ensure_target() -> anyhow::Result<()> {
    ensure(TARGET)
}

fn ensure(target: &str) -> anyhow::Result<()> {
    let installed = Command::new("rustup")
        .current_dir(workspace::root())
        .args(["target", "list", "--installed"])
        .output();
    let Ok(installed) = installed else {
        // A toolchain without rustup may well have the target: cargo will say so if it has not.
        return Ok(());
    };
    if String::from_utf8_lossy(&installed.stdout)
        .lines()
        .any(|line| line.trim() == target)
    {
        return Ok(());
    }
    eprintln!("Adding the compiler's {target} target (once).");
    let added = Command::new("rustup")
        .current_dir(workspace::root())
        .args(["target", "add", target])
        .status();
    anyhow::ensure!(
        added.is_ok_and(|status| status.success()),
        "the compiler's {target} target is missing and could not be added; run `rustup target add {target}` in this \
         folder and start again"
    );
    Ok(())
}

/// Builds the component and returns its file.
pub(crate) fn build(with: Option<&str>) -> anyhow::Result<PathBuf> {
    match with {
        None | Some("cargo") => {
            ensure_target()?;
            process::run(workspace::cargo().args(["build", "--release", "--package", PACKAGE, "--target", TARGET]))?;
            existing(workspace::target()?.join(TARGET).join("release/customer_portal.wasm"))
        }
        Some("cargo-component") => build_with_cargo_component(),
        Some(other) => anyhow::bail!("`--with {other}`: the component is built with `cargo` or `cargo-component`"),
    }
}

/// The same component by cargo-component, which compiles for the preview-1 target and adapts.
fn build_with_cargo_component() -> anyhow::Result<PathBuf> {
    anyhow::ensure!(
        process::on_path("cargo-component"),
        "cargo-component is not installed; `cargo install cargo-component --locked --version 0.21.1` installs it"
    );
    ensure("wasm32-wasip1")?;
    let target = workspace::target()?.join("cargo-component");
    process::run(workspace::cargo().env("CARGO_TARGET_DIR", &target).args([
        "component",
        "build",
        "--release",
        "--package",
        PACKAGE,
    ]))?;
    existing(target.join("wasm32-wasip1/release/customer_portal.wasm"))
}

/// Builds every fixture guest and returns their files.
pub(crate) fn build_guests() -> anyhow::Result<Vec<PathBuf>> {
    ensure_target()?;
    let target = guests_target()?;
    let manifest = workspace::root().join("tests/guests/Cargo.toml");
    process::run(
        workspace::cargo()
            .args(["build", "--release", "--target", TARGET, "--manifest-path"])
            .arg(&manifest)
            .arg("--target-dir")
            .arg(&target),
    )?;
    let folder = target.join(TARGET).join("release");
    let mut guests: Vec<PathBuf> = std::fs::read_dir(&folder)
        .with_context(|| folder.display().to_string())?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    guests.sort();
    anyhow::ensure!(!guests.is_empty(), "no component was built into {}", folder.display());
    Ok(guests)
}

/// The fixture guests' own target directory: they are a workspace of their own.
pub(crate) fn guests_target() -> anyhow::Result<PathBuf> {
    Ok(workspace::target()?.join("guests"))
}

/// Copies the built component to a path the user gave.
pub(crate) fn copy_to(built: &Path, out: &str) -> anyhow::Result<PathBuf> {
    std::fs::copy(built, out).with_context(|| format!("cannot write {out}"))?;
    Ok(PathBuf::from(out))
}

fn existing(path: PathBuf) -> anyhow::Result<PathBuf> {
    anyhow::ensure!(
        path.is_file(),
        "the build succeeded but {} is not there",
        path.display()
    );
    Ok(path)
}
