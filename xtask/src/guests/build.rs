//! Builds an adapter in a language other than Rust.

use std::fs;
use std::path::{Path, PathBuf};

use component_build::manifest;

use super::cached::make;
use super::project::{Guest, GuestError, at};
use super::{javascript, python};
use crate::process;

/// A built component.
pub struct Component {
    /// The name of its adapter.
    pub name: String,
    /// The folder in which cargo builds.
    pub target_dir: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Builds the adapter in a folder, or returns `None` if its project uses none of these languages.
pub fn build(dir: &Path, root: &Path) -> Result<Option<Component>, GuestError> {
    let componentize = if dir.join(javascript::PROJECT).is_file() {
        javascript::componentize
    } else if dir.join(python::PROJECT).is_file() {
        python::componentize
    } else {
        return Ok(None);
    };
    let target_dir = process::target_dir(root);
    let target_dir = std::path::absolute(&target_dir).map_err(at(&target_dir))?;
    let wit = root.join("wit");

    let guest = Guest::read(dir, &target_dir)?;
    let component = guest.work.join("component.wasm");
    make(&component, &[&guest.dir, &wit], || componentize(&guest, &guest.lay_out(&wit)?, &component))?;
    let mut bytes = fs::read(&component).map_err(at(&component))?;
    manifest::embed(&mut bytes, &guest.manifest);
    Ok(Some(Component { name: guest.name, target_dir, bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "name = \"mine\"\nworld = \"router\"\n";

    fn error(files: &[(&str, &str)]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        build(folder.path(), folder.path()).err().map(|error| error.to_string())
    }

    #[test]
    fn a_folder_without_a_project_in_these_languages_is_skipped() {
        assert_eq!(error(&[("Cargo.toml", ""), (manifest::FILE, MANIFEST)]), None);
    }

    #[test]
    fn an_incomplete_manifest_is_reported() {
        let lacks = |text: &str| error(&[("package.json", "{}"), (manifest::FILE, text)]).unwrap();
        assert!(lacks("").contains("needs a name"));
        for name in ["../up", "-rf", &"x".repeat(65)] {
            assert!(lacks(&format!("name = {name:?}\nworld = \"router\"")).contains("needs a name"));
        }
        assert!(lacks("name = \"mine\"").contains("world = \"router\" or"));
        assert!(lacks("name =").contains("manifest.toml: "));
    }
}
