//! The lines of an estimate or invoice and the sums under them, as the templates want them.
//! Amounts are the host's: nothing is added up here.

use crate::{
    bindings::fieldservice::plugins::customers::{Line, Totals},
    i18n::Words,
};

/// A line of an estimate or invoice as drawn.
pub struct LineView {
    /// What it is.
    pub name: String,
    /// More about it, or empty.
    pub description: String,
    /// "14 h".
    pub quantity: String,
    /// Price of one.
    pub unit_price: String,
    /// Price of all.
    pub amount: String,
    /// The customer may leave it out.
    pub optional: bool,
    /// It counts towards the total.
    pub selected: bool,
}

/// One row of sums.
pub struct SumView {
    /// What is summed.
    pub label: String,
    /// The amount.
    pub amount: String,
    /// The sum of sums.
    pub strong: bool,
}

/// Lines and sums as drawn.
pub fn lines(words: &Words, lines: &[Line], totals: &Totals) -> (Vec<LineView>, Vec<SumView>) {
    let line_views = lines
        .iter()
        .map(|line| {
            let quantity = words.quantity(line.quantity_milli);
            LineView {
                name: line.name.clone(),
                description: line.description.clone(),
                quantity: if line.unit.is_empty() {
                    quantity
                } else {
                    format!("{quantity}\u{a0}{}", line.unit)
                },
                unit_price: words.money(&line.unit_price),
                amount: words.money(&line.amount),
                optional: line.optional,
                selected: line.selected,
            }
        })
        .collect();
    let sum = |label: String, amount: String, strong: bool| SumView { label, amount, strong };
    let mut sums = Vec::new();
    // A subtotal that is the total says nothing.
    if totals.discount.minor != 0 || !totals.taxes.is_empty() {
        sums.push(sum(words.subtotal().to_owned(), words.money(&totals.subtotal), false));
    }
    if totals.discount.minor != 0 {
        let mut off = totals.discount.clone();
        off.minor = -off.minor;
        sums.push(sum(words.discount().to_owned(), words.money(&off), false));
    }
    for tax in &totals.taxes {
        let label = words.tax(&tax.name, words.rate(tax.rate_millionths));
        sums.push(sum(label, words.money(&tax.amount), false));
    }
    sums.push(sum(words.total().to_owned(), words.money(&totals.total), true));
    (line_views, sums)
}
