//! A wall clock that a test can move forward under a running host, so that links and sessions really expire.
//! The host is the real one: a library of a few lines (`later.c`) stands between it and the system's clock.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;

/// An hour.
pub const HOUR: Duration = Duration::from_secs(3_600);
/// A day.
pub const DAY: Duration = Duration::from_secs(86_400);

/// The clock of one host.
pub struct Clock {
    folder: TempDir,
    ahead: Mutex<Duration>,
}

impl Clock {
    /// A clock that is right until it is moved.
    pub fn new() -> anyhow::Result<Self> {
        let folder = crate::host::folder()?;
        let clock = Self {
            folder,
            ahead: Mutex::new(Duration::ZERO),
        };
        clock.write(0)?;
        // The linker that built this test is a C compiler.
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(clock.library())
            .arg(crate::host::root().join("tests/src/later.c"))
            .output()
            .context("`cc` does not start")?;
        anyhow::ensure!(
            built.status.success(),
            "later.c: {}",
            String::from_utf8_lossy(&built.stderr)
        );
        Ok(clock)
    }

    /// Lets so much time pass at once.
    pub fn pass(&self, time: Duration) -> anyhow::Result<()> {
        let mut ahead = self.ahead.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *ahead += time;
        self.write(i64::try_from(ahead.as_secs())?)
    }

    /// Makes a program that is about to start look at this clock.
    pub fn set_for(&self, command: &mut Command) {
        command.env("LD_PRELOAD", self.library()).env("LATER_FILE", self.file());
    }

    /// Written in place: the host has these bytes mapped, and a file cut short would take them away under it.
    fn write(&self, seconds: i64) -> anyhow::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.file())?;
        file.write_all(&seconds.to_ne_bytes())?;
        Ok(())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("later")
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("later.so")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(clock: &Clock) -> anyhow::Result<u64> {
        let mut command = Command::new("date");
        command.arg("+%s");
        clock.set_for(&mut command);
        Ok(String::from_utf8(command.output()?.stdout)?.trim().parse()?)
    }

    #[test]
    fn time_passes_for_a_program_that_looks_at_it() -> anyhow::Result<()> {
        let clock = Clock::new()?;
        let before = now(&clock)?;
        clock.pass(DAY * 400)?;
        clock.pass(HOUR)?;
        let passed = now(&clock)? - before;
        let wanted = (DAY * 400 + HOUR).as_secs();
        assert!((wanted..wanted + 600).contains(&passed), "{passed} seconds passed");
        Ok(())
    }
}
