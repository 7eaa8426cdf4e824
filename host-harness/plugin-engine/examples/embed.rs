//! A whole host: load a plugin, answer one request with it. `cargo run --example embed -- FILE.wasm`
//! It grants nothing but the company itself: whatever else the plugin asks for is denied to it in words.
#![expect(clippy::print_stdout, reason = "an example")]

use capabilities::{Company, CompanyProfile, Error, Features, Grants, Moment, Setting};
use http_body_util::{BodyExt, Full};
use plugin_engine::{Engine, EngineConfig, Tenant};
use std::sync::Arc;

struct Acme;

#[async_trait::async_trait]
impl Company for Acme {
    async fn profile(&self) -> capabilities::Result<CompanyProfile> {
        Err(Error::Unavailable("This host keeps no profile.".to_owned()))
    }
    fn features(&self) -> Features {
        Features::default()
    }
    async fn settings(&self) -> capabilities::Result<Vec<Setting>> {
        Ok(Vec::new())
    }
    fn mount_url(&self) -> String {
        "http://127.0.0.1:8081/acme/pages".to_owned()
    }
    fn now(&self) -> Moment {
        let local = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
        let zone = "UTC".to_owned();
        Moment {
            unix_seconds: 0,
            local,
            zone,
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("usage: embed FILE.wasm")?;
    let engine = Engine::new(EngineConfig::default())?;
    let plugin = engine.load(std::fs::read(file)?).await?;
    println!("{}\n", plugin.inspection());

    let grants = Grants {
        company: Arc::new(Acme),
        customers: None,
        documents: None,
        storage: None,
        credentials: None,
        messages: None,
        activity: None,
    };
    let request = http::Request::get("/acme/pages/").body(Full::<bytes::Bytes>::default())?;
    let response = plugin.handle(Tenant::new("acme", grants), request).await?;
    println!("{} {:?}", response.status(), response.headers());
    let body = response.into_body().collect().await?.to_bytes();
    println!("\n{}", String::from_utf8_lossy(&body));
    Ok(())
}
