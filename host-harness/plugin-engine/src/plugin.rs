//! A loaded plugin: what it is, and its hooks. Every call gets an instance of its own.
//! A hook that is not exported answers with nothing, or `NotExported` where nothing would mislead.

mod bounds;
mod convert;
mod visit;

pub(crate) use visit::{Deadline, Late, settle};

use crate::{
    bindings::exports::fieldservice::plugins::{actions_menu, lifecycle, template_fields},
    call::{Budget, Call},
    engine::Shared,
    error::{Failure, HookError},
    gate::{Full, Permit, Running},
    hooks::{Field, FieldRequest, MenuItem, Occasion, Panel, Subject, Submission, Target},
    imports,
    inspect::{Exports, HttpVersion, Inspection},
    link,
    logs::Log,
    manifest::{ActionSubject, Manifest},
    tenant::Tenant,
};
use capabilities::Setting;
use std::sync::Arc;
use visit::Visit;
use wasmtime::{
    PoolConcurrencyLimitError, Store,
    component::{Component, InstancePre},
};
use wasmtime_wasi_http::{p2::bindings::ProxyPre, p3::bindings::ServicePre};

/// Most requests of one `resolve` call; more are asked in several calls.
pub const RESOLVE_BATCH: usize = 2_000;
/// Longest value of a template field in characters.
const VALUE_CHARS: usize = 4_000;

/// How pages are served.
pub(crate) enum Http {
    P2(ProxyPre<Call>),
    P3(ServicePre<Call>),
}

/// A plugin that is compiled and linked. Share it in an `Arc`; each call makes its own instance.
pub struct Plugin {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: Arc<str>,
    pub(crate) http: Option<Http>,
    pub(crate) running: Arc<Running>,
    inspection: Inspection,
    pre: InstancePre<Call>,
    lifecycle: Option<lifecycle::GuestIndices>,
    actions_menu: Option<actions_menu::GuestIndices>,
    template_fields: Option<template_fields::GuestIndices>,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin")
            .field("id", &self.id)
            .field("version", &self.manifest().version)
            .finish_non_exhaustive()
    }
}

impl Plugin {
    pub(crate) fn link(shared: Arc<Shared>, component: &Component, inspection: Inspection) -> wasmtime::Result<Self> {
        let linker = link::linker(&shared.wasmtime, &inspection.manifest.permissions)?;
        let pre = linker.instantiate_pre(component)?;
        let exports = inspection.exports;
        let http = match exports.http {
            Some(HttpVersion::P2) => Some(Http::P2(ProxyPre::new(pre.clone())?)),
            Some(HttpVersion::P3) => Some(Http::P3(ServicePre::new(pre.clone())?)),
            None => None,
        };
        Ok(Self {
            id: inspection.manifest.id.as_str().into(),
            http,
            running: Arc::default(),
            lifecycle: exports
                .lifecycle
                .then(|| lifecycle::GuestIndices::new(&pre))
                .transpose()?,
            actions_menu: exports
                .actions_menu
                .then(|| actions_menu::GuestIndices::new(&pre))
                .transpose()?,
            template_fields: exports
                .template_fields
                .then(|| template_fields::GuestIndices::new(&pre))
                .transpose()?,
            pre,
            inspection,
            shared,
        })
    }

    /// Its own description.
    pub fn manifest(&self) -> &Manifest {
        &self.inspection.manifest
    }

    /// What can be called.
    pub fn exports(&self) -> Exports {
        self.inspection.exports
    }

    /// Everything that was found in the file.
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// Instances alive at this moment, streams included.
    pub fn in_flight(&self) -> usize {
        self.running.count()
    }

    /// Until no instance is left: after an upgrade, when the old version's last answer is out.
    pub async fn drained(&self) {
        self.running.drained().await;
    }

    /// The company switches the plugin on, or gets another version. An error keeps it off.
    pub async fn enable(&self, tenant: &Tenant, occasion: &Occasion, settings: &[Setting]) -> Result<(), HookError> {
        let Some(export) = &self.lifecycle else { return Ok(()) };
        let (occasion, settings) = (convert::occasion(occasion), convert::settings(settings));
        let mut visit = self.visit(tenant).await?;
        let guest = visit.load(|store, instance| export.load(store, instance))?;
        let answer = visit
            .deadline
            .bound(guest.call_enable(&mut visit.store, &occasion, &settings))
            .await;
        Ok(visit.settle(answer)?.map_err(imports::convert::refused)?)
    }

    /// The company switches the plugin off.
    pub async fn disable(&self, tenant: &Tenant) -> Result<(), HookError> {
        let Some(export) = &self.lifecycle else { return Ok(()) };
        let mut visit = self.visit(tenant).await?;
        let guest = visit.load(|store, instance| export.load(store, instance))?;
        let answer = visit.deadline.bound(guest.call_disable(&mut visit.store)).await;
        Ok(visit.settle(answer)?.map_err(imports::convert::refused)?)
    }

    /// The admin is about to store these settings. `Refused(Invalid)` names what cannot be.
    pub async fn settings_changed(&self, tenant: &Tenant, settings: &[Setting]) -> Result<(), HookError> {
        let Some(export) = &self.lifecycle else { return Ok(()) };
        let settings = convert::settings(settings);
        let mut visit = self.visit(tenant).await?;
        let guest = visit.load(|store, instance| export.load(store, instance))?;
        let answer = visit
            .deadline
            .bound(guest.call_settings_changed(&mut visit.store, &settings))
            .await;
        Ok(visit.settle(answer)?.map_err(imports::convert::refused)?)
    }

    /// Entries for a record's Actions menu: those the manifest declares for such records.
    pub async fn menu_items(&self, tenant: &Tenant, target: &Target) -> Result<Vec<MenuItem>, HookError> {
        let Some(export) = &self.actions_menu else {
            return Ok(Vec::new());
        };
        let wit_target = convert::target(target);
        let mut visit = self.visit(tenant).await?;
        let guest = visit.load(|store, instance| export.load(store, instance))?;
        let answer = visit
            .deadline
            .bound(guest.call_items(&mut visit.store, &wit_target))
            .await;
        let items = visit.settle(answer)?.map_err(imports::convert::refused)?;
        let items = items.into_iter().map(convert::menu_item);
        Ok(bounds::menu_items(items.filter(|item| self.offers(&item.id, target))))
    }

    fn offers(&self, item: &str, target: &Target) -> bool {
        let subject = match target.subject {
            Subject::Customer(_) => ActionSubject::Customer,
        };
        self.manifest()
            .actions
            .iter()
            .any(|action| action.id == item && action.subjects.contains(&subject))
    }

    /// The panel of a menu entry.
    pub async fn open_panel(&self, tenant: &Tenant, item: &str, target: &Target) -> Result<Panel, HookError> {
        let Some(export) = &self.actions_menu else {
            return Err(HookError::NotExported);
        };
        if !self.offers(item, target) {
            return Err(HookError::Refused(capabilities::Error::NotFound));
        }
        let wit_target = convert::target(target);
        let mut visit = self.visit(tenant).await?;
        let guest = visit.load(|store, instance| export.load(store, instance))?;
        let answer = visit
            .deadline
            .bound(guest.call_open(&mut visit.store, item, &wit_target))
            .await;
        visit.panel(answer)
    }

    /// The panel after a button was pressed.
    pub async fn submit_panel(
        &self,
        tenant: &Tenant,
        item: &str,
        target: &Target,
        submission: &Submission,
    ) -> Result<Panel, HookError> {
        let Some(export) = &self.actions_menu else {
            return Err(HookError::NotExported);
        };
        if !self.offers(item, target) {
            return Err(HookError::Refused(capabilities::Error::NotFound));
        }
        let (wit_target, submission) = (convert::target(target), convert::submission(submission));
        let mut visit = self.visit(tenant).await?;
        let guest = visit.load(|store, instance| export.load(store, instance))?;
        let answer = visit
            .deadline
            .bound(guest.call_submit(&mut visit.store, item, &wit_target, &submission))
            .await;
        visit.panel(answer)
    }

    /// The fields it offers to templates: those its manifest declares.
    pub async fn fields(&self, tenant: &Tenant) -> Result<Vec<Field>, HookError> {
        let Some(export) = &self.template_fields else {
            return Ok(Vec::new());
        };
        let mut visit = self.visit(tenant).await?;
        let guest = visit.load(|store, instance| export.load(store, instance))?;
        let answer = visit.deadline.bound(guest.call_fields(&mut visit.store)).await;
        let fields = visit.settle(answer)?;
        let fields = fields.into_iter().map(convert::field);
        Ok(bounds::fields(fields.filter(|field| self.declares(&field.key))))
    }

    fn declares(&self, field: &str) -> bool {
        self.manifest()
            .template_fields
            .iter()
            .any(|declared| declared.key == field)
    }

    /// One value or refusal per request, in order; many in few calls of the plugin.
    pub async fn resolve(
        &self,
        tenant: &Tenant,
        requests: Vec<FieldRequest>,
    ) -> Result<Vec<capabilities::Result<String>>, HookError> {
        let mut values = vec![Err(capabilities::Error::NotFound); requests.len()];
        let Some(export) = &self.template_fields else {
            return Ok(values);
        };
        let mut known: Vec<_> = requests
            .into_iter()
            .enumerate()
            .filter(|(_, request)| self.declares(&request.field))
            .collect();
        while !known.is_empty() {
            let batch: Vec<_> = known.drain(..known.len().min(RESOLVE_BATCH)).collect();
            let (places, asked): (Vec<_>, Vec<_>) = batch
                .into_iter()
                .map(|(place, request)| (place, convert::field_request(request)))
                .unzip();
            let mut visit = self.visit(tenant).await?;
            let guest = visit.load(|store, instance| export.load(store, instance))?;
            let answer = visit.deadline.bound(guest.call_resolve(&mut visit.store, &asked)).await;
            let answers = visit.settle(answer)?;
            if answers.len() != places.len() {
                let words = format!("it gave {} values for {} requests", answers.len(), places.len());
                return Err(self.failed(tenant, Failure::Trapped(words)).into());
            }
            for (place, answer) in places.into_iter().zip(answers) {
                if let Some(value) = values.get_mut(place) {
                    *value = answer.map_err(imports::convert::refused).and_then(bounded_value);
                }
            }
        }
        Ok(values)
    }

    /// Count a failure against the plugin and this company, and say so in the log.
    pub(crate) fn failed(&self, tenant: &Tenant, failure: Failure) -> Failure {
        tracing::warn!(plugin = %self.id, company = %tenant.company, %failure, "a call into a plugin failed");
        self.shared.breaker.record(&self.id, &tenant.company, &failure);
        failure
    }

    pub(crate) fn is_paused(&self, tenant: &Tenant) -> bool {
        self.shared.breaker.is_paused(&self.id, &tenant.company)
    }

    pub(crate) async fn permit(&self, tenant: &Tenant) -> Result<Permit, Full> {
        self.shared.gate.enter(&self.id, tenant, &self.running).await
    }

    /// A store with every limit set.
    pub(crate) fn store(&self, tenant: &Tenant, permit: Permit) -> Store<Call> {
        let limits = &self.shared.config.limits;
        let rates = Arc::clone(&self.shared.log_rates);
        let log = Log::new(Arc::clone(&self.id), Arc::clone(&tenant.company), limits, rates);
        let budget = Budget::new(self.manifest().limits.memory_bytes(), limits);
        let call = Call::new(tenant.grants.clone(), log, budget, limits, permit);
        let mut store = Store::new(&self.shared.wasmtime, call);
        store.limiter(|call| &mut call.budget);
        store.set_hostcall_fuel(limits.hostcall_bytes);
        store.set_max_component_handles(limits.handles);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }

    async fn visit<'a>(&'a self, tenant: &'a Tenant) -> Result<Visit<'a>, HookError> {
        if self.is_paused(tenant) {
            return Err(HookError::Paused);
        }
        let permit = self.permit(tenant).await.map_err(|Full| HookError::Overloaded)?;
        let mut store = self.store(tenant, permit);
        let deadline = Deadline::after(self.shared.config.limits.hook_time);
        let instance = match deadline.bound(self.pre.instantiate_async(&mut store)).await {
            Ok(Err(error)) if error.is::<PoolConcurrencyLimitError>() => return Err(HookError::Overloaded),
            made => match settle(&store, made) {
                Ok(instance) => instance,
                Err(failure) => return Err(self.failed(tenant, failure).into()),
            },
        };
        Ok(Visit {
            plugin: self,
            tenant,
            store,
            instance,
            deadline,
        })
    }
}

fn bounded_value(value: String) -> capabilities::Result<String> {
    if value.chars().count() > VALUE_CHARS {
        let words = format!("The value has more than {VALUE_CHARS} characters.");
        return Err(capabilities::Error::Unavailable(words));
    }
    Ok(value)
}
