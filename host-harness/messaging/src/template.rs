//! A template as staff write it: checked on save, rendered for each recipient.
//! Rendering cannot fail: a missing value becomes the fallback, a hostile one becomes harmless text.

use crate::Channel;
use crate::fields::{Field, FieldCatalog};
use crate::grammar::{self, Position, Segment};
use crate::html::{self, Piece};
use serde::Serialize;
use std::fmt;

/// Most characters a subject may have.
const SUBJECT_LIMIT: usize = 200;
/// Most characters the body of an e-mail may have.
const EMAIL_LIMIT: usize = 20_000;
/// Most characters a text message may have: ten parts of it.
const SMS_LIMIT: usize = 1_530;
/// Most fields a template may have.
const FIELD_LIMIT: usize = 100;
/// Longer values are cut: a name is not a novel, and a plugin cannot blow a campaign up.
const VALUE_LIMIT: usize = 4_000;
/// Longer values are cut in a subject.
const SUBJECT_VALUE_LIMIT: usize = 150;

/// The part of a template that an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The subject of an e-mail.
    Subject,
    /// The message itself.
    Body,
}

/// Why a template cannot be saved, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{part}, line {line}:{column}: {message}", part = match self.part { Part::Subject => "Subject", Part::Body => "Message" })]
pub struct TemplateError {
    /// Which part.
    pub part: Part,
    /// Line in that part, from 1.
    pub line: usize,
    /// Character in that line, from 1.
    pub column: usize,
    /// One plain sentence.
    pub message: String,
}

impl TemplateError {
    fn new(part: Part, at: Position, message: String) -> Self {
        Self {
            part,
            line: at.line,
            column: at.column,
            message,
        }
    }
}

/// Everything wrong with a template, in reading order. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TemplateErrors(pub Vec<TemplateError>);

impl fmt::Display for TemplateErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for TemplateErrors {}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    channel: Channel,
    subject: Option<Vec<Segment>>,
    body: Vec<Segment>,
}

/// A message made from a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rendered {
    /// One line; e-mail only.
    pub subject: Option<String>,
    /// Plain text.
    pub text: String,
    /// A complete HTML document that says the same; e-mail only.
    pub html: Option<String>,
    /// Fields that had neither a value nor a fallback: nothing stands in their place.
    pub missing: Vec<String>,
}

impl Template {
    /// Parse and validate: what a save must pass.
    ///
    /// # Errors
    /// Every problem with its place: unknown fields (naming the nearest), unclosed braces, fields that are not for
    /// this channel, line breaks in a subject, a missing subject or message, over-long parts, control characters.
    pub fn check(
        channel: Channel,
        subject: Option<&str>,
        body: &str,
        catalog: &FieldCatalog,
    ) -> Result<Self, TemplateErrors> {
        let (template, mut errors) = Self::read(channel, subject, body);
        let subject = template.subject.iter().map(|segments| (Part::Subject, segments));
        for (part, segments) in subject.chain([(Part::Body, &template.body)]) {
            check_fields(part, segments, channel, catalog, &mut errors);
        }
        errors.sort_by_key(|error| (error.part == Part::Body, error.line, error.column));
        if errors.is_empty() {
            Ok(template)
        } else {
            Err(TemplateErrors(errors))
        }
    }

    /// Parse only: for a stored template, whose fields may have left with their plugin since it was saved. Such a
    /// field renders as its fallback.
    ///
    /// # Errors
    /// As [`Template::check`], save for anything about which fields exist.
    pub fn parse(channel: Channel, subject: Option<&str>, body: &str) -> Result<Self, TemplateErrors> {
        let (template, errors) = Self::read(channel, subject, body);
        if errors.is_empty() {
            Ok(template)
        } else {
            Err(TemplateErrors(errors))
        }
    }

    fn read(channel: Channel, subject: Option<&str>, body: &str) -> (Self, Vec<TemplateError>) {
        let mut errors = Vec::new();
        let subject = subject.filter(|subject| !subject.trim().is_empty());
        let subject = match (channel, subject) {
            (Channel::Email, Some(subject)) => {
                check_subject_characters(subject, &mut errors);
                check_length(Part::Subject, subject, SUBJECT_LIMIT, &mut errors);
                Some(read_part(Part::Subject, subject, &mut errors))
            }
            (Channel::Email, None) => {
                let message = "An e-mail needs a subject.".to_owned();
                errors.push(TemplateError::new(Part::Subject, Position::START, message));
                None
            }
            (Channel::Sms, Some(_)) => {
                let message = "A text message has no subject: leave it empty.".to_owned();
                errors.push(TemplateError::new(Part::Subject, Position::START, message));
                None
            }
            (Channel::Sms, None) => None,
        };

        // Browsers send forms with CRLF line ends.
        let body = body.replace("\r\n", "\n").replace('\r', "\n");
        if body.trim().is_empty() {
            let message = "The message is empty.".to_owned();
            errors.push(TemplateError::new(Part::Body, Position::START, message));
        }
        let limit = if channel == Channel::Sms {
            SMS_LIMIT
        } else {
            EMAIL_LIMIT
        };
        check_length(Part::Body, &body, limit, &mut errors);
        if let Some((before, _)) = body.split_once(|c: char| c.is_control() && c != '\n' && c != '\t') {
            let message = "There is an invisible control character here: delete it.".to_owned();
            errors.push(TemplateError::new(Part::Body, Position::START.after(before), message));
        }
        let body = read_part(Part::Body, &body, &mut errors);
        (Self { channel, subject, body }, errors)
    }

    /// How the message goes out.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// The subject written down in its one canonical form; [`Template::parse`] reads the same template from it.
    pub fn subject_source(&self) -> Option<String> {
        self.subject.as_deref().map(grammar::source_of)
    }

    /// The message written down in its one canonical form, as [`Template::subject_source`].
    pub fn body_source(&self) -> String {
        grammar::source_of(&self.body)
    }

    /// The fields it uses, each once, in reading order: what to resolve, in one call for all recipients.
    pub fn fields_used(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for segment in self.subject.iter().flatten().chain(&self.body) {
            if let Segment::Field { name, .. } = segment
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        }
        names
    }

    /// Put values in. `value` answers a field by its name; none and blank values make room for the fallback.
    ///
    /// Values are data: they cannot add a line to a subject, markup to the HTML part or a field to the template.
    pub fn render(&self, value: &dyn Fn(&str) -> Option<String>) -> Rendered {
        let mut missing = Vec::new();
        let subject = self.subject.as_ref().map(|segments| {
            let pieces = fill(segments, value, SUBJECT_VALUE_LIMIT, &mut missing);
            one_line(&pieces.iter().map(|piece| piece.text.as_str()).collect::<String>())
        });
        let pieces = fill(&self.body, value, VALUE_LIMIT, &mut missing);
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let html = (self.channel == Channel::Email).then(|| html::document(&pieces));
        Rendered {
            subject,
            text: text.trim_end().to_owned(),
            html,
            missing,
        }
    }
}

fn read_part(part: Part, source: &str, errors: &mut Vec<TemplateError>) -> Vec<Segment> {
    let (segments, problems) = grammar::parse(source);
    errors.extend(
        problems
            .into_iter()
            .map(|problem| TemplateError::new(part, problem.at, problem.message)),
    );
    let fields = segments
        .iter()
        .filter(|segment| matches!(segment, Segment::Field { .. }))
        .count();
    if fields > FIELD_LIMIT {
        let message = format!("There are {fields} fields here: {FIELD_LIMIT} is the most.");
        errors.push(TemplateError::new(part, Position::START, message));
    }
    segments
}

fn check_subject_characters(subject: &str, errors: &mut Vec<TemplateError>) {
    let Some(at) = subject.find(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) else {
        return;
    };
    let (before, rest) = subject.split_at_checked(at).unwrap_or((subject, ""));
    let message = match rest.chars().next() {
        Some('\r' | '\n' | '\u{2028}' | '\u{2029}') => "A subject is one line: remove the line break.",
        _ => "There is an invisible control character here: delete it.",
    };
    errors.push(TemplateError::new(
        Part::Subject,
        Position::START.after(before),
        message.to_owned(),
    ));
}

fn check_length(part: Part, source: &str, limit: usize, errors: &mut Vec<TemplateError>) {
    let length = source.chars().count();
    if length > limit {
        let first_too_many: String = source.chars().take(limit).collect();
        let message = format!("This is {length} characters long: {limit} is the most.");
        errors.push(TemplateError::new(
            part,
            Position::START.after(&first_too_many),
            message,
        ));
    }
}

fn check_fields(
    part: Part,
    segments: &[Segment],
    channel: Channel,
    catalog: &FieldCatalog,
    errors: &mut Vec<TemplateError>,
) {
    for segment in segments {
        let Segment::Field { name, at, .. } = segment else {
            continue;
        };
        if name.is_empty() {
            continue; // The grammar has said so already.
        }
        let known = catalog.get(name);
        if known.is_some_and(|field| field.channels.contains(&channel)) {
            continue;
        }
        let nearest = catalog.nearest(name, channel).map(|Field { name, .. }| name.as_str());
        let message = match (known, nearest) {
            (Some(_), _) => format!("The field “{name}” cannot be used in {}.", in_channel(channel)),
            (None, Some(nearest)) => format!("There is no field “{name}”. Did you mean “{nearest}”?"),
            (None, None) => format!("There is no field “{name}”."),
        };
        errors.push(TemplateError::new(part, *at, message));
    }
}

fn in_channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "an e-mail",
        Channel::Sms => "a text message",
    }
}

/// The segments with their values in.
fn fill(
    segments: &[Segment],
    value: &dyn Fn(&str) -> Option<String>,
    value_limit: usize,
    missing: &mut Vec<String>,
) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(segments.len());
    for segment in segments {
        pieces.push(match segment {
            Segment::Text(text) => Piece {
                text: clean(text, usize::MAX),
                may_start_link: true,
            },
            Segment::Field { name, fallback, .. } => {
                let found = value(name)
                    .map(|value| clean(&value, value_limit))
                    .filter(|value| !value.trim().is_empty());
                // Customers edit their own contact details: such a value starts neither a link nor a line.
                let customers_own = name.starts_with("customer.");
                match (found, fallback) {
                    (Some(found), _) if customers_own => Piece {
                        text: one_line(&found),
                        may_start_link: false,
                    },
                    (Some(found), _) => Piece {
                        text: found,
                        may_start_link: true,
                    },
                    (None, Some(words)) => Piece {
                        text: clean(words, usize::MAX),
                        may_start_link: true,
                    },
                    (None, None) => {
                        if !missing.contains(name) {
                            missing.push(name.clone());
                        }
                        continue;
                    }
                }
            }
        });
    }
    pieces
}

/// Line ends made one kind, control characters left out, at most `limit` characters.
fn clean(text: &str, limit: usize) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    text.chars()
        .filter(|&c| !c.is_control() || c == '\n' || c == '\t')
        .take(limit)
        .collect()
}

/// All on one line, with single spaces.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
