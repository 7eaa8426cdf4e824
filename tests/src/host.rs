//! The host as a child process on free loopback ports with a data folder of its own: the demo, `serve`, or any
//! command of its command line. Stopped with SIGTERM, as a service manager would, and killed only if that fails.

use std::io::{BufRead as _, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::browser::Browser;
use crate::clock::Clock;

/// How long a start may take before the test says that it hangs; not a measure of speed.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running host.
pub struct Host {
    child: Option<Child>,
    folder: Arc<TempDir>,
    /// Origin of the staff listener.
    pub staff: String,
    /// Origin of the public listener.
    pub public: String,
    output: Arc<Mutex<Vec<String>>>,
}

impl Host {
    /// A fresh demo: both companies imported, the plugin installed and enabled for the first.
    pub fn demo() -> anyhow::Result<Self> {
        Self::demo_in(Arc::new(folder()?), &[])
    }

    /// A fresh demo on a clock that can be moved.
    pub fn demo_on(clock: &Clock) -> anyhow::Result<Self> {
        Self::demo_of(Arc::new(folder()?), &[], Some(clock))
    }

    /// The demo in a data folder that may already hold one.
    pub fn demo_in(folder: Arc<TempDir>, extra: &[&str]) -> anyhow::Result<Self> {
        Self::demo_of(folder, extra, None)
    }

    /// The demo again, on the data and the clock of one that was stopped.
    pub fn demo_again(folder: Arc<TempDir>, clock: &Clock) -> anyhow::Result<Self> {
        Self::demo_of(folder, &[], Some(clock))
    }

    fn demo_of(folder: Arc<TempDir>, extra: &[&str], clock: Option<&Clock>) -> anyhow::Result<Self> {
        let mut command = Command::new(binary()?);
        if let Some(clock) = clock {
            clock.set_for(&mut command);
        }
        command
            .arg("demo")
            .arg("--plugin")
            .arg(component()?)
            .arg("--data-dir")
            .arg(data(&folder));
        for company in ["demo/summit", "demo/brook"] {
            command.arg("--company").arg(root().join(company));
        }
        // Port 0: the system chooses, so that tests at the same time never want the same one.
        command.args(["--port", "0", "--public-port", "0"]).args(extra);
        let mut host = Self::start(command, folder)?;
        host.wait_for(|lines| lines.iter().any(|line| line.starts_with("Mailbox ")))?;
        host.staff = origin(&host.printed("Staff console")?);
        host.public = origin(&host.printed("Customer portal")?);
        Ok(host)
    }

    /// `host-harness serve` with this configuration; `{data}`, `{staff}` and `{public}` in it are filled in.
    pub async fn serve(folder: Arc<TempDir>, configuration: &str) -> anyhow::Result<Self> {
        Self::serve_on(folder, configuration, None).await
    }

    /// The same, perhaps on a clock that can be moved.
    pub async fn serve_on(folder: Arc<TempDir>, configuration: &str, clock: Option<&Clock>) -> anyhow::Result<Self> {
        // The configured addresses must be known beforehand, and a port found free may be taken by then.
        for _ in 0..5 {
            let host = Self::serve_once(Arc::clone(&folder), configuration, clock).await?;
            if host.alive() {
                return Ok(host);
            }
            let output = host.output().join("\n");
            anyhow::ensure!(output.contains("has that port"), "the host ended:\n{output}");
        }
        anyhow::bail!("five times somebody else took the port")
    }

    async fn serve_once(folder: Arc<TempDir>, configuration: &str, clock: Option<&Clock>) -> anyhow::Result<Self> {
        let (port, public_port) = (free_port()?, free_port()?);
        let text = configuration
            .replace("{data}", &data(&folder).display().to_string())
            .replace("{staff}", &format!("127.0.0.1:{port}"))
            .replace("{public}", &format!("127.0.0.1:{public_port}"));
        let file = folder.path().join("host.toml");
        std::fs::write(&file, text)?;
        let mut command = Command::new(binary()?);
        command.arg("serve").arg("--config").arg(&file);
        if let Some(clock) = clock {
            clock.set_for(&mut command);
        }
        let mut host = Self::start(command, folder)?;
        host.staff = format!("http://127.0.0.1:{port}");
        host.public = format!("http://127.0.0.1:{public_port}");
        let started = Instant::now();
        let probe = Browser::new(&host.public);
        while host.alive() && !probe.get("/readyz").await.is_ok_and(|page| page.status.is_success()) {
            anyhow::ensure!(started.elapsed() < PATIENCE, "not ready:\n{}", host.output().join("\n"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(host)
    }

    fn start(mut command: Command, folder: Arc<TempDir>) -> anyhow::Result<Self> {
        clean(&mut command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let output = Arc::default();
        if let Some(stdout) = child.stdout.take() {
            keep(stdout, &output);
        }
        if let Some(stderr) = child.stderr.take() {
            keep(stderr, &output);
        }
        Ok(Self {
            child: Some(child),
            folder,
            staff: String::new(),
            public: String::new(),
            output,
        })
    }

    fn wait_for(&self, ready: impl Fn(&[String]) -> bool) -> anyhow::Result<()> {
        let started = Instant::now();
        while !ready(&self.output()) {
            anyhow::ensure!(
                started.elapsed() < PATIENCE,
                "the host did not start:\n{}",
                self.output().join("\n")
            );
            anyhow::ensure!(self.alive(), "the host ended:\n{}", self.output().join("\n"));
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn alive(&self) -> bool {
        let Some(child) = &self.child else { return false };
        let state = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
        // `pid (name) S …`; a process that ended and was not waited for is a zombie.
        !state.is_empty() && !state.contains(") Z ")
    }

    /// Everything it printed, both streams.
    pub fn output(&self) -> Vec<String> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The address behind a label it printed, for example `Staff console`.
    pub fn printed(&self, label: &str) -> anyhow::Result<String> {
        let output = self.output();
        let line = output
            .iter()
            .find_map(|line| line.strip_prefix(label))
            .with_context(|| format!("no line {label:?}"))?;
        line.split_whitespace()
            .next()
            .map(str::to_owned)
            .with_context(|| format!("no address after {label:?}"))
    }

    /// What the demo wrote for tools: addresses and the API key.
    pub fn notes(&self) -> anyhow::Result<Value> {
        let file = self.data().join("demo.json");
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        data(&self.folder)
    }

    /// Every file of its data whose bytes hold this.
    pub fn files_with(&self, needle: &str) -> anyhow::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        search(&self.data(), needle.as_bytes(), &mut found)?;
        Ok(found)
    }

    /// The folder that holds the data folder; pass it on to start again on the same data.
    pub fn folder(&self) -> Arc<TempDir> {
        Arc::clone(&self.folder)
    }

    /// A new browser for the staff listener.
    pub fn staff_browser(&self) -> Browser {
        Browser::new(&self.staff)
    }

    /// A new browser for the public listener.
    pub fn public_browser(&self) -> Browser {
        Browser::new(&self.public)
    }

    /// Memory it has in use now, in bytes.
    pub fn memory(&self) -> anyhow::Result<u64> {
        memory_in(&std::fs::read_to_string(format!("/proc/{}/status", self.id()))?)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Sends SIGTERM and waits for the end.
    pub fn stop(mut self) -> anyhow::Result<ExitStatus> {
        self.terminate()?.context("the host did not end after SIGTERM")
    }

    fn terminate(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        let Some(mut child) = self.child.take() else {
            return Ok(None);
        };
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        child.kill()?;
        child.wait()?;
        Ok(None)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Runs a command of the host's command line to its end, `HOST_DATA_DIR` set to the folder's data.
pub fn command(folder: &TempDir, arguments: &[&str]) -> anyhow::Result<Output> {
    let mut command = Command::new(binary()?);
    clean(&mut command);
    command
        .env("HOST_DATA_DIR", data(folder))
        .args(arguments)
        .stdin(Stdio::null());
    command.output().with_context(|| format!("host-harness {arguments:?}"))
}

/// The memory in use that the text of a `/proc/PID/status` tells, in bytes.
pub fn memory_in(status: &str) -> anyhow::Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: u64 = kib
        .context("the system does not say how much memory is used")?
        .parse()?;
    Ok(kib * 1024)
}

/// A temporary folder for one test.
pub fn folder() -> anyhow::Result<TempDir> {
    Ok(tempfile::Builder::new().prefix("end-to-end-").tempdir()?)
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The built component.
pub fn component() -> anyhow::Result<PathBuf> {
    built("PORTAL_COMPONENT", "wasm32-wasip2/release/customer_portal.wasm")
}

/// The built host.
pub fn binary() -> anyhow::Result<PathBuf> {
    built("HOST_HARNESS_BIN", "debug/host-harness")
}

/// A built fixture guest.
pub fn guest(name: &str) -> anyhow::Result<PathBuf> {
    Ok(built("GUESTS_DIR", "guests/wasm32-wasip2/release")?.join(name))
}

/// What `xtask` built: where it says, or where cargo puts it beside this test.
fn built(variable: &str, below_target: &str) -> anyhow::Result<PathBuf> {
    let path = match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => {
            let test = std::env::current_exe()?;
            let target = test
                .ancestors()
                .nth(3)
                .context("this test does not stand in a target folder")?;
            target.join(below_target)
        }
    };
    anyhow::ensure!(
        path.exists(),
        "{} is not built; `cargo xtask test --only end-to-end` builds it first",
        path.display()
    );
    Ok(path)
}

fn search(folder: &Path, needle: &[u8], found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            search(&path, needle, found)?;
        } else if std::fs::read(&path)?
            .windows(needle.len())
            .any(|window| window == needle)
        {
            found.push(path);
        }
    }
    Ok(())
}

fn data(folder: &TempDir) -> PathBuf {
    folder.path().join("data")
}

/// The tester's own configuration must not reach the host under test.
fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let ours = matches!(name.to_str(), Some("HOST_HARNESS_BIN"));
        if name.to_string_lossy().starts_with("HOST_") && !ours {
            command.env_remove(&name);
        }
    }
    command.env_remove("HOST_HARNESS_BIN").env("NO_COLOR", "1");
}

fn keep(stream: impl Read + Send + 'static, output: &Arc<Mutex<Vec<String>>>) {
    let output = Arc::clone(output);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            output.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    });
}

/// `http://127.0.0.1:8080` of `http://127.0.0.1:8080/a/b`.
fn origin(address: &str) -> String {
    address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

/// A port nobody listens on right now.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
