//! Content types, read from a file's first bytes and never from its name.
//! What a browser may show inside a tab is decided here too.

/// How much of a text file is looked at.
const LOOK: usize = 8 * 1024;

/// The content type that the first bytes (up to a MiB) of a file show.
pub(crate) fn sniff(bytes: &[u8]) -> &'static str {
    const SIGNATURES: [(&[u8], &str); 9] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b", "application/gzip"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
    ];
    if let Some((_, media_type)) = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return media_type;
    }
    let at = |range: std::ops::Range<usize>| bytes.get(range).unwrap_or_default();
    match (at(0..4), at(4..8), at(8..12)) {
        (b"RIFF", _, b"WEBP") => return "image/webp",
        (_, b"ftyp", b"heic" | b"heix" | b"mif1") => return "image/heic",
        (_, b"ftyp", b"qt  ") => return "video/quicktime",
        (_, b"ftyp", _) => return "video/mp4",
        _ => {}
    }
    let head = bytes.get(..LOOK).unwrap_or(bytes);
    if is_text(head) {
        "text/plain"
    } else {
        "application/octet-stream"
    }
}

/// UTF-8 (a character cut off at the end is fine) without control characters, and no markup a browser might run.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => head
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
        Err(_) => return false,
    };
    !text.is_empty()
        && !text.trim_start_matches('\u{feff}').trim_start().starts_with('<')
        && text
            .chars()
            .all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x0c'))
}

/// Whether a browser may show this type inside a tab.
pub(crate) fn viewable(media_type: &str) -> bool {
    matches!(
        media_type,
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "application/pdf" | "text/plain"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_come_from_bytes() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n...."), "image/png");
        assert_eq!(sniff(b"%PDF-1.7\n"), "application/pdf");
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), "image/webp");
        assert_eq!(sniff("Grüße, plain text\n".as_bytes()), "text/plain");
        assert_eq!(sniff(b"\0\x01\x02"), "application/octet-stream");
        assert_eq!(sniff(b""), "application/octet-stream");
    }

    #[test]
    fn markup_is_not_shown_as_text() {
        assert_eq!(sniff(b"  <html><script>alert(1)</script>"), "application/octet-stream");
        assert_eq!(sniff(b"\xef\xbb\xbf<svg onload=alert(1)>"), "application/octet-stream");
        assert!(!viewable(sniff(b"<!doctype html>")));
    }

    #[test]
    fn a_character_cut_in_two_is_still_text() {
        let mut text = "a".repeat(LOOK - 1).into_bytes();
        text.extend("é".as_bytes());
        assert_eq!(sniff(&text), "text/plain");
    }
}
