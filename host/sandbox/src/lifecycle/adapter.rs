//! One adapter of a chain: its state, and the component that serves. That component may be replaced between
//! any two calls (`swap`), but each call uses the same one from beginning to end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use codewalk_policy::{Limits, is_adapter_name};
use tokio::sync::Semaphore;

use super::call_counts::CallCounts;
use super::generation::{DrainingGenerations, Generation};
use super::runtime::Runtime;
use super::spec::AdapterSpec;
use crate::bindings::Port;
use crate::egress::Allowance;
use crate::engine::CALLS_OF_ONE;
use crate::error::Problem;
use crate::registry::Registry;

/// How many unfit components are remembered.
const UNFIT: usize = 64;

pub(crate) struct Adapter<P: Port> {
    pub(crate) spec: AdapterSpec,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) limits: Limits,
    pub(crate) counts: Arc<CallCounts>,
    /// Its request rate and its call slots, across all generations.
    pub(crate) allowance: Arc<Allowance>,
    pub(crate) places: Arc<Semaphore>,
    /// The generation that serves.
    pub(crate) live: ArcSwapOption<Generation<P>>,
    /// The remaining state. `live` changes only under its lock.
    history: Mutex<History<P>>,
    /// The number of attempts to load it so far.
    pub(crate) attempts: AtomicU64,
    /// The number of generations so far. Only the holder of the lock creates another.
    pub(crate) generations: tokio::sync::Mutex<u64>,
}

/// Earlier generations, and earlier problems.
pub(crate) struct History<P: Port> {
    /// The generation to restore if the trial of the current one fails.
    pub(crate) previous: Option<Arc<Generation<P>>>,
    pub(crate) draining: DrainingGenerations<P>,
    /// Rejected digests that are not in the registry.
    pub(crate) rejected: BTreeSet<String>,
    /// Digests of unfit components, with the reasons. These components are not compiled or tried again.
    pub(crate) unfit: BTreeMap<String, String>,
    pub(crate) last_problem: Option<String>,
    /// Whether the last failed attempt may succeed later without a change.
    pub(crate) may_pass: bool,
}

impl<P: Port> fmt::Debug for Adapter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec.fmt(f)
    }
}

impl<P: Port> Adapter<P> {
    pub(crate) fn new(runtime: Arc<Runtime>, spec: AdapterSpec) -> Self {
        let limits = spec.limits.unwrap_or(runtime.limits).within(&runtime.limits);
        let registry = runtime.registry.clone().filter(|_| is_adapter_name(&spec.name));
        Self {
            counts: CallCounts::new(&spec.name, spec.source.ships(), registry),
            allowance: Arc::default(),
            places: Arc::new(Semaphore::new(CALLS_OF_ONE)),
            limits,
            runtime,
            live: ArcSwapOption::empty(),
            history: Mutex::new(History {
                previous: None,
                draining: DrainingGenerations::default(),
                rejected: BTreeSet::new(),
                unfit: BTreeMap::new(),
                last_problem: None,
                may_pass: false,
            }),
            attempts: AtomicU64::new(0),
            generations: tokio::sync::Mutex::new(0),
            spec,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.spec.name
    }

    /// Returns the registry and the adapter's generations in it. A built-in adapter has none.
    pub(crate) fn registry(&self) -> Option<&Registry> {
        let registry = self.runtime.registry.as_ref();
        registry.filter(|_| !self.ships() && is_adapter_name(&self.spec.name))
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, History<P>> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how long one call may take.
    pub(crate) fn time_limit(&self) -> Duration {
        self.spec.deadline.unwrap_or_default().max(self.limits.wall_clock)
    }

    /// Returns whether it is built in, and so was tested before release.
    pub(crate) const fn ships(&self) -> bool {
        self.spec.source.ships()
    }

    /// Runs a function that waits for files or compiles, on another thread.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let this = Arc::clone(self);
        let done = self.runtime.threads.handle().spawn_blocking(move || work(&this));
        done.await?
    }
}

impl<P: Port> History<P> {
    /// Remembers a component's problem, unless the problem may pass.
    pub(crate) fn remember(&mut self, digest: &str, problem: &Problem) {
        if problem.is_passing() {
            return;
        }
        // A file that changes this often does not return to an earlier version.
        if self.unfit.len() >= UNFIT {
            self.unfit.clear();
        }
        self.unfit.insert(digest.to_owned(), problem.to_string());
    }
}

impl<P: Port> Drop for Adapter<P> {
    fn drop(&mut self) {
        self.counts.save();
    }
}
