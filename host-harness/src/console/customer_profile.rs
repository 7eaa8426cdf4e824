//! A customer's profile: contact, Actions, open records in brief, the timeline.
//! What plugins add to Actions comes from their manifests; the page stands without them.

use super::{
    failure,
    layout::{Nav, Page},
    listing::{Asked, ListPage},
    office::Office,
    view::{Cell, Fact, Link, Pill, Table},
    words,
};
use crate::{
    AppState,
    web::{Failure, page},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use capabilities::{ListFilter, PageRequest};
use platform::{Customer, FieldChange, ListQuery, LogEntry};

/// Records of a kind on the profile.
const BRIEF: u32 = 5;

struct Row {
    href: String,
    title: String,
    note: String,
    amount: String,
    status: Option<Pill>,
}

struct Section {
    id: &'static str,
    title: &'static str,
    noun: &'static str,
    all: String,
    empty: &'static str,
    rows: Vec<Row>,
}

struct Change {
    label: String,
    before: String,
    after: String,
}

struct Event {
    text: String,
    when: String,
    who: String,
    changes: Vec<Change>,
}

#[derive(askama::Template)]
#[template(path = "console/customer.html")]
struct ProfilePage {
    page: Page,
    back: String,
    name: String,
    subtitle: String,
    new_links: Vec<Link>,
    actions: Vec<Link>,
    actions_problem: Option<String>,
    looks: Vec<Link>,
    send_links: Vec<Link>,
    edit_href: String,
    sections: Vec<Section>,
    contact: Vec<Fact>,
    notes: String,
    timeline: Vec<Event>,
    older: Option<String>,
}

/// `GET /c/{slug}/customers/{id}`
pub(super) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let customer = state
        .platform
        .customers()
        .get(office.id(), &id)
        .await
        .map_err(failure)?;
    let profile = office.record("customers", &id);
    let (actions, actions_problem) = match state.plugins.menu(office.id(), &id, &office.call()).await {
        Ok(entries) => {
            let href = |plugin: &str, item: &str| {
                format!("{profile}/actions/{}/{}", words::encode(plugin), words::encode(item))
            };
            (
                entries
                    .iter()
                    .map(|e| Link::new(href(&e.plugin_id, &e.item_id), e.label.clone()))
                    .collect(),
                None,
            )
        }
        Err(error) => (
            Vec::new(),
            Some(format!("The Actions of plugins are missing: {}", error.message())),
        ),
    };
    let looks = super::view_as::entries(&state, &office, &id).await?;
    let log = state
        .platform
        .activity()
        .timeline(office.id(), &id, None, 15)
        .await
        .map_err(failure)?;
    let of_customer = format!("?customer={}", words::encode(&id));
    let new_link = |kind: &str, label: &str| Link::new(office.path(&format!("new/{kind}{of_customer}")), label);
    let templates = state.platform.templates().list(office.id()).await.map_err(failure)?;
    let send_links = templates
        .iter()
        .map(|t| {
            let href = format!("{}/send{of_customer}", office.record("communications", &t.id));
            Link::new(href, format!("Send “{}”", t.details.name))
        })
        .collect();
    let name = customer.display_name();
    let subtitle = if customer.company_name == name {
        String::new()
    } else {
        customer.company_name.clone()
    };
    Ok(page(
        StatusCode::OK,
        &ProfilePage {
            page: office.page(name.clone(), Nav::Customers),
            back: office.path("customers"),
            subtitle,
            new_links: vec![
                new_link("job", "Job"),
                new_link("project", "Project"),
                new_link("estimate", "Estimate"),
                new_link("invoice", "Invoice"),
                new_link("payment", "Payment"),
            ],
            actions,
            actions_problem,
            looks,
            send_links,
            edit_href: format!("{profile}/edit"),
            sections: sections(&state, &office, &id, &of_customer).await?,
            contact: contact(&customer),
            notes: customer.internal_notes.clone(),
            timeline: log.items.iter().map(|entry| event(&office, entry)).collect(),
            older: log.next.map(|_| format!("{profile}/timeline")),
            name,
        },
    ))
}

async fn sections(state: &AppState, office: &Office, id: &str, of: &str) -> Result<Vec<Section>, Failure> {
    let query = |filter| ListQuery {
        customer_id: Some(id.to_owned()),
        status: None,
        page: PageRequest {
            filter,
            cursor: None,
            limit: BRIEF,
            search: None,
        },
    };
    let (open, every) = (query(ListFilter::Open), query(ListFilter::All));
    let (platform, company) = (&state.platform, office.id());
    let all = |area: &str| office.path(&format!("{area}{of}"));
    let requests = platform.requests().list(company, &open).await.map_err(failure)?.items;
    let jobs = platform.jobs().list(company, &open).await.map_err(failure)?.items;
    let projects = platform.projects().list(company, &open).await.map_err(failure)?.items;
    let estimates = platform.estimates().list(company, &open).await.map_err(failure)?.items;
    let invoices = platform.invoices().list(company, &open).await.map_err(failure)?.items;
    let payments = platform.payments().list(company, &every).await.map_err(failure)?.items;
    let money = |minor| words::amount(&office.company, minor);
    let row = |href: String, title: &str, note: String, amount: String, status: Option<Pill>| Row {
        href,
        title: title.to_owned(),
        note,
        amount,
        status,
    };
    Ok(vec![
        Section {
            id: "requests",
            title: "Open requests",
            noun: "requests",
            all: all("requests"),
            empty: "No open requests.",
            rows: requests
                .iter()
                .map(|r| {
                    let note = format!("Asked {}", words::instant(&office.company, r.submitted_at));
                    let status = Some(Pill::from(&r.status));
                    row(
                        office.record("requests", &r.id),
                        &r.details.summary,
                        note,
                        String::new(),
                        status,
                    )
                })
                .collect(),
        },
        Section {
            id: "jobs",
            title: "Open jobs",
            noun: "jobs",
            all: all("jobs"),
            empty: "No open jobs.",
            rows: jobs
                .iter()
                .map(|j| {
                    let note = words::window(j.details.starts, j.details.ends);
                    let status = Some(Pill::from(&j.status));
                    row(
                        office.record("jobs", &j.id),
                        &j.details.title,
                        note,
                        String::new(),
                        status,
                    )
                })
                .collect(),
        },
        Section {
            id: "projects",
            title: "Open projects",
            noun: "projects",
            all: all("projects"),
            empty: "No open projects.",
            rows: projects
                .iter()
                .map(|p| {
                    let done = format!("{} %", p.details.percent_complete);
                    let note = words::date_or_dash(p.details.starts);
                    row(
                        office.record("projects", &p.id),
                        &p.details.name,
                        note,
                        done,
                        Some(Pill::from(&p.status)),
                    )
                })
                .collect(),
        },
        Section {
            id: "estimates",
            title: "Open estimates",
            noun: "estimates",
            all: all("estimates"),
            empty: "No open estimates.",
            rows: estimates
                .iter()
                .map(|e| {
                    let note = format!(
                        "{} · expires {}",
                        e.details.number,
                        words::date_or_dash(e.details.expires)
                    );
                    let status = Some(Pill::from(&e.status));
                    row(
                        office.record("estimates", &e.id),
                        &e.details.title,
                        note,
                        money(e.totals.total),
                        status,
                    )
                })
                .collect(),
        },
        Section {
            id: "invoices",
            title: "Open invoices",
            noun: "invoices",
            all: all("invoices"),
            empty: "Nothing is owed.",
            rows: invoices
                .iter()
                .map(|i| {
                    let note = format!("{} · due {}", i.details.number, words::date_or_dash(i.details.due));
                    let status = Some(Pill::from(&i.status));
                    row(
                        office.record("invoices", &i.id),
                        &i.details.title,
                        note,
                        money(i.amount_due),
                        status,
                    )
                })
                .collect(),
        },
        Section {
            id: "payments",
            title: "Latest payments",
            noun: "payments",
            all: all("payments"),
            empty: "No payments yet.",
            rows: payments
                .iter()
                .map(|p| {
                    let title = super::payments::method_label(&p.details.method);
                    let note = format!("{} {}", words::date(p.details.date), p.invoice_number);
                    row(
                        office.record("payments", &p.id),
                        &title,
                        note,
                        money(p.details.amount),
                        None,
                    )
                })
                .collect(),
        },
    ])
}

fn contact(customer: &Customer) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !customer.email.is_empty() {
        facts.push(Fact::linked(
            "E-mail",
            customer.email.clone(),
            format!("mailto:{}", customer.email),
        ));
    }
    for (label, number) in [("Phone", &customer.phone), ("Mobile", &customer.mobile)] {
        if !number.is_empty() {
            let dial: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            facts.push(Fact::linked(label, number.clone(), format!("tel:{dial}")));
        }
    }
    let address = words::address(&customer.address);
    if !address.is_empty() {
        facts.push(Fact::new("Address", address));
    }
    if !customer.language.is_empty() {
        facts.push(Fact::new("Language", customer.language.clone()));
    }
    facts.push(Fact::new("Customer no.", customer.id.clone()));
    facts
}

fn event(office: &Office, entry: &LogEntry) -> Event {
    let via = if entry.entry.via.is_empty() {
        String::new()
    } else {
        format!(", by {}", entry.entry.via)
    };
    Event {
        text: entry.entry.summary.clone(),
        when: words::instant(&office.company, entry.at),
        who: format!("{}{via}", entry.actor_name),
        changes: entry.entry.changes.iter().map(change).collect(),
    }
}

fn change(change: &FieldChange) -> Change {
    let shown = |value: &str| {
        if value.is_empty() {
            "(empty)".to_owned()
        } else {
            value.to_owned()
        }
    };
    Change {
        label: field_label(&change.field),
        before: shown(&change.before),
        after: shown(&change.after),
    }
}

/// A field's key as staff read it.
pub(super) fn field_label(key: &str) -> String {
    match key {
        "email" => "E-mail".to_owned(),
        "postal_code" => "Postal code".to_owned(),
        other => {
            let words = other.rsplit('.').next().unwrap_or(other).replace(['_', '-'], " ");
            let mut letters = words.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect())
                .unwrap_or_default()
        }
    }
}

/// `GET /c/{slug}/customers/{id}/timeline`: all of it, page by page.
pub(super) async fn timeline(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let customer = state
        .platform
        .customers()
        .get(office.id(), &id)
        .await
        .map_err(failure)?;
    let log = state
        .platform
        .activity()
        .timeline(office.id(), &id, asked.cursor(), 50)
        .await
        .map_err(failure)?;
    let mut table = Table::new("Timeline", &["What happened", "When", "Who"]);
    for entry in &log.items {
        let seen = event(&office, entry);
        let changes: Vec<String> = seen
            .changes
            .iter()
            .map(|c| format!("{}: {} → {}", c.label, c.before, c.after))
            .collect();
        table.rows.push(vec![
            Cell::text(seen.text).note(changes.join("; ")),
            Cell::text(seen.when),
            Cell::text(seen.who),
        ]);
    }
    let title = format!("Timeline of {}", customer.display_name());
    let empty = "What the customer and your team do will appear here.";
    let mut list = ListPage::new(
        office.page(title, Nav::Customers),
        &asked,
        table,
        log.next.as_deref(),
        empty,
    );
    list.searchable = false;
    list.back = Some(Link::new(office.record("customers", &id), customer.display_name()));
    Ok(page(StatusCode::OK, &list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_words() {
        assert_eq!(field_label("first_name"), "First name");
        assert_eq!(field_label("address.street"), "Street");
        assert_eq!(field_label("email"), "E-mail");
        assert_eq!(field_label(""), "");
    }
}
