//! What staff reach from a customer's Actions menu: a link to copy or send, and the customer's access.
//! One panel a file; what they share stands here. Staff never see or set a password.

mod access;
mod link;
mod send;

use crate::{
    Error,
    bindings::exports::fieldservice::plugins::actions_menu::{
        Badge, Button, ButtonStyle, Element, MenuItem, Notice, Panel, Subject, Submission, Target, Text,
    },
    bindings::fieldservice::plugins::{
        activity,
        credentials::CredentialStatus,
        customers::Contact,
        types::{Channel, Moment, Tone},
    },
    host::Host,
    i18n::Words,
    mail,
    settings::Settings,
};

pub use link::{FRESH, PROTECTED};

/// *Copy Customer Portal Link*.
pub const ITEM: &str = "copy-portal-link";
/// *Customer Portal Access*.
pub const ACCESS: &str = "portal-access";

/// The entries for a record.
pub fn items(target: &Target) -> Vec<MenuItem> {
    let Subject::Customer(_) = &target.subject;
    let item = |id: &str, label: &str| MenuItem {
        id: id.to_owned(),
        label: label.to_owned(),
    };
    vec![
        item(ITEM, "Copy Customer Portal Link"),
        item(ACCESS, "Customer Portal Access"),
    ]
}

/// A panel as it opens.
pub fn open(host: &dyn Host, item: &str, target: &Target) -> Result<Panel, Error> {
    match item {
        ITEM => link::open(&Desk::new(host, target)?),
        ACCESS => access::open(&Desk::new(host, target)?),
        _ => Err(Error::NotFound),
    }
}

/// A panel after one of its buttons was pressed.
pub fn submit(host: &dyn Host, item: &str, target: &Target, submission: &Submission) -> Result<Panel, Error> {
    match item {
        ITEM => link::submit(&Desk::new(host, target)?, submission),
        ACCESS => access::submit(&Desk::new(host, target)?, submission),
        _ => Err(Error::NotFound),
    }
}

/// A member of staff before one customer's panel.
struct Desk<'a> {
    host: &'a dyn Host,
    customer: &'a str,
    /// Name of the member of staff, as far as a label takes it.
    staff: String,
    contact: Contact,
    settings: Settings,
    /// Words in the company's language.
    words: Words,
    now: Moment,
}

impl<'a> Desk<'a> {
    /// Refused with `NotFound` unless the customer is one of this company's.
    fn new(host: &'a dyn Host, target: &'a Target) -> Result<Self, Error> {
        let Subject::Customer(customer) = &target.subject;
        let contact = host.customer(customer)?.contact()?;
        let company = host.profile()?;
        let now = host.now();
        let locale = company.locale.clone();
        Ok(Self {
            host,
            customer,
            staff: target.actor.name.chars().take(100).collect(),
            contact,
            settings: Settings::read(&host.settings()?),
            words: Words::choose(&locale, "", &company, now.local.date),
            now,
        })
    }

    /// Where a message of this kind reaches the customer; `None` when the company cannot send it or
    /// has no address for it.
    fn address(&self, channel: Channel) -> Option<&str> {
        let contact = &self.contact;
        let to = match channel {
            Channel::Email => &contact.email,
            Channel::Sms if contact.mobile.is_empty() => &contact.phone,
            Channel::Sms => &contact.mobile,
        };
        (mail::sends(self.host, channel) && !to.is_empty()).then_some(to)
    }

    /// Note on the timeline what the member of staff did; the host adds who and when.
    fn record(&self, kind: activity::Kind, summary: &str) {
        let entry = activity::Entry {
            customer: self.customer.to_owned(),
            kind,
            subject: activity::Subject::None,
            summary: summary.chars().filter(|c| !c.is_control()).take(300).collect(),
            via: String::new(),
        };
        // The deed is done; it must not look undone because the line about it is missing.
        let _ = self.host.record(&[entry]);
    }

    /// Whether the customer has a password, since when they were last here, and whether sign-ins
    /// are slowed down.
    fn registration(&self, status: &CredentialStatus) -> Vec<Element> {
        let words = &self.words;
        let (value, tone) = if status.registered {
            (words.panel_registered(), Tone::Success)
        } else {
            (words.panel_unregistered(), Tone::Neutral)
        };
        let mut elements = vec![badge(words.panel_status(), value.to_owned(), tone)];
        if let Some(until) = &status.throttled_until {
            let until = words.panel_throttled_until(words.clock(&until.local));
            elements.push(badge(words.panel_sign_in(), until, Tone::Warning));
        }
        if let Some(at) = &status.last_signed_in {
            elements.push(text(words.panel_last_signed_in(words.visit(&at.local, None))));
        }
        elements
    }
}

/// What a refusal means to staff, as a notice; `NotFound` stays an error: the panel is of nobody.
fn refusal(words: &Words, error: Error) -> Result<Notice, Error> {
    let text = match error {
        Error::NotFound => return Err(Error::NotFound),
        Error::RateLimited(seconds) => words.panel_too_often(i64::from(seconds.div_ceil(60).max(1))),
        Error::Unavailable(_) | Error::Denied(_) | Error::Conflict(_) | Error::Invalid(_) => {
            words.panel_not_sent().to_owned()
        }
    };
    Ok(Notice {
        tone: Tone::Danger,
        text,
    })
}

fn success(text: impl Into<String>) -> Notice {
    Notice {
        tone: Tone::Success,
        text: text.into(),
    }
}

fn text(body: impl Into<String>) -> Element {
    Element::Text(Text { body: body.into() })
}

fn badge(label: &str, value: String, tone: Tone) -> Element {
    Element::Badge(Badge {
        label: label.to_owned(),
        value,
        tone,
    })
}

fn button(key: impl Into<String>, label: &str, style: ButtonStyle) -> Button {
    Button {
        key: key.into(),
        label: label.to_owned(),
        style,
    }
}
