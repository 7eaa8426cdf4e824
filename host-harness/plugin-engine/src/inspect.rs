//! Reads a component without compiling or running any of it: what it is, wants and offers.
//! `host-harness plugin check` prints an `Inspection`; `Engine::load` starts with the same one.

mod bounds;
mod names;
mod report;

use crate::{
    CONTRACT,
    config::{EngineConfig, Limits},
    error::Refusal,
    manifest::{MANIFEST_MAX_BYTES, MANIFEST_SECTION, Manifest, excerpt},
};
use bounds::Bounds;
use names::{Name, check_import, contract_covers, major_minor};
use serde::Serialize;
use wasmparser::{BinaryReaderError, Encoding, Parser, Payload, Validator, WasmFeatures};

/// Which HTTP interface a component exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HttpVersion {
    /// `wasi:http/incoming-handler@0.2.x`.
    P2,
    /// `wasi:http/handler@0.3.x`.
    P3,
}

/// What a host can call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Exports {
    /// Called on enable, disable and before settings are stored.
    pub lifecycle: bool,
    /// Entries in Actions menus and their panels.
    pub actions_menu: bool,
    /// Fields for message templates.
    pub template_fields: bool,
    /// Pages.
    pub http: Option<HttpVersion>,
}

impl Exports {
    fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// What a component was found to be. It would be accepted: a refused one has no `Inspection`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Its own description.
    pub manifest: Manifest,
    /// What a host can call.
    pub exports: Exports,
    /// Every import as it stands in the component.
    pub imports: Vec<String>,
    /// Bytes of the file.
    pub size: usize,
}

/// The raw findings in a file.
#[derive(Default)]
struct Findings {
    imports: Vec<String>,
    exports: Vec<String>,
    manifest: Option<Vec<u8>>,
}

/// What a file is, wants and offers, without compiling or running any of it. No engine is needed.
pub fn inspect(bytes: &[u8], config: &EngineConfig) -> Result<Inspection, Refusal> {
    let limit = config.limits.component_bytes;
    if bytes.len() > limit {
        return Err(Refusal::TooLarge {
            size: bytes.len(),
            limit,
        });
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(Refusal::NotWebAssembly);
    }
    if Parser::is_core_wasm(bytes) {
        return Err(Refusal::NotAComponent);
    }
    let findings = read(bytes, &config.limits)?;
    let manifest = manifest(findings.manifest.as_deref())?;
    check_contract(&manifest)?;
    for import in &findings.imports {
        check_import(import, &manifest)?;
    }
    let exports = exports(&findings.exports)?;
    check_promises(&manifest, exports, &config.reserved_mounts)?;
    Ok(Inspection {
        manifest,
        exports,
        imports: findings.imports,
        size: bytes.len(),
    })
}

fn malformed(error: &BinaryReaderError) -> Refusal {
    Refusal::Malformed(excerpt(error.message()))
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Findings, Refusal> {
    let malformed = |e: BinaryReaderError| malformed(&e);
    let mut findings = Findings::default();
    let mut validator = Validator::new_with_features(WasmFeatures::default() | WasmFeatures::CM_ASYNC);
    let mut bounds = Bounds::new(limits);
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(malformed)?;
        // Everything but function bodies, which are validated when they are compiled.
        validator.payload(&payload).map_err(malformed)?;
        bounds.check(&payload)?;
        match payload {
            Payload::Version { encoding, .. } if bounds.depth() == 1 && encoding != Encoding::Component => {
                return Err(Refusal::NotAComponent);
            }
            Payload::ComponentImportSection(section) if bounds.depth() == 1 => {
                for import in section {
                    findings.imports.push(import.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if bounds.depth() == 1 => {
                for export in section {
                    findings.exports.push(export.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                if findings.manifest.is_some() {
                    return Err(Refusal::BadManifest("there are two of them inside".to_owned()));
                }
                if section.data().len() > MANIFEST_MAX_BYTES {
                    return Err(Refusal::BadManifest(format!(
                        "it is larger than {} KiB",
                        MANIFEST_MAX_BYTES / 1024
                    )));
                }
                findings.manifest = Some(section.data().to_vec());
            }
            _ => {}
        }
    }
    Ok(findings)
}

fn manifest(section: Option<&[u8]>) -> Result<Manifest, Refusal> {
    let text = std::str::from_utf8(section.ok_or(Refusal::NoManifest)?)
        .map_err(|_| Refusal::BadManifest("it is not UTF-8 text".to_owned()))?;
    Manifest::parse(text).map_err(Refusal::BadManifest)
}

fn check_contract(manifest: &Manifest) -> Result<(), Refusal> {
    let covered = manifest
        .wit
        .split_once('@')
        .is_some_and(|(package, version)| package == CONTRACT && contract_covers(major_minor(version)));
    if covered {
        Ok(())
    } else {
        Err(Refusal::WrongContract {
            wanted: excerpt(&manifest.wit),
        })
    }
}

fn exports(names: &[String]) -> Result<Exports, Refusal> {
    let mut exports = Exports::default();
    for export in names {
        // Anything else it exports is never called.
        let Some(name) = Name::parse(export) else { continue };
        if name.package == CONTRACT {
            if !contract_covers(name.major_minor()) {
                return Err(Refusal::WrongContract {
                    wanted: excerpt(export),
                });
            }
            match name.interface {
                "lifecycle" => exports.lifecycle = true,
                "actions-menu" => exports.actions_menu = true,
                "template-fields" => exports.template_fields = true,
                _ => {}
            }
        }
        match (name.package, name.interface, name.major_minor()) {
            ("wasi:http", "incoming-handler", Some((0, 2))) => {
                exports.http = exports.http.or(Some(HttpVersion::P2));
            }
            ("wasi:http", "handler", Some((0, 3))) => exports.http = Some(HttpVersion::P3),
            _ => {}
        }
    }
    if exports.is_empty() {
        Err(Refusal::NoExports)
    } else {
        Ok(exports)
    }
}

/// What `plugin.toml` promises must be there.
fn check_promises(manifest: &Manifest, exports: Exports, reserved: &[String]) -> Result<(), Refusal> {
    let missing = |what: &str, export: &str| {
        Refusal::BadManifest(format!(
            "it declares {what}, but the component does not export {export}"
        ))
    };
    if let Some(routes) = &manifest.routes {
        if exports.http.is_none() {
            return Err(missing("[routes]", "wasi:http/incoming-handler"));
        }
        if reserved.contains(&routes.mount) {
            return Err(Refusal::BadManifest(format!(
                "the path `{}` belongs to the host",
                routes.mount
            )));
        }
    }
    if !manifest.actions.is_empty() && !exports.actions_menu {
        return Err(missing("[[actions]]", "actions-menu"));
    }
    if !manifest.template_fields.is_empty() && !exports.template_fields {
        return Err(missing("[[template-fields]]", "template-fields"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> Refusal {
        let limits = Limits {
            component_bytes: 100,
            ..Default::default()
        };
        inspect(
            bytes,
            &EngineConfig {
                limits,
                ..EngineConfig::default()
            },
        )
        .unwrap_err()
    }

    fn manifest_asking(permissions: &str) -> Manifest {
        Manifest::parse(&format!(
            "id = \"t\"\nname = \"T\"\nversion = \"1.0.0\"\npublisher = \"P\"\ndescription = \"D\"\n\
             wit = \"fieldservice:plugins@1.0\"\n[permissions]\n{permissions}"
        ))
        .unwrap()
    }

    #[test]
    fn what_is_no_component_is_named() {
        assert_eq!(refusal(b"PK\x03\x04"), Refusal::NotWebAssembly);
        assert_eq!(refusal(b""), Refusal::NotWebAssembly);
        assert_eq!(refusal(b"\0asm\x01\0\0\0"), Refusal::NotAComponent);
        assert_eq!(refusal(b"\0asm\x0d\0\x01\0"), Refusal::NoManifest);
        assert!(matches!(refusal(b"\0asm\x0d\0\x01\0\xff\xff"), Refusal::Malformed(_)));
        assert_eq!(refusal(&[0; 101]), Refusal::TooLarge { size: 101, limit: 100 });
    }

    #[test]
    fn exports_decide_what_is_offered() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let found = exports(&names(&[
            "fieldservice:plugins/template-fields@1.0.0",
            "wasi:http/handler@0.3.0",
        ]))
        .unwrap();
        assert_eq!(
            found,
            Exports {
                template_fields: true,
                http: Some(HttpVersion::P3),
                ..Exports::default()
            }
        );
        assert_eq!(exports(&names(&["memory"])), Err(Refusal::NoExports));
        assert!(matches!(
            exports(&names(&["fieldservice:plugins/lifecycle@2.0.0"])),
            Err(Refusal::WrongContract { .. })
        ));
    }

    #[test]
    fn promises_are_kept_and_reserved_paths_refused() {
        let mut manifest = manifest_asking("");
        manifest.routes = Some(crate::manifest::Routes { mount: "book".into() });
        let http = Exports {
            http: Some(HttpVersion::P2),
            ..Exports::default()
        };
        assert!(check_promises(&manifest, Exports::default(), &[]).is_err());
        assert!(check_promises(&manifest, http, &[]).is_ok());
        assert!(check_promises(&manifest, http, &["book".to_owned()]).is_err());
    }
}
