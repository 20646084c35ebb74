//! Builds an adapter crate into a component file.
//!
//! Authors need no profile, target or crate type in their manifest. All of these are set here, in the same
//! way for the adapters that ship with codewalk and for all others.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
#[cfg(feature = "encode")]
use wit_component::ComponentEncoder;

use crate::environment::clean_command;
#[cfg(feature = "encode")]
use crate::manifest;
use crate::manifest::ManifestError;
use crate::toolchain::{Std, TARGET, Toolchain};

/// The profile for small components, whose bytes are the same on every machine with the same toolchain.
const PROFILE: [(&str, &str); 5] = [
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "true"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
];

/// A built component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The name of its package.
    pub name: String,
    /// The target folder of its workspace.
    pub target_dir: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A build error.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The folder does not contain a crate.
    #[error("{}: {why}; an adapter is a library crate with a Cargo.toml", dir.display())]
    NotACrate {
        /// The folder.
        dir: PathBuf,
        /// The problem.
        why: String,
    },
    /// A program cannot be run.
    #[error("cannot run {}: {source}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The crate does not compile. The compiler has printed the reason.
    #[error("`{name}` does not compile for {TARGET} (see above), {status}")]
    Compile {
        /// The package.
        name: String,
        /// The exit status of cargo.
        status: std::process::ExitStatus,
    },
    /// The compiled module cannot be read.
    #[error("cannot read the compiled module of `{name}`, {}: {source}", path.display())]
    Module {
        /// The package.
        name: String,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The module cannot be turned into a component.
    #[error(
        "`{name}` compiles, but is not an adapter: {why}; \
         does it call `wit_bindgen::generate!` and `export!`?"
    )]
    Componentize {
        /// The package.
        name: String,
        /// The problem.
        why: String,
    },
    /// Its manifest cannot be embedded.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// Builds the adapter crate in a folder, with the manifest next to its Cargo.toml.
#[cfg(feature = "encode")]
pub fn build(dir: &Path, toolchain: &Toolchain) -> Result<Component, BuildError> {
    let guest = Guest::read(dir, toolchain)?;
    let manifest = manifest::read(dir)?;
    let module = guest.compile(toolchain, Stdio::inherit())?;
    let mut bytes =
        encode(&module).map_err(|why| BuildError::Componentize { name: guest.name.clone(), why })?;
    if let Some(manifest) = manifest {
        manifest::embed(&mut bytes, &manifest);
    }
    Ok(Component { name: guest.name, target_dir: guest.target_dir, bytes })
}

/// Compiles the adapter crate in a folder, so that a later build only encodes it. Prints nothing.
pub fn compile(dir: &Path, toolchain: &Toolchain) -> Result<(), BuildError> {
    Guest::read(dir, toolchain)?.compile(toolchain, Stdio::null()).map(drop)
}

/// The crate to build.
#[derive(Debug, PartialEq, Eq)]
struct Guest {
    name: String,
    manifest: PathBuf,
    workspace: PathBuf,
    target_dir: PathBuf,
}

impl Guest {
    fn read(dir: &Path, toolchain: &Toolchain) -> Result<Self, BuildError> {
        let not_a_crate = |why: String| BuildError::NotACrate { dir: dir.to_path_buf(), why };
        let manifest = dir.join("Cargo.toml").canonicalize();
        let manifest = manifest.map_err(|error| not_a_crate(format!("Cargo.toml: {error}")))?;
        let mut command = clean_command(&toolchain.cargo);
        command.current_dir(dir).args(["metadata", "--no-deps", "--format-version=1"]);
        // This is the only setting of the outer build that also applies here. A relative path would refer to
        // another folder.
        let target_dir = std::env::var_os("CARGO_TARGET_DIR").filter(|dir| Path::new(dir).is_absolute());
        command.envs(target_dir.map(|dir| ("CARGO_TARGET_DIR", dir)));
        let output = run(&mut command, toolchain)?;
        if !output.status.success() {
            return Err(not_a_crate(String::from_utf8_lossy(&output.stderr).trim().to_string()));
        }
        let metadata = serde_json::from_slice(&output.stdout)
            .map_err(|error| not_a_crate(format!("cannot parse the output of cargo metadata: {error}")))?;
        Self::from_metadata(&metadata, manifest)
            .ok_or_else(|| not_a_crate("Cargo.toml has no package".into()))
    }

    fn from_metadata(metadata: &Value, manifest: PathBuf) -> Option<Self> {
        let packages = metadata["packages"].as_array()?;
        let package = packages.iter().find(|package| is_path(&package["manifest_path"], &manifest))?;
        Some(Self {
            name: package["name"].as_str()?.to_string(),
            workspace: metadata["workspace_root"].as_str()?.into(),
            target_dir: metadata["target_directory"].as_str()?.into(),
            manifest,
        })
    }

    /// Compiles the crate to a core module.
    fn compile(&self, toolchain: &Toolchain, stderr: Stdio) -> Result<Vec<u8>, BuildError> {
        let output = run(self.compiler(toolchain).stderr(stderr), toolchain)?;
        let messages = String::from_utf8_lossy(&output.stdout);
        let module = messages
            .lines()
            .find_map(|line| module_path(&serde_json::from_str(line).ok()?, &self.manifest))
            .filter(|_| output.status.success());
        let Some(path) = module else {
            return Err(BuildError::Compile { name: self.name.clone(), status: output.status });
        };
        std::fs::read(&path).map_err(|source| BuildError::Module { name: self.name.clone(), path, source })
    }

    fn compiler(&self, toolchain: &Toolchain) -> Command {
        let mut command = clean_command(&toolchain.cargo);
        command.current_dir(self.manifest.with_file_name(""));
        command.args(["rustc", "--lib", "--crate-type=cdylib", "--release", "--target", TARGET]);
        command.arg("--message-format=json-render-diagnostics");
        // The same folder for every profile of the outer build, whose own folder is locked.
        command.arg("--target-dir").arg(self.target_dir.join("components"));
        if self.workspace.join("Cargo.lock").is_file() {
            command.arg("--locked");
        }
        configure(&mut command, toolchain);
        command
    }
}

/// Sets the profile, the flags and the standard library of guests on a cargo command.
pub fn configure(command: &mut Command, toolchain: &Toolchain) {
    command.envs(PROFILE);
    command.env("RUSTC", &toolchain.rustc).env("CARGO_ENCODED_RUSTFLAGS", remap_flags(toolchain));
    // Set to empty, which also overrides a configuration file.
    command.envs([("RUSTC_WRAPPER", ""), ("RUSTC_WORKSPACE_WRAPPER", "")]);
    if let Std::FromSources { linker } = &toolchain.std {
        command.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        // Panic messages are never printed on this target. The code that formats them can be left out only
        // where the standard library is built as well.
        command.arg("-Zpanic-immediate-abort").env("CARGO_PROFILE_RELEASE_PANIC", "immediate-abort");
    }
}

fn run(command: &mut Command, toolchain: &Toolchain) -> Result<Output, BuildError> {
    let output = command.stdin(Stdio::null()).output();
    output.map_err(|source| BuildError::Run { program: toolchain.cargo.clone(), source })
}

/// Returns the path of the module named in a cargo message, if it belongs to this crate.
fn module_path(message: &Value, manifest: &Path) -> Option<PathBuf> {
    let is_ours = message["reason"] == "compiler-artifact" && is_path(&message["manifest_path"], manifest);
    let files = message["filenames"].as_array().filter(|_| is_ours)?;
    files
        .iter()
        .filter_map(Value::as_str)
        .map(PathBuf::from)
        .find(|file| file.extension() == Some(OsStr::new("wasm")))
}

fn is_path(value: &Value, path: &Path) -> bool {
    value.as_str().is_some_and(|value| Path::new(value) == path)
}

/// Removes the folders of this machine from panic messages, so that the digest of a component does not depend
/// on them. The crate's own files need no flag, because cargo passes them relative to their workspace.
fn remap_flags(toolchain: &Toolchain) -> OsString {
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let mut flags = OsString::from("--remap-path-prefix=");
    flags.push(&toolchain.sysroot);
    flags.push("=/rust");
    if let Some(cargo_home) = cargo_home {
        flags.push("\x1f--remap-path-prefix=");
        flags.push(cargo_home);
        flags.push("=/cargo");
    }
    flags
}

#[cfg(feature = "encode")]
fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    let described = |error| format!("{error:#}");
    let (_, bindings) = wit_component::metadata::decode(module).map_err(described)?;
    if bindings.resolve.worlds[bindings.world].exports.is_empty() {
        return Err("it exports no interface".to_string());
    }
    let encoder = ComponentEncoder::default();
    let mut encoder = encoder.validate(true).module(module).map_err(described)?;
    encoder.encode().map_err(described)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_package_of_a_folder_is_found_in_its_workspace() {
        let metadata = json!({
            "packages": [
                {"name": "other", "manifest_path": "/src/other/Cargo.toml"},
                {"name": "my-router", "manifest_path": "/src/mine/Cargo.toml"},
            ],
            "workspace_root": "/src",
            "target_directory": "/elsewhere",
        });
        let guest = Guest::from_metadata(&metadata, "/src/mine/Cargo.toml".into()).unwrap();
        assert_eq!(guest.name, "my-router");
        assert_eq!(guest.target_dir, Path::new("/elsewhere"));
        assert_eq!(Guest::from_metadata(&metadata, "/src/Cargo.toml".into()), None);
    }

    #[test]
    fn the_module_of_a_dependency_is_not_the_crates_own() {
        let message = json!({
            "reason": "compiler-artifact",
            "manifest_path": "/src/mine/Cargo.toml",
            "filenames": ["/target/libmine.rlib", "/target/mine.wasm"],
        });
        let own = module_path(&message, Path::new("/src/mine/Cargo.toml"));
        assert_eq!(own, Some("/target/mine.wasm".into()));
        assert_eq!(module_path(&message, Path::new("/src/other/Cargo.toml")), None);
    }

    #[cfg(feature = "encode")]
    #[test]
    fn a_module_without_an_exported_interface_is_not_an_adapter() {
        let empty = b"\0asm\x01\0\0\0";
        assert_eq!(encode(empty).unwrap_err(), "it exports no interface");
    }

    #[cfg(feature = "encode")]
    #[test]
    fn the_error_names_a_folder_without_a_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let toolchain = Toolchain {
            rustc: "rustc".into(),
            cargo: "cargo".into(),
            sysroot: "/".into(),
            std: Std::Installed,
        };
        let error = build(folder.path(), &toolchain).unwrap_err().to_string();
        assert!(error.contains(&*folder.path().to_string_lossy()), "{error}");
        assert!(error.contains("Cargo.toml"), "{error}");
    }
}
