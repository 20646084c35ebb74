//! Prebuilt components: a machine without a WebAssembly compiler takes them from a folder.
//!
//! The folder contains each component as `NAME.wasm`, the digests of all components in [`SUMS`], and the
//! digest of the sources they were built from in [`SOURCES`]. Components built from other sources are
//! rejected.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The environment variable that names the folder.
pub const VARIABLE: &str = "CODEWALK_PREBUILT_COMPONENTS";
/// The file of digests, in the format of `sha256sum`.
pub const SUMS: &str = "SHA256SUMS";
/// The file with the digest of the sources.
pub const SOURCES: &str = "SOURCES";

/// An error of a prebuilt component.
#[derive(Debug, thiserror::Error)]
pub enum PrebuiltError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The components were built from other sources.
    #[error(
        "the components in {} were built from other sources; take those of this release",
        folder.display()
    )]
    OtherSources {
        /// The folder.
        folder: PathBuf,
    },
    /// A component does not match its recorded digest.
    #[error("{} does not match its digest in {SUMS}; unpack the archive again", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
    },
}

/// A folder of components that were built from the same sources.
#[derive(Debug)]
pub struct Prebuilt {
    folder: PathBuf,
    sums: BTreeMap<String, String>,
}

impl Prebuilt {
    /// Opens a folder.
    ///
    /// # Errors
    /// If the folder cannot be read, or its components were built from other sources.
    pub fn open(folder: &Path, sources: &str) -> Result<Self, PrebuiltError> {
        let text =
            |name: &str| read(&folder.join(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        if text(SOURCES)?.trim() != sources {
            return Err(PrebuiltError::OtherSources { folder: folder.to_owned() });
        }
        let sums = text(SUMS)?;
        let sums = sums.lines().filter_map(|line| line.split_once("  "));
        let sums = sums.map(|(digest, name)| (name.to_owned(), digest.to_owned())).collect();
        Ok(Self { folder: folder.to_owned(), sums })
    }

    /// Returns a component.
    ///
    /// # Errors
    /// If it is missing, or does not match its recorded digest.
    pub fn component(&self, name: &str) -> Result<Vec<u8>, PrebuiltError> {
        let file = format!("{name}.wasm");
        let path = self.folder.join(&file);
        let bytes = read(&path)?;
        match self.sums.get(&file) {
            Some(sum) if *sum == digest(&bytes) => Ok(bytes),
            _ => Err(PrebuiltError::Digest { path }),
        }
    }
}

/// Writes a folder of components.
///
/// # Errors
/// If a file cannot be written.
pub fn write(folder: &Path, components: &[(&str, &[u8])], sources: &str) -> Result<(), PrebuiltError> {
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|source| PrebuiltError::File { path, source })
    };
    let mut sums = String::new();
    for (name, bytes) in components {
        let file = format!("{name}.wasm");
        put(&file, bytes)?;
        let _ = writeln!(sums, "{}  {file}", digest(bytes));
    }
    put(SUMS, sums.as_bytes())?;
    put(SOURCES, format!("{sources}\n").as_bytes())
}

/// Returns the digest of files and of everything in folders, in hexadecimal. Paths are relative to `root`.
///
/// # Errors
/// If a file or folder cannot be read.
pub fn sources_digest(root: &Path, paths: &[&str]) -> Result<String, PrebuiltError> {
    let mut files = BTreeMap::new();
    for path in paths {
        collect(root, Path::new(path), &mut files)?;
    }
    let mut digest = Sha256::new();
    for (name, bytes) in files {
        for part in [name.as_bytes(), &bytes] {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            digest.update(part);
        }
    }
    Ok(hex(digest.finalize()))
}

fn collect(root: &Path, path: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), PrebuiltError> {
    let whole = root.join(path);
    if !whole.is_dir() {
        files.insert(path.to_string_lossy().into_owned(), read(&whole)?);
        return Ok(());
    }
    let failed = |source| PrebuiltError::File { path: whole.clone(), source };
    for entry in std::fs::read_dir(&whole).map_err(failed)? {
        collect(root, &path.join(entry.map_err(failed)?.file_name()), files)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, PrebuiltError> {
    std::fs::read(path).map_err(|source| PrebuiltError::File { path: path.to_owned(), source })
}

/// Returns the SHA-256 digest of bytes, in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes))
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_folder_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("one", b"1"), ("two", b"22")], "of these").unwrap();
        let prebuilt = Prebuilt::open(folder.path(), "of these").unwrap();
        assert_eq!(prebuilt.component("two").unwrap(), b"22");
        assert!(prebuilt.component("three").unwrap_err().to_string().contains("three.wasm: "));
    }

    #[test]
    fn a_component_without_its_digest_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("one", b"1")], "of these").unwrap();
        for name in ["one", "two"] {
            std::fs::write(folder.path().join(name).with_extension("wasm"), b"changed").unwrap();
            let error = Prebuilt::open(folder.path(), "of these").unwrap().component(name).unwrap_err();
            assert!(matches!(error, PrebuiltError::Digest { .. }), "{error}");
        }
    }

    #[test]
    fn components_of_other_sources_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[], "of these").unwrap();
        let error = Prebuilt::open(folder.path(), "of others").unwrap_err();
        assert!(matches!(error, PrebuiltError::OtherSources { .. }), "{error}");
    }

    #[test]
    fn the_digest_of_sources_depends_on_names_and_content() {
        let folder = tempfile::tempdir().unwrap();
        let digest = || sources_digest(folder.path(), &["src"]).unwrap();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        std::fs::write(folder.path().join("src/a"), "bc").unwrap();
        let first = digest();
        assert_eq!(first, digest());
        std::fs::write(folder.path().join("src/a"), "bd").unwrap();
        let changed = digest();
        std::fs::rename(folder.path().join("src/a"), folder.path().join("src/ab")).unwrap();
        assert!(first != changed && changed != digest() && first.len() == 64);
    }
}
