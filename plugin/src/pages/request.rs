//! *Submit Request*: on to the company's own booking page, which knows the customer for a few
//! minutes. The tab opens it beside the portal.

use crate::{
    Error,
    http::Response,
    pages::error,
    portal::{Portal, Visitor},
    view::Section,
};

/// The redirect.
pub fn show(portal: &Portal<'_>, visitor: &Visitor, _: &str) -> Result<Response, Error> {
    portal.require(Section::Request)?;
    if portal.look.is_some() {
        // The booking page would know the customer, and staff could book in their name.
        return Ok(error::read_only(portal, Some(visitor)));
    }
    Ok(Response::see_other(visitor.customer.booking_url()?))
}
