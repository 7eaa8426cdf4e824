//! Log lines: far too many of them, and some that want to look like the host's own.
//! Standard output and standard error are the same log.

use kit::http::{Answer, text};

pub(crate) fn flood(count: usize) -> Answer {
    for line in 0..count {
        println!("line {line} {}", "z".repeat(100));
        eprintln!("line {line}");
    }
    text("logged")
}

/// Line breaks, a terminal's commands, reversed text, and the address with the token in it.
pub(crate) fn forge(path: &str) -> Answer {
    eprintln!("first\r\n2026-01-01T00:00:00Z ERROR host: all is lost\x1b[2J\u{9b}31m\u{202e}desrever\u{2028}next");
    eprintln!("cannot open {path}");
    text("forged")
}
