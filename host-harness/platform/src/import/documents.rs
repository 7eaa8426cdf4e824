//! Estimates and invoices of an import with their lines, which stand in files of their own.
//! Lines are held in memory until their document's row is read; the rest is streamed.

use super::table::{Conventions, Layout, Problems, Row, Table};
use crate::{
    Catalogue, Error, EstimateDetails, InvoiceDetails, LineDetails, Result, TaxRate,
    domain::{
        estimates, invoices,
        lines::{self, Priced},
    },
};
use std::{collections::HashMap, path::Path};

pub(super) const ESTIMATES: Layout = Layout {
    file: "estimates.csv",
    required: &["id", "customer_id", "number", "title", "status"],
    optional: &[
        "project_id",
        "sent_date",
        "expiration_date",
        "discount",
        "tax_name",
        "tax_rate",
        "notes",
        "terms",
        "prepared_by",
        "service_address",
    ],
};
pub(super) const ESTIMATE_LINES: Layout = Layout {
    file: "estimate_lines.csv",
    required: &["estimate_id", "position", "name", "quantity", "unit_price"],
    optional: &["description", "unit", "optional", "selected", "taxable"],
};
pub(super) const INVOICES: Layout = Layout {
    file: "invoices.csv",
    required: &["id", "customer_id", "number", "title", "status"],
    optional: &[
        "job_id",
        "invoice_date",
        "due_date",
        "discount",
        "tax_name",
        "tax_rate",
        "notes",
    ],
};
pub(super) const INVOICE_LINES: Layout = Layout {
    file: "invoice_lines.csv",
    required: &["invoice_id", "position", "name", "quantity", "unit_price"],
    optional: &["description", "unit", "taxable"],
};

/// The lines of every document of one kind.
#[derive(Default)]
pub(super) struct Lines {
    by_document: HashMap<String, DocumentLines>,
}

struct DocumentLines {
    /// Where the first of them stands.
    csv_line: u64,
    lines: Vec<(i64, LineDetails)>,
}

impl Lines {
    pub(super) fn read(
        folder: &Path,
        layout: &Layout,
        parent: &str,
        conventions: &Conventions,
        problems: &mut Problems,
    ) -> Result<Self> {
        let mut all = Self::default();
        let Some(mut table) = Table::open(folder, layout, conventions, problems)? else {
            return Ok(all);
        };
        while let Some(mut row) = table.next(problems)? {
            let document = row.id(parent);
            let position = row.whole("position");
            let details = line(&mut row);
            let csv_line = row.line;
            let own = all.by_document.entry(document.clone()).or_insert(DocumentLines {
                csv_line,
                lines: Vec::new(),
            });
            match position {
                None => row.refuse("position must be given"),
                Some(position) if own.lines.iter().any(|(other, _)| *other == position) => {
                    row.refuse(format!("{document} has two lines at position {position}"));
                }
                Some(position) => own.lines.push((position, details)),
            }
            row.finish(problems);
        }
        for own in all.by_document.values_mut() {
            own.lines.sort_by_key(|(position, _)| *position);
        }
        Ok(all)
    }

    pub(super) fn of(&self, document: &str) -> Vec<(i64, LineDetails)> {
        self.by_document
            .get(document)
            .map(|own| own.lines.clone())
            .unwrap_or_default()
    }

    /// Note lines whose document the folder does not have.
    pub(super) fn report_orphans(&self, file: &str, is_known: impl Fn(&str) -> bool, problems: &mut Problems) {
        let mut orphans: Vec<_> = self
            .by_document
            .iter()
            .filter(|(id, _)| !is_known(id))
            .map(|(id, own)| (own.csv_line, id))
            .collect();
        orphans.sort();
        for (csv_line, id) in orphans {
            problems.add(file, csv_line, format!("there is no document {id:?}"));
        }
    }
}

fn line(row: &mut Row) -> LineDetails {
    let optional = row.yes("optional", false);
    let details = LineDetails {
        name: row.required("name"),
        description: row.text("description"),
        quantity_milli: row.decimal("quantity", 3).unwrap_or(0),
        unit: row.text("unit"),
        unit_price: row.amount("unit_price").unwrap_or(0),
        optional,
        selected: row.yes("selected", !optional),
        taxable: row.yes("taxable", true),
    };
    for column in ["quantity", "unit_price"] {
        if row.text(column).is_empty() {
            row.refuse(format!("{column} is empty"));
        }
    }
    details
}

fn tax(row: &mut Row) -> Option<TaxRate> {
    // Percent with four decimal places are millionths.
    let rate = row.decimal("tax_rate", 4);
    let name = row.text("tax_name");
    match rate {
        None if !name.is_empty() && row.text("tax_rate").is_empty() => {
            row.refuse("a tax_name needs a tax_rate");
            None
        }
        None => None,
        Some(rate) => {
            let name = if name.is_empty() { "Tax".to_owned() } else { name };
            Some(TaxRate {
                name,
                rate_millionths: u32::try_from(rate).unwrap_or(u32::MAX),
            })
        }
    }
}

fn price(row: &mut Row, lines: Vec<(i64, LineDetails)>, discount: i64, tax: Option<&TaxRate>) -> Option<Priced> {
    match lines::price(lines, discount, tax) {
        Ok(priced) => Some(priced),
        Err(error @ Error::Invalid(_)) => {
            row.check(Err(error));
            None
        }
        Err(error) => {
            row.refuse(error.to_string());
            None
        }
    }
}

pub(super) fn estimate(
    row: &mut Row,
    catalogue: &Catalogue,
    lines: Vec<(i64, LineDetails)>,
) -> Option<(EstimateDetails, Priced)> {
    let details = EstimateDetails {
        customer_id: row.id("customer_id"),
        project_id: row.opt_id("project_id"),
        number: row.required("number"),
        title: row.text("title"),
        status: row.required("status"),
        sent: row.date("sent_date"),
        expires: row.date("expiration_date"),
        discount: row.amount("discount").unwrap_or(0),
        tax: tax(row),
        notes: row.text("notes"),
        terms: row.text("terms"),
        prepared_by: row.text("prepared_by"),
        service_address: row.text("service_address"),
    };
    row.check(estimates::check(&details, catalogue));
    let priced = price(row, lines, details.discount, details.tax.as_ref())?;
    Some((details, priced))
}

pub(super) fn invoice(
    row: &mut Row,
    catalogue: &Catalogue,
    lines: Vec<(i64, LineDetails)>,
) -> Option<(InvoiceDetails, Priced)> {
    let details = InvoiceDetails {
        customer_id: row.id("customer_id"),
        job_id: row.opt_id("job_id"),
        number: row.required("number"),
        title: row.text("title"),
        status: row.required("status"),
        issued: row.date("invoice_date"),
        due: row.date("due_date"),
        discount: row.amount("discount").unwrap_or(0),
        tax: tax(row),
        notes: row.text("notes"),
    };
    row.check(invoices::check(&details, catalogue));
    let priced = price(row, lines, details.discount, details.tax.as_ref())?;
    Some((details, priced))
}
