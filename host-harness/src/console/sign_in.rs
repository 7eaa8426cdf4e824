//! Signing in with a password or a one-time link, signing out, and where one lands.
//! Opening a link changes nothing; the post behind it does. Every wrong combination gets one answer.

use super::{
    access::cookie_name,
    failure,
    form::{Field, Kind, Posted},
    layout::Page,
    office::{Person, actor, flash},
};
use crate::{
    AppState,
    web::{Failure, RequestInfo, is_local_path, page, see_other},
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use capabilities::FieldError;
use platform::{ActorKind, SESSION_ABSOLUTE_SECONDS, SignInProof, Staff};
use serde::Deserialize;

/// What the address of a sign-in page may carry.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Arrival {
    next: String,
    did: String,
}

#[derive(askama::Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    page: Page,
    errors: Vec<FieldError>,
    fields: [Field; 2],
    next: String,
}

#[derive(askama::Template)]
#[template(path = "console/sign_in_link.html")]
struct LinkPage {
    page: Page,
    action: String,
}

#[derive(askama::Template)]
#[template(path = "console/session_over.html")]
struct SessionOverPage {
    page: Page,
}

#[derive(askama::Template)]
#[template(path = "console/no_company.html")]
struct NoCompanyPage {
    page: Page,
}

fn sign_in_page(status: StatusCode, email: &str, next: &str, error: Option<&str>, did: &str) -> Response {
    let mut frame = Page::bare("Sign in");
    frame.flash = flash(did);
    let fields = [
        Field::new("email", "E-mail")
            .kind(Kind::Email)
            .value(email)
            .autocomplete("username")
            .required(),
        Field::new("password", "Password")
            .kind(Kind::Password)
            .autocomplete("current-password")
            .required(),
    ];
    let errors = error
        .map(|message| FieldError::new("email", "denied", message))
        .into_iter()
        .collect();
    page(
        status,
        &SignInPage {
            page: frame,
            errors,
            fields,
            next: next.to_owned(),
        },
    )
}

/// `GET /sign-in`
pub(super) async fn form(Query(arrival): Query<Arrival>) -> Response {
    sign_in_page(StatusCode::OK, "", &arrival.next, None, &arrival.did)
}

/// `POST /sign-in`
pub(super) async fn with_password(
    State(state): State<AppState>,
    info: RequestInfo,
    jar: CookieJar,
    posted: Posted,
) -> Result<Response, Failure> {
    let (email, next) = (posted.text("email"), posted.text("next"));
    let visitor = actor(ActorKind::System, "", "Sign-in page", &info);
    let verified = state
        .platform
        .staff()
        .verify_password(&email, posted.raw("password"), &visitor)
        .await;
    let begun = match verified {
        Ok((staff, proof)) => begin(&state, &staff, &proof, &info, &jar, &next).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(response) => Ok(response),
        Err(platform::Error::Denied(_) | platform::Error::NotFound | platform::Error::Invalid(_)) => Ok(sign_in_page(
            StatusCode::UNAUTHORIZED,
            &email,
            &next,
            Some("The e-mail or the password is not right. Check both and try again."),
            "",
        )),
        // The same page again, so that what was typed stays.
        Err(platform::Error::RateLimited(seconds)) => {
            let wait = super::words::count(u64::from(seconds), "second", "seconds");
            let why = format!("There were too many attempts. Wait {wait}, then try again.");
            let mut response = sign_in_page(StatusCode::TOO_MANY_REQUESTS, &email, &next, Some(&why), "");
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
        Err(error) => Err(failure(error)),
    }
}

/// `GET /sign-in/t/{token}`: a page with one button; looking changes nothing.
pub(super) async fn link(Path(token): Path<String>, Query(arrival): Query<Arrival>) -> Response {
    let token = super::words::encode(&token);
    let action = if arrival.next.is_empty() {
        format!("/sign-in/t/{token}")
    } else {
        format!("/sign-in/t/{token}?next={}", super::words::encode(&arrival.next))
    };
    let mut response = page(
        StatusCode::OK,
        &LinkPage {
            page: Page::bare("Sign in"),
            action,
        },
    );
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// `POST /sign-in/t/{token}`
pub(super) async fn with_link(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(arrival): Query<Arrival>,
    info: RequestInfo,
    jar: CookieJar,
) -> Result<Response, Failure> {
    let visitor = actor(ActorKind::System, "", "Sign-in link", &info);
    let begun = match state.platform.staff().redeem_sign_in_token(&token, &visitor).await {
        Ok(staff) => begin(&state, &staff, &SignInProof::LINK, &info, &jar, &arrival.next).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(response) => Ok(response),
        // Unknown, used, too old, or its owner was shut out this very moment.
        Err(platform::Error::NotFound | platform::Error::Denied(_)) => Ok(link_is_dead(&arrival.next)),
        Err(error) => Err(failure(error)),
    }
}

/// The answer to a link that does not work, or no longer.
pub(super) fn link_is_dead(next: &str) -> Response {
    let why = "This sign-in link was used already or is too old. Sign in with your password, or ask for a new link.";
    sign_in_page(StatusCode::GONE, "", next, Some(why), "")
}

/// The answer to a form that was sent without a live session.
pub(super) fn session_over() -> Response {
    page(
        StatusCode::UNAUTHORIZED,
        &SessionOverPage {
            page: Page::bare("Please sign in again"),
        },
    )
}

/// A new session under a new id; one the browser had before ends. `Denied` when the proof holds no longer.
pub(super) async fn begin(
    state: &AppState,
    staff: &Staff,
    proof: &SignInProof,
    info: &RequestInfo,
    jar: &CookieJar,
    next: &str,
) -> platform::Result<Response> {
    let who = actor(ActorKind::Staff, &staff.id, &staff.name, info);
    let members = state.platform.staff();
    if let Some(old) = jar.get(cookie_name(state)) {
        members.end_session(old.value(), &who).await?;
    }
    let token = members.start_session(staff, proof, &who).await?;
    let target = if is_local_path(next) { next } else { "/" };
    let answer = cookie_header(state, token, SESSION_ABSOLUTE_SECONDS).map(|cookie| (cookie, see_other(target)));
    Ok(answer.into_response())
}

fn cookie_header(state: &AppState, value: String, seconds: i64) -> Result<[(HeaderName, HeaderValue); 1], Failure> {
    let mut cookie = Cookie::new(cookie_name(state), value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_secure(state.config.staff_https());
    cookie.set_same_site(SameSite::Lax);
    // Built by hand: the cookie crate's own durations would be one more dependency.
    let text = format!("{cookie}; Max-Age={seconds}");
    let value = HeaderValue::from_str(&text).map_err(Failure::internal)?;
    Ok([(header::SET_COOKIE, value)])
}

/// `POST /sign-out`
pub(super) async fn sign_out(State(state): State<AppState>, person: Person) -> Result<Response, Failure> {
    state
        .platform
        .staff()
        .end_session(&person.token, &person.actor())
        .await
        .map_err(failure)?;
    let gone = cookie_header(&state, String::new(), 0)?;
    let clear = [(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"storage\""),
    )];
    Ok((gone, clear, see_other("/sign-in?did=signed-out")).into_response())
}

/// `GET /`: one's own company; for those who see several the oldest, from where the switcher leads to the others.
pub(super) async fn home(State(state): State<AppState>, person: Person) -> Result<Response, Failure> {
    let mut companies = state.platform.companies().list().await.map_err(failure)?;
    companies.retain(|company| person.staff.may_see(&company.id));
    match companies.iter().min_by_key(|company| company.created_at) {
        Some(first) => Ok(see_other(&format!("/c/{}/customers", first.slug))),
        None => Ok(page(
            StatusCode::OK,
            &NoCompanyPage {
                page: Page::bare("No company yet"),
            },
        )),
    }
}
