//! The company's accent as a stylesheet: one colour made readable on light and on dark, as text,
//! as a button and as a tint. Contrast after WCAG 2.2 (1.4.3), with room to spare.

/// The accent of a company that has none.
const DEFAULT: Colour = Colour(0x1d, 0x5f, 0xa8);

/// Contrast that text and buttons reach; WCAG asks for 4.5.
const CONTRAST: f32 = 5.0;

/// What the portal's surfaces are (`--surface` and `--bg` of the stylesheet), the hardest first.
const LIGHT: Colour = Colour(0xf4, 0xf5, 0xf7);
const DARK: Colour = Colour(0x1d, 0x22, 0x28);

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(u8, u8, u8);

impl Colour {
    /// From `rrggbb` or `#rrggbb`.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#').unwrap_or(text);
        if hex.len() != 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let part = |from: usize| u8::from_str_radix(hex.get(from..from + 2)?, 16).ok();
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    fn hex(self) -> String {
        format!("{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// `share` of the other colour mixed in, 0 to 1.
    fn mix(self, other: Self, share: f32) -> Self {
        let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8;
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    fn luminance(self) -> f32 {
        let linear = |part: u8| {
            let part = f32::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// WCAG contrast ratio, 1 to 21.
    pub fn contrast(self, other: Self) -> f32 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The nearest shade towards `end` that is readable on every one of `grounds`.
    fn readable(self, end: Self, grounds: &[Self]) -> Self {
        let steps = (0..=20_u8).map(|step| self.mix(end, f32::from(step) / 20.0));
        let mut shades = steps.filter(|shade| grounds.iter().all(|ground| shade.contrast(*ground) >= CONTRAST));
        shades.next().unwrap_or(end)
    }
}

const WHITE: Colour = Colour(255, 255, 255);
const BLACK: Colour = Colour(0, 0, 0);

/// The accent's shades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shades {
    /// Text and buttons on light.
    pub light: Colour,
    /// A tint behind `light`.
    pub light_soft: Colour,
    /// Text and buttons on dark.
    pub dark: Colour,
    /// A tint behind `dark`.
    pub dark_soft: Colour,
    /// Text on a button of `light`.
    pub on_light: Colour,
    /// Text on a button of `dark`.
    pub on_dark: Colour,
}

/// Shades of an accent that are all readable.
pub fn shades(accent: Colour) -> Shades {
    let light_soft = accent.mix(WHITE, 0.91);
    let dark_soft = accent.mix(DARK, 0.78);
    let light = accent.readable(BLACK, &[LIGHT, light_soft, WHITE]);
    let dark = accent.readable(WHITE, &[DARK, dark_soft]);
    Shades {
        light,
        light_soft,
        dark,
        dark_soft,
        on_light: WHITE,
        on_dark: Colour(0x0c, 0x10, 0x14),
    }
}

/// The stylesheet's name; it says the colour, so that it may be cached for ever.
pub fn file_name(accent: Option<&str>) -> String {
    format!("theme-{}.css", accent.and_then(Colour::parse).unwrap_or(DEFAULT).hex())
}

/// The stylesheet of such a name.
pub fn stylesheet(name: &str) -> Option<String> {
    let shades = shades(Colour::parse(name.strip_prefix("theme-")?.strip_suffix(".css")?)?);
    let pair = |light: Colour, dark: Colour| format!("light-dark(#{},#{})", light.hex(), dark.hex());
    Some(format!(
        ":root{{--accent:{};--accent-soft:{};--on-accent:{}}}\n",
        pair(shades.light, shades.dark),
        pair(shades.light_soft, shades.dark_soft),
        pair(shades.on_light, shades.on_dark),
    ))
}

#[cfg(test)]
mod tests {
    use super::{Colour, DARK, LIGHT, WHITE, file_name, shades, stylesheet};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_accent_is_readable_everywhere(red: u8, green: u8, blue: u8) {
            let shades = shades(Colour(red, green, blue));
            for (text, ground) in [
                (shades.light, LIGHT),
                (shades.light, WHITE),
                (shades.light, shades.light_soft),
                (shades.on_light, shades.light),
                (shades.dark, DARK),
                (shades.dark, shades.dark_soft),
                (shades.on_dark, shades.dark),
            ] {
                prop_assert!(text.contrast(ground) >= 4.5, "{text:?} on {ground:?}: {}", text.contrast(ground));
            }
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((Colour(0, 0, 0).contrast(WHITE) - 21.0).abs() < 0.01);
        assert!((Colour(0x76, 0x76, 0x76).contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn a_colour_that_is_none_has_no_stylesheet() {
        assert_eq!(stylesheet("theme-zzzzzz.css"), None);
        assert_eq!(stylesheet("theme-12345.css"), None);
        assert_eq!(stylesheet("theme-é1234.css"), None);
        assert_eq!(file_name(Some("javascript:")), file_name(None));
        assert!(stylesheet(&file_name(Some("#C2410C"))).is_some_and(|css| css.contains("--accent:light-dark(#")));
    }
}
