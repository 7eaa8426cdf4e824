//! Template fields towards other apps: which there are, and their values for up to 1,000 customers a call.
//! Each resolved customer gets a message id, so that a link knows where it was sent; a preview gets none.

use super::{
    auth::Caller,
    extract::{Body, Parameters},
};
use crate::{AppState, plugins::FieldRecipient, web::Failure};
use axum::{Json, extract::State};
use messaging::{Channel, Field};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

const MAX_CUSTOMERS: usize = 1_000;
const MAX_FIELDS: usize = 50;

#[derive(Deserialize)]
pub(super) struct Filter {
    channel: Option<Channel>,
}

#[derive(Serialize)]
pub(super) struct FieldList {
    fields: Vec<Field>,
}

pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<FieldList>, Failure> {
    let company = caller.company("fields:read")?;
    let catalog = state.messages.catalog(company).await?;
    let fields = match filter.channel {
        Some(channel) => catalog.for_channel(channel).cloned().collect(),
        None => catalog.iter().cloned().collect(),
    };
    Ok(Json(FieldList { fields }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resolve {
    channel: Channel,
    fields: Vec<String>,
    customers: Vec<String>,
    #[serde(default)]
    preview: bool,
}

#[derive(Serialize)]
pub(super) struct Resolved {
    results: Vec<Row>,
}

/// A customer's values, or why there are none.
#[derive(Serialize)]
struct Row {
    customer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    values: BTreeMap<String, String>,
    missing: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

pub(super) async fn resolve(
    State(state): State<AppState>,
    caller: Caller,
    Body(asked): Body<Resolve>,
) -> Result<Json<Resolved>, Failure> {
    let company = caller.company("fields:resolve")?;
    if asked.customers.is_empty() || asked.customers.len() > MAX_CUSTOMERS {
        return Err(Failure::bad_request(format!(
            "“customers” takes 1 to {MAX_CUSTOMERS} ids a call."
        )));
    }
    if asked.fields.is_empty() || asked.fields.len() > MAX_FIELDS {
        return Err(Failure::bad_request(format!(
            "“fields” takes 1 to {MAX_FIELDS} names a call."
        )));
    }
    let known: HashSet<String> = state
        .platform
        .customers()
        .many(company, &asked.customers)
        .await
        .map_err(Failure::internal)?
        .into_iter()
        .map(|customer| customer.id)
        .collect();
    let mut recipients = Vec::new();
    for id in asked.customers.iter().filter(|id| known.contains(*id)) {
        let message_id = match asked.preview {
            true => None,
            false => Some(state.platform.outbox().new_message_id().map_err(Failure::internal)?),
        };
        recipients.push(FieldRecipient {
            customer_id: id.clone(),
            message_id,
        });
    }
    let values = state
        .messages
        .resolve(company, asked.channel, &asked.fields, &recipients, &caller.context)
        .await?;
    let mut resolved = recipients.into_iter().zip(values);
    let results = asked
        .customers
        .iter()
        .map(|id| match known.contains(id).then(|| resolved.next()).flatten() {
            Some((recipient, values)) => row(recipient, &asked.fields, values),
            // Unknown and another company's are the same.
            None => Row {
                customer: id.clone(),
                message: None,
                values: BTreeMap::new(),
                missing: asked.fields.clone(),
                error: Some("not-found"),
            },
        })
        .collect();
    Ok(Json(Resolved { results }))
}

fn row(recipient: FieldRecipient, fields: &[String], values: Vec<Option<String>>) -> Row {
    let mut row = Row {
        customer: recipient.customer_id,
        message: recipient.message_id,
        values: BTreeMap::new(),
        missing: Vec::new(),
        error: None,
    };
    for (name, value) in fields.iter().zip(values) {
        match value {
            Some(value) => {
                row.values.insert(name.clone(), value);
            }
            None => row.missing.push(name.clone()),
        }
    }
    row
}
