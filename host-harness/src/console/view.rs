//! Plain view data the templates share: links, pills, facts, tables.
//! Handlers turn records into these; templates never see a record.

use capabilities::{Status, Tone};

/// A class name for how something feels.
pub(super) fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "neutral",
        Tone::Info => "info",
        Tone::Success => "success",
        Tone::Warning => "warning",
        Tone::Danger => "danger",
    }
}

/// Where to go and the words for it.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) label: String,
}

impl Link {
    pub(super) fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            label: label.into(),
        }
    }
}

/// A link among tabs.
pub(super) struct Tab {
    pub(super) href: String,
    pub(super) label: &'static str,
    pub(super) current: bool,
}

/// A status, drawn as dot and word; also a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pill {
    pub(super) label: String,
    pub(super) tone: &'static str,
}

impl Pill {
    pub(super) fn new(label: impl Into<String>, feels: Tone) -> Self {
        Self {
            label: label.into(),
            tone: tone(feels),
        }
    }
}

impl From<&Status> for Pill {
    fn from(status: &Status) -> Self {
        Self::new(status.label.clone(), status.tone)
    }
}

/// A term and its value.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) href: String,
}

impl Fact {
    pub(super) fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            href: String::new(),
        }
    }

    pub(super) fn linked(label: impl Into<String>, value: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            href: href.into(),
        }
    }
}

/// A button that posts.
pub(super) struct Command {
    pub(super) href: String,
    pub(super) label: String,
    pub(super) text: String,
}

/// One cell of a table: text, maybe a link, maybe a pill, maybe a remark.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) href: String,
    /// Names the link where its text alone does not.
    pub(super) aria: String,
    pub(super) note: String,
    pub(super) pill: bool,
    pub(super) tone: &'static str,
    /// Never split over two lines.
    pub(super) whole: bool,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    pub(super) fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
            ..Self::default()
        }
    }

    /// A date, a telephone or a record's number: read as one word, so never split over two lines.
    pub(super) fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    pub(super) fn called(mut self, name: impl Into<String>) -> Self {
        self.aria = name.into();
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

impl From<Pill> for Cell {
    fn from(pill: Pill) -> Self {
        Self {
            text: pill.label,
            pill: true,
            tone: pill.tone,
            ..Self::default()
        }
    }
}

/// A column's heading and whether it holds numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) label: &'static str,
    pub(super) number: bool,
}

/// Rows under headings; the first cell of a row names it.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table whose headings ending in `#` hold numbers.
    pub(super) fn new(caption: impl Into<String>, headings: &[&'static str]) -> Self {
        let columns = headings
            .iter()
            .map(|heading| match heading.strip_suffix('#') {
                Some(label) => Column { label, number: true },
                None => Column {
                    label: heading,
                    number: false,
                },
            })
            .collect();
        Self {
            caption: caption.into(),
            columns,
            rows: Vec::new(),
        }
    }

    pub(super) fn label(&self, index: &usize) -> &str {
        self.columns.get(*index).map_or("", |column| column.label)
    }

    pub(super) fn number(&self, index: &usize) -> bool {
        self.columns.get(*index).is_some_and(|column| column.number)
    }
}
