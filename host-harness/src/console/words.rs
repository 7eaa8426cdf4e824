//! Amounts, dates and counts as staff read them, and text made safe for an address.
//! The console speaks English; amounts stand in the company's currency, times in its zone.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use platform::Company;

/// An amount in the company's currency.
pub(super) fn amount(company: &Company, minor: i64) -> String {
    crate::words::money(minor, &company.currency)
}

/// `Tue, Nov 24, 2026`.
pub(super) fn date(date: Date) -> String {
    date.strftime("%a, %b %-d, %Y").to_string()
}

/// A date, or a dash.
pub(super) fn date_or_dash(value: Option<Date>) -> String {
    value.map_or_else(|| "–".to_owned(), date)
}

/// `Tue, Nov 24, 2026 · 9:00–11:00 AM`.
pub(super) fn window(starts: Option<DateTime>, ends: Option<DateTime>) -> String {
    let clock = |at: DateTime| at.strftime("%-I:%M %p").to_string();
    match (starts, ends) {
        (None, _) => "Not scheduled".to_owned(),
        (Some(from), Some(to)) if to.date() == from.date() && to > from => {
            let same_half = (from.hour() < 12) == (to.hour() < 12);
            let start = if same_half {
                from.strftime("%-I:%M").to_string()
            } else {
                clock(from)
            };
            format!("{} · {start}–{}", date(from.date()), clock(to))
        }
        (Some(from), Some(to)) if to > from => {
            format!(
                "{} · {} – {} · {}",
                date(from.date()),
                clock(from),
                date(to.date()),
                clock(to)
            )
        }
        (Some(from), _) => format!("{} · {}", date(from.date()), clock(from)),
    }
}

/// An instant on the company's wall clock: `Nov 24, 2026, 9:05 AM`.
pub(super) fn instant(company: &Company, at: Timestamp) -> String {
    instant_in(company.zone(), at)
}

/// The same on the wall clock of a zone; UTC is nobody's wall clock and says its name.
pub(super) fn instant_in(zone: TimeZone, at: Timestamp) -> String {
    let format = if zone == TimeZone::UTC {
        "%b %-d, %Y, %-I:%M %p UTC"
    } else {
        "%b %-d, %Y, %-I:%M %p"
    };
    at.to_zoned(zone).strftime(format).to_string()
}

/// What a browser calls itself, as people say it: `Chrome on Windows`.
pub(super) fn device(user_agent: &str) -> String {
    // Each names its forerunners too, so the order decides.
    let named = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(mark, _)| user_agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    let browser = named(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = named(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Another program".to_owned(),
    }
}

/// An address on one line.
pub(super) fn address(address: &capabilities::Address) -> String {
    let joined = |parts: &[&str], between: &str| {
        parts
            .iter()
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(between)
    };
    let place = joined(&[&address.region, &address.postal_code], " ");
    joined(
        &[&address.street, &address.unit, &address.city, &place, &address.country],
        ", ",
    )
}

/// `1 message`, `2 messages`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
}

/// `14.2 MB`, `310 KB`.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 1_000 {
        format!("{bytes} bytes")
    } else if bytes < 1_000_000 {
        format!("{} KB", bytes.div_ceil(1_000))
    } else {
        let tenths = bytes.div_ceil(100_000);
        format!("{}.{} MB", tenths / 10, tenths % 10)
    }
}

/// Text as it can stand in a path segment or query value.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_reads_as_people_say_it() {
        let at = |text: &str| Some(text.parse::<DateTime>().unwrap());
        assert_eq!(
            window(at("2026-11-24T09:00"), at("2026-11-24T11:00")),
            "Tue, Nov 24, 2026 · 9:00–11:00 AM"
        );
        assert_eq!(
            window(at("2026-11-24T11:00"), at("2026-11-24T13:30")),
            "Tue, Nov 24, 2026 · 11:00 AM–1:30 PM"
        );
        assert_eq!(window(at("2026-11-24T09:00"), None), "Tue, Nov 24, 2026 · 9:00 AM");
        assert_eq!(window(None, None), "Not scheduled");
    }

    #[test]
    fn a_device_is_named_by_browser_and_system() {
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36";
        assert_eq!(device(windows), "Chrome on Windows");
        assert_eq!(device(&format!("{windows} Edg/130.0")), "Edge on Windows");
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1";
        assert_eq!(device(phone), "Safari on iPhone");
        assert_eq!(device("curl/8.0"), "Another program");
    }

    #[test]
    fn addresses_hold_only_safe_characters() {
        assert_eq!(encode("/c/a?q=é&b"), "%2Fc%2Fa%3Fq%3D%C3%A9%26b");
        assert_eq!(encode("Plain-1.x_~"), "Plain-1.x_~");
    }
}
