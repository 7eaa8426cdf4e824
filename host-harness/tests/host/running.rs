//! A host on free ports with two small companies and whatever fixture guests a test installs.
//! Stopped and waited for by `stop`; dropped tests end with their runtime.

use capabilities::CallContext;
use host_harness::{
    AppState,
    config::{Config, Limits, Log, Settings},
    plugins::{Installed, Rebuilds},
    serve::{self, Host},
    web,
};
use platform::{Actor, Company};
use reqwest::{Client, Method, Response, header::HeaderMap, redirect::Policy};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub(crate) struct Running {
    pub(crate) state: AppState,
    pub(crate) staff: String,
    pub(crate) public: String,
    client: Client,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<anyhow::Result<()>>,
    pub(crate) folder: TempDir,
}

/// An answer read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

fn company(slug: &str, name: &str) -> String {
    format!(
        "slug = \"{slug}\"\nname = \"{name}\"\nphone = \"(303) 555-0100\"\nemail = \"office@{slug}.example\"\n\
         locale = \"en-US\"\ntime_zone = \"America/Denver\"\ncurrency = \"USD\"\ncountry = \"US\"\naccent = \"#0b5394\"\n"
    )
}

const CUSTOMERS: &str = "id,first_name,last_name,email,phone\n\
     C1,Ann,Lee,ann@example.com,(303) 555-0142\n\
     C2,Bo,Ray,,\n\
     C3,Zoë,Müller,zoe@example.com,\n";
const INVOICES: &str =
    "id,customer_id,number,title,status,invoice_date,due_date\nI1,C1,INV-1,Repair,issued,today-30,today-2\n";
const INVOICE_LINES: &str = "invoice_id,position,name,quantity,unit_price\nI1,1,Work,1,1234.50\n";

impl Running {
    /// A host with the companies `acme` and `brook`, no plugin yet.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// The same with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        // Plain loopback HTTP; the client still wants to know who would do TLS.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let staff = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut settings = Settings {
            data_dir: folder.path().join("data"),
            database_url: None,
            staff_listen: staff.local_addr().unwrap(),
            public_listen: public.local_addr().unwrap(),
            public_url: None,
            staff_url: None,
            secret_key: None,
            trusted_proxies: Vec::new(),
            mailbox: true,
            smtp: None,
            mail_dir: None,
            sms: None,
            log: Log::default(),
            limits: Limits {
                request_seconds: 120,
                ..Limits::default()
            },
            passwords: platform::PasswordHashing::default(),
        };
        change(&mut settings);
        let config = Arc::new(Config::check(settings).unwrap());
        let platform = serve::open_platform(&config).await.unwrap();
        for (slug, name) in [("acme", "Acme Heating"), ("brook", "Brook Plumbing")] {
            let dir = folder.path().join(slug);
            std::fs::create_dir(&dir).unwrap();
            std::fs::write(dir.join("company.toml"), company(slug, name)).unwrap();
            std::fs::write(dir.join("customers.csv"), CUSTOMERS).unwrap();
            std::fs::write(dir.join("invoices.csv"), INVOICES).unwrap();
            std::fs::write(dir.join("invoice_lines.csv"), INVOICE_LINES).unwrap();
            platform
                .import(&dir, &Actor::system(), &|_| (), &|_| Vec::new())
                .await
                .unwrap();
        }
        let host = Host::assemble(Arc::clone(&config), platform).await.unwrap();
        let state = host.state.clone();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(host.run(staff, public, async {
            let _ = stopped.await;
        }));
        Self {
            state,
            staff: config.staff_url.clone(),
            public: config.public_url.clone(),
            client: Client::builder().redirect(Policy::none()).build().unwrap(),
            stop: Some(stop),
            served,
            folder,
        }
    }

    /// The same with a guest installed and enabled for `acme` only.
    pub(crate) async fn with(guest: &str) -> Self {
        let host = Self::start().await;
        host.install(guest).await;
        host
    }

    /// Install a guest and enable it for `acme`.
    pub(crate) async fn install(&self, guest: &str) -> Installed {
        let installed = self
            .state
            .plugins
            .install(bytes(guest), Rebuilds::Refuse, &call())
            .await
            .unwrap();
        let acme = self.company("acme").await;
        self.state
            .plugins
            .enable(&acme.id, &installed.plugin_id, &call())
            .await
            .unwrap();
        installed
    }

    pub(crate) async fn company(&self, slug: &str) -> Company {
        self.state.platform.companies().by_slug(slug).await.unwrap()
    }

    /// Where the console listens, whatever its address is called.
    pub(crate) fn staff_listener(&self) -> String {
        format!("http://{}", self.state.config.settings.staff_listen)
    }

    /// Tell the host to stop; what `served` says afterwards is `ended`'s to wait for.
    pub(crate) fn tell_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub(crate) async fn ended(self) -> anyhow::Result<()> {
        self.served.await.unwrap()
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.send(Method::GET, address, &[], None).await
    }

    /// Send a request to the public listener, or wherever a full address points.
    pub(crate) async fn send(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let address = if address.starts_with('/') {
            format!("{}{address}", self.public)
        } else {
            address.to_owned()
        };
        let mut request = self.client.request(method, address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        read(request.send().await.unwrap()).await
    }

    /// Send a form as a browser on our own page would.
    pub(crate) async fn post(&self, address: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let mut headers = vec![
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        if !cookie.is_empty() {
            headers.push(("cookie", cookie));
        }
        self.send(Method::POST, address, &headers, Some(encode(fields))).await
    }
}

async fn read(response: Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer {
        status,
        headers,
        text: response.text().await.unwrap(),
    }
}

/// A form's body.
pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    let plain = |text: &str| -> String {
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect()
    };
    fields
        .iter()
        .map(|(name, value)| format!("{}={}", plain(name), plain(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// The circumstances of what a test does by itself.
pub(crate) fn call() -> CallContext {
    web::system_call()
}

fn guests() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        if let Some(given) = std::env::var_os("GUESTS_DIR") {
            return given.into();
        }
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the crate is in the workspace");
        let target = workspace.join("target/guests");
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
            .arg(workspace.join("tests/guests/Cargo.toml"))
            .arg("--target-dir")
            .arg(&target)
            // Flags for the host's own build say nothing about a guest's.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_TARGET_DIR")
            .status()
            .expect("cargo can be run");
        assert!(status.success(), "the fixture guests do not build");
        target.join("wasm32-wasip2/release")
    })
}

/// The bytes of a fixture guest, built when they are not there yet.
pub(crate) fn bytes(guest: &str) -> Vec<u8> {
    let path = guests().join(format!("{}.wasm", guest.replace('-', "_")));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The same component with a custom section more: other bytes, same meaning.
pub(crate) fn rebuilt(guest: &str) -> Vec<u8> {
    let mut bytes = bytes(guest);
    bytes.extend_from_slice(&[0, 5, 4, b'n', b'o', b't', b'e']);
    bytes
}
