//! The template fields: a portal link and a registration link, minted per message so that each
//! says where it was sent. One call resolves a whole campaign in a few calls to the storage.

use crate::{
    Error,
    bindings::exports::fieldservice::plugins::template_fields::{Field, Request},
    bindings::fieldservice::plugins::types::Channel,
    host::Host,
    i18n::Words,
    links::{self, Link, Purpose, Way},
    settings::Settings,
};

/// Key of *Customer Portal Link*.
pub const PORTAL_LINK: &str = "portal_link";
/// Key of *Customer Portal Link w/ Password*.
pub const PORTAL_LINK_PASSWORD: &str = "portal_link_password";

/// What stands in the place of a token in previews; no link has such a token.
const PREVIEW: &str = "preview";

/// The fields staff can insert.
pub fn all(host: &dyn Host) -> Vec<Field> {
    let field = |key: &str, label: &str, description: &str| Field {
        key: key.to_owned(),
        label: label.to_owned(),
        description: description.to_owned(),
        channels: vec![Channel::Email, Channel::Sms],
        sample: links::address(&host.mount_url(), PREVIEW),
    };
    let words = host.profile().map(|company| {
        let locale = company.locale.clone();
        Words::choose(&locale, "", &company, host.now().local.date)
    });
    let (plain, password) = match &words {
        Ok(words) => (words.field_portal_link_help(), words.field_portal_link_password_help()),
        Err(_) => ("", ""),
    };
    vec![
        field(PORTAL_LINK, "Customer Portal Link", plain),
        field(PORTAL_LINK_PASSWORD, "Customer Portal Link w/ Password", password),
    ]
}

/// One value per request, in order.
pub fn resolve(host: &dyn Host, requests: &[Request]) -> Vec<Result<String, Error>> {
    let mount_url = host.mount_url();
    let settings = match host.settings() {
        Ok(stored) => Settings::read(&stored),
        Err(error) => return requests.iter().map(|_| Err(error.clone())).collect(),
    };
    let now = host.now().unix_seconds;
    let mut new = Vec::new();
    for request in requests {
        if let (Some(purpose), Some(message)) = (purpose(&request.field), &request.message) {
            let mut link = Link::new(&settings, purpose, &request.customer, Way::from(request.channel), now);
            link.message = Some(message.chars().take(64).collect());
            new.push(link);
        }
    }
    let minted = links::mint(host, &new);
    let mut tokens = minted.as_deref().unwrap_or_default().iter();
    requests
        .iter()
        .map(|request| {
            if purpose(&request.field).is_none() {
                return Err(Error::NotFound);
            }
            if request.message.is_none() {
                return Ok(links::address(&mount_url, PREVIEW));
            }
            match (&minted, tokens.next()) {
                (Ok(_), Some(token)) => Ok(links::address(&mount_url, token)),
                (Ok(_), None) => Err(Error::Unavailable("No link could be made.".to_owned())),
                (Err(error), _) => Err(error.clone()),
            }
        })
        .collect()
}

fn purpose(field: &str) -> Option<Purpose> {
    match field {
        PORTAL_LINK => Some(Purpose::Plain),
        PORTAL_LINK_PASSWORD => Some(Purpose::Registration),
        _ => None,
    }
}
