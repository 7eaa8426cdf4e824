//! Files and folders that only their owner may read: making them, and finding those that others can.
//! Where the system knows no such rights, nothing is found.

use std::{io::Write, path::Path};

/// Write a file that only its owner can read.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(bytes)
}

/// Make a folder that only its owner can enter; one that is there stays as it is.
pub(crate) fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Who besides its owner may read a file or enter a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exposure {
    /// Nobody, or nothing is there.
    None,
    /// The owner's group.
    Group,
    /// Every user of this machine.
    Everybody,
}

/// Who else can read what lies at `path`.
pub(crate) fn exposure(path: &Path) -> Exposure {
    #[cfg(unix)]
    if let Ok(found) = std::fs::metadata(path) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions());
        if mode & 0o007 != 0 {
            return Exposure::Everybody;
        }
        if mode & 0o070 != 0 {
            return Exposure::Group;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Exposure::None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_we_make_is_private_and_what_others_opened_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a/data");
        make_folder(&data).unwrap();
        assert_eq!(exposure(&data), Exposure::None);
        make_folder(&data).unwrap();
        let key = data.join("secret.key");
        assert_eq!(exposure(&key), Exposure::None);
        write(&key, b"x").unwrap();
        for (mode, found) in [
            (0o600, Exposure::None),
            (0o640, Exposure::Group),
            (0o644, Exposure::Everybody),
            (0o604, Exposure::Everybody),
        ] {
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(exposure(&key), found, "{mode:o}");
        }
    }
}
