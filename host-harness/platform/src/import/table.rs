//! One CSV file of an import, read row by row: columns by name, cells by type, problems by line.
//! A row gathers everything that is wrong with it before the next one is read.

use super::imported::RowHash;
use crate::{Error, money::parse_decimal, validate::is_id};
use jiff::civil::{Date, DateTime};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
    sync::Arc,
};

/// Problems that are spelled out; the rest is only counted.
const SPELLED_OUT: usize = 1_000;

/// What is wrong with a folder.
#[derive(Default)]
pub(super) struct Problems {
    pub(super) lines: Vec<String>,
    pub(super) total: u64,
}

impl Problems {
    pub(super) fn add(&mut self, file: &str, line: u64, reason: impl std::fmt::Display) {
        self.total += 1;
        if self.lines.len() < SPELLED_OUT {
            self.lines.push(format!("{file}:{line}: {reason}"));
        }
    }
}

/// What reading cells needs to know about the company.
#[derive(Debug, Clone)]
pub(super) struct Conventions {
    /// The day relative dates count from.
    pub(super) base: Date,
    /// Decimal places of the currency.
    pub(super) digits: u8,
}

type Columns = Arc<BTreeMap<&'static str, usize>>;

/// A file's name and columns.
pub(super) struct Layout {
    pub(super) file: &'static str,
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
}

/// An open CSV file.
pub(super) struct Table {
    pub(super) file: &'static str,
    reader: csv::Reader<UniversalNewlines>,
    /// Bytes of the file.
    pub(super) size: u64,
    columns: Columns,
    width: usize,
    conventions: Conventions,
}

impl Table {
    /// Open a file and read its header. None when it is missing or its header is unusable, which is then noted.
    pub(super) fn open(
        folder: &Path,
        layout: &Layout,
        conventions: &Conventions,
        problems: &mut Problems,
    ) -> Result<Option<Self>, Error> {
        let file = match File::open(folder.join(layout.file)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let size = file.metadata()?.len();
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(UniversalNewlines::new(file));
        let header = reader.byte_headers().map_err(unreadable)?.clone();
        let mut columns = BTreeMap::new();
        let before = problems.total;
        for (at, name) in header.iter().enumerate() {
            let name = String::from_utf8_lossy(name);
            let name = name.trim_start_matches('\u{feff}').trim();
            let known = layout
                .required
                .iter()
                .chain(layout.optional)
                .find(|known| **known == name);
            match known {
                Some(known) if columns.insert(*known, at).is_some() => {
                    problems.add(layout.file, 1, format!("column {name} stands twice"));
                }
                Some(_) => {}
                None => problems.add(layout.file, 1, format!("unknown column {name:?}")),
            }
        }
        for missing in layout.required.iter().filter(|name| !columns.contains_key(*name)) {
            problems.add(layout.file, 1, format!("column {missing} is missing"));
        }
        if problems.total > before {
            return Ok(None);
        }
        let width = header.len();
        let (columns, conventions) = (Arc::new(columns), conventions.clone());
        Ok(Some(Self {
            file: layout.file,
            reader,
            size,
            columns,
            width,
            conventions,
        }))
    }

    /// Bytes read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next row that is readable at all; unreadable ones are noted and left out.
    pub(super) fn next(&mut self, problems: &mut Problems) -> Result<Option<Row>, Error> {
        loop {
            let mut bytes = csv::ByteRecord::new();
            if !self.reader.read_byte_record(&mut bytes).map_err(unreadable)? {
                return Ok(None);
            }
            // The reader notes where it began looking, before blank lines; counting back from where it stands now
            // gives where the record began: its own line breaks, and the one that ended it.
            let within = bytes.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
            let line = self.reader.position().line().saturating_sub(within + 1);
            if bytes.len() != self.width {
                let (cells, columns) = (bytes.len(), self.width);
                problems.add(
                    self.file,
                    line,
                    format!("{cells} cells where the header has {columns} columns"),
                );
                continue;
            }
            match csv::StringRecord::from_byte_record(bytes) {
                Ok(cells) => {
                    let (columns, conventions) = (self.columns.clone(), self.conventions.clone());
                    return Ok(Some(Row {
                        file: self.file,
                        line,
                        cells,
                        columns,
                        conventions,
                        reasons: Vec::new(),
                    }));
                }
                Err(_) => problems.add(self.file, line, "not UTF-8 text"),
            }
        }
    }
}

fn unreadable(error: csv::Error) -> Error {
    Error::Io(std::io::Error::other(error))
}

/// A file whose lines all end in LF, the last one too, whatever wrote it: then counting lines is counting LFs.
struct UniversalNewlines {
    file: File,
    after_cr: bool,
    last: Option<u8>,
    ended: bool,
}

impl UniversalNewlines {
    fn new(file: File) -> Self {
        Self {
            file,
            after_cr: false,
            last: None,
            ended: false,
        }
    }
}

impl Read for UniversalNewlines {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while !self.ended && !buffer.is_empty() {
            let read = self.file.read(buffer)?;
            if read == 0 {
                self.ended = true;
                let open_line = self.last.is_some_and(|last| last != b'\n');
                if let (true, Some(first)) = (open_line, buffer.first_mut()) {
                    *first = b'\n';
                    return Ok(1);
                }
                return Ok(0);
            }
            let mut kept = 0;
            for at in 0..read {
                let Some(byte) = buffer.get(at).copied() else { break };
                let second_half = byte == b'\n' && self.after_cr;
                self.after_cr = byte == b'\r';
                if second_half {
                    continue;
                }
                let byte = if byte == b'\r' { b'\n' } else { byte };
                if let Some(slot) = buffer.get_mut(kept) {
                    *slot = byte;
                }
                self.last = Some(byte);
                kept += 1;
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
        Ok(0)
    }
}

/// One row, and what is wrong with it.
pub(super) struct Row {
    pub(super) file: &'static str,
    pub(super) line: u64,
    cells: csv::StringRecord,
    columns: Columns,
    conventions: Conventions,
    reasons: Vec<String>,
}

impl Row {
    pub(super) fn refuse(&mut self, reason: impl Into<String>) {
        self.reasons.push(reason.into());
    }

    /// The rules a record breaks, each as a reason.
    pub(super) fn check(&mut self, verdict: Result<(), Error>) {
        match verdict {
            Ok(()) => {}
            Err(Error::Invalid(fields)) => {
                self.reasons.extend(
                    fields
                        .into_iter()
                        .map(|field| format!("{}: {}", field.field, field.message)),
                );
            }
            Err(error) => self.reasons.push(error.to_string()),
        }
    }

    /// Whether the row is fine; otherwise its reasons are noted.
    pub(super) fn finish(self, problems: &mut Problems) -> bool {
        for reason in &self.reasons {
            problems.add(self.file, self.line, reason);
        }
        self.reasons.is_empty()
    }

    /// A cell without surrounding spaces; empty when the column is not there.
    pub(super) fn text(&self, column: &str) -> String {
        self.cell(column).to_owned()
    }

    fn cell(&self, column: &str) -> &str {
        self.columns
            .get(column)
            .and_then(|at| self.cells.get(*at))
            .unwrap_or_default()
            .trim()
    }

    /// The hash of its filled cells and of `more` that belongs to it. Order and number of the columns do not count.
    /// Relative dates may be hashed as they stand: the day they count from never changes.
    pub(super) fn hash(&self, more: &str) -> RowHash {
        let cells = self.columns.keys().map(|name| (*name, self.cell(name)));
        let filled = cells.filter(|(_, cell)| !cell.is_empty());
        RowHash::of(filled.flat_map(|(name, cell)| [name, cell]).chain([more]))
    }

    pub(super) fn required(&mut self, column: &str) -> String {
        let text = self.text(column);
        if text.is_empty() {
            self.refuse(format!("{column} is empty"));
        }
        text
    }

    fn checked_id(&mut self, column: &str, id: String) -> String {
        if !id.is_empty() && !is_id(&id) {
            self.refuse(format!(
                "{column} {id:?} is not an id (letters, digits, . _ -; at most 64; not . or ..)"
            ));
        }
        id
    }

    pub(super) fn id(&mut self, column: &str) -> String {
        let id = self.required(column);
        self.checked_id(column, id)
    }

    pub(super) fn opt_id(&mut self, column: &str) -> Option<String> {
        let id = self.text(column);
        Some(self.checked_id(column, id)).filter(|id| !id.is_empty())
    }

    /// The parsed cell, or none when it is empty or wrong; wrong ones are noted.
    fn parsed<T>(&mut self, column: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        match parse(cell) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.refuse(format!("{column} {reason}"));
                None
            }
        }
    }

    pub(super) fn date(&mut self, column: &str) -> Option<Date> {
        let base = self.conventions.base;
        self.parsed(column, |cell| {
            read_date(cell, base).ok_or_else(|| format!("{cell:?} is not a date such as 2026-05-31 or today+3"))
        })
    }

    pub(super) fn date_time(&mut self, column: &str) -> Option<DateTime> {
        let base = self.conventions.base;
        self.parsed(column, |cell| {
            read_date_time(cell, base)
                .ok_or_else(|| format!("{cell:?} is not a time such as 2026-05-31T09:00 or today+3T09:00"))
        })
    }

    /// An amount in minor units.
    pub(super) fn amount(&mut self, column: &str) -> Option<i64> {
        let digits = self.conventions.digits;
        self.parsed(column, |cell| parse_decimal(cell, digits))
    }

    /// A decimal as a whole count of its `digits`th fraction.
    pub(super) fn decimal(&mut self, column: &str, digits: u8) -> Option<i64> {
        self.parsed(column, |cell| parse_decimal(cell, digits))
    }

    pub(super) fn whole(&mut self, column: &str) -> Option<i64> {
        self.parsed(column, |cell| {
            cell.parse()
                .ok()
                .filter(|value| *value >= 0)
                .ok_or_else(|| format!("{cell:?} is not a whole number"))
        })
    }

    pub(super) fn yes(&mut self, column: &str, otherwise: bool) -> bool {
        let read = self.parsed(column, |cell| match cell.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => Ok(true),
            "no" | "false" | "0" => Ok(false),
            _ => Err(format!("{cell:?} is neither yes nor no")),
        });
        read.unwrap_or(otherwise)
    }
}

/// `YYYY-MM-DD`, `today`, `today+3`, `today-14`.
pub(super) fn read_date(text: &str, base: Date) -> Option<Date> {
    let Some(offset) = text.strip_prefix("today") else {
        return (text.len() == 10).then(|| text.parse().ok()).flatten();
    };
    if offset.is_empty() {
        return Some(base);
    }
    let digits = offset.strip_prefix(['+', '-'])?;
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let days: i64 = offset.parse().ok()?;
    base.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// A date as above, `T`, `HH:MM`.
pub(super) fn read_date_time(text: &str, base: Date) -> Option<DateTime> {
    // The T of `today` is in lower case.
    let (date, time) = text.split_once('T')?;
    let (hour, minute) = time.split_once(':')?;
    let number = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<i8>().ok())
            .flatten()
    };
    let time = jiff::civil::Time::new(number(hour)?, number(minute)?, 0, 0).ok()?;
    Some(read_date(date, base)?.to_datetime(time))
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
