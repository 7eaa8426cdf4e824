//! The lines of an estimate or invoice as a form edits them: numbered rows and a few blank ones.
//! A row without a name is no line, which is also how a line is removed.

use super::{
    form::Posted,
    record::{Reader, trimmed},
    view::Fact,
    words,
};
use capabilities::FieldError;
use platform::{Company, Line, LineDetails, TaxRate, money};

/// Blank rows after the last line.
const BLANK: usize = 3;
/// Most lines of a document.
const MOST: usize = 200;

/// One row as typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) quantity: String,
    pub(super) unit: String,
    pub(super) price: String,
    pub(super) taxable: bool,
    pub(super) optional: bool,
    pub(super) selected: bool,
    refused: Vec<String>,
}

impl Row {
    fn blank() -> Self {
        Self {
            taxable: true,
            selected: true,
            ..Self::default()
        }
    }

    fn has_text(&self) -> bool {
        ![&self.name, &self.description, &self.quantity, &self.unit, &self.price]
            .iter()
            .all(|text| text.is_empty())
    }

    /// Whether this input of the row was refused.
    pub(super) fn bad(&self, input: &str) -> bool {
        self.refused.iter().any(|refused| refused == input)
    }
}

/// The rows and the totals under them.
#[derive(Debug, Clone, Default)]
pub(super) struct LineEditor {
    /// Whether lines can be optional (estimates).
    pub(super) optional: bool,
    pub(super) rows: Vec<Row>,
    pub(super) totals: Vec<Fact>,
}

impl LineEditor {
    /// The stored lines and blank rows.
    pub(super) fn new(company: &Company, lines: &[Line], optional: bool) -> Self {
        let digits = company.currency_digits();
        let mut rows: Vec<Row> = lines
            .iter()
            .map(|line| Row {
                name: line.details.name.clone(),
                description: line.details.description.clone(),
                quantity: trimmed(line.details.quantity_milli, 3),
                unit: line.details.unit.clone(),
                price: money::decimal(line.details.unit_price, digits),
                taxable: line.details.taxable,
                optional: line.details.optional,
                selected: line.details.selected,
                refused: Vec::new(),
            })
            .collect();
        rows.extend((0..BLANK).map(|_| Row::blank()));
        Self {
            optional,
            rows,
            totals: Vec::new(),
        }
    }

    /// With the document's totals.
    pub(super) fn with_totals(mut self, company: &Company, totals: &money::Totals, tax: Option<&TaxRate>) -> Self {
        let row = |label: String, minor: i64| Fact::new(label, words::amount(company, minor));
        self.totals.push(row("Subtotal".into(), totals.subtotal));
        if totals.discount != 0 {
            self.totals.push(row("Discount".into(), -totals.discount));
        }
        if let Some(tax) = tax {
            let rate = trimmed(i64::from(tax.rate_millionths), 4);
            self.totals.push(row(format!("{} {rate} %", tax.name), totals.tax));
        }
        self.totals.push(row("Total".into(), totals.total));
        self
    }

    /// The rows as they were typed, with their refusals: lines first, as `read` counts them, then
    /// rows that have no name yet.
    pub(super) fn typed(&self, posted: &Posted, errors: &[FieldError]) -> Self {
        let typed = row_numbers(posted).into_iter().map(|n| Row {
            name: posted.raw(&format!("line_name-{n}")).to_owned(),
            description: posted.raw(&format!("line_description-{n}")).to_owned(),
            quantity: posted.raw(&format!("line_quantity-{n}")).to_owned(),
            unit: posted.raw(&format!("line_unit-{n}")).to_owned(),
            price: posted.raw(&format!("line_price-{n}")).to_owned(),
            taxable: posted.has(&format!("line_taxable-{n}")),
            optional: posted.has(&format!("line_optional-{n}")),
            selected: posted.has(&format!("line_selected-{n}")),
            refused: Vec::new(),
        });
        let (mut rows, unnamed): (Vec<Row>, Vec<Row>) = typed.partition(|row| !row.name.trim().is_empty());
        for (n, row) in rows.iter_mut().enumerate() {
            row.refused = refused_inputs(errors, n);
        }
        rows.extend(unnamed.into_iter().filter(Row::has_text));
        rows.extend((0..BLANK).map(|_| Row::blank()));
        Self {
            optional: self.optional,
            rows,
            totals: Vec::new(),
        }
    }

    /// Ids of the inputs a refusal can point at.
    pub(super) fn inputs(&self) -> Vec<String> {
        (0..self.rows.len())
            .flat_map(|n| ["name", "description", "quantity", "unit", "price"].map(|input| format!("line_{input}-{n}")))
            .collect()
    }
}

/// The inputs of row `n` that were refused.
fn refused_inputs(errors: &[FieldError], n: usize) -> Vec<String> {
    errors
        .iter()
        .filter_map(|error| {
            let id = point_at_input(error.clone()).field;
            let (input, row) = id.strip_prefix("line_")?.rsplit_once('-')?;
            (row.parse() == Ok(n)).then(|| input.to_owned())
        })
        .collect()
}

/// The platform counts lines from 1, `lines.3.unit_price`; the form's input for that is `line_price-2`.
pub(super) fn point_at_input(mut error: FieldError) -> FieldError {
    let place = error.field.strip_prefix("lines.").and_then(|rest| {
        let (row, field) = rest.split_once('.')?;
        row.parse::<usize>()
            .ok()?
            .checked_sub(1)
            .map(|row| (row, field.to_owned()))
    });
    if let Some((row, field)) = place {
        let input = if field == "unit_price" { "price" } else { &field };
        error.message = format!("Line {}: {}", row + 1, error.message);
        error.field = format!("line_{input}-{row}");
    }
    error
}

fn row_numbers(posted: &Posted) -> Vec<usize> {
    let mut numbers: Vec<usize> = posted
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("line_name-")?.parse().ok())
        .filter(|n| *n < MOST)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The lines of a posted form; refusals go to the reader.
pub(super) fn read(reader: &mut Reader<'_>, posted: &Posted, optional: bool) -> Vec<LineDetails> {
    let mut lines = Vec::new();
    for n in row_numbers(posted) {
        let name = posted.text(&format!("line_name-{n}"));
        if name.is_empty() {
            continue;
        }
        // Refusals count lines, not rows: that is how the form comes back.
        let at = lines.len();
        let typed = |input: &str| posted.text(&format!("line_{input}-{n}"));
        let quantity_milli = match typed("quantity") {
            blank if blank.is_empty() => 1_000,
            text => reader.parse(
                &text,
                &format!("line_quantity-{at}"),
                &format!("Quantity of line {}", at + 1),
                Some(3),
            ),
        };
        let unit_price = reader.parse(
            &typed("price"),
            &format!("line_price-{at}"),
            &format!("Unit price of line {}", at + 1),
            None,
        );
        let is_optional = optional && posted.has(&format!("line_optional-{n}"));
        lines.push(LineDetails {
            name,
            description: typed("description"),
            quantity_milli,
            unit: typed("unit"),
            unit_price,
            optional: is_optional,
            selected: !is_optional || posted.has(&format!("line_selected-{n}")),
            taxable: posted.has(&format!("line_taxable-{n}")),
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted() -> Posted {
        Posted::from(
            [
                ("line_name-0", "Pump"),
                ("line_quantity-0", "1.5"),
                ("line_price-0", "1,250.00"),
                ("line_taxable-0", "yes"),
                ("line_name-1", ""),
                ("line_price-1", "9"),
                ("line_name-7", "Thermostat"),
                ("line_quantity-7", ""),
                ("line_price-7", "26x"),
                ("line_optional-7", "yes"),
            ]
            .as_slice(),
        )
    }

    #[test]
    fn rows_without_a_name_are_no_lines() {
        let posted = posted();
        let mut reader = Reader::new(&posted, 2);
        let lines = read(&mut reader, &posted, true);
        assert_eq!(
            lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(),
            ["Pump", "Thermostat"]
        );
        let first = lines.first().cloned().unwrap_or_default();
        assert_eq!((first.quantity_milli, first.unit_price), (1_500, 125_000));
        assert!(first.selected && first.taxable && !first.optional);
        let last = lines.last().cloned().unwrap_or_default();
        assert!(last.optional && !last.selected && last.quantity_milli == 1_000);
        assert_eq!(
            reader.errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(),
            ["line_price-1"]
        );
    }

    #[test]
    fn what_was_typed_comes_back_with_its_refusal() {
        let errors = [FieldError::new("lines.1.unit_price", "out-of-range", "Too large.")];
        let rows = LineEditor {
            optional: true,
            ..LineEditor::default()
        }
        .typed(&posted(), &errors)
        .rows;
        assert!(
            rows.first()
                .is_some_and(|row| row.bad("price") && row.price == "1,250.00" && row.quantity == "1.5")
        );
        assert!(
            rows.get(1)
                .is_some_and(|row| row.optional && row.price == "26x" && !row.bad("price"))
        );
        assert!(
            rows.get(2).is_some_and(|row| row.name.is_empty() && row.price == "9"),
            "a row without a name is kept"
        );
        assert_eq!(rows.len(), 3 + BLANK);
    }

    #[test]
    fn a_refusal_of_a_line_points_at_its_input() {
        let at = |field: &str| point_at_input(FieldError::new(field, "required", "x")).field;
        assert_eq!(at("lines.3.unit_price"), "line_price-2");
        assert_eq!(at("lines.1.name"), "line_name-0");
        assert_eq!(at("lines"), "lines");
        assert_eq!(at("title"), "title");
    }
}
