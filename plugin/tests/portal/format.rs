//! Money, dates and times, held against ICU where ICU knows, and against arithmetic for all of
//! them. The portal's own tables stand in the language files.

use crate::fake::{company, moment};
use crate::sample::date;
use customer_portal::{
    bindings::fieldservice::plugins::types::{Date, LocalTime, Money},
    i18n::Words,
};
use fixed_decimal::Decimal;
use icu_decimal::DecimalFormatter;
use icu_locale_core::Locale;
use proptest::prelude::*;

fn words(locale: &str, currency: &str, digits: u8) -> Words {
    let mut company = company();
    company.locale = locale.to_owned();
    company.currency = currency.to_owned();
    company.currency_digits = digits;
    Words::choose("", "", &company, date(2026, 11, 22))
}

fn money(minor: i64, currency: &str) -> Money {
    Money {
        minor,
        currency: currency.to_owned(),
    }
}

#[test]
fn money_is_written_as_people_write_it_there() {
    for (locale, currency, digits, minor, expected) in [
        ("en-US", "USD", 2, 123_450, "$1,234.50"),
        ("en-US", "USD", 2, 5, "$0.05"),
        ("en-US", "USD", 2, -5_000, "−$50.00"),
        ("en-US", "USD", 2, 123_456_789_012, "$1,234,567,890.12"),
        ("en-GB", "GBP", 2, 100_000, "£1,000.00"),
        ("en-IN", "INR", 2, 1_234_567_800, "₹1,23,45,678.00"),
        ("en-CA", "JPY", 0, 1_500, "¥1,500"),
        ("es-US", "USD", 2, 123_450, "$1,234.50"),
        ("es-MX", "MXN", 2, 123_450, "$1,234.50"),
        ("es-ES", "EUR", 2, 123_450, "1234,50\u{a0}€"),
        ("es-ES", "EUR", 2, 1_234_500, "12.345,00\u{a0}€"),
        ("en-US", "CHF", 2, 100, "CHF\u{a0}1.00"),
    ] {
        assert_eq!(
            words(locale, currency, digits).money(&money(minor, currency)),
            expected,
            "{locale} {minor}"
        );
    }
    // Another currency than the company's is named by its code.
    assert_eq!(words("en-US", "USD", 2).money(&money(100, "CAD")), "CAD\u{a0}1.00");
    assert_eq!(words("en-US", "USD", 2).money(&money(1_500, "JPY")), "JPY\u{a0}1,500");
    assert_eq!(
        words("en-US", "USD", 2).money(&money(i64::MIN, "USD")),
        "−$92,233,720,368,547,758.08"
    );
}

#[test]
fn dates_and_times_follow_the_region() {
    let at = |hour, minute| LocalTime {
        date: date(2026, 11, 24),
        hour,
        minute,
    };
    for (locale, long, short, window) in [
        ("en-US", "Nov 24, 2026", "Tue, Nov 24", "9:00–11:30 AM"),
        ("en-GB", "24 Nov 2026", "Tue 24 Nov", "9:00–11:30"),
        ("es-US", "24 nov 2026", "mar, 24 nov", "9:00–11:30 a.\u{a0}m."),
        ("es-ES", "24 nov 2026", "mar, 24 nov", "9:00–11:30"),
    ] {
        let words = words(locale, "USD", 2);
        assert_eq!(words.date(&date(2026, 11, 24)), long);
        assert_eq!(words.day(&date(2026, 11, 24)), short);
        assert_eq!(words.window(&at(9, 0), Some(&at(11, 30))), window);
    }
    let words = words("en-US", "USD", 2);
    assert_eq!(words.day(&date(2027, 1, 1)), "Fri, Jan 1, 2027");
    assert_eq!(words.clock(&at(0, 5)), "12:05 AM");
    assert_eq!(words.clock(&at(12, 0)), "12:00 PM");
    assert_eq!(words.window(&at(11, 0), Some(&at(13, 0))), "11:00 AM–1:00 PM");
    assert_eq!(words.window(&at(13, 0), None), "1:00 PM");
    let tomorrow = LocalTime {
        date: date(2026, 11, 25),
        hour: 8,
        minute: 0,
    };
    assert_eq!(words.window(&at(9, 0), Some(&tomorrow)), "9:00 AM");
    assert_eq!(words.days_until(&date(2026, 11, 13)), -9);
    assert_eq!(words.days_until(&date(2027, 11, 22)), 365);
}

#[test]
fn quantities_rates_and_sizes_are_short() {
    let words = words("en-US", "USD", 2);
    assert_eq!(words.quantity(1_500), "1.5");
    assert_eq!(words.quantity(14_000), "14");
    assert_eq!(words.quantity(1_234_125), "1,234.125");
    assert_eq!(words.quantity(-500), "−0.5");
    assert_eq!(words.rate(86_300), "8.63%");
    assert_eq!(words.rate(70_000), "7%");
    assert_eq!(words.file_size(1), "1 byte");
    assert_eq!(words.file_size(999), "999 bytes");
    assert_eq!(words.file_size(1_001), "2 KB");
    assert_eq!(words.file_size(2_449_999), "2.4 MB");
    assert_eq!(words.file_size(u64::MAX), "18,446,744,073,709.5 MB");
}

#[test]
fn numbers_are_grouped_as_icu_groups_them() {
    let locales = [
        "en-US", "en-GB", "en-CA", "en-AU", "en-IN", "en-ZA", "en-IE", "en-NZ", "es-US", "es-MX", "es-ES", "es-AR",
        "es-CL", "es-CO", "es-PE", "es-PR", "es-DO", "es-GT", "es-HN", "es-NI", "es-PA", "es-SV", "es-CU", "es-UY",
        "es-BO", "es-EC", "es-PY", "es-VE", "es-CR",
    ];
    let mut differences = Vec::new();
    for name in locales {
        let locale: Locale = name.parse().unwrap();
        let icu = DecimalFormatter::try_new(locale.into(), Default::default()).unwrap();
        let words = words(name, "USD", 2);
        for minor in [0, 5, 99, 100, 99_999, 123_450, 999_999, 1_234_567, 1_234_567_890] {
            let mut decimal = Decimal::from(minor);
            decimal.multiply_pow10(-2);
            let expected = icu.format(&decimal).to_string().replace('\u{202f}', "\u{a0}");
            let ours = words.money(&money(minor, "USD"));
            let ours = ours.trim_matches(|c: char| c == '$' || c == '\u{a0}');
            if ours != expected {
                differences.push(format!("{name} {minor}: {ours}, ICU {expected}"));
            }
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

proptest! {
    #[test]
    fn money_reads_back_as_the_same_amount(minor in any::<i64>()) {
        let text = words("en-US", "USD", 2).money(&money(minor, "USD"));
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let value: i128 = digits.parse().unwrap();
        let value = if text.starts_with('−') { -value } else { value };
        prop_assert_eq!(value, i128::from(minor));
        prop_assert_eq!(text.rsplit('.').next().unwrap().len(), 2);
    }

    #[test]
    fn days_count_up_one_by_one(days in -200_000_i64..200_000) {
        let words = words("en-US", "USD", 2);
        let day = |n: i64| moment(n * 86_400 + 7 * 3_600).local.date;
        let distance = |date: Date| words.days_until(&date);
        let (today, tomorrow) = if days < 0 { (day(0), day(1)) } else { (day(days), day(days + 1)) };
        prop_assert_eq!(distance(tomorrow) - distance(today), 1);
        let text = words.date(&today);
        prop_assert!(text.contains(&today.day.to_string()) && text.ends_with(&today.year.to_string()), "{text}");
    }
}
