//! The team: who works in this console, and inviting colleagues. What is done about one of them stands in `team_member`.
//! A sign-in link is shown once, on the page that made it, and mailed where the host sends e-mail.

use crate::{
    AppState,
    console::{
        failure,
        form::{Choice, Field, Kind, Posted, refill, refuse},
        layout::{Nav, Page},
        office::Office,
        record::Refused,
        view::{Cell, Pill, Table},
        words,
    },
    web::{self, Failure},
};
use axum::{extract::State, http::StatusCode, response::Response};
use capabilities::{Channel, FieldError, Tone};
use platform::{NewMessage, NewStaff, Role, Staff};

/// How long a link waits to be used, in seconds.
const LINK_SECONDS: i64 = 24 * 3600;

/// A link that was just made.
pub(super) struct Made {
    pub(super) name: String,
    pub(super) link: String,
    pub(super) mailed: bool,
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

pub(super) fn role_label(role: Role) -> &'static str {
    match role {
        Role::Staff => "Staff",
        Role::CompanyAdmin => "Company admin",
        Role::PlatformAdmin => "Platform admin",
    }
}

pub(super) fn role_field(roles: &[Role]) -> Field {
    let choices = roles
        .iter()
        .map(|role| Choice::new(role.code(), role_label(*role)))
        .collect();
    Field::select("role", "Role", choices).help("Admins also change settings, plugins and this team.")
}

pub(super) fn status(member: &Staff) -> Pill {
    if member.active {
        Pill::new("May sign in", Tone::Success)
    } else {
        Pill::new("Shut out", Tone::Neutral)
    }
}

pub(super) fn last_seen(office: &Office, member: &Staff) -> String {
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
pub(super) async fn make_link(state: &AppState, office: &Office, member: &Staff) -> Result<Made, Failure> {
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
