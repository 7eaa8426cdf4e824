//! Staff looking at a plugin's pages as one customer: how a look begins, what a request may do meanwhile, how it ends.
//! The console hands over by a one-time token; this listener knows staff by the cookie of the look and by nothing else.

use super::{Notice, assets, branding::Brand};
use crate::{
    AppState,
    web::{Failure, RequestInfo, page, see_other},
};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use capabilities::{CallContext, Origin, Viewing};
use platform::{Actor, ActorKind, Company, Customer, CustomerView, VIEW_SECONDS};

/// Where a look ends.
const END_PATH: &str = "/-/view/end";

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(END_PATH, post(end))
        .route("/-/view/{token}", get(arrive).post(begin))
}

/// Name of the cookie of a look. It has no dot, so no company's or plugin's drawer can hold it.
fn cookie_name(state: &AppState) -> &'static str {
    if state.config.public_https() {
        "__Host-view"
    } else {
        "view"
    }
}

fn set_cookie(state: &AppState, value: &str, seconds: i64) -> Result<HeaderValue, Failure> {
    let secure = if state.config.public_https() { "; Secure" } else { "" };
    let name = cookie_name(state);
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={seconds}"
    ))
    .map_err(Failure::internal)
}

fn cookie(state: &AppState, headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(cookie_name(state))
        .map(|cookie| cookie.value().to_owned())
        .filter(|value| !value.is_empty())
}

/// The device behind this request; who acts is known by the look itself.
fn circumstances(info: &RequestInfo) -> Actor {
    let mut actor = Actor::named(ActorKind::Staff, "", "");
    actor.address = info.client_address;
    actor.user_agent.clone_from(&info.user_agent);
    actor.request_id.clone_from(&info.request_id);
    actor
}

/// A look that is good for one company's mount.
pub(super) struct Look {
    view: CustomerView,
    name: String,
}

/// The look of a request's cookie, when it is one at this company and this plugin.
pub(super) async fn of(
    state: &AppState,
    headers: &HeaderMap,
    company: &Company,
    mount: &str,
) -> Result<Option<Look>, Failure> {
    let Some(cookie) = cookie(state, headers) else {
        return Ok(None);
    };
    let view = match state.platform.views().find(&cookie).await {
        Ok(view) => view,
        Err(platform::Error::NotFound) => return Ok(None),
        Err(error) => return Err(Failure::internal(error)),
    };
    let here = view.company_id == company.id && state.plugins.mounted_at(mount).as_ref() == Some(&view.plugin_id);
    if !here {
        return Ok(None);
    }
    let customer = customer(state, &view).await?;
    Ok(Some(Look {
        name: customer.display_name(),
        view,
    }))
}

impl Look {
    /// Reading only: whatever could change something does not even reach the plugin.
    pub(super) fn admits(&self, method: &Method) -> Result<(), Failure> {
        if matches!(*method, Method::GET | Method::HEAD) {
            return Ok(());
        }
        Err(Failure::new(
            StatusCode::FORBIDDEN,
            format!("You are viewing as {}", self.name),
            "Nothing can be changed while you view these pages as a customer, and nothing was. Go back to the page you came from.",
        ))
    }

    /// The circumstances of a call into the plugin: of this customer only, and nothing may be written.
    pub(super) fn call(self, info: &RequestInfo) -> CallContext {
        let staff = self.view.staff;
        let mut context = info.call(Origin::Staff {
            id: staff.id,
            name: staff.name.clone(),
        });
        context.read_only = true;
        context.viewing = Some(Viewing {
            customer: self.view.customer_id,
            staff: staff.name,
            end_url: END_PATH.to_owned(),
        });
        context
    }
}

#[derive(askama::Template)]
#[template(path = "public/view_as.html")]
struct BeginPage {
    company: Brand,
    stylesheet: &'static str,
    script: &'static str,
    name: String,
    staff: String,
    action: String,
}

/// `GET /-/view/{token}`: shows the button and changes nothing.
async fn arrive(State(state): State<AppState>, Path(token): Path<String>) -> Result<Response, Failure> {
    let view = state.platform.views().offered(&token).await.map_err(refused)?;
    let company = company(&state, &view).await?;
    let customer = customer(&state, &view).await?;
    let mut response = page(
        StatusCode::OK,
        &BeginPage {
            company: Brand::of(&company),
            stylesheet: assets::stylesheet_path(),
            script: assets::script_path(),
            name: customer.display_name(),
            staff: view.staff.name,
            // A token that was found has letters and digits only.
            action: format!("/-/view/{token}"),
        },
    );
    keep_to_ourselves(&mut response);
    Ok(response)
}

/// `POST /-/view/{token}`: the look begins, on an address without the token.
async fn begin(
    State(state): State<AppState>,
    Path(token): Path<String>,
    info: RequestInfo,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let actor = circumstances(&info);
    let offered = state.platform.views().offered(&token).await.map_err(refused)?;
    let company = company(&state, &offered).await?;
    let pages = state.plugins.with_pages(&company.id).await?;
    let Some(pages) = pages.into_iter().find(|pages| pages.plugin_id == offered.plugin_id) else {
        return Err(Failure::not_found());
    };
    let (value, _) = state.platform.views().begin(&token, &actor).await.map_err(refused)?;
    // One look a browser: the one before is over.
    if let Some(old) = cookie(&state, &headers) {
        state
            .platform
            .views()
            .end(&old, &actor)
            .await
            .map_err(Failure::internal)?;
    }
    let mut response = see_other(&format!("/{}/{}", company.slug, pages.mount));
    response
        .headers_mut()
        .append(header::SET_COOKIE, set_cookie(&state, &value, VIEW_SECONDS)?);
    keep_to_ourselves(&mut response);
    Ok(response)
}

/// `POST /-/view/end`: whether there was a look or not, there is none now.
async fn end(State(state): State<AppState>, info: RequestInfo, headers: HeaderMap) -> Result<Response, Failure> {
    if let Some(cookie) = cookie(&state, &headers) {
        let actor = circumstances(&info);
        state
            .platform
            .views()
            .end(&cookie, &actor)
            .await
            .map_err(Failure::internal)?;
    }
    // Names nobody: whoever comes here later learns nothing.
    let ended = Notice {
        title: "Viewing has ended",
        message: "You no longer see these pages as a customer. You can close this tab.",
        stylesheet: assets::stylesheet_path(),
    };
    let mut response = page(StatusCode::OK, &ended);
    response
        .headers_mut()
        .append(header::SET_COOKIE, set_cookie(&state, "", 0)?);
    Ok(response)
}

async fn company(state: &AppState, view: &CustomerView) -> Result<Company, Failure> {
    match state.platform.companies().get(&view.company_id).await {
        Ok(company) => Ok(company),
        Err(platform::Error::NotFound) => Err(Failure::not_found()),
        Err(error) => Err(Failure::internal(error)),
    }
}

async fn customer(state: &AppState, view: &CustomerView) -> Result<Customer, Failure> {
    match state
        .platform
        .customers()
        .get(&view.company_id, &view.customer_id)
        .await
    {
        Ok(customer) => Ok(customer),
        Err(platform::Error::NotFound) => Err(Failure::not_found()),
        Err(error) => Err(Failure::internal(error)),
    }
}

/// Unknown, used and too old are one.
fn refused(error: platform::Error) -> Failure {
    match error {
        platform::Error::NotFound => Failure::new(
            StatusCode::NOT_FOUND,
            "This address works once",
            "It was used already or is older than a minute. Open it again from the Actions of the customer's profile.",
        ),
        other => Failure::internal(other),
    }
}

/// The address holds the token: it must not reach anyone as a referrer.
fn keep_to_ourselves(response: &mut Response) {
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}
