//! One hook call from its instance to its answer, and what an error out of an instance means.
//! The deadline is set before the instance is made: making one takes time, too.

use super::{Plugin, bounds, convert};
use crate::{
    bindings::exports::fieldservice::plugins::actions_menu,
    call::Call,
    error::{Failure, HookError},
    hooks::Panel,
    imports,
    tenant::Tenant,
};
use std::{future::Future, time::Duration};
use tokio::time::Instant;
use wasmtime::{Store, component::Instance};

/// One hook call: an instance of its own and the moment by which it must have answered.
pub(super) struct Visit<'a> {
    pub(super) plugin: &'a Plugin,
    pub(super) tenant: &'a Tenant,
    pub(super) store: Store<Call>,
    pub(super) instance: Instance,
    pub(super) deadline: Deadline,
}

impl Visit<'_> {
    pub(super) fn load<G>(
        &mut self,
        load: impl FnOnce(&mut Store<Call>, &Instance) -> wasmtime::Result<G>,
    ) -> Result<G, HookError> {
        let guest = load(&mut self.store, &self.instance);
        self.settle(Ok(guest))
    }

    /// The panel that a hook answered with, unless it is too large to be shown.
    pub(super) fn panel(
        &self,
        answer: Result<wasmtime::Result<Result<actions_menu::Panel, imports::WitError>>, Late>,
    ) -> Result<Panel, HookError> {
        let panel = convert::panel(self.settle(answer)?.map_err(imports::convert::refused)?);
        match bounds::panel(&panel, &self.plugin.shared.config.limits) {
            Ok(()) => Ok(panel),
            Err(words) => Err(self.plugin.failed(self.tenant, Failure::Trapped(words)).into()),
        }
    }

    pub(super) fn settle<T>(&self, answer: Result<wasmtime::Result<T>, Late>) -> Result<T, HookError> {
        settle(&self.store, answer).map_err(|failure| self.plugin.failed(self.tenant, failure).into())
    }
}

/// Not done in time.
pub(crate) struct Late;

/// The moment by which a call must be over.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    pub(crate) async fn bound<F: Future>(self, future: F) -> Result<F::Output, Late> {
        tokio::time::timeout_at(self.0, future).await.map_err(|_| Late)
    }
}

/// What an error out of an instance means.
pub(crate) fn settle<T>(store: &Store<Call>, answer: Result<wasmtime::Result<T>, Late>) -> Result<T, Failure> {
    match answer {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) if store.data().budget.starved => Err(Failure::OutOfMemory),
        Ok(Err(error)) => Err(Failure::Trapped(error.root_cause().to_string())),
        Err(Late) => Err(Failure::TimedOut),
    }
}
