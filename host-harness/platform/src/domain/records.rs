//! What every kind of record shares: whose it is, versioned changes with a diff, names read from joins.
//! A change that changes nothing leaves version and log alone.

use super::{Company, FieldChange};
use crate::{
    Catalogue, Error, Platform, Result,
    store::db::{Args, Fields, Row, Tx, Value, args},
};
use capabilities::Address;
use jiff::{Timestamp, civil::Date};

/// A company with its words for statuses and its present day: what showing a record takes.
pub(crate) struct Scene {
    pub(crate) company: Company,
    pub(crate) catalogue: Catalogue,
    pub(crate) today: Date,
}

impl Platform {
    pub(crate) async fn scene(&self, company_id: &str) -> Result<Scene> {
        self.scene_of(self.companies().get(company_id).await?).await
    }

    pub(crate) async fn scene_of(&self, company: Company) -> Result<Scene> {
        let catalogue = self.companies().statuses(&company.id).await?;
        let today = company.date(self.now());
        Ok(Scene {
            company,
            catalogue,
            today,
        })
    }
}

/// Columns that follow from others: not shown in a diff.
const DERIVED: [&str; 9] = [
    "sort_key",
    "search",
    "email_key",
    "open",
    "lines_hash",
    "subtotal",
    "tax",
    "amount_paid",
    "changed_at",
];
/// Longest value a diff shows.
const DIFF_CHARS: usize = 500;

/// Store a changed record if it is still at `expected_version`; what changed.
pub(crate) async fn update_versioned(
    tx: &mut Tx,
    table: &str,
    (company_id, id): (&str, &str),
    expected_version: i64,
    fields: Fields,
    now: Timestamp,
) -> Result<Vec<FieldChange>> {
    let names = fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT version, {names} FROM {table} WHERE company_id = $1 AND id = $2");
    let mut row = tx.one(sql, args![company_id, id]).await?;
    let stale = || Error::Conflict("This was changed by somebody else since you opened it.".into());
    if row.int()? != expected_version {
        return Err(stale());
    }
    let mut changes = Vec::new();
    let mut differs = false;
    for (name, after) in &fields {
        let before = row.value_like(after)?;
        if before == *after {
            continue;
        }
        differs = true;
        if *name == "customer_id" && before != Value::Text(None) {
            return Err(Error::invalid(
                "customer_id",
                "not-allowed",
                "A record stays with its customer.",
            ));
        }
        if !DERIVED.contains(name) {
            let show = |value: &Value| value.shown().chars().take(DIFF_CHARS).collect();
            changes.push(FieldChange {
                field: (*name).to_owned(),
                before: show(&before),
                after: show(after),
            });
        }
    }
    if !differs {
        return Ok(Vec::new());
    }
    let mut set = fields;
    set.push(("changed_at", now.into()));
    set.push(("version", (expected_version + 1).into()));
    let key: Fields = vec![
        ("company_id", company_id.into()),
        ("id", id.into()),
        ("version", expected_version.into()),
    ];
    if tx.update(table, set, key).await? == 0 {
        return Err(stale());
    }
    Ok(changes)
}

/// The columns every new record begins with.
pub(crate) fn new_record(company_id: &str, id: &str, now: Timestamp, mut fields: Fields) -> Fields {
    fields.push(("company_id", company_id.into()));
    fields.push(("id", id.into()));
    fields.push(("version", 1_i64.into()));
    fields.push(("created_at", now.into()));
    fields.push(("changed_at", now.into()));
    fields
}

/// Refuse a reference to a record that is not this customer's.
pub(crate) async fn require_owned(
    tx: &mut Tx,
    table: &str,
    company_id: &str,
    customer_id: &str,
    field: &str,
    id: Option<&str>,
) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let sql = format!("SELECT 1 FROM {table} WHERE company_id = $1 AND id = $2 AND customer_id = $3");
    match tx.row(sql, args![company_id, id, customer_id]).await? {
        Some(_) => Ok(()),
        None => Err(Error::invalid(
            field,
            "not-allowed",
            "This customer has no such record.",
        )),
    }
}

/// Refuse a customer the company does not have.
pub(crate) async fn require_customer(tx: &mut Tx, company_id: &str, customer_id: &str) -> Result<()> {
    let sql = "SELECT 1 FROM customers WHERE company_id = $1 AND id = $2";
    match tx.row(sql, args![company_id, customer_id]).await? {
        Some(_) => Ok(()),
        None => Err(Error::invalid(
            "customer_id",
            "not-allowed",
            "There is no such customer.",
        )),
    }
}

/// `company_id` and `id` as parameters.
pub(crate) fn key(company_id: &str, id: &str) -> Args {
    args![company_id, id]
}

/// Street to country.
pub(crate) fn read_address(row: &mut Row) -> Result<Address> {
    Ok(Address {
        street: row.text()?,
        unit: row.text()?,
        city: row.text()?,
        region: row.text()?,
        postal_code: row.text()?,
        country: row.text()?,
    })
}

pub(crate) fn address_fields(address: &Address) -> Fields {
    vec![
        ("street", (&address.street).into()),
        ("unit", (&address.unit).into()),
        ("city", (&address.city).into()),
        ("region", (&address.region).into()),
        ("postal_code", (&address.postal_code).into()),
        ("country", (&address.country).into()),
    ]
}

/// First name, last name and business as one display name.
pub(crate) fn read_name(row: &mut Row) -> Result<String> {
    let person = [row.opt_text()?, row.opt_text()?]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let business = row.opt_text()?.unwrap_or_default();
    let person = person.trim();
    Ok(if person.is_empty() { business } else { person.to_owned() })
}
