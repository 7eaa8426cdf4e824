//! Who may use which route: a route cannot be added without its rule, and the rule is checked before its handler runs.
//! Who asks for a page without a session is sent to sign in, who posts a form is told so and keeps what was typed;
//! another company's staff get the same 404 as for an unknown company.

use super::office::{Office, Person};
use crate::{
    AppState,
    web::{Failure, RequestInfo, see_other},
};
use axum::{
    Router,
    extract::{FromRequestParts, RawPathParams, Request},
    handler::Handler,
    http::{Method, request::Parts},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use axum_extra::extract::CookieJar;
use platform::Role;
use std::{future::Future, pin::Pin};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Anybody: sign-in and assets.
    Anyone,
    /// Anybody, but only on a host that keeps its messages in the demo mailbox.
    DemoMailbox,
    /// Anybody signed in, of whatever company.
    SignedIn,
    /// Staff of the company in the path with at least this role.
    Office(Role),
}

/// A route and its rule, as the tests walk through them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) access: Access,
}

/// The console's routes, each with its rule.
#[derive(Default)]
pub(super) struct Routes {
    router: Router<AppState>,
    rules: Vec<Rule>,
}

impl Routes {
    /// A page.
    pub(super) fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.with(
            Method::GET,
            path,
            access,
            axum::routing::get(Guarded { access, handler }),
        )
    }

    /// A change.
    pub(super) fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.with(
            Method::POST,
            path,
            access,
            axum::routing::post(Guarded { access, handler }),
        )
    }

    /// A change that brings a file of at most `bytes`.
    pub(super) fn upload<H, T>(self, path: &'static str, access: Access, bytes: usize, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let route = axum::routing::post(Guarded { access, handler }).layer(axum::extract::DefaultBodyLimit::max(bytes));
        self.with(Method::POST, path, access, route)
    }

    fn with(mut self, method: Method, path: &'static str, access: Access, route: MethodRouter<AppState>) -> Self {
        self.rules.push(Rule { method, path, access });
        self.router = self.router.route(path, route);
        self
    }

    /// The routes, ready to be served.
    pub(super) fn into_router(self) -> Router<AppState> {
        for Rule { method, path, access } in &self.rules {
            tracing::trace!(%method, path, ?access, "console route");
        }
        self.router
    }

    #[cfg(test)]
    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

/// A handler behind its rule.
#[derive(Clone)]
struct Guarded<H> {
    access: Access,
    handler: H,
}

impl<H, T> Handler<T, AppState> for Guarded<H>
where
    H: Handler<T, AppState>,
    T: 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: AppState) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match admit(self.access, &mut parts, &state).await {
                Ok(()) => self.handler.call(Request::from_parts(parts, body), state).await,
                Err(refused) => refused,
            }
        })
    }
}

/// Name of the session cookie: bound to the host alone where the console is reached by HTTPS.
pub(super) fn cookie_name(state: &AppState) -> &'static str {
    if state.config.staff_https() {
        "__Host-staff"
    } else {
        "staff"
    }
}

async fn admit(access: Access, parts: &mut Parts, state: &AppState) -> Result<(), Response> {
    let minimum = match access {
        Access::Anyone => return Ok(()),
        Access::DemoMailbox if state.config.settings.mailbox => return Ok(()),
        Access::DemoMailbox => return Err(Failure::not_found().into_response()),
        Access::SignedIn => None,
        Access::Office(role) => Some(role),
    };
    let info = parts.extensions.get::<RequestInfo>().cloned().unwrap_or_default();
    let jar = CookieJar::from_headers(&parts.headers);
    let Some(token) = jar.get(cookie_name(state)).map(|cookie| cookie.value().to_owned()) else {
        return Err(sign_in_first(parts));
    };
    let session = match state.platform.staff().session(&token).await {
        Ok(session) => session,
        Err(platform::Error::NotFound) => return Err(sign_in_first(parts)),
        Err(error) => return Err(super::failure(error).into_response()),
    };
    let person = Person {
        staff: session.staff,
        session_id: session.id,
        info,
        token,
    };
    if let Some(minimum) = minimum {
        let office = enter(person.clone(), minimum, parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        parts.extensions.insert(office);
    }
    parts.extensions.insert(person);
    Ok(())
}

/// The company of the path, if this person may be there.
async fn enter(person: Person, minimum: Role, parts: &mut Parts, state: &AppState) -> Result<Office, Failure> {
    let slug = RawPathParams::from_request_parts(parts, &())
        .await
        .ok()
        .and_then(|params| {
            params
                .iter()
                .find(|(name, _)| *name == "slug")
                .map(|(_, value)| value.to_owned())
        })
        .ok_or_else(Failure::not_found)?;
    let company = state
        .platform
        .companies()
        .by_slug(&slug)
        .await
        .map_err(super::failure)?;
    if !person.staff.may_see(&company.id) {
        return Err(Failure::not_found());
    }
    if person.staff.role < minimum {
        return Err(Failure::forbidden(
            "Your role does not allow this. Ask an administrator of your company.",
        ));
    }
    let others = match person.staff.role {
        Role::PlatformAdmin => {
            let mut all = state.platform.companies().list().await.map_err(super::failure)?;
            all.retain(|other| other.id != company.id);
            all
        }
        Role::Staff | Role::CompanyAdmin => Vec::new(),
    };
    Ok(Office::new(
        company,
        person,
        others,
        parts.uri.query().unwrap_or_default(),
        state.config.settings.mailbox,
    ))
}

/// Where somebody without a session is sent; a page comes back after signing in. Whoever sent a form stays with it.
fn sign_in_first(parts: &Parts) -> Response {
    if !parts.method.is_safe() {
        return super::sign_in::session_over();
    }
    let page = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    if parts.method == Method::GET && page != "/" {
        see_other(&format!("/sign-in?next={}", super::words::encode(page)))
    } else {
        see_other("/sign-in")
    }
}
