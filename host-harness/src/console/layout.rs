//! The frame around every page: title, company and its switcher, navigation, confirmation.
//! Templates reach assets through it, under names that carry their hash.

use super::{
    assets,
    office::Office,
    view::{Link, Pill},
};

/// Where a page stands in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nav {
    Customers,
    Requests,
    Jobs,
    Projects,
    Estimates,
    Invoices,
    Payments,
    Communications,
    Outbox,
    Mailbox,
    Settings,
}

/// One entry of the navigation.
pub(super) struct NavItem {
    pub(super) group: Option<&'static str>,
    pub(super) label: &'static str,
    pub(super) href: String,
    pub(super) icon: &'static str,
    pub(super) current: bool,
}

/// The company at the top of the frame.
pub(super) struct Head {
    pub(super) company: String,
    pub(super) initial: String,
    pub(super) others: Vec<Link>,
}

/// What the frame of a page shows.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) office: Option<Head>,
    pub(super) person: Option<String>,
    pub(super) nav: Vec<NavItem>,
    pub(super) flash: Option<Pill>,
}

const NAV: [(Option<&str>, Nav, &str, &str, &str); 10] = [
    (None, Nav::Customers, "Customers", "customers", "customers"),
    (None, Nav::Requests, "Requests", "requests", "requests"),
    (Some("Work"), Nav::Jobs, "Jobs", "jobs", "jobs"),
    (None, Nav::Projects, "Projects", "projects", "projects"),
    (None, Nav::Estimates, "Estimates", "estimates", "estimates"),
    (None, Nav::Invoices, "Invoices", "invoices", "invoices"),
    (None, Nav::Payments, "Payments", "payments", "payments"),
    (
        Some("Messages"),
        Nav::Communications,
        "Communications",
        "communications",
        "communications",
    ),
    (None, Nav::Outbox, "Outbox", "outbox", "outbox"),
    (
        Some("Company"),
        Nav::Settings,
        "Company Settings",
        "settings",
        "settings",
    ),
];

impl Page {
    /// A page outside any company.
    pub(super) fn bare(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            office: None,
            person: None,
            nav: Vec::new(),
            flash: None,
        }
    }

    /// A page of a company.
    pub(super) fn office(title: String, office: &Office, at: Nav, others: Vec<Link>, flash: Option<Pill>) -> Self {
        let mut nav = Vec::with_capacity(NAV.len() + 1);
        for (group, place, label, path, icon) in NAV {
            if place == Nav::Settings && office.mailbox {
                let href = "/mailbox".to_owned();
                nav.push(NavItem {
                    group: None,
                    label: "Mailbox",
                    href,
                    icon: "mailbox",
                    current: at == Nav::Mailbox,
                });
            }
            nav.push(NavItem {
                group,
                label,
                href: office.path(path),
                icon,
                current: place == at,
            });
        }
        let head = Head {
            company: office.company.name.clone(),
            initial: initial(&office.company.name),
            others,
        };
        Self {
            title,
            office: Some(head),
            person: Some(office.person.staff.name.clone()),
            nav,
            flash,
        }
    }

    /// The address of an asset.
    pub(super) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}

/// The first letter of a name, for its mark.
pub(super) fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default()
}
