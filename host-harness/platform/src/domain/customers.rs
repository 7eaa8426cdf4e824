//! Customers: contact details, search, edits with a version and a diff on the timeline.
//! Internal notes are staff's; they never cross a capability.

use super::{
    NewEntry,
    activity::append,
    records::{address_fields, new_record, read_address, update_versioned},
};
use crate::{
    Actor, Error, Platform, Result,
    security::new_id,
    store::{
        db::{Fields, Row, Value, args, placeholders},
        paging::{Listing, search_text},
    },
    validate::{Check, LINE, TEXT},
};
use capabilities::{Address, Page};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What can be edited about a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerDetails {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Name of the customer's own business.
    pub company_name: String,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Mobile number for text messages.
    pub mobile: String,
    /// Postal address.
    pub address: Address,
    /// BCP 47 tag the customer chose, or empty for the company's.
    pub language: String,
    /// For staff only.
    pub internal_notes: String,
}

/// A customer as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Unique within the company.
    pub id: String,
    /// Everything that can be edited.
    pub details: CustomerDetails,
    /// Rises with every change.
    pub version: i64,
    /// When the customer was added.
    pub created_at: Timestamp,
    /// When the details last changed.
    pub changed_at: Timestamp,
}

impl std::ops::Deref for Customer {
    type Target = CustomerDetails;

    fn deref(&self) -> &CustomerDetails {
        &self.details
    }
}

impl CustomerDetails {
    /// First and last name, else the business's name.
    pub fn display_name(&self) -> String {
        let person = format!("{} {}", self.first_name, self.last_name);
        let person = person.trim();
        if person.is_empty() {
            self.company_name.clone()
        } else {
            person.to_owned()
        }
    }

    /// Where text messages go: the mobile number, else the telephone.
    pub fn text_number(&self) -> &str {
        if self.mobile.is_empty() {
            &self.phone
        } else {
            &self.mobile
        }
    }
}

/// The customers repository.
#[derive(Clone, Copy)]
pub struct Customers<'a> {
    pub(crate) platform: &'a Platform,
}

impl Customers<'_> {
    /// A page by last name; `search` looks in names, e-mail, telephones and address.
    pub async fn list(
        &self,
        company_id: &str,
        search: Option<&str>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Customer>> {
        let listing = Listing::new("customers", "customers t", COLUMNS)
            .and("t.company_id = ?", company_id)
            .search(search);
        listing
            .phase("1 = 1", false)
            .run(self.platform.db(), cursor, limit, read)
            .await
    }

    /// How many customers the company has.
    pub async fn count(&self, company_id: &str) -> Result<u64> {
        let sql = "SELECT COUNT(*) FROM customers WHERE company_id = $1";
        self.platform.db().one(sql, args![company_id]).await?.uint()
    }

    /// One customer.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<Customer> {
        let sql = format!("SELECT {COLUMNS} FROM customers t WHERE t.company_id = $1 AND t.id = $2");
        read(&mut self.platform.db().one(sql, args![company_id, id]).await?)
    }

    /// Those of the ids that are the company's customers, in the order asked.
    pub async fn many(&self, company_id: &str, ids: &[String]) -> Result<Vec<Customer>> {
        let mut found = BTreeMap::new();
        for chunk in ids.chunks(500) {
            let sql = format!(
                "SELECT {COLUMNS} FROM customers t WHERE t.company_id = $1 AND t.id IN ({})",
                placeholders(1, chunk.len())
            );
            let mut args = args![company_id];
            args.extend(chunk.iter().map(Value::from));
            for mut row in self.platform.db().rows(sql, args).await? {
                let customer = read(&mut row)?;
                found.insert(customer.id.clone(), customer);
            }
        }
        Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
    }

    /// The one customer with this e-mail, compared without case; none when nobody or several have it.
    pub async fn find_by_email(&self, company_id: &str, email: &str) -> Result<Option<String>> {
        let key = email.trim().to_lowercase();
        if key.is_empty() {
            return Ok(None);
        }
        let sql = "SELECT id FROM customers WHERE company_id = $1 AND email_key = $2 LIMIT 2";
        let mut rows = self.platform.db().rows(sql, args![company_id, key]).await?;
        match rows.as_mut_slice() {
            [only] => Ok(Some(only.text()?)),
            _ => Ok(None),
        }
    }

    /// Add a customer.
    pub async fn create(&self, company_id: &str, details: CustomerDetails, actor: &Actor) -> Result<Customer> {
        let now = self.platform.now();
        let details = tidy(details);
        check(&details, &Rules::default())?;
        let id = new_id("cu")?;
        let mut tx = self.platform.db().begin().await?;
        let entry = NewEntry {
            customer_id: Some(id.clone()),
            kind: "customer.created".into(),
            summary: format!("Added the customer {}", details.display_name()),
            ..NewEntry::default()
        };
        tx.insert("customers", new_record(company_id, &id, now, fields(&details)))
            .await
            .map_err(missing_company)?;
        append(&mut tx, company_id, &[entry], actor, now).await?;
        tx.commit().await?;
        self.get(company_id, &id).await
    }

    /// Change a customer; `Conflict` when somebody changed it since `expected_version`.
    pub async fn update(
        &self,
        company_id: &str,
        id: &str,
        expected_version: i64,
        details: CustomerDetails,
        actor: &Actor,
    ) -> Result<Customer> {
        self.change(company_id, id, expected_version, details, actor, "").await
    }
}

impl Customers<'_> {
    /// `update`, saying on the timeline which plugin asked for it.
    pub(crate) async fn change(
        &self,
        company_id: &str,
        id: &str,
        expected_version: i64,
        details: CustomerDetails,
        actor: &Actor,
        plugin_id: &str,
    ) -> Result<Customer> {
        let now = self.platform.now();
        let before = self.get(company_id, id).await?;
        let details = tidy(details);
        check(
            &details,
            &Rules {
                before: Some(&before.details),
            },
        )?;
        let mut tx = self.platform.db().begin().await?;
        let changes = update_versioned(
            &mut tx,
            "customers",
            (company_id, id),
            expected_version,
            fields(&details),
            now,
        )
        .await?;
        if !changes.is_empty() {
            let names: Vec<_> = changes.iter().map(|change| change.field.replace('_', " ")).collect();
            let entry = NewEntry {
                customer_id: Some(id.to_owned()),
                kind: "customer.updated".into(),
                summary: format!("Changed contact details: {}", names.join(", ")),
                changes,
                plugin_id: plugin_id.to_owned(),
                ..NewEntry::default()
            };
            append(&mut tx, company_id, &[entry], actor, now).await?;
            tx.commit().await?;
        }
        self.get(company_id, id).await
    }
}

pub(crate) fn missing_company(error: Error) -> Error {
    if error.is_missing_reference() {
        Error::NotFound
    } else {
        error
    }
}

const COLUMNS: &str = "t.sort_key, t.id, t.first_name, t.last_name, t.company_name, t.email, t.phone, t.mobile, t.street,
    t.unit, t.city, t.region, t.postal_code, t.country, t.language, t.internal_notes, t.version, t.created_at, t.changed_at";

fn read(row: &mut Row) -> Result<Customer> {
    row.skip();
    Ok(Customer {
        id: row.text()?,
        details: CustomerDetails {
            first_name: row.text()?,
            last_name: row.text()?,
            company_name: row.text()?,
            email: row.text()?,
            phone: row.text()?,
            mobile: row.text()?,
            address: read_address(row)?,
            language: row.text()?,
            internal_notes: row.text()?,
        },
        version: row.int()?,
        created_at: row.time()?,
        changed_at: row.time()?,
    })
}

/// Spaces around one-line fields are nobody's intention.
pub(crate) fn tidy(mut details: CustomerDetails) -> CustomerDetails {
    let address = &mut details.address;
    let lines = [
        &mut details.first_name,
        &mut details.last_name,
        &mut details.company_name,
        &mut details.email,
        &mut details.phone,
        &mut details.mobile,
        &mut details.language,
        &mut address.street,
        &mut address.unit,
        &mut address.city,
        &mut address.region,
        &mut address.postal_code,
        &mut address.country,
    ];
    for line in lines {
        let trimmed = line.trim_matches(' ');
        if trimmed.len() != line.len() {
            *line = trimmed.to_owned();
        }
    }
    address.country.make_ascii_uppercase();
    details
}

/// What a change is judged against.
#[derive(Default)]
pub(crate) struct Rules<'a> {
    /// The details before: what was imported oddly may stay as it is, but not be made odd.
    pub(crate) before: Option<&'a CustomerDetails>,
}

pub(crate) fn check(details: &CustomerDetails, rules: &Rules<'_>) -> Result<()> {
    let mut check = Check::default();
    check.line("first_name", &details.first_name, 100);
    check.line("last_name", &details.last_name, 100);
    check.line("company_name", &details.company_name, LINE);
    if details.display_name().is_empty() {
        check.refuse(
            "last_name",
            "required",
            "Give a first name, a last name or a business name.",
        );
    }
    let kept =
        |field: fn(&CustomerDetails) -> &String| rules.before.is_some_and(|before| field(before) == field(details));
    if !kept(|details| &details.email) {
        check.email("email", &details.email);
    }
    if !kept(|details| &details.phone) {
        check.phone("phone", &details.phone);
    }
    if !kept(|details| &details.mobile) {
        check.phone("mobile", &details.mobile);
    }
    check.address("", &details.address);
    check.language("language", &details.language);
    check.text("internal_notes", &details.internal_notes, TEXT);
    check.finish()
}

pub(crate) fn fields(details: &CustomerDetails) -> Fields {
    let name = [
        details.last_name.as_str(),
        details.first_name.as_str(),
        details.company_name.as_str(),
    ];
    let address = &details.address;
    let search = search_text(&[
        &details.first_name,
        &details.last_name,
        &details.company_name,
        &details.email,
        &details.phone,
        &digits(&details.phone),
        &details.mobile,
        &digits(&details.mobile),
        &address.street,
        &address.city,
        &address.postal_code,
    ]);
    let mut fields: Fields = vec![
        ("first_name", (&details.first_name).into()),
        ("last_name", (&details.last_name).into()),
        ("company_name", (&details.company_name).into()),
        ("email", (&details.email).into()),
        ("email_key", details.email.to_lowercase().into()),
        ("phone", (&details.phone).into()),
        ("mobile", (&details.mobile).into()),
        ("language", (&details.language).into()),
        ("internal_notes", (&details.internal_notes).into()),
        ("sort_key", search_text(&name).into()),
        ("search", search.into()),
    ];
    fields.extend(address_fields(address));
    fields
}

/// A telephone number without what people put between its digits.
fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}
