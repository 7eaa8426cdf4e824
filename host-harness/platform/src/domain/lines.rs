//! Lines of estimates and invoices: priced, summed, hashed and stored in the document's transaction.
//! A line's id is its place in the document.

use super::{Line, LineDetails, TaxRate};
use crate::{
    Error, Result,
    money::{LineAmount, Totals, line_amount, totals},
    security::sha256_hex,
    store::db::{Db, Fields, Row, Tx, args},
    validate::{Check, LINE, TEXT},
};

/// Lines a document may have.
pub(crate) const MAX_LINES: usize = 500;

/// Lines with their amounts, the document's sums, and a hash that changes with any of it.
pub(crate) struct Priced {
    pub(crate) lines: Vec<Line>,
    pub(crate) totals: Totals,
    pub(crate) hash: String,
}

/// `positions` are the lines' ids; without them they are counted from 1.
pub(crate) fn price(lines: Vec<(i64, LineDetails)>, discount: i64, tax: Option<&TaxRate>) -> Result<Priced> {
    if lines.len() > MAX_LINES {
        return Err(Error::invalid(
            "lines",
            "too-long",
            format!("A document can have at most {MAX_LINES} lines."),
        ));
    }
    let mut check = Check::default();
    let mut priced = Vec::with_capacity(lines.len());
    for (position, mut details) in lines {
        details.selected |= !details.optional;
        let at = |field: &str| format!("lines.{position}.{field}");
        check.required(&at("name"), &details.name, LINE);
        check.text(&at("description"), &details.description, TEXT);
        check.line(&at("unit"), &details.unit, 20);
        if details.quantity_milli < 0 {
            check.refuse(&at("quantity"), "out-of-range", "A quantity cannot be negative.");
        }
        if details.unit_price < 0 {
            check.refuse(&at("unit_price"), "out-of-range", "A price cannot be negative.");
        }
        let amount = line_amount(details.quantity_milli, details.unit_price)?;
        priced.push(Line {
            id: position.to_string(),
            details,
            amount,
        });
    }
    check.finish()?;
    let amounts: Vec<_> = priced
        .iter()
        .map(|line| LineAmount {
            amount: line.amount,
            taxable: line.details.taxable,
            selected: line.details.selected,
        })
        .collect();
    let totals = totals(&amounts, discount, tax.map_or(0, |tax| tax.rate_millionths))?;
    let hash = sha256_hex(format!("{priced:?}").as_bytes());
    Ok(Priced {
        lines: priced,
        totals,
        hash,
    })
}

/// Number lines from 1.
pub(crate) fn numbered(lines: Vec<LineDetails>) -> Vec<(i64, LineDetails)> {
    (1..).zip(lines).collect()
}

/// The sums and tax of a document as columns.
pub(crate) fn sum_fields(priced: &Priced, tax: Option<&TaxRate>) -> Fields {
    vec![
        ("tax_name", tax.map(|tax| tax.name.as_str()).into()),
        (
            "tax_millionths",
            tax.map_or(0, |tax| i64::from(tax.rate_millionths)).into(),
        ),
        ("subtotal", priced.totals.subtotal.into()),
        ("discount", priced.totals.discount.into()),
        ("tax", priced.totals.tax.into()),
        ("total", priced.totals.total.into()),
        ("lines_hash", (&priced.hash).into()),
    ]
}

pub(crate) fn check_tax(check: &mut Check, tax: Option<&TaxRate>) {
    let Some(tax) = tax else { return };
    check.required("tax_name", &tax.name, 60);
    if tax.rate_millionths > 1_000_000 {
        check.refuse("tax_rate", "out-of-range", "A tax rate is at most 100 %.");
    }
}

/// The columns of `sum_fields`, read back.
pub(crate) fn read_tax_and_sums(row: &mut Row) -> Result<(Option<TaxRate>, Totals)> {
    let name = row.opt_text()?;
    let rate_millionths = row.uint()?;
    let tax = name.map(|name| TaxRate { name, rate_millionths });
    Ok((
        tax,
        Totals {
            subtotal: row.int()?,
            discount: row.int()?,
            tax: row.int()?,
            total: row.int()?,
        },
    ))
}

/// Replace a document's lines. `table` is `estimate_lines` or `invoice_lines`.
pub(crate) async fn store(tx: &mut Tx, table: &str, company_id: &str, parent_id: &str, lines: &[Line]) -> Result<()> {
    let sql = format!("DELETE FROM {table} WHERE company_id = $1 AND parent_id = $2");
    tx.execute(sql, args![company_id, parent_id]).await?;
    let rows = lines.iter().map(|line| {
        let details = &line.details;
        let position: i64 = line.id.parse().map_err(|_| Error::corrupt("a line's id"))?;
        Ok::<Fields, Error>(vec![
            ("company_id", company_id.into()),
            ("parent_id", parent_id.into()),
            ("position", position.into()),
            ("name", (&details.name).into()),
            ("description", (&details.description).into()),
            ("quantity_milli", details.quantity_milli.into()),
            ("unit", (&details.unit).into()),
            ("unit_price", details.unit_price.into()),
            ("amount", line.amount.into()),
            ("optional", details.optional.into()),
            ("selected", details.selected.into()),
            ("taxable", details.taxable.into()),
        ])
    });
    tx.insert_many(table, rows.collect::<Result<_>>()?).await
}

pub(crate) async fn read(db: &Db, table: &str, company_id: &str, parent_id: &str) -> Result<Vec<Line>> {
    let sql = format!(
        "SELECT position, name, description, quantity_milli, unit, unit_price, amount, optional, selected, taxable
         FROM {table} WHERE company_id = $1 AND parent_id = $2 ORDER BY position"
    );
    let rows = db.rows(sql, args![company_id, parent_id]).await?;
    rows.into_iter()
        .map(|mut row| {
            let id = row.int()?.to_string();
            let (name, description) = (row.text()?, row.text()?);
            let (quantity_milli, unit, unit_price, amount) = (row.int()?, row.text()?, row.int()?, row.int()?);
            let (optional, selected, taxable) = (row.flag()?, row.flag()?, row.flag()?);
            let details = LineDetails {
                name,
                description,
                quantity_milli,
                unit,
                unit_price,
                optional,
                selected,
                taxable,
            };
            Ok(Line { id, details, amount })
        })
        .collect()
}

/// The next number of a series that no document has yet, for example `INV-1007`.
pub(crate) async fn next_number(tx: &mut Tx, company_id: &str, table: &str, prefix: &str) -> Result<String> {
    const FIRST: i64 = 1001;
    loop {
        let sql = "INSERT INTO counters (company_id, name, value) VALUES ($1, $2, $3)
             ON CONFLICT (company_id, name) DO UPDATE SET value = counters.value + 1 RETURNING value";
        let value = tx.one(sql, args![company_id, table, FIRST]).await?.int()?;
        let number = format!("{prefix}-{value}");
        let taken = format!("SELECT 1 FROM {table} WHERE company_id = $1 AND number = $2");
        if tx.row(taken, args![company_id, &number]).await?.is_none() {
            return Ok(number);
        }
    }
}

/// The hash of the lines a document has now.
pub(crate) async fn stored_hash(tx: &mut Tx, table: &str, company_id: &str, id: &str) -> Result<String> {
    let sql = format!("SELECT lines_hash FROM {table} WHERE company_id = $1 AND id = $2");
    tx.one(sql, args![company_id, id]).await?.text()
}
