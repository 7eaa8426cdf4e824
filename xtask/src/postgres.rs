//! A private, throw-away PostgreSQL server for the tests: from the installed binaries, in a temporary folder, on
//! a free loopback port. It refuses to run as root, so root hands it to another user.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Users to hand the server to when we are root, in order.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A running server; stopped and erased when dropped.
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
    version: String,
}

impl Server {
    /// Starts a server, or `None` when this machine has no PostgreSQL binaries.
    pub(crate) fn start() -> anyhow::Result<Option<Self>> {
        let Some(binaries) = binaries() else { return Ok(None) };
        let user = run_as()?;
        let folder = folder(user.as_deref())?;
        let data = folder.join("data");

        let initdb = command(&binaries.join("initdb"), user.as_deref())
            .args([
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--pgdata",
            ])
            .arg(&data)
            .current_dir(&folder)
            .output()
            .context("initdb does not start")?;
        anyhow::ensure!(
            initdb.status.success(),
            "initdb failed:\n{}{}",
            String::from_utf8_lossy(&initdb.stdout),
            String::from_utf8_lossy(&initdb.stderr)
        );

        let port = free_port()?;
        let log = std::fs::File::create(folder.join("server.log"))?;
        let child = command(&binaries.join("postgres"), user.as_deref())
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args(["-p", &port.to_string()])
            // Throw-away data: durability would only cost time.
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off",
                "-c",
                "synchronous_commit=off",
            ])
            .args(["-c", "full_page_writes=off", "-c", "max_connections=300"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("postgres does not start")?;
        let mut server = Self {
            child,
            folder,
            port,
            version: version(&binaries),
        };
        server.wait_until_ready(&binaries)?;
        Ok(Some(server))
    }

    /// Where clients connect: a superuser without a password, on loopback.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The server's own version line.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    fn wait_until_ready(&mut self, binaries: &Path) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let ready = Command::new(binaries.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .context("pg_isready does not start")?;
            if ready.success() {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() || Instant::now() > deadline {
                let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
                anyhow::bail!("PostgreSQL did not come up:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown; without it its own children would outlive it.
        let asked = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        if !asked.is_ok_and(|status| status.success()) {
            drop(self.child.kill());
        }
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// The newest installed server's binaries: from the PATH, or where Debian and the BSDs put them.
fn binaries() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.filter_map(|entry| entry.ok().map(|entry| entry.path().join("bin"))));
        folders.sort_by_key(|folder| version_number(folder));
        folders.reverse();
    }
    if let Some(path) = std::env::var_os("PATH") {
        folders.extend(std::env::split_paths(&path));
    }
    folders.push(PathBuf::from("/usr/local/pgsql/bin"));
    folders.into_iter().find(|folder| {
        ["initdb", "postgres", "pg_isready"]
            .iter()
            .all(|program| folder.join(program).is_file())
    })
}

/// `15` of `/usr/lib/postgresql/15/bin`.
fn version_number(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

fn version(binaries: &Path) -> String {
    let output = Command::new(binaries.join("postgres")).arg("--version").output();
    output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}

/// Nobody special unless we are root; then the first of [`USERS`] that exists.
fn run_as() -> anyhow::Result<Option<String>> {
    if id(&["-u"])? != "0" {
        return Ok(None);
    }
    for user in USERS {
        if id(&["-u", user]).is_ok() {
            return Ok(Some(user.to_owned()));
        }
    }
    anyhow::bail!("PostgreSQL does not run as root and neither `postgres` nor `nobody` exists here")
}

fn id(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("id")
        .args(arguments)
        .output()
        .context("`id` does not start")?;
    anyhow::ensure!(output.status.success(), "id {}", arguments.join(" "));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The program, as that user when one is given.
fn command(program: &Path, user: Option<&str>) -> Command {
    let Some(user) = user else { return Command::new(program) };
    if Path::new("/usr/bin/setpriv").is_file() {
        let mut command = Command::new("/usr/bin/setpriv");
        command.args([
            &format!("--reuid={user}"),
            &format!("--regid={}", group_of(user)),
            "--clear-groups",
        ]);
        command.args(["--pdeathsig=INT", "--"]).arg(program);
        command
    } else {
        let mut command = Command::new("runuser");
        command.args(["-u", user, "--"]).arg(program);
        command
    }
}

fn group_of(user: &str) -> String {
    id(&["-g", user]).unwrap_or_else(|_| user.to_owned())
}

/// A fresh folder that the server's user owns. Below the system's temporary folder: a Unix socket's path must
/// stay short, and another user must be able to reach it.
fn folder(user: Option<&str>) -> anyhow::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("portal-postgres-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    if let Some(user) = user {
        let owned = Command::new("chown")
            .arg(user)
            .arg(&folder)
            .status()
            .context("`chown` does not start")?;
        anyhow::ensure!(owned.success(), "cannot hand {} to {user}", folder.display());
    }
    Ok(folder)
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_answers_while_it_lives_and_leaves_nothing_behind() {
        let Some(server) = Server::start().unwrap() else {
            println!("no PostgreSQL binaries here");
            return;
        };
        let (port, folder) = (server.port, server.folder.clone());
        assert!(server.url().contains(&port.to_string()));
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        drop(server);
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
        assert!(!folder.exists());
    }
}
