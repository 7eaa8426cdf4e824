//! `Call`: everything one call into a plugin owns. It lives exactly as long as the instance it serves,
//! so no two customers, companies or requests ever share any of it.

use crate::{gate::Permit, logs::Log};
use capabilities::Grants;
use http::HeaderName;
use std::{
    future::Future,
    sync::{Arc, LazyLock},
    time::Duration,
};
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
    wasi: Option<WasiCtx>,
    log: Log,
    http: WasiHttpCtx,
    hooks: NoOutboundHttp,
    /// Held until the store is dropped: the instance counts until then.
    _permit: Permit,
}

impl Call {
    pub(crate) fn new(
        grants: Grants,
        log: Log,
        budget: Budget,
        bounds: &crate::config::Limits,
        permit: Permit,
    ) -> Self {
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
            wasi: None,
            log,
            http,
            hooks: NoOutboundHttp,
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
struct NoOutboundHttp;

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

    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        4
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        256 * 1024
    }

    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        256 * 1024
    }
}

/// How much an instance may grow, and whether it wanted more.
pub(crate) struct Budget {
    memory_left: usize,
    tables_left: usize,
    /// Memory was refused: the crash that follows is named for its cause.
    pub(crate) starved: bool,
}

impl Budget {
    pub(crate) fn new(memory_bytes: usize, table_elements: usize) -> Self {
        Self {
            memory_left: memory_bytes,
            tables_left: table_elements,
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
        64
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_share_one_budget() {
        let mut budget = Budget::new(100, 10);
        assert!(budget.memory_growing(0, 60, None).unwrap());
        assert!(budget.memory_growing(0, 40, None).unwrap());
        assert!(!budget.starved);
        assert!(!budget.memory_growing(40, 41, None).unwrap());
        assert!(budget.starved);
        assert!(!budget.table_growing(0, 11, None).unwrap());
    }
}
