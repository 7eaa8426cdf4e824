//! Dates, times, money and numbers as the reader writes them. What differs by language and region
//! stands in the language files; no time-zone data is needed, since the host gives wall-clock times.

use crate::{
    bindings::fieldservice::plugins::types::{Date, LocalTime, Moment, Money},
    i18n::Words,
};

const MINUTES_A_DAY: i64 = 24 * 60;

impl Words {
    /// "Nov 30, 2026".
    pub fn date(&self, date: &Date) -> String {
        self.date_medium(
            &self.region,
            self.month(date),
            date.day.to_string(),
            date.year.to_string(),
        )
    }

    /// "Mon, Nov 30", and the year when it is not this one.
    pub fn day(&self, date: &Date) -> String {
        let (weekday, month, day) = (self.weekday(date), self.month(date), date.day.to_string());
        if date.year == self.today.year {
            self.date_weekday(&self.region, weekday, month, day)
        } else {
            self.date_weekday_year(&self.region, weekday, month, day, date.year.to_string())
        }
    }

    /// A date that may be missing; then a dash.
    pub fn date_or_dash(&self, date: Option<&Date>) -> String {
        date.map_or_else(|| "—".to_owned(), |date| self.date(date))
    }

    /// "9:00 AM".
    pub fn clock(&self, time: &LocalTime) -> String {
        let minute = format!("{:02}", time.minute);
        if self.twelve_hours() {
            self.time_twelve(hour12(time.hour), minute, self.half(time.hour))
        } else {
            self.time_plain(time.hour.to_string(), minute)
        }
    }

    /// "9:00–11:00 AM"; the start alone when there is no end.
    pub fn window(&self, starts: &LocalTime, ends: Option<&LocalTime>) -> String {
        let Some(ends) = ends.filter(|ends| same_day(&ends.date, &starts.date)) else {
            return self.clock(starts);
        };
        let start = if self.twelve_hours() && (starts.hour < 12) == (ends.hour < 12) {
            self.time_plain(hour12(starts.hour), format!("{:02}", starts.minute))
        } else {
            self.clock(starts)
        };
        self.range(start, self.clock(ends))
    }

    /// "Tue, Nov 24 · 9:00–11:00 AM".
    pub fn visit(&self, starts: &LocalTime, ends: Option<&LocalTime>) -> String {
        format!("{} · {}", self.day(&starts.date), self.window(starts, ends))
    }

    /// Days from today: negative in the past.
    pub fn days_until(&self, date: &Date) -> i64 {
        day_number(date) - day_number(&self.today)
    }

    /// "$1,234.50".
    pub fn money(&self, money: &Money) -> String {
        let digits = if money.currency == self.currency {
            usize::from(self.currency_digits.min(6))
        } else {
            usual_digits(&money.currency)
        };
        let amount = self.decimal(money.minor.unsigned_abs(), digits, digits);
        let mut symbol = symbol(&money.currency, &self.currency).to_owned();
        if symbol.ends_with(|c: char| c.is_ascii_alphabetic()) {
            symbol.push('\u{a0}');
        }
        let text = self.money_pattern(&self.region, symbol, amount);
        // A code keeps its distance from the amount in front of it, not from what follows.
        let text = text.trim_end_matches('\u{a0}');
        if money.minor < 0 {
            format!("−{text}")
        } else {
            text.to_owned()
        }
    }

    /// A quantity in thousandths: "1.5", "14".
    pub fn quantity(&self, milli: i64) -> String {
        let text = self.decimal(milli.unsigned_abs(), 3, 0);
        if milli < 0 { format!("−{text}") } else { text }
    }

    /// A rate in millionths: "8.63%".
    pub fn rate(&self, millionths: u32) -> String {
        self.percent(self.decimal(u64::from(millionths), 4, 0))
    }

    /// A whole number with its groups.
    pub fn integer(&self, number: i64) -> String {
        let text = self.decimal(number.unsigned_abs(), 0, 0);
        if number < 0 { format!("−{text}") } else { text }
    }

    /// A file's size: "640 KB", "2.4 MB".
    pub fn file_size(&self, bytes: u64) -> String {
        match bytes {
            0..1_000 => self.size_bytes(i64::try_from(bytes).unwrap_or(0)),
            1_000..1_000_000 => self.size_kilobytes(self.decimal(bytes.div_ceil(1_000), 0, 0)),
            _ => self.size_megabytes(self.decimal(bytes.saturating_add(50_000) / 100_000, 1, 0)),
        }
    }

    /// `value` / 10^`scale` with this language's separators, keeping at least `least` decimals.
    fn decimal(&self, value: u64, scale: usize, least: usize) -> String {
        let digits = format!("{value:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let mut fraction = fraction.to_owned();
        while fraction.len() > least && fraction.ends_with('0') {
            fraction.pop();
        }
        let mut out = String::with_capacity(digits.len() * 2);
        let grouped = !self.group.is_empty() && whole.len() >= self.group_from;
        for (index, digit) in whole.chars().enumerate() {
            let left = whole.len() - index;
            // The last three stand together; before them groups of the language's own size.
            if grouped && index > 0 && left >= 3 && (left - 3).is_multiple_of(self.group_size) {
                out.push_str(&self.group);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push_str(&self.decimal);
            out.push_str(&fraction);
        }
        out
    }

    fn month(&self, date: &Date) -> &'static str {
        self.find(&format!("month-{}", date.month)).unwrap_or_default()
    }

    fn weekday(&self, date: &Date) -> &'static str {
        // Day 0, 1970-01-01, was a Thursday; Monday counts as 1.
        let weekday = (day_number(date) + 3).rem_euclid(7) + 1;
        self.find(&format!("weekday-{weekday}")).unwrap_or_default()
    }

    fn twelve_hours(&self) -> bool {
        self.hours_of_clock(&self.region) == "12"
    }

    fn half(&self, hour: u8) -> &'static str {
        if hour < 12 { self.half_am() } else { self.half_pm() }
    }
}

/// The wall clock at another instant, by the company's offset of this moment: near a change to or
/// from summer time it can be an hour off.
pub(crate) fn wall_clock(now: &Moment, unix: i64) -> LocalTime {
    let local = &now.local;
    let clock = i64::from(local.hour) * 60 + i64::from(local.minute);
    let minutes = day_number(&local.date) * MINUTES_A_DAY + clock;
    let then = minutes + unix.div_euclid(60) - now.unix_seconds.div_euclid(60);
    let days = then.div_euclid(MINUTES_A_DAY) - day_number(&local.date);
    let minute = then.rem_euclid(MINUTES_A_DAY);
    LocalTime {
        date: date_after(&local.date, days),
        hour: u8::try_from(minute / 60).unwrap_or_default(),
        minute: u8::try_from(minute % 60).unwrap_or_default(),
    }
}

fn hour12(hour: u8) -> String {
    match hour % 12 {
        0 => "12".to_owned(),
        hour => hour.to_string(),
    }
}

fn same_day(a: &Date, b: &Date) -> bool {
    day_number(a) == day_number(b)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's `days_from_civil`).
pub(crate) fn day_number(date: &Date) -> i64 {
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date this many days later (the inverse of `day_number`, same author).
pub(crate) fn date_after(date: &Date, days: i64) -> Date {
    let shifted = day_number(date) + days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    Date {
        year: i32::try_from(year_of_era + era * 400 + i64::from(month <= 2)).unwrap_or(i32::MAX),
        month: u8::try_from(month).unwrap_or(1),
        day: u8::try_from(day_of_year - (153 * month_from_march + 2) / 5 + 1).unwrap_or(1),
    }
}

/// The symbol of the company's own currency; another currency is named by its code, since one
/// `$` beside another would mislead.
fn symbol<'a>(currency: &'a str, own: &str) -> &'a str {
    if currency != own {
        return currency;
    }
    match currency {
        "USD" | "CAD" | "AUD" | "NZD" | "MXN" | "SGD" | "HKD" | "CLP" | "COP" | "ARS" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" | "CNY" => "¥",
        "INR" => "₹",
        "BRL" => "R$",
        "KRW" => "₩",
        "ILS" => "₪",
        "PHP" => "₱",
        code => code,
    }
}

/// Decimals of a currency that is not the company's own (ISO 4217).
fn usual_digits(currency: &str) -> usize {
    match currency {
        "JPY" | "KRW" | "CLP" | "ISK" | "VND" | "PYG" | "UGX" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}
