//! Handles to the adapters of a chain.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use codewalk_policy::signature_file;

use super::adapter::Adapter;
use super::swap::{ReloadOutcome, reload};
use crate::bindings::Port;
use crate::error::Problem;
use crate::source::Source;
use crate::stats::Stats;

/// A handle to an adapter of a chain. Clones refer to the same adapter.
#[derive(Clone)]
pub struct AdapterHandle(Arc<dyn Managed>);

/// The status of an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterStatus {
    /// The number of the current generation in this process, from 1. `None` before it is loaded.
    pub generation: Option<u64>,
    /// The SHA-256 of that component.
    pub digest: Option<String>,
    /// Whether the adapter can be relied on.
    pub state: Serving,
    /// Why the last reload failed, or what was rolled back. The text continues "the adapter NAME ...".
    pub last_problem: Option<String>,
    /// How many earlier generations still have running calls.
    pub draining: usize,
    /// The memory of its running calls, in bytes.
    pub live_memory: u64,
    /// Its statistics in this process.
    pub stats: Stats,
}

/// Whether an adapter can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serving {
    /// It has not been needed yet.
    Unloaded,
    /// No component can serve.
    Failed,
    /// Its component is new and on trial.
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

    /// Returns its status. Reads no files.
    #[must_use]
    pub fn status(&self) -> AdapterStatus {
        self.0.status()
    }

    /// Reloads it from its file and the registry. The current generation serves in the meantime.
    ///
    /// # Errors
    /// If the present component cannot serve. The current generation then keeps serving.
    pub async fn reload(&self) -> Result<ReloadOutcome, Problem> {
        Arc::clone(&self.0).reload().await
    }

    /// Saves its statistics now, for a process that is about to end. Otherwise they are saved within a
    /// second.
    pub fn save(&self) {
        self.0.save();
    }

    /// Returns whether it is being loaded or reloaded.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.0.is_loading()
    }

    /// Waits while it is being loaded or reloaded, for a process that is about to end. Otherwise the next
    /// process would have to compile the component again.
    pub async fn loaded(&self) {
        Arc::clone(&self.0).loaded().await;
    }

    /// Returns whether its last problem may pass without a change.
    pub(crate) fn may_pass(&self) -> bool {
        self.0.may_pass()
    }

    /// Returns the files that determine which component serves: the component, its signature and its registry
    /// entry.
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
        // A separate task, so that a swap completes even if the caller stops waiting.
        let handle = self.runtime.threads.handle().clone();
        let reloading = handle.spawn(async move { reload(&self).await });
        Box::pin(async move { reloading.await? })
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
