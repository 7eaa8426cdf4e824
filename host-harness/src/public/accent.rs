//! A company's accent made readable: darker on light, lighter on dark, until text in it can be read.
//! Contrast after WCAG 2.2, success criterion 1.4.3.

/// Smallest contrast of text.
const READABLE: f64 = 4.6;
const LIGHT_SURFACE: [u8; 3] = [0xf6, 0xf7, 0xf9];
const DARK_SURFACE: [u8; 3] = [0x19, 0x1d, 0x21];

/// `#rrggbb` as three bytes.
fn parse(hex: &str) -> Option<[u8; 3]> {
    let digits = hex.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, r, g, b] = value.to_be_bytes();
    Some([r, g, b])
}

fn luminance([r, g, b]: [u8; 3]) -> f64 {
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn mix(from: [u8; 3], to: [u8; 3], part: f64) -> [u8; 3] {
    let channel = |a: u8, b: u8| {
        let value = f64::from(a) + (f64::from(b) - f64::from(a)) * part;
        // A mix of two bytes is a byte.
        value.round().clamp(0.0, 255.0) as u8
    };
    let ([a, b, c], [x, y, z]) = (from, to);
    [channel(a, x), channel(b, y), channel(c, z)]
}

/// The colour nearest to `accent` on the way to `end` that can be read on `surface`.
fn readable(accent: [u8; 3], surface: [u8; 3], end: [u8; 3]) -> [u8; 3] {
    (0..=20)
        .map(|step| mix(accent, end, f64::from(step) / 20.0))
        .find(|colour| contrast(*colour, surface) >= READABLE)
        .unwrap_or(end)
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The custom properties of a company's stylesheet; empty when it has no accent of its own.
pub(super) fn stylesheet(accent: Option<&str>) -> String {
    let Some(accent) = accent.and_then(parse) else {
        return String::new();
    };
    let on_light = readable(accent, LIGHT_SURFACE, [0, 0, 0]);
    let on_dark = readable(accent, DARK_SURFACE, [255, 255, 255]);
    let ink = |ground: [u8; 3]| {
        if contrast(ground, [255, 255, 255]) >= READABLE {
            "#ffffff"
        } else {
            "#10151a"
        }
    };
    format!(
        "@layer tokens {{ :root {{ --brand: light-dark({}, {}); --on-brand: light-dark({}, {}) }} }}\n",
        hex(on_light),
        hex(on_dark),
        ink(on_light),
        ink(on_dark)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accent_becomes_readable_on_both_grounds() {
        for accent in ["#ffff00", "#000000", "#ffffff", "#e4572e", "#1f5f99", "#00ff00"] {
            let accent = parse(accent).unwrap();
            assert!(contrast(readable(accent, LIGHT_SURFACE, [0; 3]), LIGHT_SURFACE) >= 4.5);
            assert!(contrast(readable(accent, DARK_SURFACE, [255; 3]), DARK_SURFACE) >= 4.5);
        }
    }

    #[test]
    fn a_readable_accent_stays_as_it_is() {
        assert!(stylesheet(Some("#0b5394")).contains("#0b5394"));
    }

    #[test]
    fn what_is_no_colour_writes_no_css() {
        for bad in [None, Some("red"), Some("#12345"), Some("#12345;}"), Some("#xyzxyz")] {
            assert_eq!(stylesheet(bad), "");
        }
    }
}
