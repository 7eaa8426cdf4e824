//! The merge fields staff can insert: the host's own and those of enabled plugins.
//! A catalog is closed: what is not in it cannot be saved in a template.

use crate::Channel;
use serde::Serialize;
use std::collections::BTreeMap;

/// One field of the *Insert Field Value* list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// What stands between the braces, for example `customer.first_name`.
    pub name: String,
    /// The words in the list.
    pub label: String,
    /// One sentence about the value.
    pub description: String,
    /// Where it may be used.
    pub channels: Vec<Channel>,
    /// What a value looks like, for previews without a customer.
    pub sample: String,
    /// Heading it stands under.
    pub group: String,
}

/// A field the host itself resolves. Match on it to be sure that every one is.
///
/// Where a customer has several records, the description says which one is meant. A value that does not exist
/// (no open invoice, no next visit) is `None`, and the template's fallback takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostField {
    /// `customer.first_name`
    CustomerFirstName,
    /// `customer.last_name`
    CustomerLastName,
    /// `customer.full_name`
    CustomerFullName,
    /// `customer.company_name`
    CustomerCompanyName,
    /// `customer.email`
    CustomerEmail,
    /// `customer.phone`
    CustomerPhone,
    /// `customer.address`
    CustomerAddress,
    /// `customer.balance_due`
    CustomerBalanceDue,
    /// `company.name`
    CompanyName,
    /// `company.phone`
    CompanyPhone,
    /// `company.email`
    CompanyEmail,
    /// `company.website`
    CompanyWebsite,
    /// `job.title`
    JobTitle,
    /// `job.starts`
    JobStarts,
    /// `estimate.number`
    EstimateNumber,
    /// `estimate.total`
    EstimateTotal,
    /// `estimate.expiration_date`
    EstimateExpirationDate,
    /// `invoice.number`
    InvoiceNumber,
    /// `invoice.amount_due`
    InvoiceAmountDue,
    /// `invoice.due_date`
    InvoiceDueDate,
}

/// What is known of a host field: name, label, description, sample, group.
struct Row(&'static str, &'static str, &'static str, &'static str, &'static str);

impl HostField {
    /// Every host field, in the order of the list.
    pub const ALL: [Self; 20] = [
        Self::CustomerFirstName,
        Self::CustomerLastName,
        Self::CustomerFullName,
        Self::CustomerCompanyName,
        Self::CustomerEmail,
        Self::CustomerPhone,
        Self::CustomerAddress,
        Self::CustomerBalanceDue,
        Self::CompanyName,
        Self::CompanyPhone,
        Self::CompanyEmail,
        Self::CompanyWebsite,
        Self::JobTitle,
        Self::JobStarts,
        Self::EstimateNumber,
        Self::EstimateTotal,
        Self::EstimateExpirationDate,
        Self::InvoiceNumber,
        Self::InvoiceAmountDue,
        Self::InvoiceDueDate,
    ];

    const fn row(self) -> Row {
        match self {
            Self::CustomerFirstName => Row(
                "customer.first_name",
                "First name",
                "The customer's first name; empty for a business without a contact person.",
                "Dana",
                "Customer",
            ),
            Self::CustomerLastName => Row(
                "customer.last_name",
                "Last name",
                "The customer's last name.",
                "Whitfield",
                "Customer",
            ),
            Self::CustomerFullName => Row(
                "customer.full_name",
                "Full name",
                "First and last name, or the business name when there is no person.",
                "Dana Whitfield",
                "Customer",
            ),
            Self::CustomerCompanyName => Row(
                "customer.company_name",
                "Business name",
                "The name of the customer's business, when it is one.",
                "Cedar Row Apartments",
                "Customer",
            ),
            Self::CustomerEmail => Row(
                "customer.email",
                "E-mail",
                "The address on file.",
                "dana@whitfield.example",
                "Customer",
            ),
            Self::CustomerPhone => Row(
                "customer.phone",
                "Phone",
                "The mobile number on file, else the other phone number.",
                "303-555-0142",
                "Customer",
            ),
            Self::CustomerAddress => Row(
                "customer.address",
                "Address",
                "The customer's address in one line.",
                "2418 Alder St, Denver, CO 80205",
                "Customer",
            ),
            Self::CustomerBalanceDue => Row(
                "customer.balance_due",
                "Balance due",
                "Everything still owed on the customer's open invoices; empty when nothing is.",
                "$412.80",
                "Customer",
            ),
            Self::CompanyName => Row(
                "company.name",
                "Our name",
                "Your company's name.",
                "Summit Heating & Air",
                "Company",
            ),
            Self::CompanyPhone => Row(
                "company.phone",
                "Our phone",
                "Your company's phone number.",
                "303-555-0100",
                "Company",
            ),
            Self::CompanyEmail => Row(
                "company.email",
                "Our e-mail",
                "Your company's address.",
                "office@summit.example",
                "Company",
            ),
            Self::CompanyWebsite => Row(
                "company.website",
                "Our website",
                "Your company's website.",
                "https://summit.example",
                "Company",
            ),
            Self::JobTitle => Row(
                "job.title",
                "Next visit: job",
                "Title of the next scheduled job.",
                "Furnace tune-up",
                "Next visit",
            ),
            Self::JobStarts => Row(
                "job.starts",
                "Next visit: date and time",
                "When the next scheduled job starts, in your company's time zone.",
                "Tue, Nov 24, 9:00 AM",
                "Next visit",
            ),
            Self::EstimateNumber => Row(
                "estimate.number",
                "Estimate number",
                "Number of the newest estimate that waits for a decision.",
                "E-2041",
                "Estimate",
            ),
            Self::EstimateTotal => Row(
                "estimate.total",
                "Estimate total",
                "Total of the newest estimate that waits for a decision.",
                "$6,912.00",
                "Estimate",
            ),
            Self::EstimateExpirationDate => Row(
                "estimate.expiration_date",
                "Estimate expires",
                "Last day on which that estimate can be accepted.",
                "December 5, 2026",
                "Estimate",
            ),
            Self::InvoiceNumber => Row(
                "invoice.number",
                "Invoice number",
                "Number of the open invoice due first.",
                "INV-1038",
                "Invoice",
            ),
            Self::InvoiceAmountDue => Row(
                "invoice.amount_due",
                "Invoice amount due",
                "What is still owed on the open invoice due first.",
                "$412.80",
                "Invoice",
            ),
            Self::InvoiceDueDate => Row(
                "invoice.due_date",
                "Invoice due date",
                "When the open invoice due first is due.",
                "December 1, 2026",
                "Invoice",
            ),
        }
    }

    /// What stands between the braces.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// The host field of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

impl From<HostField> for Field {
    fn from(field: HostField) -> Self {
        let Row(name, label, description, sample, group) = field.row();
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            description: description.to_owned(),
            channels: Channel::ALL.to_vec(),
            sample: sample.to_owned(),
            group: group.to_owned(),
        }
    }
}

/// The merge-field name of a plugin's field: `-` becomes `_`, as names hold no hyphen.
///
/// ```
/// assert_eq!(
///     messaging::plugin_field_name("customer-portal", "portal_link"),
///     "plugin.customer_portal.portal_link"
/// );
/// ```
pub fn plugin_field_name(plugin_id: &str, key: &str) -> String {
    format!("plugin.{}.{}", plugin_id.replace('-', "_"), key.replace('-', "_"))
}

/// The plugin's id and the field's key in a name made by [`plugin_field_name`], both with `_` for `-`.
pub fn split_plugin_field_name(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("plugin.")?.split_once('.')
}

/// Every field a company's templates may use.
#[derive(Debug, Clone, Default)]
pub struct FieldCatalog {
    fields: Vec<Field>,
    by_name: BTreeMap<String, usize>,
}

impl FieldCatalog {
    /// The host's own fields.
    pub fn host() -> Self {
        let mut catalog = Self::default();
        for field in HostField::ALL {
            catalog.insert(field.into());
        }
        catalog
    }

    /// Add a field. A second one of the same name is ignored: a plugin cannot take a host field's place.
    pub fn insert(&mut self, field: Field) {
        if !self.by_name.contains_key(&field.name) {
            self.by_name.insert(field.name.clone(), self.fields.len());
            self.fields.push(field);
        }
    }

    /// The field of that name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.by_name.get(name).and_then(|&at| self.fields.get(at))
    }

    /// Every field, in the order it was added.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter()
    }

    /// The fields a template of this channel may use.
    pub fn for_channel(&self, channel: Channel) -> impl Iterator<Item = &Field> {
        self.fields
            .iter()
            .filter(move |field| field.channels.contains(&channel))
    }

    /// The sample of a field: a lookup for previews without a customer.
    pub fn sample(&self, name: &str) -> Option<String> {
        self.get(name).map(|field| field.sample.clone())
    }

    /// The field of this channel that somebody who wrote `written` most likely meant: by name, by the name's last
    /// part, or by the label in the list.
    pub fn nearest(&self, written: &str, channel: Channel) -> Option<&Field> {
        let written = written.trim().to_lowercase().replace(['-', ' '], "_");
        let mut best: Option<(f64, &Field)> = None;
        for field in self.for_channel(channel) {
            let last_part = field.name.rsplit('.').next().unwrap_or_default();
            let label = field.label.to_lowercase().replace(' ', "_");
            // The whole name counts a little more, so that of two equal last parts the nearer group wins.
            let score = strsim::normalized_damerau_levenshtein(&written, &field.name)
                .max(strsim::normalized_damerau_levenshtein(&written, last_part) * 0.95)
                .max(strsim::normalized_damerau_levenshtein(&written, &label) * 0.95);
            if best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, field));
            }
        }
        best.map(|(_, field)| field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_field_is_found_by_its_name_and_only_once() {
        for field in HostField::ALL {
            assert_eq!(HostField::from_name(field.name()), Some(field));
        }
        assert_eq!(FieldCatalog::host().iter().count(), HostField::ALL.len());
    }

    #[test]
    fn the_nearest_field_is_found_by_name_part_or_label() {
        let catalog = FieldCatalog::host();
        let nearest = |written| {
            catalog
                .nearest(written, Channel::Email)
                .map(|field| field.name.as_str())
        };
        assert_eq!(nearest("customer.frist_name"), Some("customer.first_name"));
        assert_eq!(nearest("Customer.First-Name"), Some("customer.first_name"));
        assert_eq!(nearest("amount_due"), Some("invoice.amount_due"));
        assert_eq!(nearest("Our phone"), Some("company.phone"));
    }

    #[test]
    fn a_plugin_cannot_replace_a_host_field() {
        let mut catalog = FieldCatalog::host();
        let mut forged: Field = HostField::CompanyName.into();
        forged.sample = "forged".to_owned();
        catalog.insert(forged);
        assert_eq!(catalog.sample("company.name").as_deref(), Some("Summit Heating & Air"));
    }

    #[test]
    fn plugin_field_names_split_into_plugin_and_key() {
        let name = plugin_field_name("customer-portal", "portal_link");
        assert_eq!(split_plugin_field_name(&name), Some(("customer_portal", "portal_link")));
        assert_eq!(split_plugin_field_name("customer.first_name"), None);
    }
}
