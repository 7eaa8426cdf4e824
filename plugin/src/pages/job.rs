//! One job: when, where, who, what was agreed, its files and its invoices.
//! Opening it is noted on the customer's timeline.

use super::page;
use crate::{
    Error,
    bindings::fieldservice::plugins::activity::{Kind, Subject},
    http::Response,
    portal::{Portal, Visitor},
    view::{Fact, FileView, Layout, RowView, Section, StatusView, files, record_href},
};
use askama::Template;

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage<'a> {
    layout: Layout<'a>,
    back: String,
    title: &'a str,
    status: StatusView,
    when: Option<String>,
    facts: Vec<Fact>,
    description: &'a str,
    files: Vec<FileView>,
    invoices: Vec<RowView>,
}

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, id: &str) -> Result<Response, Error> {
    portal.require(Section::Jobs)?;
    let detail = visitor.customer.job(id)?;
    let words = &portal.words;
    let job = &detail.job;
    portal.note(
        visitor,
        Kind::Viewed,
        Subject::Job(job.id.clone()),
        format!("Viewed job {}", job.title),
    );
    let facts = [
        Fact::text(words.technician(), &job.technician),
        Fact::text(words.service_address(), &job.service_address),
        Fact::link(portal, Section::Projects, words.project(), detail.project.as_ref()),
    ];
    let invoices = detail
        .invoices
        .iter()
        .filter(|_| portal.shows(Section::Invoices))
        .map(|invoice| RowView {
            href: Some(record_href(portal, Section::Invoices, &invoice.id)),
            title: invoice.number.clone(),
            about: invoice
                .due
                .as_ref()
                .map(|due| words.due_on(words.date(due)))
                .unwrap_or_default(),
            status: Some(StatusView::new(words, &invoice.status)),
            amount: words.money(&invoice.total),
        });
    let path = format!("/jobs/{id}");
    let template = JobPage {
        layout: Layout::customer(portal, visitor, Some(Section::Jobs), &job.title, &path),
        back: portal.href(Section::Jobs.path()),
        title: &job.title,
        status: StatusView::new(words, &job.status),
        when: job.starts.as_ref().map(|starts| words.visit(starts, job.ends.as_ref())),
        facts: facts.into_iter().flatten().collect(),
        description: &detail.description,
        files: files(portal, &detail.files),
        invoices: invoices.collect(),
    };
    page(200, words, &template)
}
