//! One adapter of a chain: loaded when first needed and then asked. Which component serves may change between any two calls
//! (`swap`); each call has one from beginning to end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tokio::time::timeout;

use crate::bindings::Port;
use crate::egress::{Allowance, Credential, Grant};
use crate::error::{AdapterError, Problem};
use crate::experience::Experience;
use crate::generation::{Draining, Generation, Verdict};
use crate::ledger::Ledger;
use crate::limits::{CALLS_OF_ONE, Limits};
use crate::manifest::is_adapter_name;
use crate::record::Subject;
use crate::registry::Registry;
use crate::sandbox::Inner;
use crate::source::Source;

/// How many components are remembered that were no good.
const UNFIT: usize = 64;

/// An adapter as the configuration names it.
#[derive(Clone, Debug)]
pub struct AdapterSpec {
    /// Its name, for messages and for what is known of it between runs. What is named otherwise than `[a-z0-9-]{1,64}` has
    /// nothing kept.
    pub name: String,
    /// Where its component comes from.
    pub source: Source,
    /// What it reads through the `config` interface. Credentials have no place in it.
    pub config: BTreeMap<String, String>,
    /// What it may send where; by default nothing.
    pub http: Vec<Grant>,
    /// The configured credentials, which what is approved may name.
    pub credentials: Vec<Arc<Credential>>,
    /// How long one call of it may take, its retries included, before the next adapter of the chain is asked, where it may send
    /// anything; none leaves that to [`Limits::wall_clock`], as does what waits for nobody. Loading, which happens once, is
    /// not counted; the wait for its turn is.
    pub deadline: Option<Duration>,
    /// What one call of it may use, as far as the sandbox has room for it; none leaves that to the sandbox.
    pub limits: Option<Limits>,
    /// The SHA-256 of the one component that is taken, in hexadecimal; none takes whatever passes the checks.
    pub pin: Option<String>,
    /// What is learned of the servers that it asks; none learns nothing.
    pub experience: Option<Arc<dyn Experience>>,
}

impl AdapterSpec {
    /// Returns an adapter without configuration, network, or a deadline, limits or a pin of its own.
    #[must_use]
    pub fn new(name: impl Into<String>, source: Source) -> Self {
        Self {
            name: name.into(),
            source,
            config: BTreeMap::new(),
            http: Vec::new(),
            credentials: Vec::new(),
            deadline: None,
            limits: None,
            pin: None,
            experience: None,
        }
    }
}

pub(crate) struct Adapter<P: Port> {
    pub(crate) spec: AdapterSpec,
    pub(crate) sandbox: Arc<Inner>,
    pub(crate) limits: Limits,
    pub(crate) ledger: Arc<Ledger>,
    /// What it may send at a time, and how many calls of it may run at once, whichever its generations are.
    pub(crate) allowance: Arc<Allowance>,
    pub(crate) places: Arc<Semaphore>,
    /// What serves.
    pub(crate) live: ArcSwapOption<Generation<P>>,
    /// What is known besides; `live` changes under its lock alone.
    past: Mutex<Past<P>>,
    /// How often it was tried to load it.
    pub(crate) attempts: AtomicU64,
    /// How many generations there were. Who holds it is the only one to make another.
    pub(crate) generations: tokio::sync::Mutex<u64>,
}

/// What served before, and what went wrong.
pub(crate) struct Past<P: Port> {
    /// What is gone back to if the trial of what serves goes wrong.
    pub(crate) previous: Option<Arc<Generation<P>>>,
    pub(crate) draining: Draining<P>,
    /// Digests that were rolled back and that the registry does not know of.
    pub(crate) rejected: BTreeSet<String>,
    /// Digests of what was found to be no good, and why: it is not compiled or tried again.
    pub(crate) unfit: BTreeMap<String, String>,
    pub(crate) last_problem: Option<String>,
    /// Whether the last attempt to bring it up to date may end better another time, without a change.
    pub(crate) may_pass: bool,
}

impl<P: Port> fmt::Debug for Adapter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec.fmt(f)
    }
}

impl<P: Port> Adapter<P> {
    pub(crate) fn new(sandbox: Arc<Inner>, spec: AdapterSpec) -> Self {
        let limits = spec.limits.unwrap_or(sandbox.limits).within(&sandbox.limits);
        let registry = sandbox.registry.clone().filter(|_| is_adapter_name(&spec.name));
        Self {
            ledger: Ledger::new(&spec.name, matches!(spec.source, Source::Embedded(_)), registry),
            allowance: Arc::default(),
            places: Arc::new(Semaphore::new(CALLS_OF_ONE)),
            limits,
            sandbox,
            live: ArcSwapOption::empty(),
            past: Mutex::new(Past {
                previous: None,
                draining: Draining::default(),
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

    /// Returns where its good generations are kept. Those of what ships are in the program.
    pub(crate) fn registry(&self) -> Option<&Registry> {
        match self.spec.source {
            Source::Embedded(_) => None,
            Source::File(_) => self.sandbox.registry.as_ref().filter(|_| is_adapter_name(&self.spec.name)),
        }
    }

    pub(crate) fn past(&self) -> MutexGuard<'_, Past<P>> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how long one call of it may take.
    pub(crate) fn patience(&self) -> Duration {
        self.spec.deadline.unwrap_or_default().max(self.limits.wall_clock)
    }

    /// Asks it; what is recorded of that belongs to `subject`. It takes no longer than what is `left`, which is then less;
    /// loading is not counted.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        request: &Arc<P::Request>,
        subject: Subject,
        left: &mut Duration,
    ) -> Result<P::Answer, AdapterError> {
        let asked = async {
            let generation = self.loaded().await?;
            let Generation { identity, ready, .. } = &*generation;
            let deadline = self.spec.deadline.filter(|_| generation.has_network);
            let own_limit = deadline.unwrap_or(self.limits.wall_clock);
            let limit = own_limit.min(*left);
            let begun = Instant::now();
            if let Some(experience) = &self.spec.experience {
                let mut config = experience.told();
                config.extend(self.spec.config.clone());
                identity.config.store(Arc::new(config));
            }
            let (identity, ready) = (Arc::clone(identity), Arc::clone(ready));
            let outcome = self.sandbox.ask::<P>(identity, ready, Arc::clone(request), limit, subject).await;
            let outcome = match outcome {
                Err(Problem::OutOfTime { warning: None, .. }) if limit < own_limit / 2 => {
                    Err(Problem::NoTimeLeft)
                }
                outcome => outcome,
            };
            let took = begun.elapsed();
            *left = left.saturating_sub(took);
            self.count(&generation, &outcome, took);
            outcome
        };
        asked.await.map_err(|problem| AdapterError { adapter: self.spec.name.clone(), problem })
    }

    /// Returns what serves, loaded by whoever comes first. It is tried each time: the file may be there, or another one.
    async fn loaded(self: &Arc<Self>) -> Result<Arc<Generation<P>>, Problem> {
        if let Some(live) = self.live.load_full() {
            return Ok(live);
        }
        // A task of its own, so that loading ends even where all who wait for it lose patience.
        let threads = self.sandbox.threads.handle();
        let loading = threads.spawn({
            let this = Arc::clone(self);
            async move { this.load().await }
        });
        let limit = self.limits.wall_clock;
        let waiting = threads.spawn(async move { timeout(limit, loading).await });
        match waiting.await.map_err(abandoned)? {
            Ok(loaded) => loaded.map_err(abandoned)?,
            Err(_) => Err(Problem::Loading { limit }),
        }
    }

    fn count(
        self: &Arc<Self>,
        generation: &Arc<Generation<P>>,
        outcome: &Result<P::Answer, Problem>,
        took: Duration,
    ) {
        let Some(ended) = Generation::<P>::ended(outcome) else { return };
        self.ledger.counters.called(ended, took);
        if !generation.probation.is_over() {
            let is_fault = generation.is_at_fault(outcome);
            self.ledger.called_on_trial(generation.digest(), is_fault);
            match generation.probation.called(is_fault) {
                Verdict::Unchanged => {}
                Verdict::Passed => self.past().previous = None,
                Verdict::Failed => self.roll_back(generation),
            }
        }
        self.ledger.save_soon(self.sandbox.threads.handle());
    }
}

impl<P: Port> Past<P> {
    /// Remembers what is wrong with a component, unless that may be gone by itself.
    pub(crate) fn judged(&mut self, digest: &str, problem: &Problem) {
        if problem.is_passing() {
            return;
        }
        // Who changes a file again and again does not come back to one of so many.
        if self.unfit.len() >= UNFIT {
            self.unfit.clear();
        }
        self.unfit.insert(digest.to_owned(), problem.to_string());
    }
}

impl<P: Port> Drop for Adapter<P> {
    fn drop(&mut self) {
        self.ledger.save();
    }
}

pub(crate) fn abandoned(error: JoinError) -> Problem {
    Problem::Abandoned { reason: error.to_string() }
}
