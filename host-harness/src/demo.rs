//! `host-harness demo`: demonstration companies, a plugin, a signed-in admin and a sample link, then the host itself.
//! Owns its data folder (a marker file says so); everything it sends stays in the mailbox page.

use crate::{
    config::{Config, Limits, Log, Settings},
    import,
    plugins::{MenuEntry, Rebuilds},
    private,
    serve::{self, Host},
    web,
};
use anyhow::{Context, bail};
use capabilities::{CallContext, Origin};
use figment::{
    Figment,
    providers::{Format, Toml},
};
use platform::{API_SCOPES, Actor, Company, NewStaff, PasswordHashing, Platform, Role};
use plugin_engine::{Element, Panel};
use serde::{Deserialize, Serialize};
use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// A data folder with this file in it was made by the demo and may be wiped by it.
const MARKER: &str = ".host-harness-demo";
/// Where tools find what the demo set up.
const FACTS: &str = "demo.json";
const ADMIN_EMAIL: &str = "admin@demo.example";
/// How long the one-time sign-in waits to be used.
const SIGN_IN_SECONDS: i64 = 7 * 24 * 3600;

/// What the demo takes.
#[derive(clap::Args)]
pub struct DemoArgs {
    /// The plugin to install; the first company has it enabled
    #[arg(long, value_name = "FILE.wasm")]
    plugin: PathBuf,
    /// A company's folder to import, when the company is not there yet (may be given several times)
    #[arg(long = "company", value_name = "DIR", required = true)]
    companies: Vec<PathBuf>,
    /// Folder for everything the demo stores
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Port of the staff console; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the customers' pages; 0 takes a free one
    #[arg(long, default_value_t = 8081)]
    public_port: u16,
    /// Forget everything an earlier demo stored and begin anew
    #[arg(long)]
    fresh: bool,
}

/// What the demo set up, for tools and tests. Holds secrets: readable by its owner only.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Facts {
    staff_url: String,
    public_url: String,
    sign_in_url: String,
    sample_url: String,
    mailbox_url: String,
    sample_customer: String,
    companies: Vec<CompanyFacts>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct CompanyFacts {
    id: String,
    slug: String,
    api_key: String,
}

/// Set up, print three lines, serve until asked to stop.
pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    prepare_folder(&args.data_dir, args.fresh)?;
    let staff = serve::bind("staff console", loopback(args.port), "--port").await?;
    let public = serve::bind("customers' pages", loopback(args.public_port), "--public-port").await?;
    let config = Arc::new(Config::check(settings(
        &args,
        staff.local_addr()?,
        public.local_addr()?,
    ))?);
    let platform = serve::open_platform(&config).await?;
    let mut companies = Vec::new();
    for folder in &args.companies {
        companies.push(company(&platform, folder).await?);
    }
    let first = companies.first().context("no company was given")?.clone();
    let host = Host::assemble(Arc::clone(&config), platform).await?;
    let bytes = std::fs::read(&args.plugin).with_context(|| format!("{} cannot be read", args.plugin.display()))?;
    let installed = host
        .state
        .plugins
        .install(bytes, Rebuilds::Keep, &web::system_call())
        .await?;
    let touched = host
        .state
        .platform
        .plugins()
        .enablement(&first.id, &installed.plugin_id)
        .await?;
    if touched.is_none() {
        host.state
            .plugins
            .enable(&first.id, &installed.plugin_id, &web::system_call())
            .await?;
    }
    let facts = facts(&host, &config, &companies, &installed.plugin_id).await?;
    let lines = lines(&facts, &installed.name);
    private::write(&args.data_dir.join(FACTS), &serde_json::to_vec_pretty(&facts)?)?;
    {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(lines.as_bytes())?;
        stdout.flush()?;
    }
    host.run(staff, public, serve::asked_to_stop()).await
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Make the folder ours, or refuse to touch somebody else's.
fn prepare_folder(folder: &Path, fresh: bool) -> anyhow::Result<()> {
    let filled = folder.is_dir() && std::fs::read_dir(folder)?.next().is_some();
    if filled && !folder.join(MARKER).is_file() {
        bail!(
            "{} holds something that no demo has put there, so it is left alone; choose another folder with --data-dir",
            folder.display()
        );
    }
    if fresh && filled {
        std::fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    private::make_folder(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    std::fs::write(
        folder.join(MARKER),
        "This folder belongs to `host-harness demo`; --fresh empties it.\n",
    )
    .with_context(|| format!("{} cannot be written", folder.display()))?;
    Ok(())
}

fn settings(args: &DemoArgs, staff: SocketAddr, public: SocketAddr) -> Settings {
    Settings {
        data_dir: args.data_dir.clone(),
        database_url: None,
        staff_listen: staff,
        public_listen: public,
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
            drain_seconds: 5,
            ..Limits::default()
        },
        passwords: PasswordHashing::default(),
    }
}

/// The company of a folder; imported when it is not there yet.
async fn company(platform: &Platform, folder: &Path) -> anyhow::Result<Company> {
    let file = folder.join("company.toml");
    let slug: String = Figment::from(Toml::file_exact(&file))
        .extract_inner("slug")
        .with_context(|| format!("{} does not say the company's slug", file.display()))?;
    match platform.companies().by_slug(&slug).await {
        Ok(company) => return Ok(company),
        Err(platform::Error::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    if import::run(platform, folder, import::Answer::OnlyProblems).await? != ExitCode::SUCCESS {
        bail!("{} could not be imported", folder.display());
    }
    Ok(platform.companies().by_slug(&slug).await?)
}

async fn facts(host: &Host, config: &Config, companies: &[Company], plugin_id: &str) -> anyhow::Result<Facts> {
    let platform = &host.state.platform;
    let admin = match platform.staff().by_email(ADMIN_EMAIL).await {
        Ok(admin) => admin,
        Err(platform::Error::NotFound) => {
            let new = NewStaff {
                company_id: None,
                email: ADMIN_EMAIL.to_owned(),
                name: "Demo Admin".to_owned(),
                role: Role::PlatformAdmin,
            };
            platform.staff().create(new, &Actor::system()).await?
        }
        Err(error) => return Err(error.into()),
    };
    let token = platform
        .staff()
        .create_sign_in_token(&admin.id, SIGN_IN_SECONDS, &Actor::system())
        .await?;
    let before = earlier_facts(&config.settings.data_dir);
    let mut keys = Vec::new();
    for company in companies {
        keys.push(CompanyFacts {
            id: company.id.clone(),
            slug: company.slug.clone(),
            api_key: api_key(platform, company, &before).await?,
        });
    }
    let first = companies.first().context("no company was given")?;
    let call = web::RequestInfo::default().call(Origin::Staff {
        id: admin.id.clone(),
        name: admin.name.clone(),
    });
    let (sample_customer, sample_url) = sample(host, config, first, plugin_id, &call).await?;
    Ok(Facts {
        staff_url: config.staff_url.clone(),
        public_url: config.public_url.clone(),
        sign_in_url: format!("{}/sign-in/t/{token}", config.staff_url),
        sample_url,
        mailbox_url: format!("{}/mailbox", config.staff_url),
        sample_customer,
        companies: keys,
    })
}

fn earlier_facts(folder: &Path) -> Option<Facts> {
    serde_json::from_slice(&std::fs::read(folder.join(FACTS)).ok()?).ok()
}

/// The key of an earlier start while it still works, else a new one.
async fn api_key(platform: &Platform, company: &Company, before: &Option<Facts>) -> anyhow::Result<String> {
    let earlier = before
        .iter()
        .flat_map(|facts| &facts.companies)
        .find(|facts| facts.id == company.id);
    if let Some(earlier) = earlier
        && platform
            .api_keys()
            .authenticate(&earlier.api_key)
            .await
            .is_ok_and(|key| key.company_id == company.id)
    {
        return Ok(earlier.api_key.clone());
    }
    let scopes = API_SCOPES.map(str::to_owned);
    let (_, key) = platform
        .api_keys()
        .create(&company.id, "Demo", &scopes, &Actor::system())
        .await?;
    Ok(key)
}

/// A customer and the link that the plugin's first action gives for them.
async fn sample(
    host: &Host,
    config: &Config,
    company: &Company,
    plugin_id: &str,
    call: &CallContext,
) -> anyhow::Result<(String, String)> {
    let state = &host.state;
    let customers = state
        .platform
        .customers()
        .list(&company.id, None, None, 200)
        .await?
        .items;
    let customer = customers
        .into_iter()
        .map(|customer| customer.id)
        .min()
        .context("the first company has no customers")?;
    let menu = state.plugins.menu(&company.id, &customer, call).await?;
    let entry: Option<MenuEntry> = menu.into_iter().find(|entry| entry.plugin_id == plugin_id);
    let panel = match &entry {
        Some(entry) => Some(
            state
                .plugins
                .open_panel(&company.id, plugin_id, &entry.item_id, &customer, call)
                .await?,
        ),
        None => None,
    };
    // A company that switched the plugin off has no link; its address then answers 404, as it should.
    let link = panel.as_ref().and_then(first_link);
    Ok((
        customer,
        link.unwrap_or_else(|| format!("{}/{}/book", config.public_url, company.slug)),
    ))
}

fn first_link(panel: &Panel) -> Option<String> {
    panel.elements.iter().find_map(|element| match element {
        Element::Link { url, .. } => Some(url.clone()),
        _ => None,
    })
}

/// The three lines; the middle one is labelled by the plugin's own name.
fn lines(facts: &Facts, plugin_name: &str) -> String {
    let label = sentence_case(plugin_name);
    let kind = label.rsplit(' ').next().unwrap_or_default().to_lowercase();
    let width = label.chars().count().max("Staff console".len()) + 2;
    let addresses = [&facts.sign_in_url, &facts.sample_url, &facts.mailbox_url].map(String::as_str);
    let longest = addresses.iter().map(|address| address.len()).max().unwrap_or_default() + 2;
    let notes = [
        "(one-time sign-in, good for this start)".to_owned(),
        format!("(a sample customer's {kind} link)"),
        "(every message the demo sends)".to_owned(),
    ];
    ["Staff console", &label, "Mailbox"]
        .into_iter()
        .zip(addresses)
        .zip(notes)
        .map(|((label, address), note)| format!("{label:<width$}{address:<longest$}{note}\n"))
        .collect()
}

/// `Customer Records` → `Customer records`; words that are not plain capitalised ones stay.
fn sentence_case(name: &str) -> String {
    let plain = |word: &str| word.chars().skip(1).all(|c| c.is_lowercase());
    name.split_whitespace()
        .enumerate()
        .map(|(position, word)| {
            if position > 0 && plain(word) {
                word.to_lowercase()
            } else {
                word.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_lines_labelled_by_the_plugins_name() {
        let facts = Facts {
            staff_url: "http://127.0.0.1:1".into(),
            public_url: "http://127.0.0.1:2".into(),
            sign_in_url: "http://127.0.0.1:1/sign-in/t/x".into(),
            sample_url: "http://127.0.0.1:2/a/b".into(),
            mailbox_url: "http://127.0.0.1:1/mailbox".into(),
            sample_customer: "C1".into(),
            companies: Vec::new(),
        };
        let text = lines(&facts, "Customer Records");
        let words: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().take(3).collect())
            .collect();
        assert_eq!(
            words,
            [
                vec!["Staff", "console", "http://127.0.0.1:1/sign-in/t/x"],
                vec!["Customer", "records", "http://127.0.0.1:2/a/b"],
                vec!["Mailbox", "http://127.0.0.1:1/mailbox", "(every"],
            ]
        );
        assert!(text.contains("(a sample customer's records link)"));
    }

    #[test]
    fn names_keep_their_own_capitals() {
        assert_eq!(sentence_case("Customer SMS Records"), "Customer SMS records");
    }

    #[test]
    fn a_folder_of_somebody_else_is_never_emptied() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("precious"), "x").unwrap();
        assert!(
            prepare_folder(folder.path(), true)
                .unwrap_err()
                .to_string()
                .contains("left alone")
        );
        assert!(folder.path().join("precious").is_file());
    }

    #[test]
    fn fresh_empties_what_the_demo_made() {
        let folder = tempfile::tempdir().unwrap();
        prepare_folder(folder.path(), false).unwrap();
        std::fs::write(folder.path().join("old"), "x").unwrap();
        prepare_folder(folder.path(), false).unwrap();
        assert!(folder.path().join("old").is_file());
        prepare_folder(folder.path(), true).unwrap();
        assert!(!folder.path().join("old").exists() && folder.path().join(MARKER).is_file());
    }
}
