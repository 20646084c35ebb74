//! The project of an adapter in a language other than Rust.

use std::fs;
use std::path::{Path, PathBuf};

use component_build::manifest::{self, ManifestError};

use crate::process::ProcessError;

/// The packages that adapters may import, each a folder of `wit/`.
const IMPORTED: [&str; 4] = ["config", "http", "log", "types"];

/// Why a component cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum GuestError {
    /// A program for the language is missing.
    #[error("{program} is missing, which adapters in {language} need; install {package}")]
    NoProgram { program: &'static str, language: &'static str, package: &'static str },
    /// The project is incomplete.
    #[error("{}: {problem}", dir.display())]
    Project { dir: PathBuf, problem: String },
    /// The manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A tool failed.
    #[error(transparent)]
    Tool(#[from] ProcessError),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
}

/// Adds a path to an error.
pub(super) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> GuestError {
    let path = path.to_path_buf();
    |source| GuestError::File { path, source }
}

/// A project, and the folder in which it is built.
pub(super) struct Guest {
    pub dir: PathBuf,
    /// Its name in the manifest.
    pub name: String,
    /// The port that it implements.
    pub port: String,
    pub manifest: String,
    /// Its folder in the target folder.
    pub work: PathBuf,
}

impl Guest {
    pub fn read(dir: &Path, target_dir: &Path) -> Result<Self, GuestError> {
        let wrong =
            |problem: &str| GuestError::Project { dir: dir.to_path_buf(), problem: problem.to_owned() };
        let manifest = manifest::read(dir)?.unwrap_or_default();
        let table: toml::Table =
            manifest.parse().map_err(|error| wrong(&format!("{}: {error}", manifest::FILE)))?;
        let text = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let (name, port) = (text("name"), text("world"));
        // The name becomes a file name. codewalk accepts the same names.
        let is_valid = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=64).contains(&name.len()) || name.starts_with('-') || !name.bytes().all(is_valid) {
            return Err(wrong(
                "manifest.toml needs a name of 1 to 64 of a-z, 0-9 and -, not starting with -",
            ));
        }
        if !["router", "summarizer"].contains(&port.as_str()) {
            return Err(wrong("manifest.toml needs world = \"router\" or world = \"summarizer\""));
        }
        let dir = dir.canonicalize().map_err(at(dir))?;
        Ok(Self { work: target_dir.join("guests").join(&name), dir, name, port, manifest })
    }

    /// Returns the world that it implements.
    pub fn world(&self) -> String {
        format!("{}-adapter", self.port)
    }

    /// Copies the port into a folder with the layout that tools expect: its package, and its imports in
    /// `deps`.
    pub fn lay_out(&self, wit: &Path) -> Result<PathBuf, GuestError> {
        let laid_out = self.work.join("wit").join(&self.port);
        let imported = IMPORTED.map(|name| (name, laid_out.join("deps").join(name)));
        for (name, folder) in imported.into_iter().chain([(self.port.as_str(), laid_out.clone())]) {
            fs::create_dir_all(&folder).map_err(at(&folder))?;
            let file = format!("{name}.wit");
            let source = wit.join(name).join(&file);
            fs::copy(&source, folder.join(&file)).map_err(at(&source))?;
        }
        Ok(laid_out)
    }
}
