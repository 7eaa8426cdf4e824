//! A file, viewed or downloaded. The bytes never enter the sandbox: the host's stream is handed
//! on. `HEAD`, `Range`, `If-Range` and `If-None-Match` after RFC 9110.

use crate::{
    Error,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        documents::{ByteRange, DocumentInfo},
    },
    forms::Form,
    http::{Body, Method, Response},
    portal::{Portal, Visitor},
};

/// The file.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, id: &str) -> Result<Response, Error> {
    let document = visitor.customer.file(id)?;
    let info = document.info()?;
    let tag = format!("\"{}\"", info.etag);
    let download = Form::of_query(portal.request).has("download") || !info.viewable;

    if portal
        .request
        .header("if-none-match")
        .is_some_and(|known| names(known, &tag))
    {
        return Ok(Response {
            status: 304,
            headers: vec![("etag", tag)],
            body: Body::Empty,
        });
    }
    let headers = vec![
        ("content-type", info.media_type.clone()),
        ("content-disposition", disposition(&info, download)),
        ("accept-ranges", "bytes".to_owned()),
        ("etag", tag.clone()),
    ];
    let range = asked(portal, &tag, info.size);
    let (status, range) = match range {
        Asked::Whole => (200, None),
        Asked::Part(range) => (206, Some(range)),
        Asked::Outside => {
            return Ok(Response {
                status: 416,
                headers: vec![("content-range", format!("bytes */{}", info.size)), ("etag", tag)],
                body: Body::Empty,
            });
        }
    };
    let size = range.map_or(info.size, |range| range.end - range.start);
    let mut response = Response {
        status,
        headers,
        body: Body::Size(size),
    };
    if let Some(range) = range {
        let text = format!("bytes {}-{}/{}", range.start, range.end - 1, info.size);
        response = response.with("content-range", text);
    }
    if portal.request.method == Method::Get {
        response.body = Body::File(document.read(range)?, size);
        // A player asks for many parts; the first is the person's click.
        if range.is_none_or(|range| range.start == 0) {
            let (kind, verb) = if download {
                (Kind::Downloaded, "Downloaded")
            } else {
                (Kind::Viewed, "Viewed")
            };
            portal.note(
                visitor,
                kind,
                Subject::File(id.to_owned()),
                format!("{verb} {}", info.name),
            );
        }
    }
    Ok(response)
}

/// What a `Range` header asks for.
enum Asked {
    Whole,
    Part(ByteRange),
    Outside,
}

/// One range is served; several, or one that is not understood, are answered with the whole file.
fn asked(portal: &Portal<'_>, tag: &str, size: u64) -> Asked {
    if portal.request.method != Method::Get {
        return Asked::Whole;
    }
    // Only a strong match proves that the part belongs to the bytes the browser already has.
    if portal
        .request
        .header("if-range")
        .is_some_and(|known| known.trim() != tag)
    {
        return Asked::Whole;
    }
    let Some(range) = portal
        .request
        .header("range")
        .and_then(|text| text.trim().strip_prefix("bytes="))
    else {
        return Asked::Whole;
    };
    let Some((first, last)) = range.split_once('-').filter(|_| !range.contains(',')) else {
        return Asked::Whole;
    };
    let number = |text: &str| {
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (start, end) = match (number(first.trim()), number(last.trim())) {
        (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(size)),
        (Some(first), None) if last.trim().is_empty() => (first, size),
        (None, Some(length)) if first.trim().is_empty() => (size.saturating_sub(length), size),
        _ => return Asked::Whole,
    };
    if start >= end {
        Asked::Outside
    } else {
        Asked::Part(ByteRange { start, end })
    }
}

/// Whether an `If-None-Match` names the tag; comparison is weak there.
fn names(header: &str, tag: &str) -> bool {
    header
        .split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// `Content-Disposition` after RFC 6266: a plain name for old programs, the true one beside it.
fn disposition(info: &DocumentInfo, download: bool) -> String {
    let kind = if download { "attachment" } else { "inline" };
    let harmless: String = info
        .name
        .chars()
        .filter(|c| !c.is_control() && !steers_text(*c))
        .collect();
    let harmless: String = harmless
        .chars()
        .map(|c| if matches!(c, '/' | '\\') { '_' } else { c })
        .collect();
    let name = if harmless.trim_matches(['.', ' ']).is_empty() {
        "file".to_owned()
    } else {
        harmless
    };
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii() && !matches!(c, '"' | '%') {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!(
        "{kind}; filename=\"{plain}\"; filename*=UTF-8''{}",
        crate::http::percent_encode(&name)
    )
}

/// Marks that turn the direction of text, with which `gpj.exe` can be made to look like `exe.jpg`.
fn steers_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
