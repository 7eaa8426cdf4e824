//! What the API reads of a request: parts of the address, parameters after `?`, a JSON body.
//! What cannot be read is a problem that says what is wrong with it, in words for a program.

use crate::web::Failure;
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

/// The variable parts of the address, in order; 400 when they are not UTF-8.
pub(super) struct Address<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Address<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(unusable("The address cannot be used", rejection.body_text())),
        }
    }
}

/// The parameters after `?`; 400 when one has a value the API does not know.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(unusable("The parameters cannot be used", rejection.body_text())),
        }
    }
}

/// A JSON body. 400 when it is not JSON or not of the shape described, 413 when too large, 415 when not sent as JSON.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(match rejection.status() {
                // 422 is kept for values refused field by field.
                StatusCode::UNPROCESSABLE_ENTITY => unusable("The JSON cannot be used", rejection.body_text()),
                status => Failure::new(status, "The JSON cannot be used", rejection.body_text()),
            }),
        }
    }
}

fn unusable(title: &str, why: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, title, why)
}
