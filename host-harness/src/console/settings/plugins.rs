//! Features & Plugins: what is installed, switching it on and off for the company, and its settings.
//! Names, permissions and the settings form come from each plugin's manifest alone.

use crate::{
    AppState,
    console::{
        form::{Choice, Field, Kind, Posted, refill, refuse},
        layout::{Nav, Page, initial},
        office::Office,
        view::{Command, Fact, Pill},
        words,
    },
    plugins::{CompanyPlugin, PluginError, SettingValue},
    web::{self, Failure},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use capabilities::{FieldError, Setting, Tone};
use plugin_engine::{Manifest, Permission, SettingType};

struct Card {
    href: String,
    initial: String,
    name: String,
    description: String,
    publisher: String,
    version: String,
    enabled: bool,
    status: Pill,
}

#[derive(askama::Template)]
#[template(path = "console/settings/plugins.html")]
struct ListPage {
    page: Page,
    back: String,
    install_href: Option<String>,
    plugins: Vec<Card>,
}

#[derive(askama::Template)]
#[template(path = "console/settings/plugin.html")]
struct PluginPage {
    page: Page,
    back: String,
    href: String,
    name: String,
    publisher: String,
    version: String,
    description: String,
    status: Pill,
    enabled: bool,
    paused: Option<String>,
    not_granted: String,
    errors: Vec<FieldError>,
    fields: Vec<Field>,
    permissions: Vec<Fact>,
    gives: Vec<String>,
    facts: Vec<Fact>,
    upgrade_href: Option<String>,
    uninstall_href: Option<String>,
    commands: Vec<Command>,
}

fn status(plugin: &CompanyPlugin) -> Pill {
    match (plugin.enabled, &plugin.paused) {
        (true, Some(_)) => Pill::new("Paused", Tone::Warning),
        (true, None) => Pill::new("Enabled", Tone::Success),
        (false, _) => Pill::new("Not enabled", Tone::Neutral),
    }
}

/// `GET /c/{slug}/settings/plugins`
pub(in crate::console) async fn list(State(state): State<AppState>, office: Office) -> Result<Response, Failure> {
    let plugins = state.plugins.for_company(office.id()).await?;
    let plugins = plugins
        .iter()
        .map(|plugin| Card {
            href: office.record("settings/plugins", &plugin.manifest.id),
            initial: initial(&plugin.manifest.name),
            name: plugin.manifest.name.clone(),
            description: plugin.manifest.description.clone(),
            publisher: plugin.manifest.publisher.clone(),
            version: plugin.manifest.version.clone(),
            enabled: plugin.enabled,
            status: status(plugin),
        })
        .collect();
    let view = ListPage {
        page: office.page("Features & Plugins", Nav::Settings),
        back: office.path("settings"),
        install_href: office.may_install().then(|| office.path("settings/install")),
        plugins,
    };
    Ok(web::page(StatusCode::OK, &view))
}

/// A permission as an admin reads it.
fn permission_label(permission: Permission) -> &'static str {
    match permission {
        Permission::Customers => "Customers and their records",
        Permission::Documents => "Files and documents",
        Permission::Storage => "Storage of its own",
        Permission::Credentials => "Customers’ passwords, kept by the host",
        Permission::Messages => "Messages to customers",
        Permission::Activity => "Entries on customers’ timelines",
    }
}

fn gives(manifest: &Manifest, public: &str) -> Vec<String> {
    let mut gives = Vec::new();
    if let Some(routes) = &manifest.routes {
        gives.push(format!("Pages under {public}/{}", routes.mount));
    }
    gives.extend(
        manifest
            .actions
            .iter()
            .map(|action| format!("Actions → {}", action.label)),
    );
    gives.extend(
        manifest
            .template_fields
            .iter()
            .map(|field| format!("Insert Field Value → {}", field.label)),
    );
    gives
}

fn field(setting: &SettingValue) -> Field {
    let spec = &setting.spec;
    let key = spec.key.clone();
    let help = if spec.secret && setting.stored {
        format!("{} Stored; leave empty to keep it.", spec.help)
            .trim()
            .to_owned()
    } else {
        spec.help.clone()
    };
    let mut field = match spec.kind {
        SettingType::Bool => Field::check(key, spec.label.clone(), setting.value == "true"),
        SettingType::Choice => {
            let mut choices: Vec<Choice> = Vec::new();
            if !spec.required {
                choices.push(Choice::new("", "None"));
            }
            choices.extend(
                spec.choices
                    .iter()
                    .map(|c| Choice::new(c.value.clone(), c.label.clone())),
            );
            Field::select(key, spec.label.clone(), choices).value(setting.value.clone())
        }
        SettingType::Integer => Field::new(key, spec.label.clone())
            .kind(Kind::Number)
            .value(setting.value.clone()),
        SettingType::Text if spec.secret => Field::new(key, spec.label.clone()).kind(Kind::Password),
        SettingType::Text if spec.max.is_none_or(|max| max > 200) => Field::new(key, spec.label.clone())
            .kind(Kind::Area)
            .value(setting.value.clone()),
        SettingType::Text => Field::new(key, spec.label.clone()).value(setting.value.clone()),
    }
    .help(help);
    field.required = field.required || spec.required;
    field.wide = true;
    field
}

fn values(settings: &[SettingValue], posted: &Posted) -> Vec<Setting> {
    settings
        .iter()
        .map(|setting| {
            let key = setting.spec.key.clone();
            let value = match setting.spec.kind {
                SettingType::Bool => posted.has(&key).to_string(),
                SettingType::Text => posted.raw(&key).replace("\r\n", "\n").trim().to_owned(),
                SettingType::Integer | SettingType::Choice => posted.text(&key),
            };
            Setting { key, value }
        })
        .collect()
}

/// The plugin's page; with `refused` what was typed and why it was not stored.
async fn plugin_page(
    state: &AppState,
    office: &Office,
    id: &str,
    status_code: StatusCode,
    refused: Option<(Option<&Posted>, Vec<FieldError>)>,
) -> Result<Response, Failure> {
    let plugin = state
        .plugins
        .for_company(office.id())
        .await?
        .into_iter()
        .find(|plugin| plugin.manifest.id == id);
    let plugin = plugin.ok_or_else(Failure::not_found)?;
    let manifest = &plugin.manifest;
    let href = office.record("settings/plugins", id);
    let mut fields: Vec<Field> = state
        .plugins
        .settings(office.id(), id)
        .await?
        .iter()
        .map(field)
        .collect();
    let mut errors = Vec::new();
    if let Some((posted, refusals)) = refused {
        if let Some(posted) = posted {
            refill(&mut fields, posted);
        }
        errors = refuse(&mut fields, refusals, &[]);
    }
    let (mut facts, mut commands) = (Vec::new(), Vec::new());
    if office.may_install()
        && let Some(installed) = state
            .plugins
            .installed()
            .await?
            .into_iter()
            .find(|own| own.manifest.id == id)
    {
        facts = vec![
            Fact::new("Version", installed.version.clone()),
            Fact::new("Size", words::size(installed.size)),
            Fact::new("SHA-256", installed.sha256.clone()),
            Fact::new("Installed", words::instant(&office.company, installed.installed_at)),
            Fact::new("By", installed.installed_by.clone()),
            Fact::new(
                "Enabled by",
                words::count(installed.enabled_companies as u64, "company", "companies"),
            ),
        ];
        if let Some(previous) = &installed.previous_version {
            commands.push(Command {
                href: format!("{href}/rollback"),
                label: format!("Go back to version {previous}"),
                text: "For every company, without downtime.".into(),
            });
        }
    }
    let public = format!("{}/{}", state.config.public_url, office.company.slug);
    let view = PluginPage {
        page: office.page(manifest.name.clone(), Nav::Settings),
        back: office.path("settings/plugins"),
        name: manifest.name.clone(),
        publisher: manifest.publisher.clone(),
        version: manifest.version.clone(),
        description: manifest.description.clone(),
        status: status(&plugin),
        enabled: plugin.enabled,
        paused: plugin.paused.clone(),
        not_granted: plugin.not_granted.join(", "),
        errors,
        fields,
        permissions: manifest
            .permissions
            .asked()
            .map(|(permission, reason)| Fact::new(permission_label(permission), reason))
            .collect(),
        gives: gives(manifest, &public),
        facts,
        upgrade_href: office.may_install().then(|| office.path("settings/install")),
        uninstall_href: office.may_install().then(|| format!("{href}/uninstall")),
        commands,
        href,
    };
    Ok(web::page(status_code, &view))
}

/// What a plugin or the host refused, on the plugin's page.
async fn refusal(
    state: &AppState,
    office: &Office,
    id: &str,
    posted: Option<&Posted>,
    error: PluginError,
) -> Result<Response, Failure> {
    let status = error.status();
    let errors = match error {
        PluginError::NotFound => return Err(Failure::not_found()),
        PluginError::Invalid(errors) | PluginError::Hook(capabilities::Error::Invalid(errors)) => errors,
        other => vec![FieldError::new("", "refused", other.message())],
    };
    plugin_page(state, office, id, status, Some((posted, errors))).await
}

/// `GET /c/{slug}/settings/plugins/{id}`
pub(in crate::console) async fn show(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    plugin_page(&state, &office, &id, StatusCode::OK, None).await
}

/// `POST …/enable`
pub(in crate::console) async fn enable(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    match state.plugins.enable(office.id(), &id, &office.call()).await {
        Ok(()) => Ok(office.after(&office.record("settings/plugins", &id), "enabled")),
        Err(error) => refusal(&state, &office, &id, None, error).await,
    }
}

/// `POST …/disable`
pub(in crate::console) async fn disable(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    match state.plugins.disable(office.id(), &id, &office.call()).await {
        Ok(()) => Ok(office.after(&office.record("settings/plugins", &id), "disabled")),
        Err(error) => refusal(&state, &office, &id, None, error).await,
    }
}

/// `POST …/resume`
pub(in crate::console) async fn resume(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    match state.plugins.resume(office.id(), &id, &office.call()).await {
        Ok(()) => Ok(office.after(&office.record("settings/plugins", &id), "resumed")),
        Err(error) => refusal(&state, &office, &id, None, error).await,
    }
}

/// `POST …/settings`
pub(in crate::console) async fn save(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let settings = state.plugins.settings(office.id(), &id).await?;
    match state
        .plugins
        .save_settings(office.id(), &id, values(&settings, &posted), &office.call())
        .await
    {
        Ok(()) => Ok(office.after(&office.record("settings/plugins", &id), "saved")),
        Err(error) => refusal(&state, &office, &id, Some(&posted), error).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_engine::{SettingChoice, SettingSpec};

    fn setting(key: &str, kind: SettingType, value: &str, secret: bool) -> SettingValue {
        SettingValue {
            spec: SettingSpec {
                key: key.into(),
                kind,
                label: key.into(),
                help: String::new(),
                default: String::new(),
                required: false,
                secret,
                min: None,
                max: Some(100),
                choices: vec![SettingChoice {
                    value: "a".into(),
                    label: "A".into(),
                }],
            },
            value: value.into(),
            stored: true,
        }
    }

    #[test]
    fn the_form_says_true_and_false_for_switches() {
        let settings = [
            setting("on", SettingType::Bool, "false", false),
            setting("off", SettingType::Bool, "true", false),
            setting("text", SettingType::Text, "x", false),
        ];
        let posted = Posted::from([("on", "yes"), ("text", " a\r\nb ")].as_slice());
        let sent: Vec<_> = values(&settings, &posted)
            .into_iter()
            .map(|s| (s.key, s.value))
            .collect();
        let expected = [("on", "true"), ("off", "false"), ("text", "a\nb")];
        assert_eq!(sent, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_secret_is_never_drawn() {
        let field = field(&setting("token", SettingType::Text, "hush", true));
        assert_eq!((field.value.as_str(), field.kind), ("", Kind::Password));
        assert!(field.help.contains("leave empty to keep it"));
    }
}
