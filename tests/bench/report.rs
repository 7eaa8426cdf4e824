//! Figures and how they are told: a table for people, JSON for programs. Nothing here fails when a target is missed:
//! a benchmark reports, tests assert.

use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

/// One thing measured against another.
#[derive(Debug, Clone)]
pub(crate) struct Measure {
    /// What is measured, against what.
    pub(crate) name: &'static str,
    /// Median of ours.
    pub(crate) ours: f64,
    /// Median of what it is held against.
    pub(crate) baseline: f64,
    /// Unit of both.
    pub(crate) unit: &'static str,
    /// Half the distance between the quartiles of ours, as a share of its median: how steady the figure is.
    pub(crate) spread: f64,
    /// Least and greatest ratio that are good.
    pub(crate) target: (f64, f64),
}

impl Measure {
    /// Ours over the baseline.
    pub(crate) fn ratio(&self) -> f64 {
        self.ours / self.baseline
    }

    /// Whether the ratio is within its target.
    pub(crate) fn holds(&self) -> bool {
        (self.target.0..=self.target.1).contains(&self.ratio())
    }

    fn target(&self) -> String {
        format!("{:.2}–{:.2}", self.target.0, self.target.1)
    }
}

/// Everything measured in one run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// In the order measured.
    pub(crate) measures: Vec<Measure>,
}

impl Report {
    /// Writes the figures as JSON, making the folder.
    pub(crate) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let measures: Vec<_> = self
            .measures
            .iter()
            .map(|measure| {
                json!({
                    "name": measure.name,
                    "ours": measure.ours,
                    "baseline": measure.baseline,
                    "unit": measure.unit,
                    "ratio": measure.ratio(),
                    "spread": measure.spread,
                    "target": measure.target(),
                    "holds": measure.holds(),
                })
            })
            .collect();
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_string_pretty(&json!({ "measures": measures }))?;
        std::fs::write(file, text + "\n").with_context(|| file.display().to_string())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = self.measures.iter().map(|measure| measure.name.chars().count()).max();
        let widest = widest.unwrap_or_default().max("measure".len());
        writeln!(
            f,
            "{:widest$}  {:>9}  {:>9}  {:4}  {:>5}  {:>7}  {:>9}  holds",
            "measure", "ours", "baseline", "unit", "ratio", "spread", "target"
        )?;
        for measure in &self.measures {
            writeln!(
                f,
                "{:widest$}  {:>9.2}  {:>9.2}  {:4}  {:>5.3}  {:>6.1}%  {:>9}  {}",
                measure.name,
                measure.ours,
                measure.baseline,
                measure.unit,
                measure.ratio(),
                measure.spread * 100.0,
                measure.target(),
                if measure.holds() { "yes" } else { "NO" }
            )?;
        }
        Ok(())
    }
}

/// The value below which this share of the samples lies.
pub(crate) fn quantile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place among a few hundred samples"
    )]
    let at = (share * last as f64).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples_of_the_sorted_list() {
        let samples = [5.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!(quantile(&samples, 0.5), 3.0);
        assert_eq!(quantile(&samples, 0.25), 2.0);
        assert_eq!(quantile(&samples, 1.0), 5.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn a_ratio_outside_its_target_is_told_and_not_hidden() -> anyhow::Result<()> {
        let measure = Measure {
            name: "a against b",
            ours: 12.0,
            baseline: 10.0,
            unit: "ms",
            spread: 0.02,
            target: (0.9, 1.1),
        };
        let report = Report {
            measures: vec![measure],
        };
        assert!(report.to_string().contains("1.200") && report.to_string().contains("NO"));
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("bench/report.json");
        report.write(&file)?;
        let read: serde_json::Value = serde_json::from_slice(&std::fs::read(file)?)?;
        assert_eq!(read["measures"][0]["holds"], false);
        assert_eq!(read["measures"][0]["target"], "0.90–1.10");
        Ok(())
    }
}
