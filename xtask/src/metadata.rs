//! The packages that cargo knows, from `cargo metadata`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::{self, ProcessError, cargo};

/// Cargo cannot list the packages.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// Cargo failed.
    #[error(transparent)]
    Cargo(#[from] ProcessError),
    /// Its output has an unexpected form.
    #[error("cannot parse the output of `cargo metadata`: {0}")]
    Parse(#[from] serde_json::Error),
}

/// A package of the workspace or one of its dependencies.
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Its licence, as an SPDX expression.
    pub licence: Option<String>,
    /// Whether it is a member of the workspace.
    pub is_ours: bool,
    /// Its build targets.
    pub targets: Vec<Target>,
}

/// A library, program, test or build script of a package.
pub struct Target {
    /// Its kinds, such as `lib` or `bin`.
    pub kinds: Vec<String>,
    /// Its root source file.
    pub entry: PathBuf,
}

/// Returns the members of the workspace.
pub fn workspace(root: &Path) -> Result<Vec<Package>, MetadataError> {
    packages(root, &["--no-deps"])
}

/// Returns the members of the workspace and all their dependencies on a platform.
pub fn all(root: &Path, platform: &str) -> Result<Vec<Package>, MetadataError> {
    packages(root, &["--filter-platform", platform])
}

fn packages(root: &Path, options: &[&str]) -> Result<Vec<Package>, MetadataError> {
    let mut command = cargo();
    command.args(["metadata", "--locked", "--format-version=1"]).args(options).current_dir(root);
    parse(&process::output(&mut command)?)
}

fn parse(output: &str) -> Result<Vec<Package>, MetadataError> {
    let output: Value = serde_json::from_str(output)?;
    Ok(items(&output["packages"]).iter().map(Package::read).collect())
}

impl Package {
    fn read(package: &Value) -> Self {
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        Self {
            name: text(&package["name"]),
            version: text(&package["version"]),
            folder: manifest.parent().unwrap_or(Path::new(".")).to_owned(),
            licence: package["license"].as_str().map(str::to_owned),
            is_ours: package["source"].is_null(),
            targets: items(&package["targets"]).iter().map(Target::read).collect(),
        }
    }
}

impl Target {
    fn read(target: &Value) -> Self {
        Self {
            kinds: items(&target["kind"]).iter().map(text).collect(),
            entry: text(&target["src_path"]).into(),
        }
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_with_their_targets() {
        let output = r#"{"packages": [
            {"name": "a", "version": "1.0.0", "manifest_path": "/src/a/Cargo.toml", "license": "MIT",
             "source": null, "targets": [{"kind": ["lib"], "src_path": "/src/a/src/lib.rs"}]},
            {"name": "b", "version": "2.0.0", "manifest_path": "/b/Cargo.toml", "license": null,
             "source": "registry"}
        ]}"#;
        let packages = parse(output).unwrap();
        let [a, b] = packages.as_slice() else { panic!("two packages") };
        assert_eq!((a.name.as_str(), a.folder.as_path(), a.is_ours), ("a", Path::new("/src/a"), true));
        assert_eq!(a.targets[0].kinds, ["lib"]);
        assert_eq!(a.targets[0].entry, Path::new("/src/a/src/lib.rs"));
        assert_eq!((b.version.as_str(), &b.licence, b.is_ours), ("2.0.0", &None, false));
        assert!(parse("nothing").is_err());
    }
}
