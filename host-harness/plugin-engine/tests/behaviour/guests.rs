//! The fixture guests of `tests/guests`, built once when they are not there yet.
//! `GUESTS_DIR` names a folder with built ones.

use crate::host::World;
use http_body_util::{BodyExt, Full};
use plugin_engine::{Body, Engine, EngineConfig, Limits, Plugin, ServeError, Tenant};
use std::{
    future::Future,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
    time::Duration,
};

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate is in the workspace")
}

/// Build the guests unless every one is there. Cargo's own lock keeps parallel runs apart.
fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        if let Some(given) = std::env::var_os("GUESTS_DIR") {
            return given.into();
        }
        let target = workspace().join("target/guests");
        let built = target.join("wasm32-wasip2/release");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args([
                "build",
                "--release",
                "--quiet",
                "--target",
                "wasm32-wasip2",
                "--manifest-path",
            ])
            .arg(workspace().join("tests/guests/Cargo.toml"))
            .arg("--target-dir")
            .arg(&target)
            // Flags for the host's own build say nothing about a guest's.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_TARGET_DIR")
            .status()
            .expect("cargo can be run");
        assert!(status.success(), "the fixture guests do not build");
        built
    })
}

/// The bytes of a guest.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let path = directory().join(format!("{}.wasm", name.replace('-', "_")));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// An engine with a small pool and a cache that all tests share.
pub(crate) fn engine(limits: Limits) -> Engine {
    engine_with(EngineConfig {
        limits,
        ..EngineConfig::default()
    })
}

pub(crate) fn engine_with(config: EngineConfig) -> Engine {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    Engine::new(EngineConfig {
        cache_dir: Some(cache),
        ..config
    })
    .unwrap()
}

/// Limits for tests: generous times, so that a busy machine fails no test that is not about time.
pub(crate) fn limits() -> Limits {
    Limits {
        request_time: Duration::from_secs(60),
        hook_time: Duration::from_secs(60),
        capability_time: Duration::from_secs(30),
        queue_time: Duration::from_secs(30),
        concurrent: 16,
        concurrent_per_company: 8,
        breaker_failures: 1_000,
        ..Limits::default()
    }
}

pub(crate) async fn load(engine: &Engine, name: &str) -> Arc<Plugin> {
    engine
        .load(bytes(name))
        .await
        .unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}

/// A plugin with an engine of its own.
pub(crate) async fn plugin(name: &str) -> Arc<Plugin> {
    load(&engine(limits()), name).await
}

pub(crate) fn tenant(company: &str) -> Tenant {
    Tenant::new(company, World::new(company).grants())
}

/// A company that is served by one plugin while others misbehave next door: asked again and again until `bad` is
/// done, and every answer must be right. Gives back what came of `bad`.
pub(crate) async fn beside<T>(engine: &Engine, bad: impl Future<Output = T>) -> T {
    let good = load(engine, "good").await;
    let summit = tenant("summit");
    let mut bad = std::pin::pin!(tokio::time::timeout(Duration::from_secs(300), bad));
    let mut served = 0;
    loop {
        let asked = async {
            assert_eq!(page(&good, &summit, "count").await, "1");
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        // `bad` may be done first, but no question to the neighbour is ever given up.
        let mut asked = std::pin::pin!(asked);
        tokio::select! {
            done = &mut bad => {
                asked.await;
                assert_eq!(page(&good, &summit, "count").await, "1", "after {served} times");
                return done.expect("nothing hangs");
            }
            () = &mut asked => served += 1,
        }
    }
}

/// One page asked for by more clients than there are instances, all at once.
pub(crate) async fn crowd(plugin: &Arc<Plugin>, page: &str) -> Vec<Result<http::Response<Body>, ServeError>> {
    let bad = tenant("bad");
    let asked = (0..limits().concurrent + 4).map(|_| get(plugin, &bad, page));
    futures_util::future::join_all(asked).await
}

/// Memory of this process in bytes; coarse.
pub(crate) fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or_default() * 4096
}

/// Ask for a page.
pub(crate) async fn get(plugin: &Arc<Plugin>, tenant: &Tenant, page: &str) -> Result<http::Response<Body>, ServeError> {
    let request = http::Request::get(format!("/summit/any/{page}"))
        .body(Full::<bytes::Bytes>::default())
        .unwrap();
    plugin.handle(tenant.clone(), request).await
}

/// A page's text.
pub(crate) async fn page(plugin: &Arc<Plugin>, tenant: &Tenant, page: &str) -> String {
    let response = get(plugin, tenant, page)
        .await
        .unwrap_or_else(|e| panic!("{page}: {e}"));
    text(response).await
}

pub(crate) async fn text(response: http::Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
