//! Shapes that several interfaces share, between `capabilities` and the contract.
//! Source of both: `interface types` in `wit/types.wit`.

use crate::bindings::fieldservice::plugins::types as wit;
use capabilities as cap;
use jiff::civil;

pub(crate) fn error(error: cap::Error) -> wit::Error {
    match error {
        cap::Error::NotFound => wit::Error::NotFound,
        cap::Error::Denied(why) => wit::Error::Denied(why),
        cap::Error::Conflict(why) => wit::Error::Conflict(why),
        cap::Error::Invalid(fields) => wit::Error::Invalid(
            fields
                .into_iter()
                .map(|f| wit::FieldError {
                    field: f.field,
                    code: f.code,
                    message: f.message,
                })
                .collect(),
        ),
        cap::Error::RateLimited(seconds) => wit::Error::RateLimited(seconds),
        cap::Error::Unavailable(why) => wit::Error::Unavailable(why),
    }
}

/// Longest text of a plugin's error in characters, and most fields of one.
const ERROR_CHARS: usize = 500;
const ERROR_FIELDS: usize = 100;

/// An error a plugin answered with, cut to what a person would read.
pub(crate) fn refused(error: wit::Error) -> cap::Error {
    let brief = |text: String| text.chars().take(ERROR_CHARS).collect();
    match error {
        wit::Error::NotFound => cap::Error::NotFound,
        wit::Error::Denied(why) => cap::Error::Denied(brief(why)),
        wit::Error::Conflict(why) => cap::Error::Conflict(brief(why)),
        wit::Error::Invalid(fields) => cap::Error::Invalid(
            fields
                .into_iter()
                .take(ERROR_FIELDS)
                .map(|f| cap::FieldError {
                    field: brief(f.field),
                    code: brief(f.code),
                    message: brief(f.message),
                })
                .collect(),
        ),
        wit::Error::RateLimited(seconds) => cap::Error::RateLimited(seconds),
        wit::Error::Unavailable(why) => cap::Error::Unavailable(brief(why)),
    }
}

pub(crate) fn money(money: cap::Money) -> wit::Money {
    wit::Money {
        minor: money.minor,
        currency: money.currency,
    }
}

/// jiff's fields are in range by construction, so the casts below lose nothing.
fn small(number: i8) -> u8 {
    u8::try_from(number).unwrap_or_default()
}

pub(crate) fn date(date: civil::Date) -> wit::Date {
    wit::Date {
        year: i32::from(date.year()),
        month: small(date.month()),
        day: small(date.day()),
    }
}

/// A date a plugin named; `Invalid` when the calendar has no such day.
pub(crate) fn civil_date(field: &str, date: &wit::Date) -> cap::Result<civil::Date> {
    let parts = (
        i16::try_from(date.year),
        i8::try_from(date.month),
        i8::try_from(date.day),
    );
    if let (Ok(year), Ok(month), Ok(day)) = parts
        && let Ok(date) = civil::Date::new(year, month, day)
    {
        return Ok(date);
    }
    Err(cap::Error::invalid(field, "malformed", "There is no such day."))
}

pub(crate) fn local_time(time: civil::DateTime) -> wit::LocalTime {
    wit::LocalTime {
        date: date(time.date()),
        hour: small(time.hour()),
        minute: small(time.minute()),
    }
}

pub(crate) fn moment(moment: cap::Moment) -> wit::Moment {
    wit::Moment {
        unix_seconds: moment.unix_seconds,
        local: local_time(moment.local),
        zone: moment.zone,
    }
}

pub(crate) fn status(status: cap::Status) -> wit::Status {
    wit::Status {
        code: status.code,
        label: status.label,
        tone: match status.tone {
            cap::Tone::Neutral => wit::Tone::Neutral,
            cap::Tone::Info => wit::Tone::Info,
            cap::Tone::Success => wit::Tone::Success,
            cap::Tone::Warning => wit::Tone::Warning,
            cap::Tone::Danger => wit::Tone::Danger,
        },
        open: status.open,
    }
}

pub(crate) fn tone(tone: wit::Tone) -> cap::Tone {
    match tone {
        wit::Tone::Neutral => cap::Tone::Neutral,
        wit::Tone::Info => cap::Tone::Info,
        wit::Tone::Success => cap::Tone::Success,
        wit::Tone::Warning => cap::Tone::Warning,
        wit::Tone::Danger => cap::Tone::Danger,
    }
}

pub(crate) fn address(address: cap::Address) -> wit::Address {
    wit::Address {
        street: address.street,
        unit: address.unit,
        city: address.city,
        region: address.region,
        postal_code: address.postal_code,
        country: address.country,
    }
}

/// An address a plugin wrote.
pub(crate) fn written_address(address: wit::Address) -> cap::Address {
    cap::Address {
        street: address.street,
        unit: address.unit,
        city: address.city,
        region: address.region,
        postal_code: address.postal_code,
        country: address.country,
    }
}

/// A page that was asked for, cut to 200 items.
pub(crate) fn page_request(page: wit::PageRequest) -> cap::Result<cap::PageRequest> {
    if let Some(cursor) = &page.cursor {
        super::at_most("cursor", cursor, 512)?;
    }
    if let Some(search) = &page.search {
        super::at_most("search", search, 200)?;
    }
    Ok(cap::PageRequest {
        filter: match page.filter {
            wit::ListFilter::Open => cap::ListFilter::Open,
            wit::ListFilter::Past => cap::ListFilter::Past,
            wit::ListFilter::All => cap::ListFilter::All,
        },
        cursor: page.cursor,
        limit: page.limit.clamp(1, 200),
        search: page.search,
    })
}

pub(crate) fn channel(channel: wit::Channel) -> cap::Channel {
    match channel {
        wit::Channel::Email => cap::Channel::Email,
        wit::Channel::Sms => cap::Channel::Sms,
    }
}

pub(crate) fn wit_channel(channel: cap::Channel) -> wit::Channel {
    match channel {
        cap::Channel::Email => wit::Channel::Email,
        cap::Channel::Sms => wit::Channel::Sms,
    }
}
