//! The team: who works in this console, inviting colleagues, roles, shutting somebody out and letting them in again.
//! A sign-in link is shown once, on the page that made it, and mailed where the host sends e-mail.

use crate::{
    AppState,
    console::{
        failure,
        form::{Choice, Field, Kind, Posted, refill, refuse},
        layout::{Nav, Page},
        office::Office,
        record::Refused,
        view::{Cell, Command, Fact, Pill, Table},
        words,
    },
    web::{self, Failure},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use capabilities::{Channel, FieldError, Tone};
use platform::{NewMessage, NewStaff, Role, Staff};

/// How long a link waits to be used, in seconds.
const LINK_SECONDS: i64 = 24 * 3600;

/// A link that was just made.
struct Made {
    name: String,
    link: String,
    mailed: bool,
}

#[derive(askama::Template)]
#[template(path = "console/settings/team.html")]
struct TeamPage {
    page: Page,
    back: String,
    action: String,
    made: Option<Made>,
    errors: Vec<FieldError>,
    groups: Vec<Table>,
    fields: [Field; 3],
}

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

fn role_label(role: Role) -> &'static str {
    match role {
        Role::Staff => "Staff",
        Role::CompanyAdmin => "Company admin",
        Role::PlatformAdmin => "Platform admin",
    }
}

fn role_field(roles: &[Role]) -> Field {
    let choices = roles
        .iter()
        .map(|role| Choice::new(role.code(), role_label(*role)))
        .collect();
    Field::select("role", "Role", choices).help("Admins also change settings, plugins and this team.")
}

fn status(member: &Staff) -> Pill {
    if member.active {
        Pill::new("May sign in", Tone::Success)
    } else {
        Pill::new("Shut out", Tone::Neutral)
    }
}

fn last_seen(office: &Office, member: &Staff) -> String {
    member
        .last_signed_in
        .map_or_else(|| "Never".to_owned(), |at| words::instant(&office.company, at))
}

fn table(office: &Office, caption: String, members: &[Staff]) -> Table {
    let mut table = Table::new(caption, &["Name", "Role", "Sign-in", "Last signed in"]);
    for member in members {
        let name = Cell::link(member.name.clone(), office.record("settings/team", &member.id));
        table.rows.push(vec![
            name.note(member.email.clone()),
            Cell::text(role_label(member.role)),
            status(member).into(),
            Cell::text(last_seen(office, member)),
        ]);
    }
    table
}

async fn team_page(
    state: &AppState,
    office: &Office,
    status: StatusCode,
    made: Option<Made>,
    typed: Option<(&Posted, Vec<FieldError>)>,
) -> Result<Response, Failure> {
    let members = state.platform.staff();
    let own = members.list(Some(office.id())).await.map_err(failure)?;
    let mut groups = vec![table(office, format!("Team of {}", office.company.name), &own)];
    let mut roles = vec![Role::Staff, Role::CompanyAdmin];
    if office.person.staff.role == Role::PlatformAdmin {
        let admins = members.list(None).await.map_err(failure)?;
        groups.push(table(office, "Platform admins".into(), &admins));
        roles.push(Role::PlatformAdmin);
    }
    let mut fields = [
        Field::new("name", "Name").autocomplete("off").required(),
        Field::new("email", "E-mail")
            .kind(Kind::Email)
            .help("They sign in with it.")
            .autocomplete("off")
            .required(),
        role_field(&roles),
    ];
    let mut errors = Vec::new();
    if let Some((posted, refusals)) = typed {
        refill(&mut fields, posted);
        errors = refuse(&mut fields, refusals, &[]);
    }
    let view = TeamPage {
        page: office.page("Team", Nav::Settings),
        back: office.path("settings"),
        action: office.path("settings/team"),
        made,
        errors,
        groups,
        fields,
    };
    Ok(web::page(status, &view))
}

/// `GET /c/{slug}/settings/team`
pub(in crate::console) async fn list(State(state): State<AppState>, office: Office) -> Result<Response, Failure> {
    team_page(&state, &office, StatusCode::OK, None, None).await
}

/// `POST /c/{slug}/settings/team`
pub(in crate::console) async fn invite(
    State(state): State<AppState>,
    office: Office,
    posted: Posted,
) -> Result<Response, Failure> {
    let chosen = Role::parse(&posted.text("role")).filter(|role| *role <= office.person.staff.role);
    let invited = match chosen {
        None => {
            let why = "Choose a role that is not above your own.";
            Err(platform::Error::invalid("role", "not-allowed", why))
        }
        Some(role) => {
            let new = NewStaff {
                company_id: (role != Role::PlatformAdmin).then(|| office.id().to_owned()),
                email: posted.text("email"),
                name: posted.text("name"),
                role,
            };
            state.platform.staff().create(new, &office.actor()).await
        }
    };
    match invited {
        Ok(member) => {
            let made = make_link(&state, &office, &member).await?;
            team_page(&state, &office, StatusCode::CREATED, Some(made), None).await
        }
        Err(error) => {
            let refused = Refused::from_platform(error, None)?;
            team_page(&state, &office, refused.status, None, Some((&posted, refused.errors))).await
        }
    }
}

/// A new one-time link for somebody, mailed to them where the host sends e-mail.
async fn make_link(state: &AppState, office: &Office, member: &Staff) -> Result<Made, Failure> {
    let actor = office.actor();
    let token = state
        .platform
        .staff()
        .create_sign_in_token(&member.id, LINK_SECONDS, &actor)
        .await
        .map_err(failure)?;
    let link = format!("{}/sign-in/t/{token}", state.config.staff_url);
    let mailed = state.config.sends_email();
    if mailed {
        let outbox = state.platform.outbox();
        let id = outbox.new_message_id().map_err(failure)?;
        let text = format!(
            "Hello {},\n\n{} sends you a link to the staff console of {}. It signs you in once, within 24 hours:\n\n{link}\n\n\
             Set a password afterwards: click your name at the top of the page.\n",
            member.name, office.person.staff.name, office.company.name
        );
        let message = NewMessage {
            // Whoever reads the link could be that colleague.
            confidential: true,
            idempotency_key: format!("staff:{id}"),
            id,
            customer_id: None,
            channel: Channel::Email,
            recipient: member.email.clone(),
            recipient_name: member.name.clone(),
            subject: format!("Your sign-in link for {}", office.company.name),
            text,
            html: String::new(),
        };
        outbox
            .enqueue(office.id(), None, vec![message], &actor)
            .await
            .map_err(failure)?;
    }
    Ok(Made {
        name: member.name.clone(),
        link,
        mailed,
    })
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
        if !devices.is_empty() {
            command("sign-out", "Sign out everywhere", "Ends every session at once.");
        }
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
