//! Actions → *Copy Customer Portal Link* on a customer's profile: the panel with the
//! *Password Protected* checkbox, the status and a fresh link to copy.

use crate::{
    Error, access,
    bindings::exports::fieldservice::plugins::actions_menu::{
        Badge, Checkbox, CopyableLink, Element, MenuItem, Notice, Panel, Subject, Submission, Target, Text,
    },
    bindings::fieldservice::plugins::{activity, types::Tone},
    host::Host,
    i18n::Words,
    links::{self, Link, Purpose, Way},
    settings::Settings,
};

/// The menu item's id.
pub const ITEM: &str = "copy-portal-link";
/// The checkbox's key.
pub const PROTECTED: &str = "password_protected";

/// The entries for a record.
pub fn items(target: &Target) -> Vec<MenuItem> {
    let Subject::Customer(_) = &target.subject;
    vec![MenuItem {
        id: ITEM.to_owned(),
        label: "Copy Customer Portal Link".to_owned(),
    }]
}

/// The panel as it opens.
pub fn open(host: &dyn Host, item: &str, target: &Target) -> Result<Panel, Error> {
    known(item)?;
    draw(host, target, None)
}

/// The panel after the checkbox was switched.
pub fn submit(host: &dyn Host, item: &str, target: &Target, submission: &Submission) -> Result<Panel, Error> {
    known(item)?;
    if submission.button != PROTECTED {
        return Err(Error::NotFound);
    }
    let value = submission
        .values
        .iter()
        .find(|input| input.key == PROTECTED)
        .map(|input| input.value.as_str());
    let on = match value {
        Some("true") => true,
        Some("false") => false,
        _ => return Err(Error::Conflict("The panel was incomplete; open it again.".to_owned())),
    };
    let Subject::Customer(customer) = &target.subject;
    // Opening proves that the customer is one of this company's.
    host.customer(customer)?;
    access::protect(host, customer, on)?;
    record(
        host,
        target,
        activity::Kind::AccessChanged,
        if on {
            format!("Password protection of the portal switched on by {}", target.actor.name)
        } else {
            format!(
                "Password protection of the portal switched off by {}",
                target.actor.name
            )
        },
    );
    let words = words(host)?;
    let text = if on {
        words.panel_switched_on()
    } else {
        words.panel_switched_off()
    };
    draw(
        host,
        target,
        Some(Notice {
            tone: Tone::Success,
            text: text.to_owned(),
        }),
    )
}

fn known(item: &str) -> Result<(), Error> {
    if item == ITEM { Ok(()) } else { Err(Error::NotFound) }
}

fn words(host: &dyn Host) -> Result<Words, Error> {
    let company = host.profile()?;
    let locale = company.locale.clone();
    Ok(Words::choose(&locale, "", &company, host.now().local.date))
}

fn draw(host: &dyn Host, target: &Target, notice: Option<Notice>) -> Result<Panel, Error> {
    let Subject::Customer(customer) = &target.subject;
    let contact = host.customer(customer)?.contact()?;
    let settings = Settings::read(&host.settings()?);
    let words = words(host)?;
    let protected = access::of(host, customer)?.is_protected(&settings);
    let now = host.now();

    let purpose = if protected {
        Purpose::Registration
    } else {
        Purpose::Plain
    };
    let mut link = Link::new(&settings, purpose, customer, Way::Copied, now.unix_seconds);
    target
        .actor
        .name
        .chars()
        .take(100)
        .collect::<String>()
        .clone_into(&mut link.created_by);
    let until = words.date(&crate::format::date_after(&now.local.date, settings.link_lifetime_days));
    let tokens = links::mint(host, std::slice::from_ref(&link))?;
    let token = tokens
        .first()
        .ok_or_else(|| Error::Unavailable("No link could be made.".to_owned()))?;
    record(
        host,
        target,
        activity::Kind::LinkShared,
        format!("Made a {}", link.label()),
    );

    let mut elements = vec![Element::Checkbox(Checkbox {
        key: PROTECTED.to_owned(),
        label: words.panel_protected().to_owned(),
        help: if protected {
            words.panel_protected_on_help()
        } else {
            words.panel_protected_off_help()
        }
        .to_owned(),
        checked: protected,
        immediate: true,
    })];
    if protected {
        let registered = host.password_status(customer)?.registered;
        elements.push(Element::Badge(Badge {
            label: words.panel_status().to_owned(),
            value: if registered {
                words.panel_registered()
            } else {
                words.panel_unregistered()
            }
            .to_owned(),
            tone: if registered { Tone::Success } else { Tone::Neutral },
        }));
        if !registered && contact.email.is_empty() {
            elements.push(Element::Text(Text {
                body: words.panel_no_email().to_owned(),
            }));
        }
    }
    elements.push(Element::Link(CopyableLink {
        label: if protected {
            words.panel_registration_link()
        } else {
            words.panel_portal_link()
        }
        .to_owned(),
        url: links::address(&host.mount_url(), token),
        copy_label: if protected {
            words.panel_copy_registration_link()
        } else {
            words.panel_copy_link()
        }
        .to_owned(),
        help: words.panel_link_help(until),
    }));
    Ok(Panel {
        title: words.panel_title().to_owned(),
        notice,
        elements,
    })
}

fn record(host: &dyn Host, target: &Target, kind: activity::Kind, summary: String) {
    let Subject::Customer(customer) = &target.subject;
    let entry = activity::Entry {
        customer: customer.clone(),
        kind,
        subject: activity::Subject::None,
        summary: summary.chars().filter(|c| !c.is_control()).take(300).collect(),
        via: String::new(),
    };
    // The link is more use to the member of staff than the line about it.
    let _ = host.record(&[entry]);
}
