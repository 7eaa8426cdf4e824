//! One's own account: the password one signs in with, and where one is signed in.
//! A new password needs the present one, ends every session and begins a new one here.

use super::{
    failure,
    form::{Field, Kind, Posted, refuse},
    layout::Page,
    office::{Person, flash},
    view::{Cell, Table},
    words,
};
use crate::{
    AppState,
    web::{Failure, page, see_other},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use axum_extra::extract::CookieJar;
use capabilities::FieldError;
use jiff::tz::TimeZone;
use serde::Deserialize;

#[derive(askama::Template)]
#[template(path = "console/account.html")]
struct AccountPage {
    page: Page,
    name: String,
    email: String,
    errors: Vec<FieldError>,
    fields: Vec<Field>,
    devices: Table,
    others: bool,
}

/// What was just done, for the confirmation.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    did: String,
}

async fn account_page(
    state: &AppState,
    status: StatusCode,
    person: &Person,
    errors: Vec<FieldError>,
    did: &str,
) -> Result<Response, Failure> {
    let staff = &person.staff;
    let mut fields = Vec::with_capacity(3);
    if staff.has_password {
        fields.push(
            Field::new("current", "Present password")
                .kind(Kind::Password)
                .autocomplete("current-password")
                .required(),
        );
    }
    fields.extend([
        Field::new("password", "New password")
            .kind(Kind::Password)
            .help("At least 8 characters. A few words in a row are easier to remember than symbols.")
            .autocomplete("new-password")
            .required(),
        Field::new("repeated", "The same again")
            .kind(Kind::Password)
            .autocomplete("new-password")
            .required(),
    ]);
    let errors = refuse(&mut fields, errors, &[]);
    let mut frame = Page::bare("Your account");
    frame.flash = flash(did);
    let zone = match &staff.company_id {
        Some(company) => state.platform.companies().get(company).await.map_err(failure)?.zone(),
        None => TimeZone::UTC,
    };
    let signed_in = state.platform.staff().devices(&staff.id).await.map_err(failure)?;
    let mut devices = Table::new("Where you are signed in", &["Device", "Signed in", "Last seen", "From"]);
    for device in &signed_in {
        let mut what = Cell::text(words::device(&device.user_agent));
        if device.session_id == person.session_id {
            what = what.note("this one");
        }
        devices.rows.push(vec![
            what,
            Cell::text(words::instant_in(zone.clone(), device.created_at)).whole(),
            Cell::text(words::instant_in(zone.clone(), device.last_seen_at)).whole(),
            Cell::text(device.address.clone()).whole(),
        ]);
    }
    let view = AccountPage {
        page: frame,
        name: staff.name.clone(),
        email: staff.email.clone(),
        errors,
        fields,
        others: signed_in.len() > 1,
        devices,
    };
    Ok(page(status, &view))
}

/// `GET /account`
pub(super) async fn form(
    State(state): State<AppState>,
    person: Person,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    account_page(&state, StatusCode::OK, &person, Vec::new(), &done.did).await
}

/// `POST /account`
pub(super) async fn save(
    State(state): State<AppState>,
    person: Person,
    jar: CookieJar,
    posted: Posted,
) -> Result<Response, Failure> {
    let (password, repeated) = (posted.raw("password"), posted.raw("repeated"));
    let refused = async |errors| account_page(&state, StatusCode::UNPROCESSABLE_ENTITY, &person, errors, "").await;
    if password != repeated {
        return refused(vec![FieldError::new(
            "repeated",
            "malformed",
            "The two passwords are not the same.",
        )])
        .await;
    }
    let members = state.platform.staff();
    let (staff, actor) = (&person.staff, person.actor());
    if staff.has_password {
        match members
            .verify_password(&staff.email, posted.raw("current"), &actor)
            .await
        {
            Ok(_) => {}
            Err(platform::Error::Denied(_)) => {
                let why = "This is not your present password.";
                return refused(vec![FieldError::new("current", "denied", why)]).await;
            }
            Err(error) => return Err(failure(error)),
        }
    }
    match members.set_password(&staff.id, password, &actor).await {
        Ok(proof) => super::sign_in::begin(&state, staff, &proof, &person.info, &jar, "/account?did=saved")
            .await
            .map_err(failure),
        Err(platform::Error::Invalid(errors)) => refused(errors).await,
        Err(error) => Err(failure(error)),
    }
}

/// `POST /account/sign-out-others`
pub(super) async fn sign_out_others(State(state): State<AppState>, person: Person) -> Result<Response, Failure> {
    state
        .platform
        .staff()
        .end_sessions(&person.staff.id, Some(&person.session_id), &person.actor())
        .await
        .map_err(failure)?;
    Ok(see_other("/account?did=others-out"))
}
