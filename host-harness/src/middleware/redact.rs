//! Paths as they may stand in a log: no tokens, no queries.
//! A token follows a segment of one letter (`/l/…`, `/t/…`, `/k/…`) or `view`, or looks like one.

/// The path with every secret segment replaced.
pub fn path(path: &str) -> String {
    let mut out = String::with_capacity(path.len().min(256));
    let mut after_letter = false;
    for (position, segment) in path.split('/').enumerate() {
        if position > 0 {
            out.push('/');
        }
        let secret = (after_letter && !segment.is_empty()) || looks_random(segment);
        if secret {
            out.push('…');
        } else {
            out.extend(segment.chars().filter(|c| !c.is_control()).take(80));
        }
        after_letter = segment == "view" || (segment.len() == 1 && segment.bytes().all(|b| b.is_ascii_alphabetic()));
    }
    out
}

/// Long, without a separator words would have, and mixing digits with letters.
fn looks_random(segment: &str) -> bool {
    segment.len() >= 22
        && segment
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        && segment.bytes().any(|b| b.is_ascii_digit())
        && segment.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_never_reach_the_log() {
        for (path, logged) in [
            ("/summit/portal/l/abcDEF123", "/summit/portal/l/…"),
            ("/sign-in/t/secret", "/sign-in/t/…"),
            ("/-/view/secret", "/-/view/…"),
            ("/summit/book/k/tok/en", "/summit/book/k/…/en"),
            (
                "/summit/portal/reset/h3kq9x2mv7c4z8p5w6y1n0aa",
                "/summit/portal/reset/…",
            ),
            ("/summit/portal/invoices/INV-1048", "/summit/portal/invoices/INV-1048"),
            ("/", "/"),
        ] {
            assert_eq!(super::path(path), logged);
        }
    }

    #[test]
    fn a_path_cannot_write_a_second_log_line() {
        assert!(!super::path("/a\nb\u{1b}[31m").contains(['\n', '\u{1b}']));
    }
}
