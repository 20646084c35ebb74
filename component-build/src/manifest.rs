//! The manifest of an adapter: its description and the permissions it requests, in `manifest.toml` next to
//! its sources.
//!
//! It becomes a custom section of the component, so that the component's digest covers it. codewalk validates
//! its content (`codewalk adapters check`).

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The name of the file.
pub const FILE: &str = "manifest.toml";
/// The name of the section, at the outermost level of the component.
const SECTION: &str = "codewalk:manifest";
/// The identifier of custom sections in the binary format.
const CUSTOM_SECTION: u8 = 0;
/// The maximum size that codewalk reads, in bytes.
const MAX_SIZE: usize = 64 * 1024;

/// A manifest error.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file exists but cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is too long.
    #[error("{} has {size} bytes; a manifest has at most {MAX_SIZE}", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: usize,
    },
}

/// Reads the manifest in a folder, or returns `None` if it has none.
///
/// # Errors
/// If the manifest is not UTF-8, or is too long.
pub fn read(dir: &Path) -> Result<Option<String>, ManifestError> {
    let path = dir.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) if text.len() > MAX_SIZE => Err(ManifestError::TooLong { path, size: text.len() }),
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ManifestError::Read { path, source }),
    }
}

/// Adds a manifest to a component.
pub fn embed(component: &mut Vec<u8>, manifest: &str) {
    let mut content = Vec::new();
    push_string(&mut content, SECTION);
    content.extend(manifest.as_bytes());
    component.push(CUSTOM_SECTION);
    push_length(component, content.len());
    component.append(&mut content);
}

fn push_string(bytes: &mut Vec<u8>, text: &str) {
    push_length(bytes, text.len());
    bytes.extend(text.as_bytes());
}

/// Appends a length as the binary format encodes it: LEB128, seven bits in each byte, the lowest first.
fn push_length(bytes: &mut Vec<u8>, mut length: usize) {
    while length > 0x7f {
        bytes.push(length.to_le_bytes()[0] | 0x80);
        length >>= 7;
    }
    bytes.push(length.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_becomes_the_last_section_of_its_component() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap().is_none());
        std::fs::write(folder.path().join(FILE), "name = \"mine\"").unwrap();
        let mut component = b"\0asm\x0d\0\x01\0".to_vec();
        embed(&mut component, &read(folder.path()).unwrap().unwrap());
        assert_eq!(component, b"\0asm\x0d\0\x01\0\0\x1f\x11codewalk:manifestname = \"mine\"");
    }

    #[test]
    fn long_manifests_get_lengths_of_several_bytes() {
        let lengths = [0x7f, 0x80, 0x3fff, 0x4000].map(|length| {
            let mut bytes = Vec::new();
            push_length(&mut bytes, length);
            bytes
        });
        assert_eq!(lengths, [vec![0x7f], vec![0x80, 1], vec![0xff, 0x7f], vec![0x80, 0x80, 1]]);
    }

    #[test]
    fn an_invalid_or_long_manifest_is_rejected_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        for content in [b"\xff".to_vec(), vec![b'#'; MAX_SIZE + 1]] {
            std::fs::write(folder.path().join(FILE), content).unwrap();
            let error = read(folder.path()).unwrap_err().to_string();
            assert!(error.contains("manifest.toml"), "{error}");
        }
    }
}
