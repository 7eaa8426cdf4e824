//! One project: how far it is, from when to when, its jobs, its estimates and its files.
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
#[template(path = "project.html")]
struct ProjectPage<'a> {
    layout: Layout<'a>,
    back: String,
    title: &'a str,
    status: StatusView,
    percent: u8,
    percent_text: String,
    facts: Vec<Fact>,
    description: &'a str,
    jobs: Vec<RowView>,
    estimates: Vec<RowView>,
    files: Vec<FileView>,
}

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, id: &str) -> Result<Response, Error> {
    portal.require(Section::Projects)?;
    let detail = visitor.customer.project(id)?;
    let words = &portal.words;
    let project = &detail.project;
    portal.note(
        visitor,
        Kind::Viewed,
        Subject::Project(project.id.clone()),
        format!("Viewed project {}", project.name),
    );
    let day = |date: Option<&_>| date.map(|date| words.date(date)).unwrap_or_default();
    let facts = [
        Fact::text(words.starts(), &day(project.starts.as_ref())),
        Fact::text(words.target_date(), &day(project.target.as_ref())),
        Fact::text(words.manager(), &project.manager),
    ];
    let jobs = detail.jobs.iter().map(|job| RowView {
        href: portal
            .shows(Section::Jobs)
            .then(|| record_href(portal, Section::Jobs, &job.id)),
        title: job.title.clone(),
        about: match &job.starts {
            Some(starts) => words.visit(starts, job.ends.as_ref()),
            None => words.not_scheduled().to_owned(),
        },
        status: Some(StatusView::new(words, &job.status)),
        amount: String::new(),
    });
    let estimates = detail
        .estimates
        .iter()
        .filter(|_| portal.shows(Section::Estimates))
        .map(|estimate| RowView {
            href: Some(record_href(portal, Section::Estimates, &estimate.id)),
            title: estimate.title.clone(),
            about: estimate.number.clone(),
            status: Some(StatusView::new(words, &estimate.status)),
            amount: words.money(&estimate.total),
        });
    let percent = project.percent_complete.min(100);
    let path = format!("/projects/{id}");
    let template = ProjectPage {
        layout: Layout::customer(portal, visitor, Some(Section::Projects), &project.name, &path),
        back: portal.href(Section::Projects.path()),
        title: &project.name,
        status: StatusView::new(words, &project.status),
        percent,
        percent_text: words.percent_complete(percent.to_string()),
        facts: facts.into_iter().flatten().collect(),
        description: &detail.description,
        jobs: jobs.collect(),
        estimates: estimates.collect(),
        files: files(portal, &detail.files),
    };
    page(200, words, &template)
}
