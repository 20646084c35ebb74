//! What codewalk stores about adapters between runs: installed components, copies of good generations,
//! approvals, rejections and statistics.
//!
//! ```text
//! NAME.wasm            the installed component; used unless the configuration names another file
//! .NAME/DIGEST.wasm    copies of the current and earlier generations
//! .NAME/state.json     their digests, approvals and rejections
//! .NAME/stats.json     statistics
//! ```
//!
//! Invariants:
//! - Each change is written to a temporary file, synced and renamed, and a copy exists before the state names
//!   it. If a process is killed between any two steps, the last good generation stays usable.
//! - Writers hold the lock of the registry. Readers need no lock.
//! - A name or digest is checked before it becomes part of a path.

mod files;
mod layout;
mod state;

use std::fs;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};

use codewalk_policy::{Asker, GrantRequest, MAX_COMPONENT_SIZE, Manifest, check_exposure, digest};

use crate::error::RegistryError;
use crate::source::Source;
use crate::stats::Stats;
use files::OnPath;
use layout::Layout;
pub use state::AdapterState;
use state::StatsFile;
pub(crate) use state::Trial;

/// The name of a removed entry until it is deleted. It contains capital letters, which adapter names cannot.
const REMOVED: &str = ".REMOVED";

/// A folder in which codewalk stores data about adapters between runs. Every method reads or writes files.
#[derive(Clone, Debug)]
pub struct Registry(Layout);

impl Registry {
    /// Opens the registry in a folder, which is created if missing and private to its owner.
    ///
    /// # Errors
    /// If the folder cannot be created, or other users can change it or a folder above it.
    pub fn open(folder: PathBuf) -> Result<Self, RegistryError> {
        check_exposure(&folder)?;
        files::make_folder(&folder)?;
        Ok(Self(Layout(folder)))
    }

    /// Returns its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.0
    }

    /// Returns the names of all known adapters, sorted.
    ///
    /// # Errors
    /// If its folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, RegistryError> {
        self.0.names()
    }

    /// Returns the path of an installed component.
    ///
    /// # Errors
    /// If the name is invalid.
    pub fn component(&self, name: &str) -> Result<PathBuf, RegistryError> {
        self.0.component(name)
    }

    /// Returns the state of an adapter. An unknown one has the default state.
    ///
    /// # Errors
    /// If the state cannot be read or has an unknown format. Approvals are never silently dropped.
    pub fn state(&self, name: &str) -> Result<AdapterState, RegistryError> {
        AdapterState::read(&self.0.state_file(name)?)
    }

    /// Returns the statistics of an adapter over all runs.
    ///
    /// # Errors
    /// If they cannot be read or have an unknown format.
    pub fn stats(&self, name: &str) -> Result<Stats, RegistryError> {
        Ok(StatsFile::read(&self.0.stats_file(name)?)?.stats)
    }

    /// Installs a component as the adapter `name` without checking it, and forgets any earlier rollback of
    /// it. It becomes the current generation, and the previous one can be restored. `key` is the trusted key
    /// that signed it.
    ///
    /// # Errors
    /// If it is too large or cannot be written.
    pub fn put(&self, name: &str, component: &[u8], key: Option<&str>) -> Result<(), RegistryError> {
        self.accept(name, component, key)?;
        let (path, place) = (self.0.component(name)?, self.0.place(name)?);
        let _lock = self.0.lock()?;
        files::make_folder(&place)?;
        files::write(&place, &path, component)
    }

    /// Accepts a component without moving its file, as [`Registry::put`] does.
    ///
    /// # Errors
    /// If it is too large or cannot be written.
    pub fn accept(&self, name: &str, component: &[u8], key: Option<&str>) -> Result<(), RegistryError> {
        let digest = digest(component);
        self.change(name, |state| {
            state.rejected.retain(|rejected| *rejected != digest);
            self.choose(name, state, component, key)
        })?;
        let _lock = self.0.lock()?;
        self.forget_trial(name, &digest)
    }

    /// Makes a component the current generation, unless it was rolled back. If its file is then replaced by a
    /// component that cannot serve, this one serves, not an earlier one.
    ///
    /// # Errors
    /// If it is too large or cannot be written.
    pub fn prefer(&self, name: &str, component: &[u8], key: Option<&str>) -> Result<(), RegistryError> {
        self.change(name, |state| match state.rejected.contains(&digest(component)) {
            true => Ok(()),
            false => self.choose(name, state, component, key),
        })
    }

    /// Makes a component the current generation, whether it served before or not, and stores a copy of it.
    fn choose(
        &self,
        name: &str,
        state: &mut AdapterState,
        component: &[u8],
        key: Option<&str>,
    ) -> Result<(), RegistryError> {
        let size = component.len() as u64;
        if size > MAX_COMPONENT_SIZE {
            return Err(RegistryError::TooLarge { name: name.to_owned(), size, max: MAX_COMPONENT_SIZE });
        }
        let (digest, place) = (digest(component), self.0.place(name)?);
        files::make_folder(&place)?;
        files::write(&place, &self.0.copy(name, &digest)?, component)?;
        let is_known = state.is_kept(&digest);
        state.follow(&digest);
        let mut unproven = mem::take(&mut state.unproven);
        unproven.retain(|unproven| state.is_kept(unproven));
        unproven.extend((!is_known).then(|| digest.clone()));
        state.unproven = unproven;
        state.sign(&digest, key);
        Ok(())
    }

    /// Forgets a component that never served and cannot serve.
    pub(crate) fn could_not_serve(&self, name: &str, digest: &str) -> Result<(), RegistryError> {
        self.change(name, |state| {
            // It may have served in another process.
            if state.unproven.iter().any(|unproven| unproven == digest) {
                state.forget(digest);
            }
            Ok(())
        })
    }

    /// Removes an adapter and all data stored about it. Running processes keep the component they have
    /// loaded.
    ///
    /// # Errors
    /// If it is unknown or cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), RegistryError> {
        let (component, place) = (self.0.component(name)?, self.0.place(name)?);
        let removed = self.folder().join(REMOVED);
        let _lock = self.0.lock()?;
        let had_component = files::remove(&component)?;
        files::clear(&removed)?;
        // Moves everything at once, so that no part remains.
        let was_known = match fs::rename(&place, &removed) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error).on("remove", &place),
        };
        files::sync(self.folder())?;
        files::clear(&removed)?;
        if had_component || was_known {
            Ok(())
        } else {
            Err(RegistryError::Unknown { name: name.to_owned() })
        }
    }

    /// Approves requests of a component and, if it is signed, of all later components from the same signer.
    ///
    /// # Errors
    /// If a request is invalid, or the state cannot be written.
    pub fn approve(
        &self,
        name: &str,
        manifest: &Manifest,
        asker: &Asker,
        requests: &[GrantRequest],
    ) -> Result<(), RegistryError> {
        for request in requests {
            request.check().map_err(|error| RegistryError::Request { name: name.to_owned(), error })?;
        }
        self.change(name, |state| {
            state.approve(manifest, asker, requests);
            Ok(())
        })
    }

    /// Restores the previous generation, and rejects the current one until it is installed again. If the
    /// present component in `source` did not become the current generation, rejects that one instead. Returns
    /// the digest of the resulting current generation.
    ///
    /// # Errors
    /// If there is no intact earlier generation.
    pub fn rollback(&self, name: &str, source: &Source) -> Result<String, RegistryError> {
        let present = source.read().map(|bytes| digest(&bytes)).ok();
        self.change(name, |state| match (&state.current, present) {
            (Some(current), Some(new)) if *current != new && !state.rejected.contains(&new) => {
                let current = current.clone();
                state.reject(&new);
                Ok(current)
            }
            _ => self.step_back(name, state),
        })
    }

    /// Rejects a component until it is installed again. If it is the current generation, restores the
    /// previous one.
    ///
    /// # Errors
    /// If it is the current generation and there is no intact earlier one, or if the adapter was removed.
    pub fn reject(&self, name: &str, digest: &str) -> Result<(), RegistryError> {
        let place = self.0.place(name)?;
        self.change(name, |state| {
            if !place.exists() {
                return Err(RegistryError::Unknown { name: name.to_owned() });
            }
            if state.current.as_deref() == Some(digest) {
                return self.step_back(name, state).map(drop);
            }
            state.reject(digest);
            Ok(())
        })
    }

    /// Makes a component from `file` that passed all checks the current generation, and stores a copy of it.
    /// Returns whether it may serve: after the checks, another process may have rejected it, withdrawn an
    /// approval, or removed it.
    pub(crate) fn adopt(
        &self,
        name: &str,
        digest: &str,
        component: &[u8],
        judged: &AdapterState,
        file: &Path,
        key: Option<&str>,
    ) -> Result<bool, RegistryError> {
        let place = self.0.place(name)?;
        let may_serve = self.change(name, |state| {
            let copy = self.0.copy(name, digest)?;
            let is_rejected = state.rejected.iter().any(|rejected| rejected == digest);
            if is_rejected || state.approved != judged.approved || !file.exists() {
                return Ok(false);
            }
            state.unproven.retain(|unproven| unproven != digest);
            if state.current.as_deref() == Some(digest) && self.good(name, digest).is_ok() {
                return Ok(true);
            }
            files::make_folder(&place)?;
            files::write(&place, &copy, component)?;
            state.follow(digest);
            state.sign(digest, key);
            Ok(true)
        })?;
        if may_serve {
            self.prune(name)?;
        }
        Ok(may_serve)
    }

    /// Returns the stored copy of a generation.
    ///
    /// # Errors
    /// If it cannot be read or has changed.
    pub fn good(&self, name: &str, digest: &str) -> Result<Vec<u8>, RegistryError> {
        let path = self.0.copy(name, digest)?;
        let damaged = |reason: String| RegistryError::Damaged { path: path.clone(), reason };
        let bytes = Source::File(path.clone()).read().map_err(|problem| damaged(problem.to_string()))?;
        if codewalk_policy::digest(&bytes) != digest {
            return Err(damaged("has changed".to_owned()));
        }
        Ok(bytes.into_owned())
    }

    /// Returns the path of an adapter's state.
    pub(crate) fn state_file(&self, name: &str) -> Result<PathBuf, RegistryError> {
        self.0.state_file(name)
    }

    /// Returns a component's trial so far, across all processes.
    pub(crate) fn trial(&self, name: &str, digest: &str) -> Result<Option<Trial>, RegistryError> {
        let file = StatsFile::read(&self.0.stats_file(name)?)?;
        Ok(file.trial.filter(|trial| trial.digest == digest))
    }

    /// Adds statistics. Skips an adapter that was removed. A built-in adapter may have no entry yet.
    pub(crate) fn count(
        &self,
        name: &str,
        ships: bool,
        stats: &Stats,
        trial: Option<&Trial>,
    ) -> Result<(), RegistryError> {
        let (path, place) = (self.0.stats_file(name)?, self.0.place(name)?);
        let _lock = self.0.lock()?;
        if ships {
            files::make_folder(&place)?;
        } else if !place.exists() {
            return Ok(());
        }
        let mut file = match StatsFile::read(&path) {
            // Statistics are not worth an error.
            Err(error @ RegistryError::Foreign { .. }) => {
                tracing::warn!(%error, "earlier statistics are lost");
                StatsFile::default()
            }
            other => other?,
        };
        file.stats.merge(stats);
        if let Some(trial) = trial {
            file.add(trial);
        }
        files::write_unsynced(&place, &path, &files::json(&file, &path)?)
    }

    /// Restarts the trial of a component. The caller holds the lock.
    fn forget_trial(&self, name: &str, digest: &str) -> Result<(), RegistryError> {
        let path = self.0.stats_file(name)?;
        match StatsFile::read(&path) {
            Ok(mut file) if file.trial.as_ref().is_some_and(|trial| trial.digest == digest) => {
                file.trial = None;
                files::write_unsynced(&self.0.place(name)?, &path, &files::json(&file, &path)?)
            }
            // The next count replaces an unreadable file.
            Ok(_) | Err(RegistryError::Foreign { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Restores the latest intact generation. Returns its digest.
    fn step_back(&self, name: &str, state: &mut AdapterState) -> Result<String, RegistryError> {
        let restored = state.step_back(|digest| self.good(name, digest).is_ok());
        restored.ok_or_else(|| RegistryError::NoPrevious { name: name.to_owned() })
    }

    /// Changes the state of an adapter, either completely or not at all.
    fn change<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut AdapterState) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let (path, place) = (self.0.state_file(name)?, self.0.place(name)?);
        let _lock = self.0.lock()?;
        let before = AdapterState::read(&path)?;
        let mut state = before.clone();
        let done = change(&mut state)?;
        if state != before {
            files::make_folder(&place)?;
            files::write(&place, &path, &files::json(&state, &path)?)?;
        }
        Ok(done)
    }

    /// Removes surplus copies and half-written files. The caller holds the lock, so nothing else writes.
    fn prune(&self, name: &str) -> Result<(), RegistryError> {
        let place = self.0.place(name)?;
        let _lock = self.0.lock()?;
        let AdapterState { current, history, .. } = self.state(name)?;
        let copies: Vec<String> =
            current.iter().chain(&history).map(|digest| format!("{digest}.wasm")).collect();
        for entry in fs::read_dir(&place).on("read", &place)? {
            let entry = entry.on("read", &place)?;
            let file = entry.file_name().to_string_lossy().into_owned();
            let is_copy = file.ends_with(".wasm") && !copies.contains(&file);
            if is_copy || file.starts_with(files::HALF_WRITTEN) {
                files::remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
