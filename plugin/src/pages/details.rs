//! *My Details*, the main page: who you are, what needs you, what comes next, and your contact
//! details to edit in place. The form's own rules stand in `contact_form`, saving in `save_details`.

use super::{contact_form::ContactForm, email, page, requests};
use crate::{
    Error,
    bindings::fieldservice::plugins::{
        customers::{Contact, Estimate, Invoice, Job, Summary},
        types::{ListFilter, PageRequest, Tone},
    },
    forms::Form,
    http::Response,
    portal::{Portal, Visitor},
    view::{Fact, Layout, Mistake, RowView, Section, StatusView, address, record_href, tone},
};
use askama::Template;

/// A card of *Needs you*: one question, one amount or date, one button.
struct Need {
    status: StatusView,
    title: String,
    amount: String,
    text: String,
    href: String,
    button: &'static str,
    primary: bool,
}

/// What stands above the form after it was sent.
pub(super) enum Outcome {
    None,
    Saved,
    /// Another tab or the office was faster.
    Stale,
    Refused(Vec<Mistake>),
}

#[derive(Template)]
#[template(path = "details.html")]
struct DetailsPage<'a> {
    layout: Layout<'a>,
    greeting: String,
    lead: String,
    welcome: &'a str,
    needs: Vec<Need>,
    more: Vec<(String, String)>,
    visits: Vec<RowView>,
    all_jobs: Option<String>,
    requests: Vec<RowView>,
    all_requests: String,
    edit: bool,
    action: String,
    form: ContactForm,
    facts: Vec<Fact>,
    changed: String,
    outcome: Outcome,
    /// A new e-mail that waits for its code, and where the code is entered.
    unproven: Option<(String, String)>,
}

/// Cards of one kind at most; the rest is one click away.
const CARDS: usize = 2;
/// Days before its last day from which an estimate is urgent.
const SOON: i64 = 7;

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    let saved = Form::of_query(portal.request).has("saved");
    let outcome = if saved { Outcome::Saved } else { Outcome::None };
    render(
        portal,
        visitor,
        200,
        &visitor.contact,
        ContactForm::of(&portal.words, &visitor.contact),
        outcome,
    )
}

pub(super) fn render(
    portal: &Portal<'_>,
    visitor: &Visitor,
    status: u16,
    contact: &Contact,
    form: ContactForm,
    outcome: Outcome,
) -> Result<Response, Error> {
    let words = &portal.words;
    let summary = visitor.customer.summary()?;
    let needs = needs(portal, &summary);
    let count = i64::try_from(needs.iter().filter(|need| !need.amount.is_empty()).count()).unwrap_or(0);
    // A form that has to be looked at again comes before everything else.
    let again = matches!(outcome, Outcome::Stale | Outcome::Refused(_));
    let sent = summary.requests.open + summary.requests.past > 0 && portal.shows(Section::Request);
    let requests = if sent {
        let page = PageRequest {
            filter: ListFilter::All,
            cursor: None,
            limit: 3,
            search: None,
        };
        visitor.customer.requests(&page)?.items
    } else {
        Vec::new()
    };
    let jobs = portal.shows(Section::Jobs);
    let visits = summary
        .next_visits
        .iter()
        .skip(1)
        .filter(|_| jobs)
        .map(|job| visit(portal, job));
    let template = DetailsPage {
        layout: Layout::customer(portal, visitor, Some(Section::Details), words.my_details(), "/"),
        greeting: greeting(portal, contact),
        lead: words.things_waiting(count),
        welcome: &portal.settings.welcome_text,
        needs: if again { Vec::new() } else { needs },
        more: if again { Vec::new() } else { more(portal, &summary) },
        visits: visits.collect(),
        all_jobs: jobs.then(|| portal.href(Section::Jobs.path())),
        requests: requests.iter().map(|request| requests::row(portal, request)).collect(),
        all_requests: portal.href("/requests"),
        edit: portal.settings.edit_details && portal.look.is_none(),
        action: portal.href("/details"),
        form,
        facts: facts(portal, contact),
        changed: words.last_changed(words.date(&contact.changed_at.local.date)),
        outcome,
        unproven: email::waiting(portal, visitor)?.map(|pending| (pending.address, portal.href("/details/email"))),
    };
    page(status, words, &template)
}

fn greeting(portal: &Portal<'_>, contact: &Contact) -> String {
    let words = &portal.words;
    let names = [&contact.first_name, &contact.last_name, &contact.company_name];
    let name = names
        .into_iter()
        .find(|name| !name.is_empty())
        .map(String::as_str)
        .unwrap_or_default();
    match portal.now.local.hour {
        4..12 => words.good_morning(name),
        12..18 => words.good_afternoon(name),
        _ => words.good_evening(name),
    }
}

fn needs(portal: &Portal<'_>, summary: &Summary) -> Vec<Need> {
    let mut cards = Vec::new();
    if portal.shows(Section::Estimates) {
        cards.extend(
            summary
                .estimates_to_decide
                .iter()
                .take(CARDS)
                .map(|estimate| decide(portal, estimate)),
        );
    }
    if portal.shows(Section::Invoices) {
        cards.extend(
            summary
                .invoices_due
                .iter()
                .take(CARDS)
                .map(|invoice| pay(portal, invoice)),
        );
    }
    if portal.shows(Section::Jobs) {
        cards.extend(summary.next_visits.first().map(|job| expect_visit(portal, job)));
    }
    if let Some(first) = cards.first_mut() {
        first.primary = true;
    }
    cards
}

/// "All 3 estimates" where the cards do not show them all.
fn more(portal: &Portal<'_>, summary: &Summary) -> Vec<(String, String)> {
    let words = &portal.words;
    let mut links = Vec::new();
    if portal.shows(Section::Estimates) && summary.estimates_to_decide.len() > CARDS {
        links.push((
            words.all_estimates(i64::from(summary.estimates.open)),
            portal.href("/estimates"),
        ));
    }
    if portal.shows(Section::Invoices) && summary.invoices_due.len() > CARDS {
        links.push((
            words.all_invoices(i64::from(summary.invoices.open)),
            portal.href("/invoices"),
        ));
    }
    links
}

fn card_status(label: String, feeling: Tone) -> StatusView {
    let (tone, icon) = tone(feeling);
    StatusView { label, tone, icon }
}

fn decide(portal: &Portal<'_>, estimate: &Estimate) -> Need {
    let words = &portal.words;
    let status = match &estimate.expires {
        None => card_status(words.estimate_waiting().to_owned(), Tone::Info),
        Some(day) => match words.days_until(day) {
            0 => card_status(words.expires_today().to_owned(), Tone::Warning),
            1..=SOON => card_status(words.expires_on(words.day(day)), Tone::Warning),
            _ => card_status(words.expires_on(words.day(day)), Tone::Info),
        },
    };
    Need {
        status,
        title: estimate.title.clone(),
        amount: words.money(&estimate.total),
        text: words.estimate_numbered(&estimate.number),
        href: record_href(portal, Section::Estimates, &estimate.id),
        button: words.view_estimate(),
        primary: false,
    }
}

fn pay(portal: &Portal<'_>, invoice: &Invoice) -> Need {
    let words = &portal.words;
    let status = match &invoice.due {
        None => card_status(words.invoice_waiting().to_owned(), Tone::Info),
        Some(day) => {
            let feeling = match words.days_until(day) {
                days if days < 0 => Tone::Danger,
                0..=SOON => Tone::Warning,
                _ => Tone::Info,
            };
            card_status(super::invoice::deadline(portal, day), feeling)
        }
    };
    Need {
        status,
        title: invoice.title.clone(),
        amount: words.money(&invoice.amount_due),
        text: words.invoice_numbered(&invoice.number),
        href: record_href(portal, Section::Invoices, &invoice.id),
        button: words.view_invoice(),
        primary: false,
    }
}

fn expect_visit(portal: &Portal<'_>, job: &Job) -> Need {
    let words = &portal.words;
    let when = job.starts.as_ref().map(|starts| words.visit(starts, job.ends.as_ref()));
    let who = if job.technician.is_empty() {
        job.title.clone()
    } else {
        words.job_with(&job.title, &job.technician)
    };
    Need {
        status: card_status(words.next_visit().to_owned(), Tone::Info),
        title: when.unwrap_or_else(|| words.not_scheduled().to_owned()),
        amount: String::new(),
        text: who,
        href: record_href(portal, Section::Jobs, &job.id),
        button: words.view_job(),
        primary: false,
    }
}

fn visit(portal: &Portal<'_>, job: &Job) -> RowView {
    let words = &portal.words;
    RowView {
        href: Some(record_href(portal, Section::Jobs, &job.id)),
        title: job.title.clone(),
        about: job
            .starts
            .as_ref()
            .map(|starts| words.visit(starts, job.ends.as_ref()))
            .unwrap_or_default(),
        status: Some(StatusView::new(words, &job.status)),
        amount: String::new(),
    }
}

fn facts(portal: &Portal<'_>, contact: &Contact) -> Vec<Fact> {
    let words = &portal.words;
    let name = [contact.first_name.as_str(), contact.last_name.as_str()].join(" ");
    let facts = [
        Fact::text(words.name(), name.trim()),
        Fact::text(words.company_name(), &contact.company_name),
        Fact::text(words.email(), &contact.email),
        Fact::text(words.phone(), &contact.phone),
        Fact::text(words.mobile(), &contact.mobile),
        Fact::text(words.address(), &address(&contact.address)),
    ];
    facts.into_iter().flatten().collect()
}
