//! Who calls the API: the company of the key in `Authorization: Bearer fsk_…`.
//! A handler says which scope it needs before it does anything.

use crate::{
    AppState,
    web::{Failure, RequestInfo},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use capabilities::{CallContext, Origin};
use platform::ApiKey;

/// The key behind a request.
pub(super) struct Caller {
    key: ApiKey,
    /// The circumstances of whatever the request sets off.
    pub(super) context: CallContext,
}

impl Caller {
    /// The company whose data may be reached, if the key has the scope.
    pub(super) fn company(&self, scope: &str) -> Result<&str, Failure> {
        if self.key.allows(scope) {
            Ok(&self.key.company_id)
        } else {
            Err(Failure::forbidden(format!("This key does not have the scope {scope}.")))
        }
    }
}

/// 401 with the way to authenticate.
pub(super) struct Unauthorized;

impl IntoResponse for Unauthorized {
    fn into_response(self) -> Response {
        let mut response = Failure::new(
            StatusCode::UNAUTHORIZED,
            "No valid key",
            "Send a key of your company as “Authorization: Bearer fsk_…”.",
        )
        .into_response();
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        response
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let key = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, key)| key.trim())
            .ok_or_else(|| Unauthorized.into_response())?;
        let key = match state.platform.api_keys().authenticate(key).await {
            Ok(key) => key,
            Err(platform::Error::NotFound | platform::Error::Denied(_) | platform::Error::Invalid(_)) => {
                return Err(Unauthorized.into_response());
            }
            Err(error) => return Err(Failure::internal(error).into_response()),
        };
        let info = parts.extensions.get::<RequestInfo>().cloned().unwrap_or_default();
        let context = info.call(Origin::Api { key_id: key.id.clone() });
        Ok(Self { key, context })
    }
}
