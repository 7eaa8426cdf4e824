//! Names of imports and exports: which a plugin may import, and which contract they are of.
//! Whatever is not listed here is refused.

use crate::{
    CONTRACT, CONTRACT_VERSION,
    error::Refusal,
    manifest::{Manifest, Permission, excerpt},
};

/// WASI interfaces a plugin may import. None of them reaches anything outside its own call:
/// the environment is empty, there are no directories, standard error becomes the host's log.
/// `wasi:filesystem` is here because adapters and libc import it even when nobody opens a file;
/// without a directory to start from, no file can be named.
const WASI_0_2: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "environment",
            "exit",
            "stdin",
            "stdout",
            "stderr",
            "terminal-input",
            "terminal-output",
            "terminal-stdin",
            "terminal-stdout",
            "terminal-stderr",
        ],
    ),
    ("io", &["error", "poll", "streams"]),
    ("clocks", &["monotonic-clock", "wall-clock"]),
    ("random", &["random", "insecure", "insecure-seed"]),
    ("filesystem", &["types", "preopens"]),
    ("http", &["types"]),
];

/// The same for components of WASI 0.3.
const WASI_0_3: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "environment",
            "exit",
            "types",
            "stdin",
            "stdout",
            "stderr",
            "terminal-input",
            "terminal-output",
            "terminal-stdin",
            "terminal-stdout",
            "terminal-stderr",
        ],
    ),
    ("clocks", &["types", "monotonic-clock", "system-clock"]),
    ("random", &["random", "insecure", "insecure-seed"]),
    ("http", &["types"]),
];

/// `namespace:package/interface@version`, taken apart.
pub(super) struct Name<'a> {
    pub(super) package: &'a str,
    pub(super) interface: &'a str,
    version: &'a str,
}

impl<'a> Name<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (path, version) = text.split_once('@')?;
        let (package, interface) = path.split_once('/')?;
        Some(Self {
            package,
            interface,
            version,
        })
    }

    pub(super) fn major_minor(&self) -> Option<(u32, u32)> {
        major_minor(self.version)
    }
}

pub(super) fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Whether the host's contract covers one built for `version`: same major, no newer minor.
pub(super) fn contract_covers(version: Option<(u32, u32)>) -> bool {
    version.is_some_and(|(major, minor)| major == CONTRACT_VERSION.0 && minor <= CONTRACT_VERSION.1)
}

/// Whether a plugin with this manifest may have this import.
pub(super) fn check_import(import: &str, manifest: &Manifest) -> Result<(), Refusal> {
    let forbidden = || Refusal::ForbiddenImport {
        import: excerpt(import),
    };
    let name = Name::parse(import).ok_or_else(forbidden)?;
    if name.package == CONTRACT {
        if !contract_covers(name.major_minor()) {
            return Err(Refusal::WrongContract {
                wanted: excerpt(import),
            });
        }
        if matches!(name.interface, "types" | "company") {
            return Ok(());
        }
        let permission = Permission::ALL
            .into_iter()
            .find(|p| p.interface() == name.interface)
            .ok_or_else(forbidden)?;
        if !manifest.permissions.asks_for(permission) {
            return Err(Refusal::NotAskedFor {
                import: excerpt(import),
                permission,
            });
        }
        return Ok(());
    }
    let wasi = name.package.strip_prefix("wasi:").ok_or_else(forbidden)?;
    let allowed = match name.major_minor() {
        Some((0, 2)) => WASI_0_2,
        Some((0, 3)) => WASI_0_3,
        _ => return Err(forbidden()),
    };
    let found = allowed
        .iter()
        .any(|(package, interfaces)| *package == wasi && interfaces.contains(&name.interface));
    if found { Ok(()) } else { Err(forbidden()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest_asking(permissions: &str) -> Manifest {
        Manifest::parse(&format!(
            "id = \"t\"\nname = \"T\"\nversion = \"1.0.0\"\npublisher = \"P\"\ndescription = \"D\"\n\
             wit = \"fieldservice:plugins@1.0\"\n[permissions]\n{permissions}"
        ))
        .unwrap()
    }

    #[test]
    fn imports_are_held_against_the_manifest() {
        let none = manifest_asking("");
        let storage = manifest_asking("storage = \"To remember.\"");
        assert!(check_import("fieldservice:plugins/company@1.0.0", &none).is_ok());
        assert!(check_import("fieldservice:plugins/storage@1.0.0", &storage).is_ok());
        assert!(matches!(
            check_import("fieldservice:plugins/storage@1.0.0", &none),
            Err(Refusal::NotAskedFor {
                permission: Permission::Storage,
                ..
            })
        ));
        for newer in [
            "fieldservice:plugins/storage@1.1.0",
            "fieldservice:plugins/storage@2.0.0",
        ] {
            assert!(
                matches!(check_import(newer, &storage), Err(Refusal::WrongContract { .. })),
                "{newer}"
            );
        }
        for fine in [
            "wasi:io/streams@0.2.6",
            "wasi:http/types@0.3.0",
            "wasi:filesystem/preopens@0.2.6",
        ] {
            assert!(check_import(fine, &none).is_ok(), "{fine}");
        }
        for forbidden in [
            "wasi:sockets/tcp@0.2.6",
            "wasi:http/outgoing-handler@0.2.12",
            "wasi:http/client@0.3.0",
            "wasi:filesystem/types@0.3.0",
            "wasi:keyvalue/store@0.2.0-draft",
            "fieldservice:plugins/secrets@1.0.0",
            "run",
        ] {
            assert!(
                matches!(check_import(forbidden, &none), Err(Refusal::ForbiddenImport { .. })),
                "{forbidden}"
            );
        }
    }
}
