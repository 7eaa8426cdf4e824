//! The page to create or change one record, and reading what was typed: dates, amounts, rates.
//! Everything wrong is found at once; nothing is stored until all of it is right.

use super::{
    form::{Choice, Field, Posted, refill, refuse},
    layout::Page,
    lines::LineEditor,
    view::{Command, Fact, Link, Pill},
    words,
};
use crate::{AppState, web};
use axum::{http::StatusCode, response::Response};
use capabilities::{FieldError, Status};
use jiff::civil::{Date, DateTime};
use platform::{OwnerKind, StoredFile, TaxRate, money};

/// A file beside a record.
pub(super) struct FileRow {
    pub(super) href: String,
    pub(super) label: String,
    pub(super) note: String,
}

/// A record's form.
#[derive(askama::Template)]
#[template(path = "console/record_form.html")]
pub(super) struct FormPage {
    pub(super) page: Page,
    pub(super) back: Link,
    pub(super) heading: String,
    pub(super) subtitle: String,
    pub(super) customer: Option<Link>,
    pub(super) status: Option<Pill>,
    pub(super) errors: Vec<FieldError>,
    pub(super) action: String,
    pub(super) version: Option<i64>,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) fields_label: &'static str,
    pub(super) fields: Vec<Field>,
    pub(super) lines: Option<LineEditor>,
    pub(super) facts: Vec<Fact>,
    pub(super) commands: Vec<Command>,
    pub(super) files: Vec<FileRow>,
    pub(super) upload: Option<String>,
    pub(super) save: &'static str,
}

impl FormPage {
    /// A form with nothing beside it.
    pub(super) fn new(page: Page, back: Link, action: String, fields: Vec<Field>) -> Self {
        Self {
            heading: page.title.clone(),
            page,
            back,
            subtitle: String::new(),
            customer: None,
            status: None,
            errors: Vec::new(),
            action,
            version: None,
            hidden: Vec::new(),
            fields_label: "Details",
            fields,
            lines: None,
            facts: Vec::new(),
            commands: Vec::new(),
            files: Vec::new(),
            upload: None,
            save: "Save",
        }
    }

    /// Whether anything stands beside the form.
    pub(super) fn has_side(&self) -> bool {
        !(self.facts.is_empty() && self.commands.is_empty() && self.files.is_empty() && self.upload.is_none())
    }

    /// The form as a page.
    pub(super) fn show(&self) -> Response {
        web::page(StatusCode::OK, self)
    }

    /// The form again, with what was typed and why it was refused.
    pub(super) fn refused(mut self, posted: &Posted, refused: Refused) -> Response {
        refill(&mut self.fields, posted);
        if let Some(lines) = &mut self.lines {
            *lines = lines.typed(posted, &refused.errors);
        }
        let other: Vec<String> = self.lines.as_ref().map(LineEditor::inputs).unwrap_or_default();
        let errors = refused.errors.into_iter().map(super::lines::point_at_input).collect();
        self.errors = refuse(&mut self.fields, errors, &other);
        // Saving once more then means: over what somebody else saved.
        if let Some(version) = refused.newer_version {
            self.version = Some(version);
        } else if self.version.is_some() {
            self.version = posted.version().ok().or(self.version);
        }
        web::page(refused.status, &self)
    }
}

/// Why a form was not stored.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) errors: Vec<FieldError>,
    pub(super) newer_version: Option<i64>,
}

impl From<Vec<FieldError>> for Refused {
    fn from(errors: Vec<FieldError>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            errors,
            newer_version: None,
        }
    }
}

impl Refused {
    /// What the platform refused; its other failures are not the form's.
    pub(super) fn from_platform(error: platform::Error, present_version: Option<i64>) -> Result<Self, web::Failure> {
        let sentence = |message: String| vec![FieldError::new("", "conflict", message)];
        match error {
            platform::Error::Invalid(errors) => Ok(errors.into()),
            platform::Error::Conflict(_) if present_version.is_some() => Ok(Self {
                status: StatusCode::CONFLICT,
                errors: sentence(
                    "Somebody else changed this while you were editing. What you typed is still here: compare it with \
                     what is stored (open it in another tab), then save again to put yours in its place."
                        .into(),
                ),
                newer_version: present_version,
            }),
            platform::Error::Conflict(why) | platform::Error::Denied(why) => Ok(Self {
                status: StatusCode::CONFLICT,
                errors: sentence(why),
                newer_version: None,
            }),
            other => Err(super::failure(other)),
        }
    }

    /// What the platform refused of a change read at `posted` and now stored at `present`: a conflict
    /// of versions is told apart from a rule that forbids the change.
    pub(super) fn of_update(error: platform::Error, posted: i64, present: i64) -> Result<Self, web::Failure> {
        Self::from_platform(error, (posted != present).then_some(present))
    }
}

/// Reads what was typed, keeping every refusal.
pub(super) struct Reader<'a> {
    posted: &'a Posted,
    digits: u8,
    pub(super) errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    /// `digits`: decimal places of the company's currency.
    pub(super) fn new(posted: &'a Posted, digits: u8) -> Self {
        Self {
            posted,
            digits,
            errors: Vec::new(),
        }
    }

    fn refuse(&mut self, name: &str, code: &str, message: String) {
        self.errors.push(FieldError::new(name, code, message));
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.posted.text(name).replace("\r\n", "\n")
    }

    pub(super) fn date(&mut self, name: &str, label: &str) -> Option<Date> {
        let text = self.posted.optional(name)?;
        let date = text.parse().ok();
        if date.is_none() {
            self.refuse(name, "malformed", format!("{label} must be a date such as 2026-11-24."));
        }
        date
    }

    pub(super) fn date_time(&mut self, name: &str, label: &str) -> Option<DateTime> {
        let text = self.posted.optional(name)?;
        let at = text.parse().ok();
        if at.is_none() {
            self.refuse(
                name,
                "malformed",
                format!("{label} must be a day and time such as 2026-11-24T09:00."),
            );
        }
        at
    }

    /// An amount of money in minor units; blank is zero.
    pub(super) fn money(&mut self, name: &str, label: &str) -> i64 {
        self.decimal(name, label, self.digits)
    }

    /// A decimal as a count of its `digits`th fraction; blank is zero.
    pub(super) fn decimal(&mut self, name: &str, label: &str, digits: u8) -> i64 {
        let text = self.posted.text(name);
        self.parse(&text, name, label, Some(digits))
    }

    /// A decimal out of `text`; without `digits` an amount of money. Blank is zero.
    pub(super) fn parse(&mut self, text: &str, name: &str, label: &str, digits: Option<u8>) -> i64 {
        let text = text.replace(',', "");
        if text.is_empty() {
            return 0;
        }
        money::parse_decimal(&text, digits.unwrap_or(self.digits)).unwrap_or_else(|why| {
            self.refuse(name, "malformed", format!("{label}: {why}."));
            0
        })
    }

    /// Tax from its name and percentage; none when there is no percentage.
    pub(super) fn tax(&mut self) -> Option<TaxRate> {
        let millionths = self.decimal("tax_rate", "Tax rate", 4);
        if millionths == 0 {
            return None;
        }
        let Ok(rate_millionths) = u32::try_from(millionths) else {
            self.refuse("tax_rate", "out-of-range", "Tax rate is too large.".into());
            return None;
        };
        let name = Some(self.text("tax_name"))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "Tax".into());
        Some(TaxRate { name, rate_millionths })
    }

    /// `Err` when anything was refused.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(self.errors)
        }
    }
}

/// A date as an input holds it.
pub(super) fn date_value(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// A day and time as an input holds it.
pub(super) fn date_time_value(at: Option<DateTime>) -> String {
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string())
        .unwrap_or_default()
}

/// An amount as an input holds it; zero is blank.
pub(super) fn money_value(minor: i64, digits: u8) -> String {
    if minor == 0 {
        String::new()
    } else {
        money::decimal(minor, digits)
    }
}

/// The two inputs of a tax.
pub(super) fn tax_fields(tax: Option<&TaxRate>) -> [Field; 2] {
    let rate = tax
        .map(|tax| trimmed(i64::from(tax.rate_millionths), 4))
        .unwrap_or_default();
    [
        Field::new("tax_name", "Tax name").value(tax.map(|tax| tax.name.clone()).unwrap_or_default()),
        Field::new("tax_rate", "Tax rate in percent")
            .kind(super::form::Kind::Amount)
            .value(rate),
    ]
}

/// A decimal without zeros at its end: `8.63`, `2`.
pub(super) fn trimmed(value: i64, digits: u8) -> String {
    let text = money::decimal(value, digits);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Statuses as choices.
pub(super) fn status_choices(statuses: Vec<Status>) -> Vec<Choice> {
    statuses
        .into_iter()
        .map(|status| Choice::new(status.code, status.label))
        .collect()
}

/// The files of a record, with links for staff.
pub(super) async fn files_of(
    state: &AppState,
    office: &super::office::Office,
    kind: OwnerKind,
    id: &str,
) -> Result<Vec<FileRow>, web::Failure> {
    let files = state
        .platform
        .files()
        .of(office.id(), kind, id)
        .await
        .map_err(super::failure)?;
    let note = |file: &StoredFile| {
        let hidden = if file.visible { "" } else { " · staff only" };
        format!("{}{hidden}", words::size(file.size))
    };
    Ok(files
        .iter()
        .map(|file| FileRow {
            href: office.record("files", &file.id),
            label: file.name.clone(),
            note: note(file),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_found_at_once() {
        let posted = Posted::from([("due", "soon"), ("discount", "-5"), ("starts", "2026-11-24T09:00")].as_slice());
        let mut reader = Reader::new(&posted, 2);
        assert_eq!(reader.date("due", "Due date"), None);
        assert_eq!(reader.money("discount", "Discount"), 0);
        assert!(reader.date_time("starts", "Starts").is_some());
        let fields: Vec<_> = reader
            .finish(())
            .unwrap_err()
            .into_iter()
            .map(|error| error.field)
            .collect();
        assert_eq!(fields, ["due", "discount"]);
    }

    #[test]
    fn taxes_and_amounts_survive_the_round_through_a_form() {
        let posted = Posted::from([("tax_rate", "8.63"), ("amount", "1,234.50")].as_slice());
        let mut reader = Reader::new(&posted, 2);
        let tax = reader.tax().unwrap();
        assert_eq!((tax.rate_millionths, tax.name.as_str()), (86_300, "Tax"));
        assert_eq!(reader.money("amount", "Amount"), 123_450);
        assert_eq!(
            tax_fields(Some(&tax)).map(|field| field.value),
            ["Tax".to_owned(), "8.63".to_owned()]
        );
        assert_eq!(money_value(123_450, 2), "1234.50");
        assert_eq!(trimmed(2_000, 3), "2");
    }
}
