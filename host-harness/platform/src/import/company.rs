//! `company.toml` and `statuses.csv` of an import folder: who the company is and what it calls things.
//! Both are read before any record, because records are read by their light.

use super::table::{Conventions, Layout, Problems, Table};
use crate::{
    Address, Catalogue, CompanyDetails, Error, RecordKind, Result, Status, StatusRow, domain::companies,
    status::parse_tone,
};
use serde::Deserialize;
use std::{
    io::ErrorKind,
    path::{Component, Path, PathBuf},
};

const FILE: &str = "company.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompanyFile {
    slug: String,
    name: String,
    locale: String,
    time_zone: String,
    currency: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    website: String,
    #[serde(default)]
    street: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    postal_code: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    remit_to: String,
    #[serde(default)]
    terms: String,
    accent: Option<String>,
    logo: Option<String>,
}

/// The company as the folder describes it, and where its logo lies.
pub(super) fn read_company(
    folder: &Path,
    problems: &mut Problems,
) -> Result<Option<(CompanyDetails, Option<PathBuf>)>> {
    let text = match std::fs::read_to_string(folder.join(FILE)) {
        Ok(text) => text,
        Err(error) => {
            let reason = match error.kind() {
                ErrorKind::NotFound => "the file is missing".to_owned(),
                ErrorKind::InvalidData => "not UTF-8 text".to_owned(),
                kind => format!("cannot be read: {kind}"),
            };
            problems.add(FILE, 1, reason);
            return Ok(None);
        }
    };
    let read: CompanyFile = match toml::from_str(&text) {
        Ok(read) => read,
        Err(error) => {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() as u64 + 1;
            problems.add(FILE, line, error.message());
            return Ok(None);
        }
    };
    let logo = read.logo.as_deref().filter(|name| !name.is_empty());
    let logo = logo.map(|name| match inside(folder, name) {
        Some(path) => Some(path),
        None => {
            problems.add(
                FILE,
                line_of(&text, "logo"),
                format!("logo: {name:?} is no file of this folder"),
            );
            None
        }
    });
    let details = CompanyDetails {
        slug: read.slug,
        name: read.name,
        phone: read.phone,
        email: read.email,
        website: read.website,
        address: Address {
            street: read.street,
            unit: read.unit,
            city: read.city,
            region: read.region,
            postal_code: read.postal_code,
            country: read.country,
        },
        locale: read.locale,
        time_zone: read.time_zone,
        currency: read.currency,
        accent: read.accent.filter(|accent| !accent.is_empty()),
        remit_to: read.remit_to,
        terms: read.terms,
    };
    match companies::check(&details) {
        Ok(()) => Ok(Some((details, logo.flatten()))),
        Err(Error::Invalid(fields)) => {
            for field in fields {
                problems.add(
                    FILE,
                    line_of(&text, &field.field),
                    format!("{}: {}", field.field, field.message),
                );
            }
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn line_of(text: &str, key: &str) -> u64 {
    let found = text.lines().position(|line| line.trim_start().starts_with(key));
    found.map_or(1, |at| at as u64 + 1)
}

/// The file `name` under `folder`; none when it is missing, no plain file, or reaches outside, by `..` or a link.
pub(super) fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let relative = Path::new(name);
    let plain = !name.contains('\\') && relative.components().all(|part| matches!(part, Component::Normal(_)));
    let path = folder
        .join(relative)
        .canonicalize()
        .ok()
        .filter(|path| path.is_file())?;
    (plain && path.starts_with(folder.canonicalize().ok()?)).then_some(path)
}

pub(super) const STATUSES: Layout = Layout {
    file: "statuses.csv",
    required: &["kind", "code", "label"],
    optional: &["tone", "open"],
};

/// The folder's own statuses; none when it has no such file.
pub(super) fn read_statuses(
    folder: &Path,
    conventions: &Conventions,
    problems: &mut Problems,
) -> Result<Option<Vec<StatusRow>>> {
    let Some(mut table) = Table::open(folder, &STATUSES, conventions, problems)? else {
        return Ok(None);
    };
    let mut rows: Vec<StatusRow> = Vec::new();
    let built_in = Catalogue::default();
    while let Some(mut row) = table.next(problems)? {
        let (kind, code, label) = (row.required("kind"), row.required("code"), row.required("label"));
        let Some(kind) = RecordKind::parse(&kind) else {
            row.refuse(format!(
                "kind {kind:?} is none of job, project, estimate, invoice, request"
            ));
            row.finish(problems);
            continue;
        };
        let known = built_in.status(kind, &code);
        let tone_word = row.text("tone");
        let tone = if tone_word.is_empty() {
            Some(known.tone)
        } else {
            parse_tone(&tone_word)
        };
        if tone.is_none() {
            row.refuse(format!(
                "tone {tone_word:?} is none of neutral, info, success, warning, danger"
            ));
        }
        if label.chars().count() > 60 || label.chars().any(char::is_control) {
            row.refuse("label is longer than 60 characters or has control characters");
        }
        let open = row.yes("open", known.open);
        let read = StatusRow {
            kind,
            status: Status {
                code,
                label,
                tone: tone.unwrap_or(known.tone),
                open,
            },
        };
        if rows
            .iter()
            .any(|other| other.kind == kind && other.status.code == read.status.code)
        {
            row.refuse(format!("status {} stands twice", read.status.code));
        }
        if let Some(objection) = Catalogue::objection(&read) {
            row.refuse(objection);
        }
        if row.finish(problems) {
            rows.push(read);
        }
    }
    Ok(Some(rows))
}
