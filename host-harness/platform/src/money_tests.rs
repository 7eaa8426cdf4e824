//! Money arithmetic: worked examples and properties.
//! The properties hold for any lines a company can write.

use super::*;
use proptest::prelude::*;

fn line(amount: i64, taxable: bool) -> LineAmount {
    LineAmount {
        amount,
        taxable,
        selected: true,
    }
}

#[test]
fn a_line_rounds_half_away_from_zero() {
    assert_eq!(line_amount(1500, 333).unwrap(), 500);
    assert_eq!(line_amount(500, 1).unwrap(), 1);
    assert_eq!(line_amount(500, -1).unwrap(), -1);
    assert_eq!(line_amount(499, 1).unwrap(), 0);
}

#[test]
fn discount_comes_off_before_tax_and_only_its_taxable_share_lowers_the_tax() {
    let totals = totals(&[line(10_000, true), line(5_000, false)], 1_500, 86_300).unwrap();
    assert_eq!(
        totals,
        Totals {
            subtotal: 15_000,
            discount: 1_500,
            tax: 777,
            total: 14_277
        }
    );
}

#[test]
fn lines_left_out_do_not_count() {
    let left_out = LineAmount {
        amount: 999,
        taxable: true,
        selected: false,
    };
    assert_eq!(totals(&[line(100, true), left_out], 0, 100_000).unwrap().total, 110);
}

#[test]
fn a_discount_beyond_the_subtotal_is_refused() {
    assert!(totals(&[line(100, true)], 101, 0).is_err());
    assert!(totals(&[line(100, true)], -1, 0).is_err());
}

#[test]
fn overflow_is_an_error() {
    assert!(line_amount(i64::MAX, i64::MAX).is_err());
    assert!(totals(&[line(i64::MAX, true), line(i64::MAX, true)], 0, 0).is_err());
}

#[test]
fn decimals_are_read_strictly() {
    assert_eq!(parse_decimal("1234.5", 2), Ok(123_450));
    assert_eq!(parse_decimal("0.10", 2), Ok(10));
    assert_eq!(parse_decimal("7", 0), Ok(7));
    assert_eq!(parse_decimal("8.6300", 4), Ok(86_300));
    for bad in [
        "",
        "-1",
        "1.",
        ".5",
        "1,5",
        "1.234",
        "1e3",
        "$5",
        "99999999999999999999",
    ] {
        assert!(parse_decimal(bad, 2).is_err(), "{bad:?}");
    }
}

#[test]
fn decimals_are_written_plainly() {
    assert_eq!(decimal(123_450, 2), "1234.50");
    assert_eq!(decimal(-5, 2), "-0.05");
    assert_eq!(decimal(7, 0), "7");
}

proptest! {
    #[test]
    fn what_is_written_reads_back(minor in 0..i64::MAX, digits in 0_u8..4) {
        prop_assert_eq!(parse_decimal(&decimal(minor, digits), digits), Ok(minor));
    }

    #[test]
    fn a_line_is_within_half_a_unit(quantity in 0_i64..10_000_000, price in -1_000_000_i64..1_000_000) {
        let amount = i128::from(line_amount(quantity, price).unwrap());
        let exact = i128::from(quantity) * i128::from(price);
        prop_assert!((amount * 1000 - exact).abs() <= 500);
    }

    #[test]
    fn totals_add_up_and_never_go_below_zero(
        amounts in prop::collection::vec((0_i64..10_000_000, any::<bool>(), any::<bool>()), 0..30),
        share in 0_i64..=100,
        rate in 0_u32..300_000,
    ) {
        let lines: Vec<_> = amounts.into_iter()
            .map(|(amount, taxable, selected)| LineAmount { amount, taxable, selected })
            .collect();
        let subtotal: i64 = lines.iter().filter(|line| line.selected).map(|line| line.amount).sum();
        let totals = totals(&lines, subtotal * share / 100, rate).unwrap();
        prop_assert_eq!(totals.subtotal, subtotal);
        prop_assert_eq!(totals.total, totals.subtotal - totals.discount + totals.tax);
        prop_assert!(totals.tax >= 0);
        prop_assert!(totals.total >= 0);
        let ceiling = (i128::from(subtotal - totals.discount) * i128::from(rate) + 1_500_000) / 1_000_000;
        prop_assert!(i128::from(totals.tax) <= ceiling.max(1));
    }
}
