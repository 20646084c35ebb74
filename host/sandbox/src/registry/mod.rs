//! What codewalk knows of adapters between runs: the files put there, copies of good generations, what was approved and what
//! was rolled back, and what was counted.
//!
//! ```text
//! NAME.wasm            what was put there; used where the configuration names no other file
//! .NAME/DIGEST.wasm    copies of the current generation and of the ones before
//! .NAME/state.json     which they are, what was approved, what is not used again
//! .NAME/stats.json     what was counted
//! ```
//!
//! Invariants:
//! - Whatever is changed is written beside its place, synced and renamed, and a copy is there before the state names it. So
//!   a process killed between any two steps leaves the last good generation usable.
//! - Who changes something holds the lock of the registry; who reads needs none.
//! - A name or digest becomes part of a path only after it was judged.

mod files;
mod state;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};

use codewalk_policy::{
    Asker, GrantRequest, MAX_COMPONENT_SIZE, Manifest, check_exposure, digest, is_adapter_name, is_digest,
    private_folder, regular, text,
};

use crate::error::RegistryError;
use crate::source::Source;
use crate::stats::Stats;
use files::failed;
pub use state::AdapterState;
use state::StatsFile;
pub(crate) use state::Trial;

// Names of adapters have no capital letters and no dots.
const LOCK: &str = ".LOCK";
const REMOVED: &str = ".REMOVED";
const COMPONENT: &str = "wasm";

/// What codewalk knows of adapters between runs, in a folder. Every method reads or writes files.
#[derive(Clone, Debug)]
pub struct Registry {
    folder: PathBuf,
}

impl Registry {
    /// Opens the registry in a folder, which is made where it is missing and is for its owner alone.
    ///
    /// # Errors
    /// Where the folder cannot be made, belongs to another user, or others can write to it or to a folder above it.
    pub fn open(folder: PathBuf) -> Result<Self, RegistryError> {
        check_exposure(&folder)?;
        private_folder(&folder).map_err(failed("open", &folder))?;
        Ok(Self { folder })
    }

    /// Returns the folder it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the names of all adapters something is known of, in order.
    ///
    /// # Errors
    /// Where its folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, RegistryError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed("read", &self.folder))? {
            let file = entry.map_err(failed("read", &self.folder))?.file_name();
            let name = file.to_str().and_then(|file| {
                file.strip_suffix(".wasm").or_else(|| file.strip_prefix('.')).filter(|n| is_adapter_name(n))
            });
            names.extend(name.map(str::to_owned));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Returns where the component of an adapter lies that was put there.
    ///
    /// # Errors
    /// Where that is no name.
    pub fn component(&self, name: &str) -> Result<PathBuf, RegistryError> {
        self.place(name)?;
        Ok(self.folder.join(name).with_extension(COMPONENT))
    }

    /// Returns what is known of an adapter; of an unknown one, nothing.
    ///
    /// # Errors
    /// Where it cannot be read or was not written by a codewalk: what was approved is never taken to be nothing.
    pub fn state(&self, name: &str) -> Result<AdapterState, RegistryError> {
        AdapterState::read(&self.state_file(name)?)
    }

    /// Returns what was counted of an adapter in all its runs.
    ///
    /// # Errors
    /// Where it cannot be read or was not written by a codewalk.
    pub fn stats(&self, name: &str) -> Result<Stats, RegistryError> {
        Ok(StatsFile::read(&self.stats_file(name)?)?.stats)
    }

    /// Puts a component there as the adapter `name`, and forgets that it was ever rolled back. It is not looked at. It is what
    /// serves until another one may; what was there before can be gone back to. `key` is the trusted one that it was signed with.
    ///
    /// # Errors
    /// Where it is too large or cannot be written.
    pub fn put(&self, name: &str, component: &[u8], key: Option<&str>) -> Result<(), RegistryError> {
        self.accept(name, component, key)?;
        let (path, place) = (self.component(name)?, self.place(name)?);
        let _lock = self.lock()?;
        private_folder(&place).map_err(failed("open", &place))?;
        files::write(&place, &path, component)
    }

    /// Does so with a component that stays where it is.
    ///
    /// # Errors
    /// Where it is too large or cannot be written.
    pub fn accept(&self, name: &str, component: &[u8], key: Option<&str>) -> Result<(), RegistryError> {
        let digest = digest(component);
        self.change(name, |state| {
            state.rejected.retain(|rejected| *rejected != digest);
            self.choose(name, state, component, key)
        })?;
        let _lock = self.lock()?;
        self.forget_trial(name, &digest)
    }

    /// Takes a component for the one that the operator wants, unless it was rolled back: what takes its place in its file without
    /// being wanted does not bring an earlier one back.
    ///
    /// # Errors
    /// Where it is too large or cannot be written.
    pub fn prefer(&self, name: &str, component: &[u8], key: Option<&str>) -> Result<(), RegistryError> {
        self.change(name, |state| match state.rejected.contains(&digest(component)) {
            true => Ok(()),
            false => self.choose(name, state, component, key),
        })
    }

    /// Makes a component the current generation, whether it served before or not, and keeps a copy of it.
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
        let (digest, place) = (digest(component), self.place(name)?);
        private_folder(&place).map_err(failed("open", &place))?;
        files::write(&place, &self.copy(name, &digest)?, component)?;
        let is_known = state.is_kept(&digest);
        state.follow(&digest);
        let mut unproven = mem::take(&mut state.unproven);
        unproven.retain(|unproven| state.is_kept(unproven));
        unproven.extend((!is_known).then(|| digest.clone()));
        state.unproven = unproven;
        state.sign(&digest, key);
        Ok(())
    }

    /// Does not keep a component, nor when another one takes its place: it never served, and cannot.
    pub(crate) fn could_not_serve(&self, name: &str, digest: &str) -> Result<(), RegistryError> {
        self.change(name, |state| {
            // Another process may have got on with it.
            if state.unproven.iter().any(|unproven| unproven == digest) {
                state.forget(digest);
            }
            Ok(())
        })
    }

    /// Removes an adapter and all that is known of it. A running codewalk goes on with what it has loaded.
    ///
    /// # Errors
    /// Where nothing is known of it, or it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), RegistryError> {
        let (component, place) = (self.component(name)?, self.place(name)?);
        let removed = self.folder.join(REMOVED);
        let _lock = self.lock()?;
        let had_component = files::remove(&component)?;
        files::clear(&removed)?;
        // All at once, so that nothing is half known.
        let was_known = match fs::rename(&place, &removed) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(failed("remove", &place)(error)),
        };
        files::sync(&self.folder)?;
        files::clear(&removed)?;
        if had_component || was_known {
            Ok(())
        } else {
            Err(RegistryError::Unknown { name: name.to_owned() })
        }
    }

    /// Gives a component what it asks for in its manifest, and where it was signed all later ones of its signer.
    ///
    /// # Errors
    /// Where what it asks for makes no sense or cannot be written.
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

    /// Goes back to the generation before the current one, which is not used again until it is put there anew. Where the
    /// component that is there now, in `source`, did not become the current generation, it is that one which is not used.
    /// Returns the digest of what is current then.
    ///
    /// # Errors
    /// Where no earlier generation is kept whole.
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

    /// Does not use a component again until it is put there anew. Where it is the current generation, goes back to the one
    /// before.
    ///
    /// # Errors
    /// Where it is the current generation and no earlier one is kept whole, and where the adapter was removed.
    pub fn reject(&self, name: &str, digest: &str) -> Result<(), RegistryError> {
        let place = self.place(name)?;
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

    /// Makes a component from `file`, which passed all checks, the current generation, and keeps a copy of it. Returns whether
    /// it may serve: it was judged by what was known of it then, and since then another process may have rolled it back, taken
    /// something away that was approved, or removed it.
    pub(crate) fn adopt(
        &self,
        name: &str,
        digest: &str,
        component: &[u8],
        judged: &AdapterState,
        file: &Path,
        key: Option<&str>,
    ) -> Result<bool, RegistryError> {
        let place = self.place(name)?;
        let may_serve = self.change(name, |state| {
            let copy = self.copy(name, digest)?;
            let is_rejected = state.rejected.iter().any(|rejected| rejected == digest);
            if is_rejected || state.approved != judged.approved || !file.exists() {
                return Ok(false);
            }
            state.unproven.retain(|unproven| unproven != digest);
            if state.current.as_deref() == Some(digest) && self.good(name, digest).is_ok() {
                return Ok(true);
            }
            private_folder(&place).map_err(failed("open", &place))?;
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

    /// Returns a copy of a good generation.
    ///
    /// # Errors
    /// Where it cannot be read or is no longer what it was.
    pub fn good(&self, name: &str, digest: &str) -> Result<Vec<u8>, RegistryError> {
        let path = self.copy(name, digest)?;
        let damaged = |reason: String| RegistryError::Damaged { path: path.clone(), reason };
        let bytes = Source::File(path.clone()).read().map_err(|problem| damaged(problem.to_string()))?;
        if codewalk_policy::digest(&bytes) != digest {
            return Err(damaged("is no longer what was kept".to_owned()));
        }
        Ok(bytes.into_owned())
    }

    /// Returns where the state of an adapter is kept.
    pub(crate) fn state_file(&self, name: &str) -> Result<PathBuf, RegistryError> {
        Ok(self.place(name)?.join("state.json"))
    }

    /// Returns how the trial of a component went so far, in all processes.
    pub(crate) fn trial(&self, name: &str, digest: &str) -> Result<Option<Trial>, RegistryError> {
        let kept = StatsFile::read(&self.stats_file(name)?)?;
        Ok(kept.trial.filter(|trial| trial.digest == digest))
    }

    /// Adds what was counted since the last time. An adapter that was removed is not counted; of one that ships nothing is
    /// known before.
    pub(crate) fn count(
        &self,
        name: &str,
        ships: bool,
        stats: &Stats,
        trial: Option<&Trial>,
    ) -> Result<(), RegistryError> {
        let (path, place) = (self.stats_file(name)?, self.place(name)?);
        let _lock = self.lock()?;
        if ships {
            private_folder(&place).map_err(failed("open", &place))?;
        } else if !place.exists() {
            return Ok(());
        }
        let mut kept = match StatsFile::read(&path) {
            // They are worth little enough to begin anew.
            Err(error @ RegistryError::Foreign { .. }) => {
                tracing::warn!(%error, "what was counted before is lost");
                StatsFile::default()
            }
            other => other?,
        };
        kept.stats.merge(stats);
        if let Some(trial) = trial {
            kept.add(trial);
        }
        files::write_unsynced(&place, &path, &files::json(&kept, &path)?)
    }

    /// Lets a component prove itself anew. Who calls it holds the lock.
    fn forget_trial(&self, name: &str, digest: &str) -> Result<(), RegistryError> {
        let path = self.stats_file(name)?;
        match StatsFile::read(&path) {
            Ok(mut kept) if kept.trial.as_ref().is_some_and(|trial| trial.digest == digest) => {
                kept.trial = None;
                files::write_unsynced(&self.place(name)?, &path, &files::json(&kept, &path)?)
            }
            // What cannot be read is begun anew by the next that counts.
            Ok(_) | Err(RegistryError::Foreign { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn step_back(&self, name: &str, state: &mut AdapterState) -> Result<String, RegistryError> {
        let none = || RegistryError::NoPrevious { name: name.to_owned() };
        let whole = |digest: &String| self.good(name, digest).is_ok();
        let at = state.history.iter().position(whole).ok_or_else(none)?;
        let earlier = state.history.split_off(at + 1);
        let back_to = state.history.pop().ok_or_else(none)?;
        state.history = earlier;
        if let Some(left) = state.current.replace(back_to.clone()) {
            state.reject(&left);
        }
        state.rejected.retain(|rejected| *rejected != back_to);
        Ok(back_to)
    }

    /// Changes what is known of an adapter, all or nothing.
    fn change<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut AdapterState) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let (path, place) = (self.state_file(name)?, self.place(name)?);
        let _lock = self.lock()?;
        let before = AdapterState::read(&path)?;
        let mut state = before.clone();
        let done = change(&mut state)?;
        if state != before {
            private_folder(&place).map_err(failed("open", &place))?;
            files::write(&place, &path, &files::json(&state, &path)?)?;
        }
        Ok(done)
    }

    /// Removes copies that are kept no longer, and what was left half-written: who writes holds the lock.
    fn prune(&self, name: &str) -> Result<(), RegistryError> {
        let place = self.place(name)?;
        let _lock = self.lock()?;
        let AdapterState { current, history, .. } = self.state(name)?;
        let kept: Vec<String> =
            current.iter().chain(&history).map(|digest| format!("{digest}.wasm")).collect();
        for entry in fs::read_dir(&place).map_err(failed("read", &place))? {
            let entry = entry.map_err(failed("read", &place))?;
            let file = entry.file_name().to_string_lossy().into_owned();
            let is_copy = file.ends_with(".wasm") && !kept.contains(&file);
            if is_copy || file.starts_with(files::HALF_WRITTEN) {
                files::remove(&entry.path())?;
            }
        }
        Ok(())
    }

    fn stats_file(&self, name: &str) -> Result<PathBuf, RegistryError> {
        Ok(self.place(name)?.join("stats.json"))
    }

    fn copy(&self, name: &str, digest: &str) -> Result<PathBuf, RegistryError> {
        if !is_digest(digest) {
            return Err(RegistryError::Digest { digest: text::line(digest, 80) });
        }
        Ok(self.place(name)?.join(digest).with_extension(COMPONENT))
    }

    /// Returns the folder of what is known of an adapter.
    fn place(&self, name: &str) -> Result<PathBuf, RegistryError> {
        if !is_adapter_name(name) {
            return Err(RegistryError::Name { name: text::line(name, 80) });
        }
        Ok(self.folder.join(format!(".{name}")))
    }

    /// Waits until nobody else changes anything.
    fn lock(&self) -> Result<File, RegistryError> {
        let path = self.folder.join(LOCK);
        let opened = regular(OpenOptions::new().write(true).create(true), &path);
        let file = opened.and_then(|file| file.lock().map(|()| file));
        file.map_err(failed("lock", &path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_rolled_back_while_it_was_compiled_is_not_adopted() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(folder.path().to_owned()).unwrap();
        let (one, two) = (digest(b"one"), digest(b"two"));
        registry.put("a", b"one", None).unwrap();
        let judged = registry.state("a").unwrap();
        let adopt = |digest: &str, component: &[u8]| {
            registry.adopt("a", digest, component, &judged, &registry.component("a").unwrap(), None).unwrap()
        };
        assert!(adopt(&one, b"one"));
        registry.reject("a", &two).unwrap();
        assert!(!adopt(&two, b"two"));
        assert_eq!(registry.state("a").unwrap().current.as_ref(), Some(&one));
        registry.put("a", b"two", None).unwrap();
        assert!(adopt(&two, b"two"));
        let source = Source::File(registry.component("a").unwrap());
        assert_eq!(registry.rollback("a", &source).unwrap(), one);
        registry.remove("a").unwrap();
        assert!(!adopt(&two, b"two"));
        assert_eq!(registry.names().unwrap(), [""; 0]);
    }
}
