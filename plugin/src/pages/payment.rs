//! One payment: amount, date, method, reference and the invoice it paid.
//! Opening it is noted on the customer's timeline.

use super::{page, payments::method};
use crate::{
    Error,
    bindings::fieldservice::plugins::activity::{Kind, Subject},
    http::Response,
    portal::{Portal, Visitor},
    view::{Fact, Layout, Section},
};
use askama::Template;

#[derive(Template)]
#[template(path = "payment.html")]
struct PaymentPage<'a> {
    layout: Layout<'a>,
    back: String,
    amount: String,
    facts: Vec<Fact>,
}

/// The page.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, id: &str) -> Result<Response, Error> {
    portal.require(Section::Payments)?;
    let payment = visitor.customer.payment(id)?;
    let words = &portal.words;
    let amount = words.money(&payment.amount);
    portal.note(
        visitor,
        Kind::Viewed,
        Subject::Payment(payment.id.clone()),
        format!("Viewed payment of {amount}"),
    );
    let facts = [
        Fact::text(words.date_label(), &words.date(&payment.date)),
        Fact::text(words.method_label(), &method(words, &payment.method)),
        Fact::text(words.reference(), &payment.reference),
        Fact::link(portal, Section::Invoices, words.invoice(), payment.invoice.as_ref()),
    ];
    let title = words.payment_of(&amount);
    let path = format!("/payments/{id}");
    let template = PaymentPage {
        layout: Layout::customer(portal, visitor, Some(Section::Payments), &title, &path),
        back: portal.href(Section::Payments.path()),
        amount,
        facts: facts.into_iter().flatten().collect(),
    };
    page(200, words, &template)
}
