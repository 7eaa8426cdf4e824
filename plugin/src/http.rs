//! A request as the portal sees it and a response as it answers, free of any HTTP library.
//! The component's adapter fills one and sends the other.

use crate::host::FileStream;

/// The methods the portal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Read the headers only.
    Head,
    /// Act.
    Post,
    /// Anything else; answered 405.
    Other,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is asked.
    pub method: Method,
    /// Path and query as sent, for example `/summit/portal/jobs?filter=past`.
    pub target: String,
    /// Header fields in the order sent, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body of a `POST`, at most [`BODY_LIMIT`] bytes; `None` when it was longer.
    pub body: Option<Vec<u8>>,
}

/// The longest form the portal reads.
pub const BODY_LIMIT: usize = 64 * 1024;

impl Request {
    /// The path without its query.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The query, without its question mark.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The first value of a header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        std::str::from_utf8(value).ok()
    }

    /// The value of a cookie. Two cookies of one name are nobody's: neither is taken.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let fields = self.headers.iter().filter(|(known, _)| known == "cookie");
        let pairs = fields
            .filter_map(|(_, value)| std::str::from_utf8(value).ok())
            .flat_map(|text| text.split(';'));
        let mut values = pairs.filter_map(|pair| {
            let (known, value) = pair.trim().split_once('=')?;
            (known == name).then_some(value)
        });
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }
}

/// What follows the headers.
pub enum Body {
    /// Nothing.
    Empty,
    /// A page or an asset.
    Bytes(Vec<u8>),
    /// An asset that is part of the component.
    Static(&'static [u8]),
    /// A file, or a range of one: this many bytes.
    File(FileStream, u64),
    /// The size of what a `GET` would send.
    Size(u64),
}

/// One response.
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header fields, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// What follows.
    pub body: Body,
}

impl Response {
    /// A page of HTML.
    pub fn html(status: u16, language: &str, html: String) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", "text/html; charset=utf-8".to_owned()),
                ("content-language", language.to_owned()),
            ],
            body: Body::Bytes(html.into_bytes()),
        }
    }

    /// "See other": the browser asks for `location` with `GET`.
    pub fn see_other(location: String) -> Self {
        Self {
            status: 303,
            headers: vec![("location", location)],
            body: Body::Empty,
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The header fields as they are sent, the body's length among them. A value with a character that
    /// no field may hold is left out by itself, so that it costs none of the others.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let sendable = |byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f);
        let mut fields = self.headers.clone();
        fields.retain(|(_, value)| value.bytes().all(sendable));
        if self.status != 304 {
            fields.push(("content-length", self.length().to_string()));
        }
        fields
    }

    /// The body's length, when it is known.
    pub fn length(&self) -> u64 {
        match &self.body {
            Body::Empty => 0,
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Static(bytes) => bytes.len() as u64,
            Body::File(_, size) | Body::Size(size) => *size,
        }
    }

    /// The answer to `HEAD`: the same headers, no body.
    #[must_use]
    pub fn without_body(mut self) -> Self {
        self.body = Body::Size(self.length());
        self
    }
}

/// Text as one segment of a path or one value of a query.
pub fn percent_encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(HEX.get(usize::from(nibble)).copied().map_or('0', char::from));
            }
        }
    }
    out
}

/// The text that was percent-encoded; `None` when it is not UTF-8 or a `%` stands alone.
pub fn percent_decode(text: &str, plus_is_space: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                out.push(u8::try_from(high * 16 + low).ok()?);
            }
            b'+' if plus_is_space => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8(out).ok()
}
