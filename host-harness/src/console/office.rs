//! Who is signed in and in which company: what every handler of a company's page starts from.
//! Made by the access rule before the handler runs, so a handler cannot be reached without it.

use super::{
    layout::{Nav, Page},
    view::{Link, Pill},
    words,
};
use crate::web::{Failure, RequestInfo, see_other};
use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use capabilities::{CallContext, Origin, Tone};
use platform::{Actor, ActorKind, Company, Role, Staff};

/// A member of staff who is signed in.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) staff: Staff,
    pub(super) info: RequestInfo,
    /// The session's record id.
    pub(super) session_id: String,
    /// The session cookie's value.
    pub(super) token: String,
}

impl Person {
    /// Who acts, as the platform writes it beside changes.
    pub(super) fn actor(&self) -> Actor {
        actor(ActorKind::Staff, &self.staff.id, &self.staff.name, &self.info)
    }
}

/// An actor with the circumstances of this request.
pub(super) fn actor(kind: ActorKind, id: &str, name: &str, info: &RequestInfo) -> Actor {
    let mut actor = Actor::named(kind, id, name);
    actor.address = info.client_address;
    actor.user_agent.clone_from(&info.user_agent);
    actor.request_id.clone_from(&info.request_id);
    actor
}

/// A member of staff at work in one company.
#[derive(Clone)]
pub(super) struct Office {
    pub(super) company: Company,
    pub(super) person: Person,
    pub(super) mailbox: bool,
    others: Vec<Link>,
    flash: Option<Pill>,
}

impl Office {
    pub(super) fn new(company: Company, person: Person, others: Vec<Company>, query: &str, mailbox: bool) -> Self {
        let others = others
            .iter()
            .map(|c| Link::new(format!("/c/{}/customers", c.slug), c.name.clone()))
            .collect();
        let flash = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("did="))
            .and_then(flash);
        Self {
            company,
            person,
            mailbox,
            others,
            flash,
        }
    }

    /// Id of the company, which every query is scoped by.
    pub(super) fn id(&self) -> &str {
        &self.company.id
    }

    /// A path in this company's part of the console.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/c/{}/{rest}", self.company.slug)
    }

    /// A path with an id as its last segment.
    pub(super) fn record(&self, area: &str, id: &str) -> String {
        self.path(&format!("{area}/{}", words::encode(id)))
    }

    /// The page after a change; `did` is a code of the fixed list of confirmations.
    pub(super) fn after(&self, path: &str, did: &str) -> Response {
        see_other(&format!(
            "{path}{}did={did}",
            if path.contains('?') { '&' } else { '?' }
        ))
    }

    /// Who acts, as the platform writes it beside changes.
    pub(super) fn actor(&self) -> Actor {
        self.person.actor()
    }

    /// The circumstances of a call into a plugin.
    pub(super) fn call(&self) -> CallContext {
        let staff = &self.person.staff;
        self.person.info.call(Origin::Staff {
            id: staff.id.clone(),
            name: staff.name.clone(),
        })
    }

    /// Whether this person may change the company's settings and plugins.
    pub(super) fn may_administer(&self) -> bool {
        self.person.staff.may_administer(self.id())
    }

    /// Whether this person may install plugins.
    pub(super) fn may_install(&self) -> bool {
        self.person.staff.role == Role::PlatformAdmin
    }

    /// The frame of a page.
    pub(super) fn page(&self, title: impl Into<String>, nav: Nav) -> Page {
        Page::office(title.into(), self, nav, self.others.clone(), self.flash.clone())
    }
}

/// The words of a confirmation code; unknown codes say nothing.
pub(super) fn flash(code: &str) -> Option<Pill> {
    let words = match code {
        "saved" => "Saved",
        "created" => "Created",
        "deleted" => "Removed",
        "enabled" => "Enabled",
        "disabled" => "Disabled. Its pages are switched off; its data stays.",
        "resumed" => "Running again",
        "installed" => "Installed",
        "upgraded" => "Another version is running now",
        "revoked" => "Revoked. Apps that used this key are shut out.",
        "retried" => "Queued again",
        "job" => "Job created from the request",
        "added" => "File added",
        "signed-out" => "You are signed out.",
        "others-out" => "Signed out everywhere else",
        "everywhere-out" => "Signed out on every device",
        "deactivated" => "Shut out. Sessions and sign-in links ended.",
        "reactivated" => "May sign in again",
        _ => return None,
    };
    Some(Pill::new(words, Tone::Success))
}

impl<S: Send + Sync> FromRequestParts<S> for Office {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Failure::internal("a route without a company rule"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Person {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Failure::internal("a route without a rule"))
    }
}
