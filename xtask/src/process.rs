//! Running other programs: with their output on ours, or with each line shown and kept, so that a step's own
//! summary line can stand in the table at the end.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use anyhow::Context as _;

/// Runs the command with its output on ours; an error unless it succeeds.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{} does not start", name(command)))?;
    anyhow::ensure!(status.success(), "{} failed ({status})", name(command));
    Ok(())
}

/// Runs the command, shows every line as it comes and returns all of them and whether it succeeded.
pub(crate) fn watch(command: &mut Command) -> anyhow::Result<(bool, Vec<String>)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} does not start", name(command)))?;
    let (send, receive) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        forward(stdout, send.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        forward(stderr, send);
    }
    let mut lines = Vec::new();
    let mut out = std::io::stdout().lock();
    for line in receive {
        writeln!(out, "{line}")?;
        lines.push(line);
    }
    Ok((child.wait()?.success(), lines))
}

fn forward(stream: impl Read + Send + 'static, send: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            let line = String::from_utf8_lossy(&bytes)
                .trim_end_matches(['\n', '\r'])
                .to_owned();
            bytes.clear();
            if send.send(line).is_err() {
                return;
            }
        }
    });
}

/// Whether a program of this name is on the PATH.
pub(crate) fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn name(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .take(3)
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// A line without the colour codes some tools write even into a pipe.
pub(crate) fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            for code in characters.by_ref() {
                if code.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_line_of_both_streams_and_the_verdict() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let (ok, mut lines) = watch(&mut command).unwrap();
        lines.sort();
        assert!(!ok);
        assert_eq!(lines, ["one", "two"]);
    }

    #[test]
    fn strips_colour_codes() {
        assert_eq!(plain("\u{1b}[32;1mSummary\u{1b}[0m 3 passed"), "Summary 3 passed");
    }
}
