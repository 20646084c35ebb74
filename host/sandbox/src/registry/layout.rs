//! The paths of the registry, and its lock.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

use codewalk_policy::{is_adapter_name, is_digest, regular, text};

use super::files::OnPath;
use crate::error::RegistryError;

/// The file that writers lock. Its name contains capital letters, which adapter names cannot.
const LOCK: &str = ".LOCK";
const COMPONENT: &str = "wasm";

/// The folder of the registry.
#[derive(Clone, Debug)]
pub(super) struct Layout(pub(super) PathBuf);

impl Layout {
    /// Returns the names of all known adapters, sorted.
    pub(super) fn names(&self) -> Result<Vec<String>, RegistryError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).on("read", &self.0)? {
            let file = entry.on("read", &self.0)?.file_name();
            let name = file.to_str().and_then(|file| {
                file.strip_suffix(".wasm").or_else(|| file.strip_prefix('.')).filter(|n| is_adapter_name(n))
            });
            names.extend(name.map(str::to_owned));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Returns the path of an installed component.
    pub(super) fn component(&self, name: &str) -> Result<PathBuf, RegistryError> {
        self.place(name)?;
        Ok(self.0.join(name).with_extension(COMPONENT))
    }

    pub(super) fn state_file(&self, name: &str) -> Result<PathBuf, RegistryError> {
        Ok(self.place(name)?.join("state.json"))
    }

    pub(super) fn stats_file(&self, name: &str) -> Result<PathBuf, RegistryError> {
        Ok(self.place(name)?.join("stats.json"))
    }

    /// Returns the path of the copy of a generation.
    pub(super) fn copy(&self, name: &str, digest: &str) -> Result<PathBuf, RegistryError> {
        if !is_digest(digest) {
            return Err(RegistryError::Digest { digest: text::line(digest, 80) });
        }
        Ok(self.place(name)?.join(digest).with_extension(COMPONENT))
    }

    /// Returns the folder of an adapter's entry.
    pub(super) fn place(&self, name: &str) -> Result<PathBuf, RegistryError> {
        if !is_adapter_name(name) {
            return Err(RegistryError::Name { name: text::line(name, 80) });
        }
        Ok(self.0.join(format!(".{name}")))
    }

    /// Waits for the lock.
    pub(super) fn lock(&self) -> Result<File, RegistryError> {
        let path = self.0.join(LOCK);
        let opened = regular(OpenOptions::new().write(true).create(true), &path);
        let file = opened.and_then(|file| file.lock().map(|()| file));
        file.on("lock", &path)
    }
}
