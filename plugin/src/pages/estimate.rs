//! One estimate as HTML: its lines, optional ones marked, taxes and total, until when it is good,
//! and what was decided. Deciding is a page of its own.

use super::page;
use crate::{
    Error,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        customers::Verdict,
    },
    http::Response,
    portal::{Portal, Visitor},
    sums::{LineView, SumView, lines},
    view::{Fact, FileView, Layout, Section, StatusView, files},
};
use askama::Template;

#[derive(Template)]
#[template(path = "estimate.html")]
struct EstimatePage<'a> {
    layout: Layout<'a>,
    back: String,
    title: &'a str,
    number: &'a str,
    status: StatusView,
    total: String,
    deadline: Option<String>,
    decidable: bool,
    why_not: &'a str,
    decision: Option<(String, &'a str)>,
    lines: Vec<LineView>,
    sums: Vec<SumView>,
    facts: Vec<Fact>,
    notes: &'a str,
    terms: &'a str,
    files: Vec<FileView>,
}

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, id: &str) -> Result<Response, Error> {
    portal.require(Section::Estimates)?;
    let detail = visitor.customer.estimate(id)?;
    let words = &portal.words;
    let estimate = &detail.estimate;
    let subject = Subject::Estimate(estimate.id.clone());
    portal.note(
        visitor,
        Kind::Viewed,
        subject,
        format!("Viewed estimate {}", estimate.number),
    );
    let day = |date: Option<&_>| date.map(|date| words.date(date)).unwrap_or_default();
    let facts = [
        Fact::text(words.sent_date(), &day(estimate.sent.as_ref())),
        Fact::text(words.expiration_date(), &day(estimate.expires.as_ref())),
        Fact::text(words.prepared_by(), &detail.prepared_by),
        Fact::text(words.service_address(), &detail.service_address),
        Fact::link(portal, Section::Projects, words.project(), detail.project.as_ref()),
    ];
    let decision = detail.decision.as_ref().map(|decision| {
        let day = words.date(&decision.at.local.date);
        let text = match decision.verdict {
            Verdict::Accepted => words.decision_accepted(&decision.by, day),
            Verdict::Declined => words.decision_declined(&decision.by, day),
            Verdict::ChangesRequested => words.decision_changes(&decision.by, day),
        };
        (text, decision.comment.as_str())
    });
    let (line_views, sums) = lines(words, &detail.lines, &detail.totals);
    let deadline = estimate.expires.as_ref().filter(|_| detail.decidable);
    let path = format!("/estimates/{id}");
    // The host says why in English; a reader of another language sees the status and the date.
    let why_not = if words.tag() == "en" && decision.is_none() {
        detail.why_not.as_str()
    } else {
        ""
    };
    let template = EstimatePage {
        layout: Layout::customer(portal, visitor, Some(Section::Estimates), &estimate.title, &path),
        back: portal.href(Section::Estimates.path()),
        title: &estimate.title,
        number: &estimate.number,
        status: StatusView::new(words, &estimate.status),
        total: words.money(&detail.totals.total),
        deadline: deadline.map(|expires| words.valid_through(words.day(expires))),
        decidable: detail.decidable,
        why_not,
        decision,
        lines: line_views,
        sums,
        facts: facts.into_iter().flatten().collect(),
        notes: &detail.notes,
        terms: &detail.terms,
        files: files(portal, &detail.files),
    };
    page(200, words, &template)
}
