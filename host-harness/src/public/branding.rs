//! How a company looks: its logo and the colours of its own pages.
//! Both are public; an unknown company is a plain 404.

use super::accent;
use crate::{AppState, web::Failure};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use platform::Company;

/// The company of a public address, or the same 404 for all that is not there.
pub(super) async fn company(state: &AppState, slug: &str) -> Result<Company, Failure> {
    match state.platform.companies().by_slug(slug).await {
        Ok(company) => Ok(company),
        Err(platform::Error::NotFound) => Err(Failure::not_found()),
        Err(error) => Err(Failure::internal(error)),
    }
}

/// What the frame of a company's pages shows.
pub(super) struct Brand {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) initial: String,
    pub(super) phone: String,
    pub(super) phone_link: String,
    pub(super) email: String,
    pub(super) has_logo: bool,
}

impl Brand {
    pub(super) fn of(company: &Company) -> Self {
        let phone_link = company
            .phone
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect();
        Self {
            slug: company.slug.clone(),
            name: company.name.clone(),
            initial: company
                .name
                .chars()
                .find(|c| c.is_alphanumeric())
                .map(String::from)
                .unwrap_or_default(),
            phone: company.phone.clone(),
            phone_link,
            email: company.email.clone(),
            has_logo: company.has_logo,
        }
    }
}

pub(super) async fn theme(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Response, Failure> {
    let company = company(&state, &slug).await?;
    let css = accent::stylesheet(company.accent.as_deref());
    Ok(([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response())
}

pub(super) async fn logo(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let company = company(&state, &slug).await?;
    let logo = match state.platform.companies().logo(&company.id).await {
        Ok(logo) => logo,
        Err(platform::Error::NotFound) => return Err(Failure::not_found()),
        Err(error) => return Err(Failure::internal(error)),
    };
    let tag = format!("\"{}\"", logo.etag);
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|own| own.trim().trim_start_matches("W/") == tag));
    let tag = [(header::ETAG, tag)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok((tag, [(header::CONTENT_TYPE, logo.media_type)], logo.bytes).into_response())
}
