//! The state and the statistics of one adapter, as stored.

use std::collections::BTreeMap;
use std::path::Path;

use codewalk_policy::{Approval, Asker, GrantRequest, MAX_REASON, Manifest, is_digest, text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::files;
use crate::error::RegistryError;
use crate::stats::Stats;

/// How many earlier generations are stored.
const HISTORY: usize = 3;
/// How many rejected digests are remembered.
const REJECTED: usize = 64;
/// The format version of these files.
const SCHEMA: u32 = 2;
/// The maximum size of these files, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// The state of an adapter. Digests are SHA-256 in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdapterState {
    schema: u32,
    /// The digest of the current generation.
    pub current: Option<String>,
    /// The digests of the stored earlier generations, the latest first.
    pub history: Vec<String>,
    /// The digests of installed components that have not served yet. They stay in this list even if another
    /// component replaces them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unproven: Vec<String>,
    /// The digests of rejected components, the latest last.
    pub rejected: Vec<String>,
    /// The approvals, in addition to the configuration.
    pub approved: Vec<Approval>,
    /// The public keys that signed stored or installed components, by their digests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signed: BTreeMap<String, String>,
}

impl Default for AdapterState {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            current: None,
            history: Vec::new(),
            unproven: Vec::new(),
            rejected: Vec::new(),
            approved: Vec::new(),
            signed: BTreeMap::new(),
        }
    }
}

impl AdapterState {
    pub(super) fn read(path: &Path) -> Result<Self, RegistryError> {
        let Some(state) = read::<Self>(path)? else { return Ok(Self::default()) };
        let foreign = |reason: String| RegistryError::Foreign { path: path.to_owned(), reason };
        let mut digests =
            state.current.iter().chain(&state.history).chain(&state.unproven).chain(&state.rejected);
        // Digests in approvals and signatures are only compared; they never become file names.
        if let Some(wrong) = digests.find(|digest| !is_digest(digest)) {
            return Err(foreign(format!("{:?} is not a digest", text::line(wrong, 80))));
        }
        for approved in &state.approved {
            approved.request.check().map_err(|error| foreign(error.to_string()))?;
        }
        Ok(state)
    }

    /// Remembers the key that signed a component, and forgets the keys of removed components.
    pub(super) fn sign(&mut self, digest: &str, key: Option<&str>) {
        let mut signed = std::mem::take(&mut self.signed);
        signed.retain(|of, _| of != digest && self.may_serve(of));
        signed.extend(key.map(|key| (digest.to_owned(), key.to_owned())));
        self.signed = signed;
    }

    /// Returns whether a component is stored or has not served yet.
    fn may_serve(&self, digest: &str) -> bool {
        self.is_kept(digest) || self.unproven.iter().any(|unproven| unproven == digest)
    }

    /// Approves requests of a component, and forgets the approvals of removed components.
    pub(super) fn approve(&mut self, manifest: &Manifest, asker: &Asker, requests: &[GrantRequest]) {
        let mut approved = std::mem::take(&mut self.approved);
        approved.retain(|approval| {
            let digest = approval.digest.as_ref();
            approval.key.is_some() || digest.is_some_and(|of| *of == asker.digest || self.may_serve(of))
        });
        for request in requests {
            let (world, name, request) = (manifest.world, manifest.name.clone(), request.clone());
            let Asker { digest, key } = asker.clone();
            let approval = Approval { world, name, request, digest: Some(digest), key };
            if !approved.contains(&approval) {
                approved.push(approval);
            }
        }
        self.approved = approved;
    }

    /// Returns whether a component is stored.
    pub(super) fn is_kept(&self, digest: &str) -> bool {
        self.current.iter().chain(&self.history).any(|stored| stored == digest)
    }

    /// Returns whether a component is stored and has served.
    pub(crate) fn is_proven(&self, digest: &str) -> bool {
        self.is_kept(digest) && !self.unproven.iter().any(|unproven| unproven == digest)
    }

    /// Makes a component the current generation. Surplus generations that never served are dropped first.
    pub(super) fn follow(&mut self, digest: &str) {
        self.history.retain(|earlier| earlier != digest);
        self.history.splice(..0, self.current.replace(digest.to_owned()).filter(|old| old != digest));
        while self.history.len() > HISTORY {
            let unproven = self.history.iter().rposition(|earlier| self.unproven.contains(earlier));
            self.history.remove(unproven.unwrap_or(self.history.len() - 1));
        }
    }

    /// Forgets a component that never served and cannot serve.
    pub(super) fn forget(&mut self, digest: &str) {
        self.unproven.retain(|unproven| unproven != digest);
        self.history.retain(|earlier| earlier != digest);
        if self.current.as_deref() == Some(digest) {
            self.current = (!self.history.is_empty()).then(|| self.history.remove(0));
        }
    }

    /// Restores the latest earlier generation that is intact, and rejects the current one. Returns the digest
    /// of the restored one.
    pub(super) fn step_back(&mut self, is_intact: impl Fn(&str) -> bool) -> Option<String> {
        let at = self.history.iter().position(|digest| is_intact(digest))?;
        let restored = self.history.drain(..=at).next_back()?;
        if let Some(replaced) = self.current.replace(restored.clone()) {
            self.reject(&replaced);
        }
        self.rejected.retain(|rejected| *rejected != restored);
        Some(restored)
    }

    /// Rejects a component.
    pub(super) fn reject(&mut self, digest: &str) {
        self.rejected.retain(|rejected| rejected != digest);
        self.rejected.push(digest.to_owned());
        let surplus = self.rejected.len().saturating_sub(REJECTED);
        self.rejected.drain(..surplus);
        self.history.retain(|earlier| earlier != digest);
        self.unproven.retain(|unproven| unproven != digest);
    }
}

/// The statistics file of an adapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatsFile {
    schema: u32,
    pub(super) stats: Stats,
    /// The trial of the newest component.
    pub(super) trial: Option<Trial>,
}

/// The first calls of a new component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trial {
    pub(crate) digest: String,
    pub(crate) calls: u32,
    pub(crate) faults: u32,
}

impl Trial {
    /// Starts the trial of a component.
    pub(crate) fn of(digest: &str) -> Self {
        Self { digest: digest.to_owned(), calls: 0, faults: 0 }
    }

    /// Returns the calls counted since `before`.
    pub(crate) fn since(&self, before: Option<&Self>) -> Self {
        let before = before.filter(|before| before.digest == self.digest);
        let (calls, faults) = before.map_or((0, 0), |before| (before.calls, before.faults));
        Self {
            digest: self.digest.clone(),
            calls: self.calls.saturating_sub(calls),
            faults: self.faults.saturating_sub(faults),
        }
    }
}

impl Default for StatsFile {
    fn default() -> Self {
        Self { schema: SCHEMA, stats: Stats::default(), trial: None }
    }
}

impl StatsFile {
    pub(super) fn read(path: &Path) -> Result<Self, RegistryError> {
        let file = read::<Self>(path)?.unwrap_or_default();
        if !file.stats.is_plausible() {
            let reason = "its statistics are invalid".to_owned();
            return Err(RegistryError::Foreign { path: path.to_owned(), reason });
        }
        Ok(file)
    }

    /// Adds calls to a trial, or starts the trial of another component.
    pub(super) fn add(&mut self, more: &Trial) {
        match &mut self.trial {
            Some(trial) if trial.digest == more.digest => {
                trial.calls = trial.calls.saturating_add(more.calls);
                trial.faults = trial.faults.saturating_add(more.faults);
            }
            other => *other = Some(more.clone()),
        }
    }
}

/// The part that all versions of a file share.
#[derive(Deserialize)]
struct Versioned {
    schema: u32,
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, RegistryError> {
    let Some(bytes) = files::read(path, MAX_FILE)? else { return Ok(None) };
    let foreign = |reason: String| RegistryError::Foreign { path: path.to_owned(), reason };
    let damaged = |error: serde_json::Error| foreign(text::line(&error.to_string(), MAX_REASON));
    let Versioned { schema } = serde_json::from_slice(&bytes).map_err(damaged)?;
    if schema != SCHEMA {
        return Err(foreign(format!(
            "its schema is {schema}; this version of codewalk reads schema {SCHEMA}"
        )));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}
