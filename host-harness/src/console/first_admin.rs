//! The first administrator of a new installation, made by whoever holds the link that the host printed when it started.
//! The link is dead once it was used, after an hour, and as soon as anybody can sign in.

use super::{
    failure,
    form::{Field, Kind, Posted, refill, refuse},
    layout::Page,
    office::actor,
    sign_in::{begin, link_is_dead},
};
use crate::{
    AppState, bootstrap,
    web::{Failure, RequestInfo, page},
};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use axum_extra::extract::CookieJar;
use capabilities::FieldError;
use platform::{ActorKind, SignInProof};

#[derive(askama::Template)]
#[template(path = "console/first_admin.html")]
struct FirstAdminPage {
    page: Page,
    action: String,
    errors: Vec<FieldError>,
    fields: [Field; 3],
}

fn form_page(status: StatusCode, token: &str, typed: Option<(&Posted, Vec<FieldError>)>) -> Response {
    let mut fields = [
        Field::new("name", "Your name").autocomplete("name").required(),
        Field::new("email", "E-mail")
            .kind(Kind::Email)
            .help("You sign in with it.")
            .autocomplete("username")
            .required(),
        Field::new("password", "Password")
            .kind(Kind::Password)
            .help("At least 8 characters. A few words in a row are easier to remember than symbols.")
            .autocomplete("new-password")
            .required(),
    ];
    let mut errors = Vec::new();
    if let Some((posted, refusals)) = typed {
        refill(&mut fields, posted);
        errors = refuse(&mut fields, refusals, &[]);
    }
    let mut response = page(
        status,
        &FirstAdminPage {
            page: Page::bare("Set up the staff console"),
            action: format!("/sign-in/b/{}", super::words::encode(token)),
            errors,
            fields,
        },
    );
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// `GET /sign-in/b/{token}`: looking changes nothing.
pub(super) async fn form(State(state): State<AppState>, Path(token): Path<String>) -> Result<Response, Failure> {
    if bootstrap::admits(&state, &token).await.map_err(failure)? {
        Ok(form_page(StatusCode::OK, &token, None))
    } else {
        Ok(link_is_dead(""))
    }
}

/// `POST /sign-in/b/{token}`
pub(super) async fn create(
    State(state): State<AppState>,
    Path(token): Path<String>,
    info: RequestInfo,
    jar: CookieJar,
    posted: Posted,
) -> Result<Response, Failure> {
    if !bootstrap::admits(&state, &token).await.map_err(failure)? {
        return Ok(link_is_dead(""));
    }
    let visitor = actor(ActorKind::System, "", "First start", &info);
    let (name, email) = (posted.text("name"), posted.text("email"));
    let made = state
        .platform
        .staff()
        .create_first(&email, &name, posted.raw("password"), &visitor)
        .await;
    match made {
        Ok(staff) => begin(&state, &staff, &SignInProof::LINK, &info, &jar, "/")
            .await
            .map_err(failure),
        Err(platform::Error::Invalid(errors)) => Ok(form_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &token,
            Some((&posted, errors)),
        )),
        // Somebody was faster.
        Err(platform::Error::Conflict(_)) => Ok(link_is_dead("")),
        Err(error) => Err(failure(error)),
    }
}
