//! The command line: what each command takes, how it reports, its exit code.
//! 0: done; 1: the work was refused or failed (said in plain words on stderr); 2: the command line is wrong.

use crate::{
    audit,
    config::{Config, LogFormat, Settings},
    demo, doctor, import,
    plugins::{PluginHost, Rebuilds},
    serve, web,
};
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use platform::{Actor, NewStaff, Platform, Role};
use secrecy::SecretString;
use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use tracing_subscriber::EnvFilter;

/// Runs plugins for field-service companies: staff console, customers' pages, JSON API.
#[derive(Parser)]
#[command(name = "host-harness", version, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Start with `host-harness demo --help`, or for real use with `host-harness serve --config host.toml`.\n\
    Every setting of host.toml can also be given as HOST_<NAME>, for example HOST_PUBLIC_URL or HOST_SMTP__HOST."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the staff console and the public listener until Ctrl-C or SIGTERM
    Serve(ConfigArgs),
    /// Set up demonstration companies with a plugin, serve them and print where to look
    Demo(demo::DemoArgs),
    /// Import a company's folder: company.toml, CSV files, a files folder
    ///
    /// Everything is checked first. If any row is bad, all bad rows are listed as file:line: reason,
    /// nothing is imported and the exit code is 1. Importing the same folder again changes nothing.
    Import(ImportArgs),
    /// Check or install plugins
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Invite members of staff
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Make keys for other apps
    #[command(subcommand)]
    ApiKey(ApiKeyCommand),
    /// Check the log of who did what
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Check configuration, database, data folder, memory pooling and mail server
    Doctor(ConfigArgs),
}

#[derive(Args)]
struct ConfigArgs {
    /// Configuration file [default: host.toml when there is one]
    #[arg(long, value_name = "FILE", env = "HOST_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct DataArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Database instead of the configured one, for example sqlite://host.db or postgres://…
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Data folder instead of the configured one
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Args)]
struct ImportArgs {
    /// The company's folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Subcommand)]
enum PluginCommand {
    /// Say what a component offers and asks for, and whether this host would install it
    Check {
        /// The component
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
    },
    /// Install a component, or upgrade to it (a running host takes it up when it starts next)
    Install {
        /// The component
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Add somebody (or find them) and print a sign-in link that works once, for 24 hours
    Invite {
        /// E-mail they sign in with
        email: String,
        /// What they may do
        #[arg(long, value_enum, default_value_t = RoleArg::Staff)]
        role: RoleArg,
        /// Their company's short name in addresses; not for platform admins
        #[arg(long, value_name = "SLUG")]
        company: Option<String>,
        /// Their name [default: the part of the e-mail before the @]
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Recompute every entry's hash and name the first that was altered; exit code 1 when there is one
    ///
    /// Prints the head of each chain. Keep these lines elsewhere: given back with --head, they show that the end of the
    /// log was not cut off since.
    Verify {
        /// Only this company's log; otherwise all of them and the installation's own
        #[arg(long, value_name = "SLUG")]
        company: Option<String>,
        /// A head an earlier check printed (may be given several times)
        #[arg(long = "head", value_name = "CHAIN:SEQ:HASH")]
        heads: Vec<audit::Head>,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum RoleArg {
    /// Works with customers of one company
    Staff,
    /// Also changes that company's settings, plugins and staff
    CompanyAdmin,
    /// Installs plugins and sees every company
    PlatformAdmin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Staff => Self::Staff,
            RoleArg::CompanyAdmin => Self::CompanyAdmin,
            RoleArg::PlatformAdmin => Self::PlatformAdmin,
        }
    }
}

#[derive(Subcommand)]
enum ApiKeyCommand {
    /// Make a key and print it; it is shown this once
    Create {
        /// The company's short name in addresses
        #[arg(long, value_name = "SLUG")]
        company: String,
        /// What the key is for, in staff's words
        #[arg(long, default_value = "Made on the command line")]
        name: String,
        /// What it may do, separated by commas
        #[arg(long, value_delimiter = ',', required = true, value_parser = clap::builder::PossibleValuesParser::new(platform::API_SCOPES))]
        scopes: Vec<String>,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Read the command line, do it, answer the exit code.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: the program cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(dispatch(cli.command));
    runtime.shutdown_timeout(Duration::from_secs(2));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => {
            let config = Config::check(settings(&args)?)?;
            start_log(config.settings.log.format, &config.settings.log.filter);
            serve::run(config).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo(args) => {
            start_log(LogFormat::Text, "warn");
            demo::run(args).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Import(args) => {
            quiet_log();
            let platform = serve::open_platform(&args.data.config()?).await?;
            let done = import::run(&platform, &args.folder, import::Answer::Everything).await;
            platform.close().await;
            done
        }
        Command::Plugin(PluginCommand::Check { file }) => check_plugin(&file),
        Command::Plugin(PluginCommand::Install { file, data }) => {
            quiet_log();
            let bytes = read_component(&file)?;
            let config = data.config()?;
            let platform = serve::open_platform(&config).await?;
            let plugins = PluginHost::open(platform.clone(), Some(&config.settings.data_dir.join("compiled"))).await?;
            let installed = plugins.install(bytes, Rebuilds::Refuse, &web::system_call()).await?;
            say(&format!(
                "{} {} is installed. Companies enable it under Features & Plugins.",
                installed.name, installed.version
            ));
            platform.close().await;
            Ok(ExitCode::SUCCESS)
        }
        Command::Staff(StaffCommand::Invite {
            email,
            role,
            company,
            name,
            data,
        }) => {
            quiet_log();
            let config = data.config()?;
            let platform = serve::open_platform(&config).await?;
            let link = invite(&platform, &config, email, role.into(), company, name).await?;
            say(&link);
            platform.close().await;
            Ok(ExitCode::SUCCESS)
        }
        Command::ApiKey(ApiKeyCommand::Create {
            company,
            name,
            scopes,
            data,
        }) => {
            quiet_log();
            let platform = serve::open_platform(&data.config()?).await?;
            let company = find_company(&platform, &company).await?;
            let (_, key) = platform
                .api_keys()
                .create(&company.id, &name, &scopes, &Actor::system())
                .await?;
            say(&key);
            platform.close().await;
            Ok(ExitCode::SUCCESS)
        }
        Command::Audit(AuditCommand::Verify { company, heads, data }) => {
            quiet_log();
            let platform = serve::open_platform(&data.config()?).await?;
            let company = match company {
                Some(slug) => Some(find_company(&platform, &slug).await?),
                None => None,
            };
            let intact = audit::verify(&platform, company.as_ref(), &heads).await;
            platform.close().await;
            Ok(code(intact?))
        }
        Command::Doctor(args) => {
            quiet_log();
            Ok(code(doctor::run(settings(&args)?, config_file(&args)).await))
        }
    }
}

fn code(fine: bool) -> ExitCode {
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn config_file(args: &ConfigArgs) -> Option<&Path> {
    let by_itself = Path::new("host.toml");
    args.config
        .as_deref()
        .or_else(|| by_itself.is_file().then_some(by_itself))
}

fn settings(args: &ConfigArgs) -> anyhow::Result<Settings> {
    Ok(Settings::read(config_file(args))?)
}

impl DataArgs {
    fn config(&self) -> anyhow::Result<Config> {
        let mut settings = settings(&self.config)?;
        if let Some(folder) = &self.data_dir {
            settings.data_dir.clone_from(folder);
        }
        if let Some(url) = &self.database_url {
            settings.database_url = Some(SecretString::from(url.clone()));
        }
        Ok(Config::check(settings)?)
    }
}

/// Logs go to stderr: stdout is for what a command answers.
pub(crate) fn start_log(format: LogFormat, filter: &str) {
    // A configured filter was checked with the rest of the configuration.
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let quiet = plugin_engine::SECRETIVE_LOGS
        .iter()
        .filter_map(|directive| directive.parse().ok());
    let filter = quiet.fold(filter, EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start within one process (tests) keeps the first log.
    let _ = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
    };
}

fn quiet_log() {
    start_log(LogFormat::Text, "error");
}

pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn read_component(file: &Path) -> anyhow::Result<Vec<u8>> {
    let size = std::fs::metadata(file)
        .with_context(|| format!("{} cannot be read", file.display()))?
        .len();
    if size > crate::middleware::MAX_PLUGIN_UPLOAD as u64 {
        bail!(
            "{} is too large for a plugin: it has {} MB, and at most 64 are allowed",
            file.display(),
            size / 1_000_000
        );
    }
    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn check_plugin(file: &Path) -> anyhow::Result<ExitCode> {
    let bytes = read_component(file)?;
    say(&format!("{} ({} bytes)", file.display(), bytes.len()));
    let engine = plugin_engine::Engine::new(crate::plugins::engine_config())?;
    let inspection = match engine.inspect(&bytes) {
        Ok(inspection) => inspection,
        Err(refusal) => {
            say(&format!("\nRefused. {refusal}"));
            return Ok(ExitCode::FAILURE);
        }
    };
    let manifest = &inspection.manifest;
    say(&format!(
        "\n{} {} by {}\n  id        {}\n  contract  {}",
        manifest.name, manifest.version, manifest.publisher, manifest.id, manifest.wit
    ));
    if let Some(routes) = &manifest.routes {
        say(&format!("  pages     /<company>/{}", routes.mount));
    }
    say("\nOffers");
    for (offered, what) in [
        (inspection.exports.http.is_some(), "pages for customers"),
        (inspection.exports.actions_menu, "entries in Actions menus"),
        (inspection.exports.template_fields, "fields for message templates"),
        (
            inspection.exports.lifecycle,
            "a say in being enabled, disabled and set up",
        ),
    ] {
        if offered {
            say(&format!("  {what}"));
        }
    }
    say("\nAsks for");
    for (permission, reason) in manifest.permissions.asked() {
        say(&format!("  {:<12} {reason}", permission.interface()));
    }
    say("\nImports");
    for import in &inspection.imports {
        say(&format!("  {import}"));
    }
    say("\nAccepted. This host would install it.");
    Ok(ExitCode::SUCCESS)
}

async fn find_company(platform: &Platform, slug: &str) -> anyhow::Result<platform::Company> {
    match platform.companies().by_slug(slug).await {
        Ok(company) => Ok(company),
        Err(platform::Error::NotFound) => {
            let known: Vec<String> = platform
                .companies()
                .list()
                .await?
                .iter()
                .map(|company| company.slug.clone())
                .collect();
            bail!(
                "there is no company “{slug}”; there {}",
                match known.as_slice() {
                    [] => "are none yet: import one first".to_owned(),
                    some => format!("is: {}", some.join(", ")),
                }
            )
        }
        Err(error) => Err(error.into()),
    }
}

async fn invite(
    platform: &Platform,
    config: &Config,
    email: String,
    role: Role,
    company: Option<String>,
    name: Option<String>,
) -> anyhow::Result<String> {
    let company_id = match (&company, role) {
        (Some(_), Role::PlatformAdmin) => bail!("a platform admin belongs to no company: leave --company out"),
        (Some(slug), _) => Some(find_company(platform, slug).await?.id),
        (None, Role::PlatformAdmin) => None,
        (None, _) => bail!("say which company with --company"),
    };
    let staff = match platform.staff().by_email(&email).await {
        Ok(staff) if staff.role == role && staff.company_id == company_id => staff,
        Ok(staff) => bail!(
            "{email} is here already as {}; that is changed in the console",
            staff.role.code()
        ),
        Err(platform::Error::NotFound) => {
            let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
            platform
                .staff()
                .create(
                    NewStaff {
                        company_id,
                        email,
                        name,
                        role,
                    },
                    &Actor::system(),
                )
                .await?
        }
        Err(error) => return Err(error.into()),
    };
    let token = platform
        .staff()
        .create_sign_in_token(&staff.id, 24 * 3600, &Actor::system())
        .await?;
    Ok(format!("{}/sign-in/t/{token}", config.staff_url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn scopes_are_checked_while_reading_the_command_line() {
        let parse = |scopes: &str| {
            Cli::try_parse_from([
                "host-harness",
                "api-key",
                "create",
                "--company",
                "x",
                "--scopes",
                scopes,
            ])
        };
        assert!(parse("fields:read,actions:run").is_ok());
        assert!(parse("everything").is_err());
    }
}
