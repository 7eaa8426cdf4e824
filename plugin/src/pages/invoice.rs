//! One invoice as HTML: what is due and when, its lines, taxes and total, what was paid, and how
//! to pay. The button to pay online stands only where the host has such a page.

use super::{page, payments::method};
use crate::{
    Error,
    bindings::fieldservice::plugins::{
        activity::{Kind, Subject},
        company::FeatureSet,
    },
    http::Response,
    portal::{Portal, Visitor},
    sums::{LineView, SumView, lines},
    view::{Fact, FileView, Layout, RowView, Section, StatusView, files, record_href},
};
use askama::Template;

#[derive(Template)]
#[template(path = "invoice.html")]
struct InvoicePage<'a> {
    layout: Layout<'a>,
    back: String,
    title: &'a str,
    number: &'a str,
    status: StatusView,
    headline: String,
    headline_label: &'static str,
    deadline: Option<String>,
    lines: Vec<LineView>,
    sums: Vec<SumView>,
    paid: Option<(String, String)>,
    facts: Vec<Fact>,
    notes: &'a str,
    payments: Vec<RowView>,
    pay_href: Option<&'a str>,
    remit_to: &'a str,
    files: Vec<FileView>,
}

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, id: &str) -> Result<Response, Error> {
    portal.require(Section::Invoices)?;
    let detail = visitor.customer.invoice(id)?;
    let words = &portal.words;
    let invoice = &detail.invoice;
    portal.note(
        visitor,
        Kind::Viewed,
        Subject::Invoice(invoice.id.clone()),
        format!("Viewed invoice {}", invoice.number),
    );
    let day = |date: Option<&_>| date.map(|date| words.date(date)).unwrap_or_default();
    let facts = [
        Fact::text(words.invoice_date(), &day(invoice.issued.as_ref())),
        Fact::text(words.due_date(), &day(invoice.due.as_ref())),
        Fact::link(portal, Section::Jobs, words.job(), detail.job.as_ref()),
    ];
    let payments = detail.payments.iter().map(|payment| RowView {
        href: portal
            .shows(Section::Payments)
            .then(|| record_href(portal, Section::Payments, &payment.id)),
        title: words.money(&payment.amount),
        about: format!("{} · {}", words.date(&payment.date), method(words, &payment.method)),
        status: None,
        amount: String::new(),
    });
    let due = invoice.status.open && invoice.amount_due.minor > 0;
    let (line_views, sums) = lines(words, &detail.lines, &detail.totals);
    let paid =
        (invoice.amount_paid.minor != 0).then(|| (words.money(&invoice.amount_paid), words.money(&invoice.amount_due)));
    let online = portal.host.features().bits() & FeatureSet::ONLINE_PAYMENT.bits() != 0;
    let pay_href = detail
        .payment_url
        .as_deref()
        .filter(|url| online && due && is_web_address(url));
    let path = format!("/invoices/{id}");
    let template = InvoicePage {
        layout: Layout::customer(portal, visitor, Some(Section::Invoices), &invoice.number, &path),
        back: portal.href(Section::Invoices.path()),
        title: &invoice.title,
        number: &invoice.number,
        status: StatusView::new(words, &invoice.status),
        headline: words.money(if due { &invoice.amount_due } else { &invoice.total }),
        headline_label: if due { words.amount_due() } else { words.total() },
        deadline: invoice.due.as_ref().filter(|_| due).map(|date| deadline(portal, date)),
        lines: line_views,
        sums,
        paid,
        facts: facts.into_iter().flatten().collect(),
        notes: &detail.notes,
        payments: payments.collect(),
        pay_href,
        remit_to: if due { &detail.remit_to } else { "" },
        files: files(portal, &detail.files),
    };
    page(200, words, &template)
}

/// "Due Mon, Nov 30" or how many days it is overdue.
pub(super) fn deadline(portal: &Portal<'_>, due: &crate::bindings::fieldservice::plugins::types::Date) -> String {
    let words = &portal.words;
    match words.days_until(due) {
        0 => words.due_today().to_owned(),
        days if days < 0 => words.days_overdue(-days),
        _ => words.due_on(words.day(due)),
    }
}

fn is_web_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
