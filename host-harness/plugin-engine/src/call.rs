//! `Call`: everything one call into a plugin owns. It lives exactly as long as the instance it serves,
//! so no two customers, companies or requests ever share any of it.

use crate::{config::Limits, gate::Permit, logs::Log};
use capabilities::Grants;
use http::HeaderName;
use std::{
    future::Future,
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Semaphore;
use wasmtime::{ResourceLimiter, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error as HttpError, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpCtx,
    WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

/// The data of one store.
pub(crate) struct Call {
    pub(crate) grants: Grants,
    pub(crate) table: ResourceTable,
    pub(crate) budget: Budget,
    pub(crate) capability_time: Duration,
    pub(crate) documents_open: Arc<Semaphore>,
    wasi: Option<WasiCtx>,
    log: Log,
    http: WasiHttpCtx,
    hooks: NoOutboundHttp,
    /// Held until the store is dropped: the instance counts until then.
    _permit: Permit,
}

impl Call {
    pub(crate) fn new(grants: Grants, log: Log, budget: Budget, bounds: &Limits, permit: Permit) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(bounds.resources);
        let mut http = WasiHttpCtx::new();
        // The in-memory size of a header map is larger than its text: room for each entry's bookkeeping.
        http.set_field_size_limit(
            bounds
                .response_header_bytes
                .saturating_add(bounds.response_headers.saturating_mul(96)),
        );
        Self {
            grants,
            table,
            budget,
            capability_time: bounds.capability_time,
            documents_open: Arc::new(Semaphore::new(bounds.document_streams)),
            wasi: None,
            log,
            http,
            hooks: NoOutboundHttp { bodies: 0 },
            _permit: permit,
        }
    }
}

impl WasiView for Call {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let ctx = self.wasi.get_or_insert_with(|| {
            // No arguments, environment, directories or sockets. Random bytes come from the system,
            // at most as many as a guest could want for keys.
            let mut wasi = WasiCtx::builder();
            wasi.max_random_size(64 * 1024)
                .allow_tcp(false)
                .allow_udp(false)
                .allow_ip_name_lookup(false);
            wasi.stdout(self.log.clone()).stderr(self.log.clone());
            wasi.build()
        });
        WasiCtxView {
            ctx,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Call {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// `wasi:http` without a way out: nothing that sends is linked, and this refuses should it ever be.
struct NoOutboundHttp {
    /// Bodies begun by the guest. Only one leaves, so the first has room for a whole page; nobody reads
    /// from the others, which would hold whatever is written to them.
    bodies: usize,
}

static FORBIDDEN: LazyLock<ForbiddenHeaderFilter> =
    LazyLock::new(|| Arc::new(|name| DEFAULT_FORBIDDEN_HEADERS.contains(name)));

type Sent = Result<
    (
        http::Response<WasiBody>,
        Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ),
    HttpError,
>;

impl WasiHttpHooks for NoOutboundHttp {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        DEFAULT_FORBIDDEN_HEADERS.contains(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::clone(&FORBIDDEN)
    }

    fn send_request(
        &mut self,
        _request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _done: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        Box::new(std::future::ready(Err(HttpError::HttpRequestDenied)))
    }

    /// Asked once for each body, before its chunk size.
    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        self.bodies = self.bodies.saturating_add(1);
        if self.bodies > 1 { 1 } else { 4 }
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        if self.bodies > 1 { 4 * 1024 } else { 256 * 1024 }
    }

    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        256 * 1024
    }
}

/// How much an instance may grow, and whether it wanted more.
pub(crate) struct Budget {
    memory_left: usize,
    tables_left: usize,
    instances: usize,
    tables: usize,
    memories: usize,
    /// Memory was refused: the crash that follows is named for its cause.
    pub(crate) starved: bool,
}

impl Budget {
    /// What `limits` allow an instance whose manifest asks for `memory_bytes`.
    pub(crate) fn new(memory_bytes: usize, limits: &Limits) -> Self {
        let count = |most: u32| usize::try_from(most).unwrap_or(usize::MAX);
        Self {
            memory_left: memory_bytes.min(limits.memory_bytes),
            tables_left: limits.table_elements,
            // The component's own instance and those of its core modules.
            instances: count(limits.core_instances).saturating_add(1),
            tables: count(limits.tables),
            memories: count(limits.memories),
            starved: false,
        }
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = desired.saturating_sub(current);
        if wanted > self.memory_left || maximum.is_some_and(|most| desired > most) {
            self.starved = true;
            return Ok(false);
        }
        self.memory_left -= wanted;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = desired.saturating_sub(current);
        if wanted > self.tables_left || maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        self.tables_left -= wanted;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_share_one_budget() {
        let limits = Limits {
            table_elements: 10,
            ..Limits::default()
        };
        let mut budget = Budget::new(100, &limits);
        assert!(budget.memory_growing(0, 60, None).unwrap());
        assert!(budget.memory_growing(0, 40, None).unwrap());
        assert!(!budget.starved);
        assert!(!budget.memory_growing(40, 41, None).unwrap());
        assert!(budget.starved);
        assert!(!budget.table_growing(0, 11, None).unwrap());
    }
}
