//! The architecture's rules, checked: `ARCHITECTURE.md` states each as an invariant, this file makes breaking one
//! a failed build. Dependencies come from `cargo metadata`, the rest from the sources' text, and what the
//! documentation claims to be proven is looked up there.

mod contract;
mod manifests;
mod proofs;
mod sources;

use std::path::PathBuf;

use crate::workspace;

/// Something that breaks a rule: where, and which.
pub(crate) type Fault = String;

/// One file of ours, read.
pub(crate) struct Source {
    /// Path below the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Checks every rule; the summary line, or all faults.
pub(crate) fn check() -> anyhow::Result<String> {
    let sources = read(workspace::files()?);
    let mut faults = manifests::check(workspace::metadata()?);
    faults.extend(sources::check(&sources));
    faults.extend(contract::check(&sources));
    faults.extend(proofs::check(&sources));
    anyhow::ensure!(
        faults.is_empty(),
        "{} broken rules\n{}",
        faults.len(),
        faults.join("\n")
    );
    Ok(format!("{} files and every manifest keep the rules", sources.len()))
}

/// The files that are text; pictures and the like have no rules.
fn read(paths: Vec<PathBuf>) -> Vec<Source> {
    paths
        .into_iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            Some(Source {
                path: workspace::relative(&path),
                text,
            })
        })
        .collect()
}
