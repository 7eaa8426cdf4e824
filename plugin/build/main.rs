//! Build step: turns the language files into static tables and names the assets by content.
//! A fresh instance serves every request, so nothing may be left to parse when one starts.

#![expect(clippy::print_stdout, reason = "a build script speaks to cargo over its output")]

mod fluent;
mod tables;

use std::{env, fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let templates = Path::new("../templates");
    let languages = templates.join("languages");
    let out = env::var("OUT_DIR").map_err(|e| format!("OUT_DIR: {e}"))?;
    println!("cargo::rerun-if-changed={}", languages.display());
    println!("cargo::rerun-if-changed=build");

    let catalogs = fluent::read_folder(&languages)?;
    let source = tables::write(&catalogs)?;
    write(&Path::new(&out).join("languages.rs"), &source)?;

    for (variable, file) in [("PORTAL_CSS", "portal.css"), ("PORTAL_JS", "portal.js")] {
        let path = templates.join("assets").join(file);
        println!("cargo::rerun-if-changed={}", path.display());
        let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let (stem, extension) = file.split_once('.').ok_or("an asset has no extension")?;
        println!("cargo::rustc-env={variable}={stem}-{:016x}.{extension}", fnv1a(&bytes));
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

/// A name that changes with the content is all that is asked of it, not secrecy.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
