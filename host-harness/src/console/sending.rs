//! Sending a template: to one customer or to everybody a search finds, and how it is going.
//! Many are named on the button and confirmed once more; a double click sends once.

use super::{
    communications::kind_label,
    failure,
    form::Posted,
    layout::{Nav, Page},
    listing::Asked,
    office::Office,
    outbox::state_pill,
    view::{Cell, Link, Pill, Table},
    words,
};
use crate::{
    AppState,
    messages::{MAX_RECIPIENTS, MessageError, from_contract},
    web::{Failure, page, see_other},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use capabilities::{FieldError, Tone};
use messaging::Channel;
use platform::{Customer, Template};

/// Customers shown to choose from.
const SHOWN: u32 = 25;
/// Customers read at once when everybody is meant.
const BATCH: u32 = 200;

struct Who {
    id: String,
    name: String,
    address: String,
    chosen: bool,
}

#[derive(askama::Template)]
#[template(path = "console/send.html")]
struct ChoosePage {
    page: Page,
    back: Link,
    template_name: String,
    channel: &'static str,
    missing: &'static str,
    errors: Vec<FieldError>,
    action: String,
    form_key: String,
    q: String,
    people: Vec<Who>,
    more: bool,
    total: String,
}

#[derive(askama::Template)]
#[template(path = "console/send_confirm.html")]
struct ConfirmPage {
    page: Page,
    back: String,
    template_name: String,
    reachable: String,
    who: String,
    skipped: String,
    action: String,
    form_key: String,
    q: String,
}

#[derive(askama::Template)]
#[template(path = "console/campaign.html")]
struct ProgressPage {
    page: Page,
    back: String,
    heading: String,
    done: bool,
    progress_text: String,
    total: u64,
    finished: u64,
    counts: Vec<Pill>,
    table: Table,
}

fn address(customer: &Customer, channel: Channel) -> &str {
    match channel {
        Channel::Email => &customer.email,
        Channel::Sms => customer.text_number(),
    }
}

fn missing(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "No e-mail address on file",
        Channel::Sms => "No telephone number on file",
    }
}

async fn chooser(
    state: &AppState,
    office: &Office,
    template: &Template,
    asked: &Asked,
    problem: Option<FieldError>,
) -> Result<Response, Failure> {
    let customers = state.platform.customers();
    let channel = from_contract(template.details.channel);
    let found = customers
        .list(office.id(), asked.search(), None, SHOWN)
        .await
        .map_err(failure)?;
    let mut people = found.items;
    if !asked.customer.is_empty() && !people.iter().any(|person| person.id == asked.customer) {
        people.insert(0, customers.get(office.id(), &asked.customer).await.map_err(failure)?);
    }
    let total = match (asked.search(), &found.next) {
        (None, _) => customers.count(office.id()).await.map_err(failure)?,
        (Some(_), None) => people.len() as u64,
        (Some(q), Some(_)) => everybody(state, office, q).await?.len() as u64,
    };
    let here = office.record("communications", &template.id);
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok(page(
        status,
        &ChoosePage {
            page: office.page(format!("Send “{}”", template.details.name), Nav::Communications),
            back: Link::new(here.clone(), template.details.name.clone()),
            template_name: template.details.name.clone(),
            channel: kind_label(channel),
            missing: missing(channel),
            errors: problem.into_iter().collect(),
            action: format!("{here}/send"),
            form_key: platform::new_token().map_err(failure)?,
            q: asked.q.trim().to_owned(),
            people: people
                .iter()
                .map(|person| Who {
                    id: person.id.clone(),
                    name: person.display_name(),
                    address: address(person, channel).to_owned(),
                    chosen: person.id == asked.customer,
                })
                .collect(),
            more: found.next.is_some(),
            total: words::count(total, "customer", "customers"),
        },
    ))
}

/// Every customer a search finds, up to one more than can be written to at once.
async fn everybody(state: &AppState, office: &Office, q: &str) -> Result<Vec<Customer>, Failure> {
    let search = Some(q.trim()).filter(|q| !q.is_empty());
    let (mut all, mut cursor): (Vec<Customer>, Option<String>) = (Vec::new(), None);
    loop {
        let customers = state.platform.customers();
        let found = customers
            .list(office.id(), search, cursor.as_deref(), BATCH)
            .await
            .map_err(failure)?;
        all.extend(found.items);
        match found.next {
            Some(next) if all.len() <= MAX_RECIPIENTS => cursor = Some(next),
            _ => return Ok(all),
        }
    }
}

/// `GET /c/{slug}/communications/{id}/send`
pub(super) async fn choose(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let template = state
        .platform
        .templates()
        .get(office.id(), &id)
        .await
        .map_err(failure)?;
    chooser(&state, &office, &template, &asked, None).await
}

/// `POST /c/{slug}/communications/{id}/send`
pub(super) async fn send(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let template = state
        .platform
        .templates()
        .get(office.id(), &id)
        .await
        .map_err(failure)?;
    let asked = Asked {
        q: posted.text("q"),
        customer: posted.text("customer"),
        ..Asked::default()
    };
    let to = posted.text("to");
    let recipients: Vec<String> = match to.as_str() {
        "many" => return confirm(&state, &office, &template, &posted).await,
        "all" => everybody(&state, &office, &asked.q)
            .await?
            .into_iter()
            .map(|customer| customer.id)
            .collect(),
        _ if asked.customer.is_empty() => {
            let problem = FieldError::new("customer", "required", "Choose the customer who gets the message.");
            return chooser(&state, &office, &template, &asked, Some(problem)).await;
        }
        _ => vec![asked.customer.clone()],
    };
    let sent = state
        .messages
        .send(office.id(), &id, &recipients, &posted.text("form_key"), &office.call())
        .await;
    let why = match sent {
        Ok(report) => match (report.skipped.as_slice(), to.as_str()) {
            ([only], "one") if report.queued == 0 => format!("{}: {}", only.name, only.reason),
            _ => return Ok(see_other(&office.record("sends", &report.campaign_id))),
        },
        Err(MessageError::Refused(why)) => why,
        Err(MessageError::Template(wrong)) => format!("The template needs a correction first. {wrong}"),
        Err(MessageError::Plugin(error)) => error.message(),
        Err(error) => return Err(error.into()),
    };
    chooser(
        &state,
        &office,
        &template,
        &asked,
        Some(FieldError::new("", "refused", why)),
    )
    .await
}

async fn confirm(state: &AppState, office: &Office, template: &Template, posted: &Posted) -> Result<Response, Failure> {
    let q = posted.text("q");
    let channel = from_contract(template.details.channel);
    let all = everybody(state, office, &q).await?;
    if all.len() > MAX_RECIPIENTS {
        let why = format!("At most {MAX_RECIPIENTS} customers can be written to at once. Search to choose fewer.");
        let asked = Asked { q, ..Asked::default() };
        return chooser(
            state,
            office,
            template,
            &asked,
            Some(FieldError::new("q", "out-of-range", why)),
        )
        .await;
    }
    let reachable = all
        .iter()
        .filter(|customer| !address(customer, channel).trim().is_empty())
        .count();
    let skipped = all.len() - reachable;
    let here = office.record("communications", &template.id);
    let noun = match channel {
        Channel::Email => ("e-mail", "e-mails"),
        Channel::Sms => ("text message", "text messages"),
    };
    Ok(page(
        StatusCode::OK,
        &ConfirmPage {
            page: office.page(format!("Send “{}”", template.details.name), Nav::Communications),
            back: format!("{here}/send?q={}", words::encode(&q)),
            template_name: template.details.name.clone(),
            reachable: words::count(reachable as u64, noun.0, noun.1),
            who: match q.as_str() {
                "" => format!("To {}.", words::count(all.len() as u64, "customer", "customers")),
                q => format!(
                    "To {} matching “{q}”.",
                    words::count(all.len() as u64, "customer", "customers")
                ),
            },
            skipped: match skipped {
                0 => String::new(),
                many => format!(
                    "{} without an address will be left out.",
                    words::count(many as u64, "customer", "customers")
                ),
            },
            action: format!("{here}/send"),
            form_key: posted.text("form_key"),
            q,
        },
    ))
}

/// `GET /c/{slug}/sends/{id}`
pub(super) async fn progress(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let outbox = state.platform.outbox();
    let campaign = outbox.campaign(office.id(), &id).await.map_err(failure)?;
    let messages = outbox
        .list(office.id(), None, Some(&id), None, 100)
        .await
        .map_err(failure)?;
    let mut table = Table::new("Messages", &["To", "Address", "State"]);
    for message in &messages.items {
        let name = &message.message.recipient_name;
        let name = if name.is_empty() {
            &message.message.recipient
        } else {
            name
        };
        table.rows.push(vec![
            Cell::link(name.clone(), office.record("outbox", &message.id)),
            Cell::text(message.message.recipient.clone()),
            Cell::from(state_pill(message.status)).note(message.last_error.clone()),
        ]);
    }
    let finished = campaign.sent + campaign.dead + campaign.skipped;
    let done = campaign.queued == 0 && finished >= campaign.total;
    let counts = [
        (campaign.sent, "sent", Tone::Success),
        (campaign.queued, "waiting", Tone::Info),
        (campaign.dead, "failed", Tone::Danger),
        (campaign.skipped, "left out", Tone::Warning),
    ];
    let heading = format!("Sending “{}”", campaign.name);
    Ok(page(
        StatusCode::OK,
        &ProgressPage {
            page: office.page(heading.clone(), Nav::Outbox),
            back: office.path("outbox"),
            heading,
            done,
            progress_text: format!("{finished} of {}", words::count(campaign.total, "message", "messages")),
            total: campaign.total.max(1),
            finished,
            counts: counts
                .into_iter()
                .filter(|(count, ..)| *count > 0)
                .map(|(count, word, tone)| Pill::new(format!("{count} {word}"), tone))
                .collect(),
            table,
        },
    ))
}
