//! Running the host: open the records, load plugins, start the outbox worker, listen, and stop without losing anything.
//! Two listeners; each connection is served by hyper with bounds on headers and time.

use crate::{
    AppState, api, bootstrap,
    config::Config,
    console,
    messages::{Messages, OutboxOnPlatform, transports},
    middleware::{Frame, frame},
    plugins::PluginHost,
    private::{self, Exposure},
    public,
};
use anyhow::Context;
use axum::{Router, body::Body, extract::Request};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use messaging::{Worker, WorkerConfig};
use platform::{Platform, PlatformConfig, SecretKey, SystemClock};
use secrecy::ExposeSecret;
use std::{future::Future, io::Write, net::SocketAddr, path::Path, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tower::ServiceExt;

/// Longest wait for a request's headers.
const HEADER_TIME: Duration = Duration::from_secs(15);
/// Most bytes of a request's line and headers.
const HEADER_BYTES: usize = 64 * 1024;
/// Most headers of a request.
const HEADER_COUNT: usize = 100;
/// How often records past their time are removed.
const SWEEP: Duration = Duration::from_secs(600);

/// Open the platform the configuration names; makes the data folder and the signing key when missing.
pub async fn open_platform(config: &Config) -> anyhow::Result<Platform> {
    let settings = &config.settings;
    private::make_folder(&settings.data_dir)
        .with_context(|| format!("the data folder {} cannot be made", settings.data_dir.display()))?;
    let secret_key = match &settings.secret_key {
        Some(key) => SecretKey::new(key.expose_secret().as_bytes().to_vec())?,
        None => kept_key(&settings.data_dir.join("secret.key"))?,
    };
    let platform = Platform::open(PlatformConfig {
        database_url: config.database_url.expose_secret().to_owned(),
        files_dir: settings.data_dir.join("files"),
        secret_key,
        public_url: config.public_url.clone(),
        email: config.sends_email(),
        sms: config.sends_sms(),
        connections: settings.limits.database_connections,
        passwords: settings.passwords,
        clock: Arc::new(SystemClock),
    })
    .await
    .context("the database cannot be opened")?;
    Ok(platform)
}

/// The signing key of this installation; made once, readable by its owner only.
fn kept_key(file: &Path) -> anyhow::Result<SecretKey> {
    if let Ok(bytes) = std::fs::read(file) {
        if private::exposure(file) > Exposure::None {
            anyhow::bail!(
                "the signing key in {} can be read by others on this machine, who could forge links with it; \
                 make it private (chmod 600) before starting",
                file.display()
            );
        }
        return SecretKey::new(bytes).with_context(|| format!("the signing key in {} is damaged", file.display()));
    }
    let key = SecretKey::random()?;
    private::write(file, key.expose())
        .with_context(|| format!("the signing key cannot be written to {}", file.display()))?;
    Ok(key)
}

/// A host that is ready to listen.
pub struct Host {
    /// What handlers share.
    pub state: AppState,
    worker: Worker<OutboxOnPlatform>,
}

impl Host {
    /// Put everything together over an open platform.
    pub async fn assemble(config: Arc<Config>, platform: Platform) -> anyhow::Result<Self> {
        let cache = config.settings.data_dir.join("compiled");
        let plugins = PluginHost::open(platform.clone(), Some(&cache)).await?;
        let transports = transports(&config, &platform)?;
        let store = OutboxOnPlatform::new(platform.clone());
        // Plugins write into the outbox too and cannot wake the worker, so it looks often.
        let worker = Worker::new(
            store,
            transports,
            WorkerConfig {
                poll: Duration::from_secs(1),
                ..WorkerConfig::default()
            },
        );
        let messages = Messages::new(
            platform.clone(),
            plugins.clone(),
            Some(worker.waker()),
            config.sends_email(),
            config.sends_sms(),
        );
        Ok(Self {
            state: AppState::new(config, platform, plugins, messages),
            worker,
        })
    }

    /// Serve both listeners until `stop` is done, then finish what is open.
    pub async fn run(
        self,
        staff: TcpListener,
        public: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let Self { state, worker } = self;
        let limits = state.config.settings.limits;
        let drain = Duration::from_secs(limits.drain_seconds);
        let (stopping, stopped) = watch::channel(false);
        let worker = tokio::spawn(worker.run(stopped.clone()));
        let sweeper = tokio::spawn(sweep(state.platform.clone(), stopped.clone()));
        let staff = tokio::spawn(listen(
            staff,
            staff_app(&state),
            limits.connections,
            drain,
            stopped.clone(),
        ));
        let public = tokio::spawn(listen(public, public_app(&state), limits.connections, drain, stopped));
        stop.await;
        tracing::info!("stopping: no new connections, open requests finish");
        stopping.send_replace(true);
        for (name, task) in [
            ("staff", staff),
            ("public", public),
            ("outbox", worker),
            ("sweeper", sweeper),
        ] {
            if let Err(error) = task.await {
                tracing::error!(task = name, %error, "a task ended badly");
            }
        }
        state.platform.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// The staff listener: console and JSON API.
pub fn staff_app(state: &AppState) -> Router {
    let limits = state.config.settings.limits;
    let around = Frame::new(
        "staff",
        &state.config.staff_url,
        &state.config.trusted_proxies,
        limits.requests,
        Duration::from_secs(limits.request_seconds),
    );
    Router::new()
        .merge(console::router())
        .merge(public::assets::router())
        .merge(public::health_router())
        .nest("/api/v1", api::router())
        .layer(axum::middleware::from_fn_with_state(around, frame))
        .with_state(state.clone())
}

/// The public listener.
pub fn public_app(state: &AppState) -> Router {
    let limits = state.config.settings.limits;
    let around = Frame::new(
        "public",
        &state.config.public_url,
        &state.config.trusted_proxies,
        limits.requests,
        Duration::from_secs(limits.request_seconds),
    );
    public::router()
        .layer(axum::middleware::from_fn_with_state(around, frame))
        .with_state(state.clone())
}

/// Accept connections until told to stop; then let open ones finish, for at most `drain`.
async fn listen(
    listener: TcpListener,
    app: Router,
    connections: usize,
    drain: Duration,
    mut stopped: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(connections));
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = told_to_stop(&mut stopped) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (app, stopped) = (app.clone(), stopped.clone());
                open.spawn(async move {
                    connection(stream, peer, app, stopped).await;
                    drop(slot);
                });
            }
            Err(error) => {
                // Out of file descriptors and the like: wait rather than spin.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let finished = tokio::time::timeout(drain, async { while open.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        tracing::warn!(
            left = open.len(),
            "connections were cut: they took longer than limits.drain_seconds"
        );
    }
}

/// Done when the host stops (or is gone).
async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // The guard it answers must not live across another await.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn connection(stream: TcpStream, peer: SocketAddr, app: Router, mut stopped: watch::Receiver<bool>) {
    // Small answers must not wait for the peer's acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        app.clone().oneshot(request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_COUNT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told_to_stop(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn sweep(platform: Platform, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            () = told_to_stop(&mut stopped) => return,
        }
        match platform.sweep().await {
            Ok(report) => tracing::debug!(?report, "swept"),
            Err(error) => tracing::warn!(%error, "records past their time could not be removed"),
        }
    }
}

/// Take a listener's address, with plain words when it is taken.
pub async fn bind(name: &str, address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "the {name} cannot listen on {address}: another program (perhaps another copy of this one) has that port. \
             Stop it, or choose another port with {setting}."
        ),
        std::io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("the {name} may not listen on {address}: ports below 1024 need special rights. Choose another with {setting}.")
        }
        _ => anyhow::anyhow!("the {name} cannot listen on {address}: {error}"),
    })
}

/// Done when the process is asked to end: Ctrl-C or SIGTERM.
pub async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// What is not unsafe enough to refuse, but should be changed.
fn warn(config: &Config) {
    if private::exposure(&config.settings.data_dir) == Exposure::Everybody {
        tracing::warn!("every user of this machine can enter data_dir; make it private (chmod 700)");
    }
    for listener in config.unnamed_proxies() {
        tracing::warn!(
            listener,
            "its https:// address needs a proxy, but trusted_proxies does not name one on this machine: all visitors \
             seem to come from one address"
        );
    }
}

/// Serve until asked to stop.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let staff = bind("staff console", config.settings.staff_listen, "staff_listen").await?;
    let public = bind("public listener", config.settings.public_listen, "public_listen").await?;
    let config = Arc::new(config);
    let platform = open_platform(&config).await?;
    let host = Host::assemble(Arc::clone(&config), platform).await?;
    tracing::info!(staff = config.staff_url, public = config.public_url, "listening");
    warn(&config);
    if let Some(link) = bootstrap::link(&host.state).await? {
        // To the terminal only: logs are kept and read by others.
        writeln!(
            std::io::stdout(),
            "Nobody can sign in yet. This link makes the first administrator, once, within an hour:\n  {link}"
        )?;
    }
    host.run(staff, public, asked_to_stop()).await
}
