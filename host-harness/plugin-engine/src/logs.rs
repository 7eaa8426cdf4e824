//! A guest's standard error (and output) as lines of the host's log, cut off at a limit per call and per minute.
//! Lines carry the plugin's id and the company; what stands in them is the plugin's own.

use crate::config::Limits;
use bytes::Bytes;
use std::{
    cmp::Ordering,
    collections::HashMap,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

/// Log filters a host adds after its own. WASI's bindings trace whole calls, addresses with tokens and bodies with
/// passwords among them: never that, whatever level was asked for.
pub const SECRETIVE_LOGS: [&str; 2] = ["wasmtime_wasi=info", "wasmtime_wasi_http=info"];

/// Longest line; a longer one is logged in pieces.
const LINE_BYTES: usize = 1_024;

/// Shorter than any token: those have 128 bits or more.
const TOKEN_CHARS: usize = 20;
/// How long lines are counted for `Limits::log_lines_per_minute`.
const WINDOW: Duration = Duration::from_secs(60);
/// Above this many counts, those of past windows are forgotten.
const WINDOWS_KEPT: usize = 4_096;

struct Lines {
    plugin: Arc<str>,
    company: Arc<str>,
    rates: Arc<LogRates>,
    bytes_left: usize,
    lines_left: usize,
    line: Vec<u8>,
}

impl Lines {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.bytes_left == 0 || self.lines_left == 0 {
                return;
            }
            self.bytes_left -= 1;
            if *byte == b'\n' || self.line.len() >= LINE_BYTES || self.bytes_left == 0 {
                self.emit();
            }
            if *byte != b'\n' {
                self.line.push(*byte);
            }
        }
    }

    fn emit(&mut self) {
        let text = legible(&String::from_utf8_lossy(&self.line));
        self.line.clear();
        if text.trim().is_empty() || self.lines_left == 0 {
            return;
        }
        self.lines_left -= 1;
        match self.rates.admit(&self.plugin, &self.company) {
            Admission::Line => self.say(&text),
            Admission::LastLine => {
                self.say(&text);
                self.say("(Too many lines: what follows within this minute is left out.)");
            }
            Admission::None => return,
        }
        if self.lines_left == 0 {
            self.say("(What else this call wrote is left out.)");
        }
    }

    fn say(&self, text: &str) {
        tracing::info!(target: "plugin", plugin = %self.plugin, company = %self.company, "{text}");
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.emit();
    }
}

/// Text as it may stand in a log: on one line, in the order it is read, and without what looks like a
/// token. A plugin that means to can still spell a secret out; one that prints an address by mistake cannot.
fn legible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    for run in text.split_inclusive(|c| !in_word(c)) {
        let word = run.trim_end_matches(|c| !in_word(c));
        out.push_str(if looks_random(word) { "…" } else { word });
        let rest = run.get(word.len()..).unwrap_or_default();
        out.extend(rest.chars().map(|c| if reorders(c) { ' ' } else { c }));
    }
    out
}

fn looks_random(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
    word.len() >= TOKEN_CHARS
        && (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
            || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase))
}

/// Ends a line, moves a terminal's cursor, or changes the direction in which text is read.
fn reorders(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a line may be logged.
#[derive(Debug, PartialEq, Eq)]
enum Admission {
    Line,
    /// It may, and no other within this window.
    LastLine,
    None,
}

struct Window {
    began: Instant,
    lines: usize,
}

/// A plugin and a company.
type Key = (Arc<str>, Arc<str>);

/// How many lines each plugin wrote for each company of late.
pub(crate) struct LogRates {
    most: usize,
    windows: Mutex<HashMap<Key, Window>>,
}

impl LogRates {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            windows: Mutex::default(),
        }
    }

    fn admit(&self, plugin: &Arc<str>, company: &Arc<str>) -> Admission {
        self.admit_at(Instant::now(), plugin, company)
    }

    fn admit_at(&self, now: Instant, plugin: &Arc<str>, company: &Arc<str>) -> Admission {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let is_past = |window: &Window| now.duration_since(window.began) > WINDOW;
        if windows.len() > WINDOWS_KEPT {
            windows.retain(|_, window| !is_past(window));
        }
        let fresh = || Window { began: now, lines: 0 };
        let window = windows
            .entry((Arc::clone(plugin), Arc::clone(company)))
            .or_insert_with(fresh);
        if is_past(window) {
            *window = fresh();
        }
        window.lines = window.lines.saturating_add(1);
        match window.lines.cmp(&self.most) {
            Ordering::Less => Admission::Line,
            Ordering::Equal => Admission::LastLine,
            Ordering::Greater => Admission::None,
        }
    }
}

/// Where a guest's lines go.
#[derive(Clone)]
pub(crate) struct Log(Arc<Mutex<Lines>>);

impl Log {
    pub(crate) fn new(plugin: Arc<str>, company: Arc<str>, limits: &Limits, rates: Arc<LogRates>) -> Self {
        Self(Arc::new(Mutex::new(Lines {
            plugin,
            company,
            rates,
            bytes_left: limits.log_bytes,
            lines_left: limits.log_lines,
            line: Vec::new(),
        })))
    }

    fn take(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes);
    }
}

impl IsTerminal for Log {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Log {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Log {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[async_trait::async_trait]
impl Pollable for Log {
    async fn ready(&mut self) {}
}

impl OutputStream for Log {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 * 1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(limits: &Limits) -> Log {
        let rates = Arc::new(LogRates::new(limits.log_lines_per_minute));
        Log::new("p".into(), "c".into(), limits, rates)
    }

    #[test]
    fn a_flood_stops_at_the_limit() {
        let limits = Limits {
            log_bytes: 10,
            log_lines: 3,
            ..Limits::default()
        };
        let long = log(&limits);
        long.take(&[b'x'; 1_000]);
        let lines = long.0.lock().unwrap();
        assert_eq!(lines.bytes_left, 0);
        assert!(lines.line.len() <= 10);
        let many = log(&limits);
        many.take(b"a\nb\nc\nd\ne\n");
        let lines = many.0.lock().unwrap();
        assert_eq!((lines.lines_left, lines.bytes_left), (0, 4));
    }

    #[test]
    fn lines_are_counted_by_plugin_and_company_and_minute() {
        let rates = LogRates::new(2);
        let (plugin, bad, good): (Arc<str>, Arc<str>, Arc<str>) = ("p".into(), "bad".into(), "good".into());
        let start = Instant::now();
        assert_eq!(rates.admit_at(start, &plugin, &bad), Admission::Line);
        assert_eq!(rates.admit_at(start, &plugin, &bad), Admission::LastLine);
        assert_eq!(rates.admit_at(start, &plugin, &bad), Admission::None);
        assert_eq!(rates.admit_at(start, &plugin, &good), Admission::Line);
        let later = start + WINDOW * 2;
        assert_eq!(rates.admit_at(later, &plugin, &bad), Admission::Line);
    }

    #[test]
    fn what_is_logged_is_one_legible_line_without_tokens() {
        for (written, logged) in [
            ("plain words, INV-1048 & more", "plain words, INV-1048 & more"),
            ("a\r\nb\u{1b}[31mc\u{9b}d\u{202e}e\u{2028}f", "a  b [31mc d e f"),
            ("GET /l/h3kq9x2mv7c4z8p5w6y1n0aa?x", "GET /l/…?x"),
            ("AbCdEfGhIjKlMnOpQrStUv", "…"),
            (
                "core::panicking::panic_bounds_check_of_a_slice",
                "core::panicking::panic_bounds_check_of_a_slice",
            ),
        ] {
            assert_eq!(legible(written), logged);
        }
    }
}
