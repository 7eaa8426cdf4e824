//! The summary at the end of `cargo xtask test`: one row a step.
//! A skipped step is as visible as a failed one.

use std::fmt;
use std::time::Duration;

use super::Outcome;

/// What became of one step.
pub(crate) struct Row {
    name: &'static str,
    verdict: Verdict,
    line: String,
    took: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Skipped,
    Failed,
}

impl Row {
    pub(crate) fn new(name: &'static str, outcome: anyhow::Result<Outcome>, took: Duration) -> Self {
        let (verdict, line) = match outcome {
            Ok(Outcome::Passed(line)) => (Verdict::Passed, line),
            Ok(Outcome::Skipped(line)) => (Verdict::Skipped, line),
            Err(error) => (Verdict::Failed, format!("{error:#}")),
        };
        Self {
            name,
            verdict,
            line,
            took,
        }
    }

    pub(crate) fn failed(&self) -> bool {
        self.verdict == Verdict::Failed
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Passed => "ok",
            Verdict::Skipped => "SKIPPED",
            Verdict::Failed => "FAILED",
        };
        // The first line is enough here: the whole message stands where the step ran.
        write!(
            formatter,
            "{:<11} {verdict:<8} {:>6.1} s  {}",
            self.name,
            self.took.as_secs_f64(),
            self.line
        )
    }
}

/// The whole table, and a sentence that says what it comes to.
pub(crate) fn draw(rows: &[Row]) -> String {
    let mut text = String::from("\n════ summary ════\n");
    for row in rows {
        let line = row.line.lines().next().unwrap_or_default().to_owned();
        let short = Row {
            name: row.name,
            verdict: row.verdict,
            line,
            took: row.took,
        };
        text.push_str(&format!("{short}\n"));
    }
    let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    text.push_str(&format!(
        "{} passed, {} failed, {} skipped\n",
        count(Verdict::Passed),
        count(Verdict::Failed),
        count(Verdict::Skipped)
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_counted_and_keeps_its_first_line() {
        let rows = [
            Row::new(
                "walls",
                Err(anyhow::anyhow!("two rules broken\nsecond line")),
                Duration::from_secs(1),
            ),
            Row::new(
                "browser",
                Ok(Outcome::Skipped("no Chromium".to_owned())),
                Duration::ZERO,
            ),
        ];
        let text = draw(&rows);
        assert!(rows[0].failed() && !rows[1].failed());
        assert!(
            text.contains("two rules broken") && !text.contains("second line"),
            "{text}"
        );
        assert!(text.contains("0 passed, 1 failed, 1 skipped"), "{text}");
    }
}
