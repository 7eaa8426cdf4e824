//! One member of the team: their role, sign-in links, signing them out, shutting them out and letting them in again.
//! Nobody changes themselves here, nor anybody whose role is above their own.

use super::team::{Made, last_seen, make_link, role_field, role_label, status};
use crate::{
    AppState,
    console::{
        failure,
        form::{Field, Posted, refuse},
        layout::{Nav, Page},
        office::Office,
        record::Refused,
        view::{Command, Fact, Pill},
        words,
    },
    web::{self, Failure},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use capabilities::FieldError;
use platform::{Role, Staff};

#[derive(askama::Template)]
#[template(path = "console/settings/team_member.html")]
struct MemberPage {
    page: Page,
    back: String,
    name: String,
    status: Pill,
    action: String,
    made: Option<Made>,
    errors: Vec<FieldError>,
    role: Option<Field>,
    facts: Vec<Fact>,
    commands: Vec<Command>,
}

/// A member this person may see here: of this company, or a platform admin among their own.
async fn member(state: &AppState, office: &Office, id: &str) -> Result<Staff, Failure> {
    let member = state.platform.staff().get(id).await.map_err(failure)?;
    let here = match &member.company_id {
        Some(company) => company == office.id(),
        None => office.person.staff.role == Role::PlatformAdmin,
    };
    if here { Ok(member) } else { Err(Failure::not_found()) }
}

/// The same, when this person may change them.
async fn managed(state: &AppState, office: &Office, id: &str) -> Result<Staff, Failure> {
    let member = member(state, office, id).await?;
    if member.id == office.person.staff.id {
        return Err(Failure::forbidden(
            "This is you. Ask another administrator, or use “Your account”.",
        ));
    }
    if office.person.staff.may_manage(&member) {
        Ok(member)
    } else {
        Err(Failure::forbidden("This person’s role is above yours."))
    }
}

async fn member_page(
    state: &AppState,
    office: &Office,
    member: &Staff,
    status_code: StatusCode,
    made: Option<Made>,
    errors: Vec<FieldError>,
) -> Result<Response, Failure> {
    let here = office.record("settings/team", &member.id);
    let myself = member.id == office.person.staff.id;
    let managed = !myself && office.person.staff.may_manage(member);
    let devices = state.platform.staff().devices(&member.id).await.map_err(failure)?;
    let mut commands = Vec::new();
    let mut command = |path: &str, label: &str, text: &str| {
        commands.push(Command {
            href: format!("{here}/{path}"),
            label: label.to_owned(),
            text: text.to_owned(),
        });
    };
    if managed && member.active {
        command(
            "link",
            "Make a sign-in link",
            "For somebody who is new or forgot the password.",
        );
        command(
            "sign-out",
            "Sign out everywhere",
            "Ends every session and sign-in link at once.",
        );
        command("deactivate", "Shut out", "Ends sessions and links; their records stay.");
    } else if managed {
        command("reactivate", "Let in again", "Their password works again.");
    }
    let mut role = (managed && member.role != Role::PlatformAdmin)
        .then(|| role_field(&[Role::Staff, Role::CompanyAdmin]).value(member.role.code()));
    let errors = match &mut role {
        Some(field) => refuse(std::slice::from_mut(field), errors, &[]),
        None => errors,
    };
    let view = MemberPage {
        page: office.page(member.name.clone(), Nav::Settings),
        back: office.path("settings/team"),
        name: member.name.clone(),
        status: status(member),
        action: here,
        made,
        errors,
        role,
        facts: vec![
            Fact::new("E-mail", member.email.clone()),
            Fact::new("Role", role_label(member.role)),
            Fact::new("Password", if member.has_password { "Set" } else { "Not set yet" }),
            Fact::new("Last signed in", last_seen(office, member)),
            Fact::new("Signed in on", words::count(devices.len() as u64, "device", "devices")),
            Fact::new("Added", words::instant(&office.company, member.created_at)),
        ],
        commands,
    };
    Ok(web::page(status_code, &view))
}

/// `GET /c/{slug}/settings/team/{id}`
pub(in crate::console) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let member = member(&state, &office, &id).await?;
    member_page(&state, &office, &member, StatusCode::OK, None, Vec::new()).await
}

/// `POST /c/{slug}/settings/team/{id}`
pub(in crate::console) async fn set_role(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let member = managed(&state, &office, &id).await?;
    let role = Role::parse(&posted.text("role"))
        .filter(|role| *role <= office.person.staff.role)
        .ok_or_else(|| Failure::forbidden("Choose a role that is not above your own."))?;
    let changed = state.platform.staff().set_role(&id, role, &office.actor()).await;
    finish(&state, &office, &member, changed.map(drop), "saved").await
}

/// `POST /c/{slug}/settings/team/{id}/deactivate`
pub(in crate::console) async fn deactivate(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let member = managed(&state, &office, &id).await?;
    let done = state.platform.staff().set_active(&id, false, &office.actor()).await;
    finish(&state, &office, &member, done, "deactivated").await
}

/// `POST /c/{slug}/settings/team/{id}/reactivate`
pub(in crate::console) async fn reactivate(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let member = managed(&state, &office, &id).await?;
    let done = state.platform.staff().set_active(&id, true, &office.actor()).await;
    finish(&state, &office, &member, done, "reactivated").await
}

/// `POST /c/{slug}/settings/team/{id}/sign-out`
pub(in crate::console) async fn sign_out(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let member = managed(&state, &office, &id).await?;
    let done = state.platform.staff().end_sessions(&id, None, &office.actor()).await;
    finish(&state, &office, &member, done.map(drop), "everywhere-out").await
}

/// `POST /c/{slug}/settings/team/{id}/link`
pub(in crate::console) async fn fresh_link(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let member = managed(&state, &office, &id).await?;
    if !member.active {
        return Err(Failure::conflict("Let this person in again first."));
    }
    let made = make_link(&state, &office, &member).await?;
    member_page(&state, &office, &member, StatusCode::CREATED, Some(made), Vec::new()).await
}

/// Back to the person's page, or there with the reason why nothing changed.
async fn finish(
    state: &AppState,
    office: &Office,
    member: &Staff,
    done: platform::Result<()>,
    did: &str,
) -> Result<Response, Failure> {
    match done {
        Ok(()) => Ok(office.after(&office.record("settings/team", &member.id), did)),
        Err(error) => {
            let refused = Refused::from_platform(error, None)?;
            member_page(state, office, member, refused.status, None, refused.errors).await
        }
    }
}
