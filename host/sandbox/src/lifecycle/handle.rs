//! What can be seen and done of an adapter from outside of its chain.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use codewalk_policy::signature_file;

use super::adapter::{Adapter, abandoned};
use super::swap::{ReloadOutcome, reload};
use crate::bindings::Port;
use crate::error::Problem;
use crate::source::Source;
use crate::stats::Stats;

/// An adapter of a chain, to be looked at and brought up to date. Clones are the same adapter.
#[derive(Clone)]
pub struct AdapterHandle(Arc<dyn Managed>);

/// How an adapter is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterStatus {
    /// Which of the components that served in this process serves, counted from 1; none before it is loaded.
    pub generation: Option<u64>,
    /// The SHA-256 of that component.
    pub digest: Option<String>,
    /// Whether it can be relied on.
    pub state: Serving,
    /// Why the last attempt to take another component failed, or what was rolled back. It continues "the adapter NAME ...".
    pub last_problem: Option<String>,
    /// How many earlier generations still have calls.
    pub draining: usize,
    /// How much memory its running calls have, in bytes.
    pub live_memory: u64,
    /// What was counted in this process.
    pub stats: Stats,
}

/// Whether an adapter can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serving {
    /// Nobody needed it yet.
    Unloaded,
    /// Nothing can serve.
    Failed,
    /// Its component is new, and has to prove itself.
    OnTrial,
    /// It serves.
    Live,
}

type Loaded = Pin<Box<dyn Future<Output = ()> + Send>>;
type Reloading = Pin<Box<dyn Future<Output = Result<ReloadOutcome, Problem>> + Send>>;

trait Managed: Send + Sync {
    fn name(&self) -> &str;
    fn status(&self) -> AdapterStatus;
    fn reload(self: Arc<Self>) -> Reloading;
    fn files(&self) -> Vec<PathBuf>;
    fn save(&self);
    fn is_loading(&self) -> bool;
    fn loaded(self: Arc<Self>) -> Loaded;
    fn may_pass(&self) -> bool;
}

impl AdapterHandle {
    pub(crate) fn new<P: Port>(adapter: &Arc<Adapter<P>>) -> Self {
        Self(Arc::<Adapter<P>>::clone(adapter))
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Returns how it is. This reads no file.
    #[must_use]
    pub fn status(&self) -> AdapterStatus {
        self.0.status()
    }

    /// Brings it up to date with its file and with what the registry knows of it. What serves goes on meanwhile.
    ///
    /// # Errors
    /// Where what is there now cannot be taken. What served before serves on.
    pub async fn reload(&self) -> Result<ReloadOutcome, Problem> {
        Arc::clone(&self.0).reload().await
    }

    /// Keeps what was counted so far, as otherwise happens within a second. For a process that is about to end.
    pub fn save(&self) {
        self.0.save();
    }

    /// Returns whether it is being loaded or brought up to date.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.0.is_loading()
    }

    /// Waits while it is being loaded or brought up to date. For a process that is about to end: what it has half compiled would
    /// be compiled anew by the next.
    pub async fn loaded(&self) {
        Arc::clone(&self.0).loaded().await;
    }

    /// Returns whether what was wrong with it the last time may be gone by itself.
    pub(crate) fn may_pass(&self) -> bool {
        self.0.may_pass()
    }

    /// Returns the files that decide what serves: its component, the signature of that, and what is known of it.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        self.0.files()
    }
}

impl fmt::Debug for AdapterHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AdapterHandle").field(&self.name()).finish()
    }
}

impl<P: Port> Managed for Adapter<P> {
    fn name(&self) -> &str {
        Self::name(self)
    }

    fn status(&self) -> AdapterStatus {
        let mut history = self.history();
        let live = self.live.load();
        let state = match &*live {
            Some(live) if live.probation.is_over() => Serving::Live,
            Some(_) => Serving::OnTrial,
            None if history.last_problem.is_some() => Serving::Failed,
            None => Serving::Unloaded,
        };
        AdapterStatus {
            generation: live.as_ref().map(|live| live.identity.generation),
            digest: live.as_ref().map(|live| live.digest().to_owned()),
            state,
            last_problem: history.last_problem.clone(),
            draining: history.draining.count(),
            live_memory: self.counts.counters.live_memory(),
            stats: self.counts.counters.read(),
        }
    }

    fn reload(self: Arc<Self>) -> Reloading {
        // A task of its own, so that a swap ends even where nobody waits for it.
        let handle = self.runtime.threads.handle().clone();
        let reloading = handle.spawn(async move { reload(&self).await });
        Box::pin(async move { reloading.await.map_err(abandoned)? })
    }

    fn save(&self) {
        self.counts.save();
    }

    fn is_loading(&self) -> bool {
        self.generations.try_lock().is_err()
    }

    fn loaded(self: Arc<Self>) -> Loaded {
        Box::pin(async move { drop(self.generations.lock().await) })
    }

    fn may_pass(&self) -> bool {
        self.history().may_pass
    }

    fn files(&self) -> Vec<PathBuf> {
        let Source::File(component) = &self.spec.source else { return Vec::new() };
        let state = self.registry().and_then(|registry| registry.state_file(self.name()).ok());
        [component.clone(), signature_file(component)].into_iter().chain(state).collect()
    }
}
