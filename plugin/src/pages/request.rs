//! *Submit Request*: on to the company's own booking page, which knows the customer for a few
//! minutes. The tab opens it beside the portal.

use crate::{
    Error,
    http::Response,
    portal::{Portal, Visitor},
    view::Section,
};

/// The redirect.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    portal.require(Section::Request)?;
    Ok(Response::see_other(visitor.customer.booking_url()?))
}
