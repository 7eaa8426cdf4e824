//! The HTML part of an e-mail, made from plain text: escaped, paragraphs kept, addresses made into links.
//! A link that stands alone on its line is drawn as a button, so that a thumb can hit it.

/// A piece of text and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Whether a web address in it becomes a link. Not so for what customers write about themselves.
    pub(crate) may_start_link: bool,
}

const OPEN: &str = concat!(
    "<!doctype html>\n<html><head><meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    "<meta name=\"color-scheme\" content=\"light dark\"></head>\n",
    "<body style=\"margin:0;padding:24px\"><div style=\"max-width:600px;margin:0 auto;",
    "font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif\">\n",
);
const CLOSE: &str = "</div></body></html>\n";
const BUTTON_STYLE: &str = concat!(
    "display:inline-block;padding:12px 20px;border-radius:8px;background:#1f4e79;color:#ffffff;",
    "text-decoration:none;word-break:break-all",
);
/// What ends a web address in running text.
const NOT_IN_ADDRESS: [char; 10] = ['<', '>', '"', '\'', '`', '{', '}', '|', '\\', '^'];
/// Longer ones stay text.
const ADDRESS_LIMIT: usize = 2_000;

/// The HTML part for a plain text that the host or a plugin wrote.
///
/// ```
/// let html = messaging::email_html("Hello <you>\n\nhttps://summit.example/x?a=1&b=2");
/// assert!(html.contains("<p dir=\"auto\">Hello &lt;you&gt;</p>"));
/// assert!(html.contains("href=\"https://summit.example/x?a=1&amp;b=2\""));
/// ```
pub fn email_html(text: &str) -> String {
    document(&[Piece {
        text: text.replace("\r\n", "\n"),
        may_start_link: true,
    }])
}

/// The complete document for these pieces.
pub(crate) fn document(pieces: &[Piece]) -> String {
    let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    let mut closed = Vec::new();
    let mut start = 0;
    for piece in pieces {
        let end = start + piece.text.len();
        if !piece.may_start_link {
            closed.push(start..end);
        }
        start = end;
    }

    let mut html = OPEN.to_owned();
    let mut paragraph: Vec<String> = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let runs = runs(line, |at| !closed.iter().any(|range| range.contains(&(start + at))));
        match alone(&runs) {
            _ if line.trim().is_empty() => end_paragraph(&mut paragraph, &mut html),
            Some(address) => {
                end_paragraph(&mut paragraph, &mut html);
                let address = escape(address);
                html.push_str(&format!(
                    "<p><a href=\"{address}\" style=\"{BUTTON_STYLE}\">{address}</a></p>\n"
                ));
            }
            None => paragraph.push(runs.iter().map(Run::to_html).collect()),
        }
        start += line.len() + 1;
    }
    end_paragraph(&mut paragraph, &mut html);
    html.push_str(CLOSE);
    html
}

fn end_paragraph(lines: &mut Vec<String>, html: &mut String) {
    if !lines.is_empty() {
        html.push_str(&format!("<p dir=\"auto\">{}</p>\n", lines.join("<br>\n")));
        lines.clear();
    }
}

/// A stretch of one line.
enum Run<'a> {
    Words(&'a str),
    Link(&'a str),
}

impl Run<'_> {
    fn to_html(&self) -> String {
        match self {
            Self::Words(words) => escape(words),
            Self::Link(address) => {
                let address = escape(address);
                format!("<a href=\"{address}\" style=\"word-break:break-all\">{address}</a>")
            }
        }
    }
}

/// The address, if the line holds one and nothing else.
fn alone<'a>(runs: &[Run<'a>]) -> Option<&'a str> {
    let mut links = runs
        .iter()
        .filter(|run| !matches!(run, Run::Words(words) if words.trim().is_empty()));
    match (links.next(), links.next()) {
        (Some(Run::Link(address)), None) => Some(address),
        _ => None,
    }
}

/// Take a line apart into words and links; `open` says whether a link may start at that byte.
fn runs(line: &str, open: impl Fn(usize) -> bool) -> Vec<Run<'_>> {
    // Lower-casing ASCII keeps byte positions.
    let lower = line.to_ascii_lowercase();
    let mut runs = Vec::new();
    let mut words_from = 0;
    let mut look_from = 0;
    while let Some(found) = lower.get(look_from..).and_then(|rest| rest.find("http")) {
        let at = look_from + found;
        let glued = line
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_some_and(char::is_alphanumeric);
        match line.get(at..).and_then(address) {
            Some(address) if open(at) && !glued => {
                runs.push(Run::Words(line.get(words_from..at).unwrap_or_default()));
                runs.push(Run::Link(address));
                words_from = at + address.len();
                look_from = words_from;
            }
            _ => look_from = at + "http".len(),
        }
    }
    runs.push(Run::Words(line.get(words_from..).unwrap_or_default()));
    runs
}

/// The web address that `text` starts with: http or https, a host without credentials, and no closing punctuation.
fn address(text: &str) -> Option<&str> {
    let end = text.find(|c: char| c.is_whitespace() || c.is_control() || NOT_IN_ADDRESS.contains(&c));
    let candidate = text.get(..end.unwrap_or(text.len()))?;
    let mut candidate = candidate.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', ']']);
    while candidate.ends_with(')') && candidate.matches(')').count() > candidate.matches('(').count() {
        candidate = candidate
            .strip_suffix(')')?
            .trim_end_matches(['.', ',', ';', ':', '!', '?']);
    }
    let (scheme, rest) = candidate.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let host = rest.split(['/', '?', '#']).next()?;
    (!host.is_empty() && !host.contains('@') && candidate.len() <= ADDRESS_LIMIT).then_some(candidate)
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<&str> {
        let keep = |run| match run {
            Run::Link(address) => Some(address),
            Run::Words(_) => None,
        };
        runs(text, |_| true).into_iter().filter_map(keep).collect()
    }

    #[test]
    fn finds_addresses_and_leaves_closing_punctuation_outside() {
        assert_eq!(
            links("See https://a.example/x?y=1, or (HTTP://b.example)."),
            ["https://a.example/x?y=1", "HTTP://b.example"]
        );
        assert_eq!(
            links("https://a.example/wiki/Valve_(pipe)"),
            ["https://a.example/wiki/Valve_(pipe)"]
        );
    }

    #[test]
    fn leaves_alone_what_is_no_plain_web_address() {
        for text in [
            "javascript:alert(1)",
            "https://",
            "https://bank.example@evil.example/",
            "xhttps://a.example",
        ] {
            assert!(links(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_lone_link_is_a_button_and_paragraphs_are_kept() {
        let html = email_html("Hello\nthere\n\nhttps://a.example/l/1\n\nBye");
        assert!(html.contains("<p dir=\"auto\">Hello<br>\nthere</p>"));
        assert!(html.contains("<p><a href=\"https://a.example/l/1\" style=\"display:inline-block"));
        assert!(html.contains("<p dir=\"auto\">Bye</p>"));
    }

    #[test]
    fn a_link_does_not_start_where_it_must_not() {
        let pieces = [
            Piece {
                text: "Hi ".to_owned(),
                may_start_link: true,
            },
            Piece {
                text: "https://evil.example".to_owned(),
                may_start_link: false,
            },
        ];
        assert!(!document(&pieces).contains("<a "));
    }
}
