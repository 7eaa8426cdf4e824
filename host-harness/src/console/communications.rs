//! Message templates: the list, the editor with *Insert Field Value*, saving and removing.
//! A template with an unknown field is refused with the nearest field named; what was typed stays.

use super::{
    failure,
    form::{Choice, Field, Kind, Posted, refuse},
    layout::{Nav, Page},
    listing::{Asked, ListPage},
    office::Office,
    preview::Shown,
    record::Refused,
    view::{Cell, Link, Table},
    words,
};
use crate::{
    AppState,
    messages::{Draft, MessageError, from_contract, to_contract},
    web::{self, Failure},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use capabilities::FieldError;
use messaging::{Channel, Part, TemplateErrors};
use platform::{Template, TemplateDetails};
use serde::Deserialize;

/// Customers offered for a preview.
const PREVIEW_CUSTOMERS: u32 = 200;

struct FieldRow {
    token: String,
    label: String,
    description: String,
}

struct FieldGroup {
    title: String,
    fields: Vec<FieldRow>,
}

#[derive(askama::Template)]
#[template(path = "console/template_edit.html")]
struct EditorPage {
    page: Page,
    back: String,
    heading: String,
    send_href: Option<String>,
    remove_href: Option<String>,
    action: String,
    preview_href: String,
    preview_page_href: String,
    errors: Vec<FieldError>,
    version: Option<i64>,
    channel: &'static str,
    channel_label: &'static str,
    sms: bool,
    name: Field,
    subject: Field,
    body: Field,
    customer: Field,
    field_groups: Vec<FieldGroup>,
    preview: Option<Shown>,
}

/// What stands in the editor.
#[derive(Debug, Clone)]
pub(super) struct Editing {
    /// The stored template, none for a new one.
    pub(super) id: Option<String>,
    pub(super) version: Option<i64>,
    pub(super) name: String,
    pub(super) draft: Draft,
    /// Whom the preview is for; empty: the first customer.
    pub(super) customer: String,
}

impl Editing {
    fn stored(template: &Template) -> Self {
        let details = &template.details;
        Self {
            id: Some(template.id.clone()),
            version: Some(template.version),
            name: details.name.clone(),
            draft: Draft {
                channel: from_contract(details.channel),
                subject: details.subject.clone(),
                body: details.body.clone(),
            },
            customer: String::new(),
        }
    }

    /// What was typed into the editor of the template `id`.
    pub(super) fn typed(posted: &Posted, id: Option<String>) -> Result<Self, Failure> {
        let channel = posted
            .text("channel")
            .parse()
            .map_err(|_| Failure::bad_request("Open the template again."))?;
        let version = if id.is_some() { Some(posted.version()?) } else { None };
        let subject = if channel == Channel::Email {
            posted.raw("subject").trim().to_owned()
        } else {
            String::new()
        };
        let draft = Draft {
            channel,
            subject,
            body: posted.raw("body").replace("\r\n", "\n"),
        };
        Ok(Self {
            id,
            version,
            name: posted.text("name"),
            draft,
            customer: posted.text("customer"),
        })
    }

    fn details(&self) -> TemplateDetails {
        TemplateDetails {
            channel: to_contract(self.draft.channel),
            name: self.name.clone(),
            subject: self.draft.subject.clone(),
            body: self.draft.body.clone(),
        }
    }
}

/// `GET /c/{slug}/communications`
pub(super) async fn list(State(state): State<AppState>, office: Office) -> Result<Response, Failure> {
    let templates = state.platform.templates().list(office.id()).await.map_err(failure)?;
    let mut table = Table::new("Templates", &["Template", "Kind", "Changed", "Send"]);
    for template in &templates {
        let href = office.record("communications", &template.id);
        table.rows.push(vec![
            Cell::link(template.details.name.clone(), href.clone()).note(template.details.subject.clone()),
            Cell::text(kind_label(from_contract(template.details.channel))),
            Cell::text(words::instant(&office.company, template.changed_at)).whole(),
            Cell::link("Send", format!("{href}/send")).called(format!("Send {}", template.details.name)),
        ]);
    }
    let empty = "No templates yet. A template is a message you send again and again, with each customer’s own values.";
    let frame = office.page("Communications", Nav::Communications);
    let mut list = ListPage::new(frame, &Asked::default(), table, None, empty);
    list.intro = "Templates for e-mail and text messages.".into();
    list.searchable = false;
    list.actions = vec![
        Link::new(office.path("new/template?channel=email"), "New template (e-mail)"),
        Link::new(office.path("new/template?channel=sms"), "New text message"),
    ];
    Ok(web::page(StatusCode::OK, &list))
}

/// What a channel is called on screen.
pub(super) fn kind_label(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "E-mail",
        Channel::Sms => "Text message (SMS)",
    }
}

/// What the address of the editor may name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ask {
    channel: String,
    customer: String,
}

async fn preview_customers(state: &AppState, office: &Office, chosen: &str) -> Result<Field, Failure> {
    let customers = state.platform.customers();
    let mut found = customers
        .list(office.id(), None, None, PREVIEW_CUSTOMERS)
        .await
        .map_err(failure)?
        .items;
    if !chosen.is_empty()
        && !found.iter().any(|customer| customer.id == chosen)
        && let Ok(customer) = customers.get(office.id(), chosen).await
    {
        found.insert(0, customer);
    }
    let mut choices = vec![Choice::new("", "Sample values")];
    choices.extend(
        found
            .iter()
            .map(|customer| Choice::new(customer.id.clone(), customer.display_name())),
    );
    let value = match chosen {
        "" => found.first().map(|customer| customer.id.clone()).unwrap_or_default(),
        "-" => String::new(),
        chosen => chosen.to_owned(),
    };
    Ok(Field::select("customer", "Preview for", choices).value(value))
}

/// The editor with what stands in it. `preview`: whether the preview was asked for.
pub(super) async fn editor(
    state: &AppState,
    office: &Office,
    editing: Editing,
    errors: Vec<FieldError>,
    status: StatusCode,
    preview: Option<Shown>,
) -> Result<Response, Failure> {
    let channel = editing.draft.channel;
    let mut field_groups: Vec<FieldGroup> = Vec::new();
    for field in state.messages.fields(office.id(), channel).await? {
        let row = FieldRow {
            token: format!("{{{{ {} }}}}", field.name),
            label: field.label,
            description: field.description,
        };
        match field_groups.iter_mut().find(|group| group.title == field.group) {
            Some(group) => group.fields.push(row),
            None => field_groups.push(FieldGroup {
                title: field.group,
                fields: vec![row],
            }),
        }
    }
    let mut fields = [
        Field::new("name", "Name")
            .value(editing.name.clone())
            .help("For your team; customers never see it.")
            .required(),
        Field::new("subject", "Subject")
            .value(editing.draft.subject.clone())
            .required(),
        Field::new("body", "Text")
            .kind(Kind::Area)
            .value(editing.draft.body.clone())
            .required(),
    ];
    let errors = refuse(&mut fields, errors, &[]);
    let [name, subject, body] = fields;
    let here = editing.id.as_ref().map(|id| office.record("communications", id));
    let heading = match (&editing.id, channel) {
        (Some(_), _) if !editing.name.is_empty() => editing.name.clone(),
        (_, Channel::Email) => "New e-mail template".into(),
        (_, Channel::Sms) => "New text message template".into(),
    };
    let customer = preview_customers(state, office, &editing.customer).await?;
    let preview = match preview {
        Some(shown) => Some(shown),
        None if editing.draft.body.trim().is_empty() => None,
        None => Some(super::preview::shown(state, office, &editing.draft, &customer.value).await?),
    };
    Ok(web::page(
        status,
        &EditorPage {
            page: office.page(heading.clone(), Nav::Communications),
            back: office.path("communications"),
            heading,
            send_href: here.as_ref().map(|here| format!("{here}/send")),
            remove_href: here.as_ref().map(|here| format!("{here}/delete")),
            preview_href: office.path("preview"),
            preview_page_href: match &editing.id {
                Some(id) => office.record("preview/of", id),
                None => office.path("preview/new"),
            },
            action: here.unwrap_or_else(|| office.path("new/template")),
            errors,
            version: editing.version,
            channel: channel.as_str(),
            channel_label: kind_label(channel),
            sms: channel == Channel::Sms,
            name,
            subject,
            body,
            customer,
            field_groups,
            preview,
        },
    ))
}

/// `GET /c/{slug}/new/template`
pub(super) async fn new(
    State(state): State<AppState>,
    office: Office,
    Query(ask): Query<Ask>,
) -> Result<Response, Failure> {
    let channel = ask.channel.parse().unwrap_or(Channel::Email);
    let editing = Editing {
        id: None,
        version: None,
        name: String::new(),
        draft: Draft {
            channel,
            subject: String::new(),
            body: String::new(),
        },
        customer: ask.customer,
    };
    editor(&state, &office, editing, Vec::new(), StatusCode::OK, None).await
}

/// `GET /c/{slug}/communications/{id}`
pub(super) async fn edit(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    Query(ask): Query<Ask>,
) -> Result<Response, Failure> {
    let template = state
        .platform
        .templates()
        .get(office.id(), &id)
        .await
        .map_err(failure)?;
    let editing = Editing {
        customer: ask.customer,
        ..Editing::stored(&template)
    };
    editor(&state, &office, editing, Vec::new(), StatusCode::OK, None).await
}

/// Refusals of a template's grammar, beside the inputs they are about.
pub(super) fn grammar_errors(errors: &TemplateErrors) -> Vec<FieldError> {
    let one = |error: &messaging::TemplateError| {
        let (field, place) = match error.part {
            Part::Subject => ("subject", "Subject".to_owned()),
            Part::Body if error.line > 1 => ("body", format!("Text, line {}", error.line)),
            Part::Body => ("body", "Text".to_owned()),
        };
        FieldError::new(field, "malformed", format!("{place}: {}", error.message))
    };
    errors.0.iter().map(one).collect()
}

/// Why a draft cannot be saved; empty when it can.
async fn check(state: &AppState, office: &Office, editing: &Editing) -> Result<Vec<FieldError>, Failure> {
    let mut errors = Vec::new();
    if editing.name.is_empty() {
        errors.push(FieldError::new("name", "required", "Give the template a name."));
    }
    match state.messages.validate(office.id(), &editing.draft).await {
        Ok(()) => {}
        Err(MessageError::Template(wrong)) => errors.extend(grammar_errors(&wrong)),
        Err(error) => return Err(error.into()),
    }
    Ok(errors)
}

/// `POST /c/{slug}/new/template`
pub(super) async fn create(State(state): State<AppState>, office: Office, posted: Posted) -> Result<Response, Failure> {
    let editing = Editing::typed(&posted, None)?;
    let errors = check(&state, &office, &editing).await?;
    let refused = if errors.is_empty() {
        match state
            .platform
            .templates()
            .create(office.id(), editing.details(), &office.actor())
            .await
        {
            Ok(template) => return Ok(office.after(&office.record("communications", &template.id), "created")),
            Err(error) => Refused::from_platform(error, None)?,
        }
    } else {
        errors.into()
    };
    editor(&state, &office, editing, refused.errors, refused.status, None).await
}

/// `POST /c/{slug}/communications/{id}`
pub(super) async fn update(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let templates = state.platform.templates();
    let present = templates.get(office.id(), &id).await.map_err(failure)?;
    let mut editing = Editing::typed(&posted, Some(id.clone()))?;
    let version = editing.version.unwrap_or_default();
    let errors = check(&state, &office, &editing).await?;
    let refused = if errors.is_empty() {
        match templates
            .update(office.id(), &id, version, editing.details(), &office.actor())
            .await
        {
            Ok(_) => return Ok(office.after(&office.record("communications", &id), "saved")),
            Err(error) => Refused::of_update(error, version, present.version)?,
        }
    } else {
        errors.into()
    };
    editing.version = refused.newer_version.or(editing.version);
    editor(&state, &office, editing, refused.errors, refused.status, None).await
}

/// `POST /c/{slug}/communications/{id}/delete`
pub(super) async fn delete(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    state
        .platform
        .templates()
        .delete(office.id(), &id, &office.actor())
        .await
        .map_err(failure)?;
    Ok(office.after(&office.path("communications"), "deleted"))
}
