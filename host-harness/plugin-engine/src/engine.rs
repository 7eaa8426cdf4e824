//! The engine: one wasmtime engine, its pool, its clock and the rules for everything it runs.
//! `Engine` is cheap to clone; the pool and the ticking thread end with its last clone and plugin.

use crate::{
    breaker::Breaker,
    config::{EngineConfig, Limits},
    error::Refusal,
    gate::Gate,
    inspect::{Inspection, inspect},
    logs::LogRates,
    plugin::Plugin,
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use wasmtime::{
    Cache, CacheConfig, Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, component::Component,
};

/// Between two looks at whether a guest must give way.
const TICK: Duration = Duration::from_millis(10);

/// Runs plugins.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

/// What every plugin of an engine shares.
pub(crate) struct Shared {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) config: EngineConfig,
    pub(crate) gate: Gate,
    pub(crate) breaker: Breaker,
    pub(crate) log_rates: Arc<LogRates>,
    /// One compilation at a time: it takes every core there is.
    compiling: Arc<Semaphore>,
    pooled: bool,
}

/// Why an engine cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the plugin engine cannot start: {0}")]
pub struct SetupError(String);

impl Engine {
    /// Set up an engine. Takes instances from a pool where the machine has the address space for
    /// one, and allocates each on demand where it has not.
    pub fn new(config: EngineConfig) -> Result<Self, SetupError> {
        let (wasmtime, pooled) = wasmtime_engine(&config).map_err(|e| SetupError(format!("{e:#}")))?;
        let ticked = wasmtime.weak();
        std::thread::Builder::new()
            .name("plugin-epoch".to_owned())
            .spawn(move || {
                while let Some(engine) = ticked.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(TICK);
                }
            })
            .map_err(|e| SetupError(e.to_string()))?;
        let gate = Gate::new(&config.limits);
        let breaker = Breaker::new(&config.limits, config.on_pause.clone());
        let log_rates = Arc::new(LogRates::new(config.limits.log_lines_per_minute));
        Ok(Self(Arc::new(Shared {
            wasmtime,
            config,
            gate,
            breaker,
            log_rates,
            compiling: Arc::new(Semaphore::new(1)),
            pooled,
        })))
    }

    /// What a file is, wants and offers, without compiling or running any of it.
    pub fn inspect(&self, bytes: &[u8]) -> Result<Inspection, Refusal> {
        inspect(bytes, &self.0.config)
    }

    /// Inspect, compile and link a component. Compiling takes a thread of the blocking pool and, the
    /// first time, up to some seconds; afterwards the compiled code comes from the cache.
    pub async fn load(&self, bytes: Vec<u8>) -> Result<Arc<Plugin>, Refusal> {
        let interrupted = || Refusal::DoesNotLoad("compiling it was interrupted".to_owned());
        let loaded = async {
            let turn = Arc::clone(&self.0.compiling).acquire_owned().await;
            let engine = self.clone();
            // Compiling cannot be stopped: one that is given up keeps its turn until it is over, so that
            // the same file sent again and again keeps one thread busy and no more.
            let loading = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                engine.load_blocking(&bytes)
            });
            loading.await.unwrap_or_else(|_| Err(interrupted()))
        };
        let limit = self.0.config.limits.compile_time;
        tokio::time::timeout(limit, loaded)
            .await
            .unwrap_or(Err(Refusal::SlowToCompile { limit }))
    }

    fn load_blocking(&self, bytes: &[u8]) -> Result<Arc<Plugin>, Refusal> {
        let inspection = self.inspect(bytes)?;
        let limits = &self.0.config.limits;
        let failed = |error: wasmtime::Error| {
            let why = format!("{error:#}");
            if why.contains("pooling allocator") {
                return Refusal::TooComplex(format!(
                    "it has more core instances, memories or tables than the {}, {} and {} allowed",
                    limits.core_instances, limits.memories, limits.tables
                ));
            }
            Refusal::DoesNotLoad(crate::manifest::excerpt(&why))
        };
        let component = Component::new(&self.0.wasmtime, bytes).map_err(failed)?;
        Plugin::link(Arc::clone(&self.0), &component, inspection)
            .map(Arc::new)
            .map_err(failed)
    }

    /// The bounds of every call.
    pub fn limits(&self) -> &Limits {
        &self.0.config.limits
    }

    /// Whether instances come from a pool.
    pub fn is_pooled(&self) -> bool {
        self.0.pooled
    }

    pub(crate) fn breaker(&self) -> &Breaker {
        &self.0.breaker
    }
}

fn wasmtime_engine(config: &EngineConfig) -> wasmtime::Result<(wasmtime::Engine, bool)> {
    let cache = config.cache_dir.as_deref().map(cache).transpose()?;
    let mut settings = Config::new();
    settings
        .epoch_interruption(true)
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .cache(cache);
    let mut pooled = settings.clone();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(&config.limits)));
    match wasmtime::Engine::new(&pooled) {
        Ok(engine) => Ok((engine, true)),
        Err(error) => {
            tracing::warn!(%error, "no address space for a pool of instances; each is allocated on demand");
            Ok((wasmtime::Engine::new(&settings)?, false))
        }
    }
}

fn cache(directory: &Path) -> wasmtime::Result<Cache> {
    std::fs::create_dir_all(directory)?;
    // wasmtime wants an absolute path.
    let mut config = CacheConfig::new();
    config.with_directory(directory.canonicalize()?);
    Cache::new(config)
}

/// A component made by today's tools has up to four core instances, one memory and two tables; the
/// limits leave room for somewhat larger ones. The pool holds that many for every permit there is, so no
/// plugin, however it is built, uses up another's place. Should it run out nevertheless, the call is `Overloaded`.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let at_once = u32::try_from(limits.concurrent)
        .unwrap_or(u32::MAX / 16)
        .min(u32::MAX / 16);
    // An instance's place is free a moment after its permit.
    let places = at_once + at_once / 8 + 8;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(places)
        .max_core_instances_per_component(limits.core_instances)
        .max_memories_per_component(limits.memories)
        .max_tables_per_component(limits.tables)
        .total_core_instances(places.saturating_mul(limits.core_instances))
        .total_memories(places.saturating_mul(limits.memories))
        .total_tables(places.saturating_mul(limits.tables))
        .total_stacks(places * 2)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        // Memory that the last request touched is cleared rather than given back: fewer page faults.
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(1 << 16)
        .async_stack_keep_resident(1 << 16)
        .max_unused_warm_slots(at_once)
        // Off for now: wasmtime issue 14357.
        .pagemap_scan(Enabled::No);
    pool
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_cannot_pool_still_starts() {
        let limits = Limits {
            concurrent: 4_000_000,
            ..Limits::default()
        };
        let engine = Engine::new(EngineConfig {
            limits,
            ..EngineConfig::default()
        })
        .unwrap();
        assert!(!engine.is_pooled());
    }
}
