//! Installed plugin versions, and what each company does with them: enabled, settings, paused.
//! The component's bytes lie in the object store under their hash.

use super::{FieldChange, NewEntry, activity::append};
use crate::{
    Actor, Error, Platform, Result,
    security::sha256_hex,
    store::db::{Fields, Row, Tx, args},
};
use bytes::Bytes;
use capabilities::Setting;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A version to install.
#[derive(Debug, Clone)]
pub struct NewPlugin {
    /// The manifest's id.
    pub plugin_id: String,
    /// The manifest's version.
    pub version: String,
    /// The whole manifest as JSON, as the engine understood it.
    pub manifest_json: String,
    /// The component.
    pub wasm: Bytes,
}

/// An installed version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledPlugin {
    /// The manifest's id.
    pub plugin_id: String,
    /// The manifest's version.
    pub version: String,
    /// The manifest as JSON.
    pub manifest_json: String,
    /// SHA-256 of the component, hexadecimal.
    pub sha256: String,
    /// Bytes of the component.
    pub size: u64,
    /// Whether this is the version that runs.
    pub active: bool,
    /// When it was installed.
    pub installed_at: Timestamp,
    /// Who installed it.
    pub installed_by: String,
}

/// What a company does with a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enablement {
    /// The company.
    pub company_id: String,
    /// The plugin.
    pub plugin_id: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Permissions the admin granted.
    pub permissions: BTreeSet<String>,
    /// The version that was last enabled successfully.
    pub version: String,
    /// Why the host paused it; none while it runs.
    pub paused_reason: Option<String>,
    /// When this last changed.
    pub changed_at: Timestamp,
}

/// The plugins repository.
#[derive(Clone, Copy)]
pub struct Plugins<'a> {
    pub(crate) platform: &'a Platform,
}

impl Plugins<'_> {
    /// Store a version and make it the active one. The same version with other bytes is `Conflict`.
    pub async fn install(&self, new: NewPlugin, actor: &Actor) -> Result<InstalledPlugin> {
        let now = self.platform.now();
        let NewPlugin {
            plugin_id,
            version,
            manifest_json,
            wasm,
        } = new;
        let size = i64::try_from(wasm.len()).unwrap_or(i64::MAX);
        let stored = self.platform.objects().put_bytes(SPACE, wasm).await?;
        let mut tx = self.platform.db().begin().await?;
        let sql = "SELECT sha256 FROM plugin_versions WHERE plugin_id = $1 AND version = $2";
        let known = tx
            .row(sql, args![&plugin_id, &version])
            .await?
            .map(|mut row| row.text())
            .transpose()?;
        match known {
            Some(known) if known != stored.sha256 => {
                let message = format!(
                    "Version {version} of {plugin_id} is installed already, with other contents. Give the new one another version."
                );
                return Err(Error::Conflict(message));
            }
            Some(_) => {}
            None => {
                let fields: Fields = vec![
                    ("plugin_id", (&plugin_id).into()),
                    ("version", (&version).into()),
                    ("manifest", manifest_json.into()),
                    ("sha256", stored.sha256.into()),
                    ("size", size.into()),
                    ("installed_at", now.into()),
                    ("installed_by", (&actor.name).into()),
                ];
                tx.insert("plugin_versions", fields).await?;
            }
        }
        activate(&mut tx, &plugin_id, &version).await?;
        let summary = format!("Installed {plugin_id} {version}");
        append(
            &mut tx,
            "",
            &[entry(&plugin_id, "plugin.installed", summary)],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        self.active(&plugin_id).await
    }

    /// The active version of every plugin, by id.
    pub async fn list(&self) -> Result<Vec<InstalledPlugin>> {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE p.active_version = v.version ORDER BY v.plugin_id");
        self.platform
            .db()
            .rows(sql, args![])
            .await?
            .iter_mut()
            .map(read)
            .collect()
    }

    /// The active version of one plugin.
    pub async fn active(&self, plugin_id: &str) -> Result<InstalledPlugin> {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE v.plugin_id = $1 AND p.active_version = v.version");
        read(&mut self.platform.db().one(sql, args![plugin_id]).await?)
    }

    /// Every stored version of a plugin, latest first.
    pub async fn versions(&self, plugin_id: &str) -> Result<Vec<InstalledPlugin>> {
        let sql =
            format!("SELECT {COLUMNS} FROM {FROM} WHERE v.plugin_id = $1 ORDER BY v.installed_at DESC, v.version DESC");
        self.platform
            .db()
            .rows(sql, args![plugin_id])
            .await?
            .iter_mut()
            .map(read)
            .collect()
    }

    /// Make a stored version the active one (upgrade or rollback).
    pub async fn activate(&self, plugin_id: &str, version: &str, actor: &Actor) -> Result<InstalledPlugin> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        tx.one(
            "SELECT 1 FROM plugin_versions WHERE plugin_id = $1 AND version = $2",
            args![plugin_id, version],
        )
        .await?;
        activate(&mut tx, plugin_id, version).await?;
        let summary = format!("Made {version} the running version of {plugin_id}");
        append(
            &mut tx,
            "",
            &[entry(plugin_id, "plugin.activated", summary)],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        self.active(plugin_id).await
    }

    /// The component of a stored version, checked against its hash.
    pub async fn wasm(&self, plugin: &InstalledPlugin) -> Result<Bytes> {
        let bytes = self.platform.objects().get_bytes(SPACE, &plugin.sha256).await?;
        if sha256_hex(&bytes) != plugin.sha256 {
            return Err(Error::corrupt(format_args!(
                "the component of {} {}",
                plugin.plugin_id, plugin.version
            )));
        }
        Ok(bytes)
    }

    /// Remove a plugin and all its versions; `Conflict` while a company has it enabled.
    /// Its storage goes too when `erase`.
    pub async fn uninstall(&self, plugin_id: &str, erase: bool, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let versions = self.versions(plugin_id).await?;
        if versions.is_empty() {
            return Err(Error::NotFound);
        }
        let mut tx = self.platform.db().begin().await?;
        let sql = "SELECT 1 FROM plugin_enablements WHERE plugin_id = $1 AND enabled = 1 LIMIT 1";
        if tx.row(sql, args![plugin_id]).await?.is_some() {
            return Err(Error::Conflict(
                "A company has this plugin enabled. Disable it there first.".into(),
            ));
        }
        tx.execute("DELETE FROM plugins WHERE plugin_id = $1", args![plugin_id])
            .await?;
        tx.execute("DELETE FROM plugin_versions WHERE plugin_id = $1", args![plugin_id])
            .await?;
        if erase {
            for table in [
                "plugin_storage",
                "plugin_storage_usage",
                "credentials",
                "plugin_settings",
                "plugin_enablements",
            ] {
                tx.execute(format!("DELETE FROM {table} WHERE plugin_id = $1"), args![plugin_id])
                    .await?;
            }
        }
        let kept = if erase { "with its data" } else { "keeping its data" };
        append(
            &mut tx,
            "",
            &[entry(
                plugin_id,
                "plugin.uninstalled",
                format!("Uninstalled {plugin_id}, {kept}"),
            )],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        for version in versions {
            let sql = "SELECT 1 FROM plugin_versions WHERE sha256 = $1 LIMIT 1";
            if self.platform.db().row(sql, args![&version.sha256]).await?.is_none() {
                self.platform.objects().delete(SPACE, &version.sha256).await?;
            }
        }
        Ok(())
    }

    /// Every plugin the company has ever touched.
    pub async fn of_company(&self, company_id: &str) -> Result<Vec<Enablement>> {
        let sql = format!("SELECT {ENABLEMENT} FROM plugin_enablements WHERE company_id = $1 ORDER BY plugin_id");
        self.platform
            .db()
            .rows(sql, args![company_id])
            .await?
            .iter_mut()
            .map(read_enablement)
            .collect()
    }

    /// What the company does with one plugin; none when it never touched it.
    pub async fn enablement(&self, company_id: &str, plugin_id: &str) -> Result<Option<Enablement>> {
        let sql = format!("SELECT {ENABLEMENT} FROM plugin_enablements WHERE company_id = $1 AND plugin_id = $2");
        self.platform
            .db()
            .row(sql, args![company_id, plugin_id])
            .await?
            .as_mut()
            .map(read_enablement)
            .transpose()
    }

    /// Companies that have the plugin enabled, paused ones included.
    pub async fn companies_with(&self, plugin_id: &str) -> Result<Vec<Enablement>> {
        let sql = format!(
            "SELECT {ENABLEMENT} FROM plugin_enablements WHERE plugin_id = $1 AND enabled = 1 ORDER BY company_id"
        );
        self.platform
            .db()
            .rows(sql, args![plugin_id])
            .await?
            .iter_mut()
            .map(read_enablement)
            .collect()
    }

    /// Switch a plugin on with these permissions; also ends a pause and notes the version.
    pub async fn enable(
        &self,
        company_id: &str,
        plugin_id: &str,
        permissions: &BTreeSet<String>,
        actor: &Actor,
    ) -> Result<Enablement> {
        let now = self.platform.now();
        let installed = self.active(plugin_id).await?;
        self.platform.companies().get(company_id).await?;
        let granted = permissions.iter().cloned().collect::<Vec<_>>().join(" ");
        let mut tx = self.platform.db().begin().await?;
        let sql = "INSERT INTO plugin_enablements (company_id, plugin_id, enabled, permissions, version, paused_reason, changed_at)
     VALUES ($1, $2, 1, $3, $4, NULL, $5)
     ON CONFLICT (company_id, plugin_id) DO UPDATE SET enabled = 1, permissions = $3, version = $4, paused_reason = NULL,
         changed_at = $5";
        tx.execute(sql, args![company_id, plugin_id, &granted, &installed.version, now])
            .await?;
        let summary = format!(
            "Enabled {plugin_id} {} with: {}",
            installed.version,
            granted.replace(' ', ", ")
        );
        append(
            &mut tx,
            company_id,
            &[entry(plugin_id, "plugin.enabled", summary)],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        self.enablement(company_id, plugin_id).await?.ok_or(Error::NotFound)
    }

    /// Switch a plugin off; its settings and storage stay.
    pub async fn disable(&self, company_id: &str, plugin_id: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "UPDATE plugin_enablements SET enabled = 0, paused_reason = NULL, changed_at = $3
     WHERE company_id = $1 AND plugin_id = $2 AND enabled = 1";
        if tx.execute(sql, args![company_id, plugin_id, now]).await? > 0 {
            append(
                &mut tx,
                company_id,
                &[entry(plugin_id, "plugin.disabled", format!("Disabled {plugin_id}"))],
                actor,
                now,
            )
            .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Pause a plugin that misbehaves (`Some` reason) or resume it (`None`).
    pub async fn set_paused(
        &self,
        company_id: &str,
        plugin_id: &str,
        reason: Option<&str>,
        actor: &Actor,
    ) -> Result<()> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "UPDATE plugin_enablements SET paused_reason = $3, changed_at = $4
     WHERE company_id = $1 AND plugin_id = $2 AND enabled = 1 AND COALESCE(paused_reason, '') <> COALESCE($3, '')";
        if tx.execute(sql, args![company_id, plugin_id, reason, now]).await? > 0 {
            let (kind, summary) = match reason {
                Some(reason) => ("plugin.paused", format!("Paused {plugin_id}: {reason}")),
                None => ("plugin.resumed", format!("Resumed {plugin_id}")),
            };
            append(&mut tx, company_id, &[entry(plugin_id, kind, summary)], actor, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The settings the company stored (not the manifest's defaults), by key.
    pub async fn settings(&self, company_id: &str, plugin_id: &str) -> Result<Vec<Setting>> {
        let sql = "SELECT key, value FROM plugin_settings WHERE company_id = $1 AND plugin_id = $2 ORDER BY key";
        let rows = self.platform.db().rows(sql, args![company_id, plugin_id]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Setting {
                    key: row.text()?,
                    value: row.text()?,
                })
            })
            .collect()
    }

    /// Replace the company's settings. Values of `secret` keys stay out of the log.
    pub async fn set_settings(
        &self,
        company_id: &str,
        plugin_id: &str,
        settings: &[Setting],
        secret: &BTreeSet<String>,
        actor: &Actor,
    ) -> Result<()> {
        let now = self.platform.now();
        self.platform.companies().get(company_id).await?;
        let before: BTreeMap<_, _> = self
            .settings(company_id, plugin_id)
            .await?
            .into_iter()
            .map(|setting| (setting.key, setting.value))
            .collect();
        let after: BTreeMap<_, _> = settings
            .iter()
            .map(|setting| (setting.key.clone(), setting.value.clone()))
            .collect();
        let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let shown = |values: &BTreeMap<String, String>, key: &String| match values.get(key) {
            Some(_) if secret.contains(key) => "(secret)".to_owned(),
            Some(value) => value.clone(),
            None => String::new(),
        };
        let changes: Vec<_> = keys
            .into_iter()
            .filter(|key| before.get(*key) != after.get(*key))
            .map(|key| FieldChange {
                field: key.clone(),
                before: shown(&before, key),
                after: shown(&after, key),
            })
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        let mut tx = self.platform.db().begin().await?;
        tx.execute(
            "DELETE FROM plugin_settings WHERE company_id = $1 AND plugin_id = $2",
            args![company_id, plugin_id],
        )
        .await?;
        let rows = after.into_iter().map(|(key, value)| -> Fields {
            vec![
                ("company_id", company_id.into()),
                ("plugin_id", plugin_id.into()),
                ("key", key.into()),
                ("value", value.into()),
            ]
        });
        tx.insert_many("plugin_settings", rows.collect()).await?;
        let mut entry = entry(
            plugin_id,
            "plugin.settings",
            format!("Changed the settings of {plugin_id}"),
        );
        entry.changes = changes;
        append(&mut tx, company_id, &[entry], actor, now).await?;
        tx.commit().await
    }

    /// Erase everything the plugin stored for the company, passwords included.
    pub async fn erase_storage(&self, company_id: &str, plugin_id: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        for table in ["plugin_storage", "plugin_storage_usage", "credentials"] {
            let sql = format!("DELETE FROM {table} WHERE company_id = $1 AND plugin_id = $2");
            tx.execute(sql, args![company_id, plugin_id]).await?;
        }
        append(
            &mut tx,
            company_id,
            &[entry(
                plugin_id,
                "plugin.erased",
                format!("Erased the data of {plugin_id}"),
            )],
            actor,
            now,
        )
        .await?;
        tx.commit().await
    }
}

/// Where components lie in the object store.
const SPACE: &str = "plugins";

const FROM: &str = "plugin_versions v LEFT JOIN plugins p ON p.plugin_id = v.plugin_id";
const COLUMNS: &str = "v.plugin_id, v.version, v.manifest, v.sha256, v.size,
    CASE WHEN p.active_version = v.version THEN 1 ELSE 0 END, v.installed_at, v.installed_by";
const ENABLEMENT: &str = "company_id, plugin_id, enabled, permissions, version, paused_reason, changed_at";

fn read(row: &mut Row) -> Result<InstalledPlugin> {
    Ok(InstalledPlugin {
        plugin_id: row.text()?,
        version: row.text()?,
        manifest_json: row.text()?,
        sha256: row.text()?,
        size: row.uint()?,
        active: row.flag()?,
        installed_at: row.time()?,
        installed_by: row.text()?,
    })
}

fn read_enablement(row: &mut Row) -> Result<Enablement> {
    Ok(Enablement {
        company_id: row.text()?,
        plugin_id: row.text()?,
        enabled: row.flag()?,
        permissions: row.text()?.split_whitespace().map(str::to_owned).collect(),
        version: row.text()?,
        paused_reason: row.opt_text()?,
        changed_at: row.time()?,
    })
}

async fn activate(tx: &mut Tx, plugin_id: &str, version: &str) -> Result<()> {
    let sql = "INSERT INTO plugins (plugin_id, active_version) VALUES ($1, $2)
         ON CONFLICT (plugin_id) DO UPDATE SET active_version = $2";
    tx.execute(sql, args![plugin_id, version]).await?;
    Ok(())
}

fn entry(plugin_id: &str, kind: &str, summary: String) -> NewEntry {
    NewEntry {
        kind: kind.to_owned(),
        subject_kind: "plugin".into(),
        subject_id: plugin_id.to_owned(),
        summary,
        plugin_id: plugin_id.to_owned(),
        ..NewEntry::default()
    }
}
