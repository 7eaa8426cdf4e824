//! The contract's imports over `capabilities::Grants`: one file per interface, all of the same shape.
//! Each converts, caps what comes in, and gives the host a bounded time; denial is an answer, never a trap.

pub(crate) mod activity;
pub(crate) mod company;
pub(crate) mod convert;
pub(crate) mod credentials;
pub(crate) mod customers;
pub(crate) mod documents;
pub(crate) mod messages;
pub(crate) mod storage;

use crate::{
    bindings::fieldservice::plugins as wit,
    call::Call,
    manifest::{Permission, Permissions},
};
use capabilities::Error;
use convert::error;
use std::{future::Future, time::Duration};
use wasmtime::component::{HasSelf, Linker};

/// Link what the manifest asks for, and nothing else.
pub(crate) fn link(linker: &mut Linker<Call>, permissions: &Permissions) -> wasmtime::Result<()> {
    let call: fn(&mut Call) -> &mut Call = |call| call;
    wit::types::add_to_linker::<Call, HasSelf<Call>>(linker, call)?;
    wit::company::add_to_linker::<Call, HasSelf<Call>>(linker, call)?;
    for (permission, _) in permissions.asked() {
        match permission {
            Permission::Customers => wit::customers::add_to_linker::<Call, HasSelf<Call>>(linker, call)?,
            Permission::Documents => wit::documents::add_to_linker::<Call, HasSelf<Call>>(linker, call)?,
            Permission::Storage => wit::storage::add_to_linker::<Call, HasSelf<Call>>(linker, call)?,
            Permission::Credentials => wit::credentials::add_to_linker::<Call, HasSelf<Call>>(linker, call)?,
            Permission::Messages => wit::messages::add_to_linker::<Call, HasSelf<Call>>(linker, call)?,
            Permission::Activity => wit::activity::add_to_linker::<Call, HasSelf<Call>>(linker, call)?,
        }
    }
    Ok(())
}

impl wit::types::Host for Call {}

pub(crate) use wit::types::Error as WitError;

/// What every function of the contract answers: the inner result is the plugin's to see.
type Answer<T> = wasmtime::Result<Result<T, wit::types::Error>>;

/// The permission was asked for but not granted to this call.
fn denied(permission: Permission) -> Error {
    Error::Denied(format!("The permission “{permission}” was not granted."))
}

/// Wait for the host's answer, at most `limit`, and hand it over in the contract's shape.
async fn bounded<T, U>(
    limit: Duration,
    answer: impl Future<Output = capabilities::Result<T>>,
    convert: impl FnOnce(T) -> U,
) -> Answer<U> {
    Ok(match tokio::time::timeout(limit, answer).await {
        Ok(Ok(value)) => Ok(convert(value)),
        Ok(Err(refused)) => Err(error(refused)),
        Err(_) => Err(error(Error::Unavailable(
            "The host took too long. Try again.".to_owned(),
        ))),
    })
}

/// Refuse a field that is longer than any honest value.
fn at_most(field: &str, value: &str, chars: usize) -> capabilities::Result<()> {
    // Bytes are never fewer than characters, so short text is not counted.
    if value.len() > chars && value.chars().count() > chars {
        let message = format!("This must have at most {chars} characters.");
        return Err(Error::invalid(field, "too-long", message));
    }
    Ok(())
}

/// Ids of the host's own are at most 64 bytes, so a longer one names nothing.
fn known_length(id: &str) -> capabilities::Result<()> {
    if id.is_empty() || id.len() > 64 {
        Err(Error::NotFound)
    } else {
        Ok(())
    }
}
