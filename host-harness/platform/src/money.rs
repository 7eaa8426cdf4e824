//! Money arithmetic: lines, discount, tax, totals, decimals as people write them.
//! Whole minor units throughout; products in 128 bits; rounding half away from zero, per line and per tax.

use crate::{Error, Result};

/// Sums over the selected lines of an estimate or invoice, in minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sum of the lines.
    pub subtotal: i64,
    /// Taken off before tax; at most the subtotal.
    pub discount: i64,
    /// Tax over the taxable lines after discount.
    pub tax: i64,
    /// `subtotal` − `discount` + `tax`.
    pub total: i64,
}

/// What a total needs to know about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineAmount {
    /// In minor units.
    pub amount: i64,
    /// Whether tax is due on it.
    pub taxable: bool,
    /// Whether it counts.
    pub selected: bool,
}

/// Quantity (in thousandths) times unit price (in minor units), rounded half away from zero.
pub fn line_amount(quantity_milli: i64, unit_price: i64) -> Result<i64> {
    let product = i128::from(quantity_milli) * i128::from(unit_price);
    narrow(divide_rounded(product, 1000))
}

/// The totals of a document. The discount is spread over the lines in proportion, so tax is due on the
/// taxable share of what is left; a discount larger than the subtotal is refused.
pub fn totals(lines: &[LineAmount], discount: i64, tax_millionths: u32) -> Result<Totals> {
    let selected = || lines.iter().filter(|line| line.selected);
    let subtotal: i128 = selected().map(|line| i128::from(line.amount)).sum();
    let taxable: i128 = selected()
        .filter(|line| line.taxable)
        .map(|line| i128::from(line.amount))
        .sum();
    let discount = i128::from(discount);
    if discount < 0 {
        return Err(Error::invalid(
            "discount",
            "out-of-range",
            "A discount cannot be negative.",
        ));
    }
    if discount > subtotal.max(0) {
        return Err(Error::invalid(
            "discount",
            "out-of-range",
            "A discount cannot be more than the subtotal.",
        ));
    }
    let taxable_discount = if subtotal == 0 {
        0
    } else {
        divide_rounded(discount * taxable, subtotal)
    };
    let tax = divide_rounded((taxable - taxable_discount) * i128::from(tax_millionths), 1_000_000);
    Ok(Totals {
        subtotal: narrow(subtotal)?,
        discount: narrow(discount)?,
        tax: narrow(tax)?,
        total: narrow(subtotal - discount + tax)?,
    })
}

/// Division rounded half away from zero. The divisor is not zero.
fn divide_rounded(dividend: i128, divisor: i128) -> i128 {
    let quotient = dividend / divisor;
    let remainder = dividend % divisor;
    let away = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
    if remainder.abs() * 2 >= divisor.abs() {
        quotient + away
    } else {
        quotient
    }
}

fn narrow(value: i128) -> Result<i64> {
    i64::try_from(value).map_err(|_| Error::invalid("amount", "out-of-range", "This amount is too large to be kept."))
}

/// Digits after the decimal separator of a currency (ISO 4217).
pub fn currency_digits(currency: &str) -> u8 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// An unsigned decimal as people write it (`1234.5`), as a whole count of its `digits`th fraction.
/// The reason, in words, when it is not one.
pub fn parse_decimal(text: &str, digits: u8) -> Result<i64, String> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err(format!("{text:?} is negative"));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !numeric(whole) || !numeric(fraction) || text.ends_with('.') {
        return Err(format!("{text:?} is not a number such as 1234.50"));
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > usize::from(digits) {
        return Err(format!("{text:?} has more than {digits} decimal places"));
    }
    format!("{whole}{fraction:0<width$}", width = usize::from(digits))
        .parse()
        .map_err(|_| format!("{text:?} is too large"))
}

/// A count of minor units as a plain decimal without grouping, for example `1234.50`.
pub fn decimal(minor: i64, digits: u8) -> String {
    let digits = usize::from(digits);
    let sign = if minor < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
#[path = "money_tests.rs"]
mod tests;
