//! One's own account: setting the password one signs in with.
//! A new password ends every session and begins a new one here.

use super::{
    failure,
    form::{Field, Kind, Posted, refuse},
    layout::Page,
    office::{Person, flash},
};
use crate::{
    AppState,
    web::{Failure, page},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use axum_extra::extract::CookieJar;
use capabilities::FieldError;
use serde::Deserialize;

#[derive(askama::Template)]
#[template(path = "console/account.html")]
struct AccountPage {
    page: Page,
    name: String,
    email: String,
    errors: Vec<FieldError>,
    fields: [Field; 2],
}

/// What was just done, for the confirmation.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    did: String,
}

fn account_page(status: StatusCode, person: &Person, errors: Vec<FieldError>, did: &str) -> Response {
    let mut fields = [
        Field::new("password", "New password")
            .kind(Kind::Password)
            .help("At least 8 characters. A few words in a row are easier to remember than symbols.")
            .autocomplete("new-password")
            .required(),
        Field::new("repeated", "The same again")
            .kind(Kind::Password)
            .autocomplete("new-password")
            .required(),
    ];
    let errors = refuse(&mut fields, errors, &[]);
    let mut frame = Page::bare("Your account");
    frame.flash = flash(did);
    let staff = &person.staff;
    page(
        status,
        &AccountPage {
            page: frame,
            name: staff.name.clone(),
            email: staff.email.clone(),
            errors,
            fields,
        },
    )
}

/// `GET /account`
pub(super) async fn form(person: Person, Query(done): Query<Done>) -> Response {
    account_page(StatusCode::OK, &person, Vec::new(), &done.did)
}

/// `POST /account`
pub(super) async fn save(
    State(state): State<AppState>,
    person: Person,
    jar: CookieJar,
    posted: Posted,
) -> Result<Response, Failure> {
    let (password, repeated) = (posted.raw("password"), posted.raw("repeated"));
    let refused = |errors| Ok(account_page(StatusCode::UNPROCESSABLE_ENTITY, &person, errors, ""));
    if password != repeated {
        return refused(vec![FieldError::new(
            "repeated",
            "malformed",
            "The two passwords are not the same.",
        )]);
    }
    match state
        .platform
        .staff()
        .set_password(&person.staff.id, password, &person.actor())
        .await
    {
        Ok(()) => super::sign_in::begin(&state, &person.staff, &person.info, &jar, "/account?did=saved").await,
        Err(platform::Error::Invalid(errors)) => refused(errors),
        Err(error) => Err(failure(error)),
    }
}
