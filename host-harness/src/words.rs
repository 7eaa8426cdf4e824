//! Money, dates and times as the host writes them into messages: English, in the company's currency and zone.
//! Pages of plugins format for themselves.

use jiff::civil::{Date, DateTime};

/// `$1,234.50`, `€99.00`, `¥5,000`, `CHF 12.00`.
pub fn money(minor: i64, currency: &str) -> String {
    let digits = usize::from(platform::money::currency_digits(currency));
    let unit = 10_u64.pow(u32::try_from(digits).unwrap_or(2));
    let whole = group(minor.unsigned_abs() / unit);
    let sign = if minor < 0 { "−" } else { "" };
    let symbol = match currency {
        "USD" | "CAD" | "AUD" | "NZD" | "MXN" => "$".to_owned(),
        "EUR" => "€".to_owned(),
        "GBP" => "£".to_owned(),
        "JPY" => "¥".to_owned(),
        other => format!("{other} "),
    };
    if digits == 0 {
        format!("{sign}{symbol}{whole}")
    } else {
        format!("{sign}{symbol}{whole}.{:0digits$}", minor.unsigned_abs() % unit)
    }
}

fn group(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `December 5, 2026`.
pub fn date(date: Date) -> String {
    date.strftime("%B %-d, %Y").to_string()
}

/// `Tue, Nov 24, 9:00 AM`.
pub fn date_time(at: DateTime) -> String {
    at.strftime("%a, %b %-d, %-I:%M %p").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_people_write_it() {
        assert_eq!(money(123_450, "USD"), "$1,234.50");
        assert_eq!(money(-5, "EUR"), "−€0.05");
        assert_eq!(money(5_000, "JPY"), "¥5,000");
        assert_eq!(money(1_200, "CHF"), "CHF 12.00");
        assert_eq!(money(i64::MIN, "USD"), "−$92,233,720,368,547,758.08");
    }

    #[test]
    fn days_and_times_read_as_people_say_them() {
        assert_eq!(date(Date::constant(2026, 12, 5)), "December 5, 2026");
        assert_eq!(
            date_time(DateTime::constant(2026, 11, 24, 9, 0, 0, 0)),
            "Tue, Nov 24, 9:00 AM"
        );
    }
}
