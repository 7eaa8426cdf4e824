//! `cargo xtask bench`: measures the real host as a child process, prints a table and writes the same figures as JSON.
//! Each figure is a ratio of two things measured in one run, so that the machine's own speed and mood cancel out.
#![expect(clippy::print_stdout, reason = "a command line tool talks on standard output")]

mod report;
mod sign_in;

use std::path::PathBuf;
use std::process::ExitCode;

use report::Report;

/// What the command line asks for.
struct Wanted {
    /// Where the figures go.
    out: PathBuf,
    /// Fewer rounds: to see that it runs, not to believe the figures.
    quick: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let wanted = wanted()?;
    let mut report = Report::default();
    report
        .measures
        .extend(sign_in::measure(if wanted.quick { 20 } else { 200 }).await?);
    print!("{report}");
    report.write(&wanted.out)?;
    println!("{}", wanted.out.display());
    Ok(ExitCode::SUCCESS)
}

fn wanted() -> anyhow::Result<Wanted> {
    let (mut out, mut quick) = (None, false);
    let mut words = std::env::args_os().skip(1);
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--quick") => quick = true,
            Some("--out") => out = words.next().map(PathBuf::from),
            _ => anyhow::bail!("{} is not understood; `cargo xtask bench` starts this", word.display()),
        }
    }
    let out = out.ok_or_else(|| anyhow::anyhow!("--out FILE is missing; `cargo xtask bench` starts this"))?;
    Ok(Wanted { out, quick })
}
