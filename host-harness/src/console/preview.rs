//! What a draft would say to one customer: alone (for the editor's script) and inside the editor.
//! A preview changes nothing: values that would be made for a real message are samples here.

use super::{
    communications::{Editing, editor, grammar_errors},
    form::Posted,
    office::Office,
};
use crate::{
    AppState,
    messages::{Draft, MessageError},
    web::{Failure, page},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use messaging::{Channel, sms};

/// A preview, or why there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    pub(super) problems: Vec<String>,
    pub(super) to: String,
    pub(super) sms: bool,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) parts: String,
}

#[derive(askama::Template)]
#[template(path = "console/preview.html")]
struct PreviewPage {
    preview: Option<Shown>,
}

/// A draft as this customer would read it; with sample values when no customer is named.
pub(super) async fn shown(
    state: &AppState,
    office: &Office,
    draft: &Draft,
    customer_id: &str,
) -> Result<Shown, Failure> {
    let is_sms = draft.channel == Channel::Sms;
    let customer = match customer_id {
        "" | "-" => None,
        id => Some(
            state
                .platform
                .customers()
                .get(office.id(), id)
                .await
                .map_err(super::failure)?,
        ),
    };
    let answer = match &customer {
        Some(customer) => {
            state
                .messages
                .preview(office.id(), draft, &customer.id, &office.call())
                .await
        }
        None => state.messages.preview_samples(office.id(), draft).await,
    };
    let mut seen = Shown {
        sms: is_sms,
        ..Shown::default()
    };
    if let Some(customer) = &customer {
        let address = if is_sms {
            customer.text_number()
        } else {
            customer.email.as_str()
        };
        seen.to = format!("{} <{address}>", customer.display_name());
        if address.is_empty() {
            seen.to = customer.display_name();
            let what = if is_sms { "telephone number" } else { "e-mail address" };
            seen.problems
                .push(format!("No {what} is on file: this customer cannot get the message."));
        }
    }
    match answer {
        Ok(preview) => {
            for field in &preview.missing {
                seen.problems.push(format!(
                    "“{field}” is empty for this customer. Say what to write instead after a bar: {{{{ {field} | … }}}}"
                ));
            }
            if is_sms {
                let count = sms::count(&preview.text);
                let parts = super::words::count(count.parts as u64, "part", "parts");
                seen.parts = format!("{parts} · {} characters left in the last one", count.remaining);
                if let Some(odd) = sms::outside_gsm7(&preview.text) {
                    seen.parts.push_str(&format!(" · “{odd}” makes every part shorter"));
                }
            }
            seen.subject = preview.subject.unwrap_or_default();
            seen.text = preview.text;
        }
        Err(MessageError::Template(wrong)) => {
            seen.problems
                .extend(grammar_errors(&wrong).into_iter().map(|error| error.message));
        }
        Err(MessageError::Refused(why)) => seen.problems.push(why),
        Err(MessageError::Plugin(error)) => seen.problems.push(error.message()),
        Err(error) => return Err(error.into()),
    }
    Ok(seen)
}

async fn typed(state: &AppState, office: &Office, posted: &Posted, id: Option<String>) -> Result<Response, Failure> {
    let mut editing = Editing::typed(posted, id)?;
    let seen = shown(state, office, &editing.draft, &editing.customer).await?;
    if editing.customer.is_empty() {
        editing.customer = "-".into();
    }
    editor(state, office, editing, Vec::new(), StatusCode::OK, Some(seen)).await
}

/// `POST /c/{slug}/preview`: the preview by itself.
pub(super) async fn alone(State(state): State<AppState>, office: Office, posted: Posted) -> Result<Response, Failure> {
    let channel = posted
        .text("channel")
        .parse()
        .map_err(|_| Failure::bad_request("Open the template again."))?;
    let draft = Draft {
        channel,
        subject: posted.text("subject"),
        body: posted.raw("body").replace("\r\n", "\n"),
    };
    let seen = shown(&state, &office, &draft, &posted.text("customer")).await?;
    Ok(page(StatusCode::OK, &PreviewPage { preview: Some(seen) }))
}

/// `POST /c/{slug}/preview/new`: the editor of a new template with its preview.
pub(super) async fn in_new(State(state): State<AppState>, office: Office, posted: Posted) -> Result<Response, Failure> {
    typed(&state, &office, &posted, None).await
}

/// `POST /c/{slug}/preview/of/{id}`: the editor of a stored template with its preview; nothing is saved.
pub(super) async fn in_editor(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    state
        .platform
        .templates()
        .get(office.id(), &id)
        .await
        .map_err(super::failure)?;
    typed(&state, &office, &posted, Some(id)).await
}
