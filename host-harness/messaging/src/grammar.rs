//! The merge-field grammar: `{{ name }}` and `{{ name | words when there is no value }}`.
//! Closed on purpose: no conditions, no loops, no calls, so that a template can only ever insert values.
//!
//! A literal `{{` is written `\{{`. A backslash means itself everywhere else; right before braces it is doubled.
//! Of three or more opening braces the last two open the field.

/// A piece of a parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Words that stand as they are.
    Text(String),
    /// A place for a value.
    Field {
        /// What stands before the bar.
        name: String,
        /// What stands after it.
        fallback: Option<String>,
        /// Where its `{{` stands.
        at: Position,
    },
}

/// A place in the source, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Position {
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    /// The place after `text`, which starts here.
    pub(crate) fn after(self, text: &str) -> Self {
        text.chars().fold(self, |at, c| match c {
            '\n' => Self {
                line: at.line + 1,
                column: 1,
            },
            _ => Self {
                line: at.line,
                column: at.column + 1,
            },
        })
    }
}

/// Something that is not in the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) at: Position,
    pub(crate) message: String,
}

/// Read a template. Goes on after a problem, so that all of them are reported at once.
pub(crate) fn parse(source: &str) -> (Vec<Segment>, Vec<Problem>) {
    let mut reader = Reader {
        rest: source,
        at: Position::START,
        text: String::new(),
        segments: Vec::new(),
        problems: Vec::new(),
    };
    while let Some(next) = reader.rest.chars().next() {
        if next == '\\' {
            reader.backslashes();
        } else if reader.rest.starts_with("{{") && !reader.rest.starts_with("{{{") {
            reader.field();
        } else {
            reader.text.push(next);
            reader.skip(next.len_utf8());
        }
    }
    reader.end_text();
    (reader.segments, reader.problems)
}

struct Reader<'a> {
    rest: &'a str,
    at: Position,
    text: String,
    segments: Vec<Segment>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Move past the next `bytes` bytes, which are returned.
    fn skip(&mut self, bytes: usize) -> &'a str {
        let (passed, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.at = self.at.after(passed);
        self.rest = rest;
        passed
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.segments.push(Segment::Text(std::mem::take(&mut self.text)));
        }
    }

    /// A run of backslashes: pairs of them stand for one each and an odd one escapes, if braces follow.
    fn backslashes(&mut self) {
        let run = self.rest.len() - self.rest.trim_start_matches('\\').len();
        let passed = self.skip(run);
        if !self.rest.starts_with("{{") {
            self.text.push_str(passed);
            return;
        }
        self.text.extend(std::iter::repeat_n('\\', run / 2));
        if run % 2 == 1 {
            let braces = self.skip(2);
            self.text.push_str(braces);
        }
    }

    fn field(&mut self) {
        let at = self.at;
        let inside = self.rest.strip_prefix("{{").unwrap_or_default();
        let content = inside
            .split_once("}}")
            .map(|(content, _)| content)
            .filter(|content| !content.contains('\n') && !content.contains("{{"));
        let Some(content) = content else {
            let message = "This “{{” has no “}}” after it on the same line.".to_owned();
            self.problems.push(Problem { at, message });
            let braces = self.skip(2);
            self.text.push_str(braces);
            return;
        };
        let (name, fallback) = match content.split_once('|') {
            Some((name, fallback)) => (name.trim(), Some(fallback.trim())),
            None => (content.trim(), None),
        };
        if name.is_empty() {
            let message = "There is no field name between “{{” and “}}”.".to_owned();
            self.problems.push(Problem { at, message });
        }
        self.end_text();
        self.segments.push(Segment::Field {
            name: name.to_owned(),
            fallback: fallback.filter(|words| !words.is_empty()).map(str::to_owned),
            at,
        });
        self.skip(content.len() + 4);
    }
}

/// Write segments down again so that [`parse`] reads the same.
pub(crate) fn source_of(segments: &[Segment]) -> String {
    let mut source = String::new();
    let mut following = segments.iter().skip(1);
    for segment in segments {
        let field_next = matches!(following.next(), Some(Segment::Field { .. }));
        match segment {
            Segment::Text(text) => escape_text(text, field_next, &mut source),
            Segment::Field {
                name, fallback: None, ..
            } => source.push_str(&format!("{{{{ {name} }}}}")),
            Segment::Field {
                name,
                fallback: Some(words),
                ..
            } => {
                source.push_str(&format!("{{{{ {name} | {words} }}}}"));
            }
        }
    }
    source
}

fn escape_text(text: &str, field_next: bool, source: &mut String) {
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = if next == '\\' {
            let after = rest.trim_start_matches('\\');
            let run = rest.len() - after.len();
            let braces_follow = after.starts_with("{{") || (field_next && (after.is_empty() || after == "{"));
            source.extend(std::iter::repeat_n('\\', if braces_follow { run * 2 } else { run }));
            run
        } else if rest.starts_with("{{") {
            source.push_str("\\{{");
            2
        } else {
            source.push(next);
            next.len_utf8()
        };
        rest = rest.split_at_checked(length).map_or("", |(_, rest)| rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(words: &str) -> Segment {
        Segment::Text(words.to_owned())
    }

    fn field(name: &str, fallback: Option<&str>, line: usize, column: usize) -> Segment {
        Segment::Field {
            name: name.to_owned(),
            fallback: fallback.map(str::to_owned),
            at: Position { line, column },
        }
    }

    #[test]
    fn reads_fields_fallbacks_and_places() {
        let (segments, problems) = parse("Hi {{ a.b | there }},\nsee {{c.d}}.");
        assert!(problems.is_empty());
        let expected = [
            text("Hi "),
            field("a.b", Some("there"), 1, 4),
            text(",\nsee "),
            field("c.d", None, 2, 5),
            text("."),
        ];
        assert_eq!(segments, expected);
    }

    #[test]
    fn an_escaped_brace_pair_is_text_and_a_doubled_backslash_is_one() {
        assert_eq!(parse(r"\{{ a }}").0, [text("{{ a }}")]);
        assert_eq!(parse(r"\\{{ a }}").0, [text("\\"), field("a", None, 1, 3)]);
        assert_eq!(parse(r"C:\dir\x").0, [text(r"C:\dir\x")]);
        assert_eq!(parse("{{{ a }}}").0, [text("{"), field("a", None, 1, 2), text("}")]);
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let (_, problems) = parse("{{ a\n}} {{ }} {{ b {{ c }}");
        let places: Vec<_> = problems
            .iter()
            .map(|problem| (problem.at.line, problem.at.column))
            .collect();
        assert_eq!(places, [(1, 1), (2, 4), (2, 10)]);
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        assert_eq!(parse("日本 {{ a }}").0, [text("日本 "), field("a", None, 1, 4)]);
    }

    fn without_places(segments: Vec<Segment>) -> Vec<Segment> {
        let at = Position::START;
        let clear = |segment| match segment {
            Segment::Field { name, fallback, .. } => Segment::Field { name, fallback, at },
            text => text,
        };
        segments.into_iter().map(clear).collect()
    }

    /// Segments such as a parser may answer: no two texts side by side.
    fn segments() -> impl Strategy<Value = Vec<Segment>> {
        let words = prop_oneof![r"[\\{} a\n|]{1,12}", "\\PC{1,12}"];
        let field = ("[a-z_.]{1,8}", proptest::option::of("[a-z{ }\\\\|]{0,8}"));
        proptest::collection::vec((proptest::option::of(words), field), 0..6).prop_map(|pairs| {
            let mut all = Vec::new();
            for (words, (name, fallback)) in pairs {
                all.extend(words.map(Segment::Text));
                let fallback = fallback
                    .map(|words| words.replace("{{", "").replace("}}", "").trim().to_owned())
                    .filter(|words| !words.is_empty() && !words.contains("{{") && !words.contains("}}"));
                all.push(Segment::Field {
                    name,
                    fallback,
                    at: Position::START,
                });
            }
            all
        })
    }

    proptest! {
        #[test]
        fn what_is_written_down_reads_the_same(segments in segments()) {
            let (read, problems) = parse(&source_of(&segments));
            prop_assert!(problems.is_empty(), "{problems:?}");
            prop_assert_eq!(without_places(read), segments);
        }

        #[test]
        fn any_source_is_read_without_a_panic_and_settles(source in r"[\\{}| a.\n]{0,40}|\PC{0,40}") {
            let (segments, problems) = parse(&source);
            if problems.is_empty() {
                let again = parse(&source_of(&segments)).0;
                prop_assert_eq!(without_places(again), without_places(segments));
            }
        }
    }
}
