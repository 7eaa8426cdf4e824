//! How many text messages a text is: what a carrier will bill and a phone will join together.
//! After 3GPP TS 23.038: GSM 7-bit with its extension table, else UCS-2.

use serde::Serialize;

/// The GSM 7-bit default alphabet, save for the escape.
const BASIC: &str = concat!(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/// The extension table: each takes two septets, an escape and itself.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How the characters travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Seven bits a character: 160 in one message, 153 in each of several.
    Gsm7,
    /// Sixteen bits a unit, as one character at least is not in the GSM alphabet: 70 in one message, 67 in each of
    /// several.
    Ucs2,
}

/// The size of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SmsCount {
    /// How the characters travel.
    pub encoding: Encoding,
    /// Septets or UTF-16 units.
    pub units: usize,
    /// Messages it takes; none for an empty text.
    pub parts: usize,
    /// Units that fit into each of these parts.
    pub per_part: usize,
    /// Units that still fit into the last part.
    pub remaining: usize,
}

/// Measure a text.
///
/// ```
/// use messaging::sms::{Encoding, count};
/// let short = count("Your technician is on the way.");
/// assert_eq!((short.encoding, short.parts, short.remaining), (Encoding::Gsm7, 1, 130));
/// ```
pub fn count(text: &str) -> SmsCount {
    let (encoding, single, several) = match outside_gsm7(text) {
        None => (Encoding::Gsm7, 160, 153),
        Some(_) => (Encoding::Ucs2, 70, 67),
    };
    let width = |c: char| match encoding {
        Encoding::Gsm7 => 1 + usize::from(EXTENSION.contains(c)),
        Encoding::Ucs2 => c.len_utf16(),
    };
    let units = text.chars().map(width).sum();
    if units <= single {
        return SmsCount {
            encoding,
            units,
            parts: usize::from(units > 0),
            per_part: single,
            remaining: single - units,
        };
    }
    // An escape sequence or a surrogate pair is never torn apart: it moves to the next part whole.
    let (parts, used) = text.chars().fold((1, 0), |(parts, used), c| {
        let width = width(c);
        if used + width > several {
            (parts + 1, width)
        } else {
            (parts, used + width)
        }
    });
    SmsCount {
        encoding,
        units,
        parts,
        per_part: several,
        remaining: several - used,
    }
}

/// The first character that the GSM alphabet does not have: the one that makes the message dearer.
pub fn outside_gsm7(text: &str) -> Option<char> {
    text.chars().find(|&c| !BASIC.contains(c) && !EXTENSION.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(text: &str) -> (Encoding, usize, usize, usize) {
        let SmsCount {
            encoding,
            units,
            parts,
            remaining,
            ..
        } = count(text);
        (encoding, units, parts, remaining)
    }

    #[test]
    fn the_alphabet_has_its_127_characters_and_ten_more() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
    }

    #[test]
    fn one_message_holds_160_septets_and_each_of_several_153() {
        assert_eq!(shape(""), (Encoding::Gsm7, 0, 0, 160));
        assert_eq!(shape(&"a".repeat(160)), (Encoding::Gsm7, 160, 1, 0));
        assert_eq!(shape(&"a".repeat(161)), (Encoding::Gsm7, 161, 2, 145));
        assert_eq!(shape(&"a".repeat(306)), (Encoding::Gsm7, 306, 2, 0));
        assert_eq!(shape(&"a".repeat(307)), (Encoding::Gsm7, 307, 3, 152));
    }

    #[test]
    fn characters_of_the_extension_table_take_two_septets() {
        assert_eq!(shape("€"), (Encoding::Gsm7, 2, 1, 158));
        assert_eq!(shape(&"[".repeat(80)), (Encoding::Gsm7, 160, 1, 0));
        // 76 of them fill 152 of 153 septets; the next is not torn apart.
        assert_eq!(shape(&"[".repeat(153)), (Encoding::Gsm7, 306, 3, 151));
    }

    #[test]
    fn one_foreign_character_makes_it_ucs2() {
        assert_eq!(outside_gsm7("Olá, João"), Some('á'));
        assert_eq!(shape(&"ж".repeat(70)), (Encoding::Ucs2, 70, 1, 0));
        assert_eq!(shape(&"ж".repeat(71)), (Encoding::Ucs2, 71, 2, 63));
        // 33 pairs fill 66 of 67 units; the next is not torn apart.
        assert_eq!(shape(&"🔧".repeat(36)), (Encoding::Ucs2, 72, 2, 61));
    }

    proptest! {
        #[test]
        fn parts_always_hold_all_units(text in "\\PC{0,400}") {
            let count = count(&text);
            prop_assert!(count.parts * count.per_part >= count.units);
            prop_assert!(count.remaining <= count.per_part);
            prop_assert_eq!(count.parts == 0, text.is_empty());
        }
    }
}
