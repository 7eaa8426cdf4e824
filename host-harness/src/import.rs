//! `host-harness import` and the demo's imports: the progress on a terminal, bad rows on stderr, what was done on stdout.
//! Here the platform's import meets messaging, which knows what may stand in a template.

use crate::{cli::say, messages};
use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use messaging::{Field, FieldCatalog, Template, TemplateErrors, split_plugin_field_name};
use platform::{Actor, ImportError, ImportProgress, Platform, TemplateDetails};
use std::{io::Write, path::Path, process::ExitCode, sync::Mutex};

/// What an import says on stdout when it is done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// What was imported.
    Everything,
    /// Nothing.
    OnlyProblems,
}

/// Import with a progress bar; bad rows to stderr.
pub(crate) async fn run(platform: &Platform, folder: &Path, answer: Answer) -> anyhow::Result<ExitCode> {
    if !folder.is_dir() {
        bail!("there is no folder {}", folder.display());
    }
    let bar = Bar::new();
    let imported = platform
        .import(
            folder,
            &Actor::system(),
            &|progress| bar.show(progress),
            &template_objections,
        )
        .await;
    bar.clear();
    match imported {
        Ok(_) if answer == Answer::OnlyProblems => Ok(ExitCode::SUCCESS),
        Ok(report) => {
            say(&format!("Imported {}.", report.slug));
            for (kind, counts) in &report.counts {
                say(&format!(
                    "  {kind:<16} {:>7} new {:>7} changed {:>7} as before",
                    counts.created, counts.updated, counts.unchanged
                ));
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(ImportError::Invalid { problems, total }) => {
            let mut stderr = std::io::stderr().lock();
            for problem in &problems {
                let _ = writeln!(stderr, "{problem}");
            }
            let more = total.saturating_sub(problems.len() as u64);
            if more > 0 {
                let _ = writeln!(stderr, "… and {more} more.");
            }
            let _ = writeln!(
                stderr,
                "{total} {} Nothing was imported.",
                if total == 1 { "problem." } else { "problems." }
            );
            Ok(ExitCode::FAILURE)
        }
        Err(ImportError::Platform(error)) => Err(error).context("the import failed; nothing was imported"),
    }
}

/// What is wrong with a template's braces and fields: as when it is saved in the console, save that plugins' fields
/// are taken at their word, for a company's plugins are enabled after its import.
pub fn template_objections(details: &TemplateDetails) -> Vec<String> {
    let channel = messages::from_contract(details.channel);
    let subject = Some(details.subject.as_str()).filter(|subject| !subject.is_empty());
    let checked = Template::parse(channel, subject, &details.body).and_then(|template| {
        let mut catalog = FieldCatalog::host();
        for name in template.fields_used() {
            if split_plugin_field_name(name).is_some() {
                catalog.insert(Field {
                    name: name.to_owned(),
                    label: name.to_owned(),
                    description: String::new(),
                    channels: vec![channel],
                    sample: String::new(),
                    group: String::new(),
                });
            }
        }
        Template::check(channel, subject, &details.body, &catalog)
    });
    match checked {
        Ok(_) => Vec::new(),
        Err(TemplateErrors(errors)) => errors.iter().map(ToString::to_string).collect(),
    }
}

/// The progress of an import on a terminal; nothing where there is none.
struct Bar {
    bar: ProgressBar,
    stage: Mutex<&'static str>,
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{msg:<28} {bar:32} {human_pos}/{human_len}") {
            bar.set_style(style);
        }
        Self {
            bar,
            stage: Mutex::new(""),
        }
    }

    fn show(&self, progress: ImportProgress) {
        let mut stage = self.stage.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *stage != progress.stage {
            *stage = progress.stage;
            self.bar.set_message(progress.stage);
        }
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
