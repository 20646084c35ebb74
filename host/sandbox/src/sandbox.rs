//! The sandbox itself: one engine, its threads and its clock, shared by all adapters.

use std::fmt;
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use codewalk_core::call::PortError;
use http_body_util::BodyExt;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wasmtime::{Engine, Store, Trap, UpdateDeadline};

use crate::adapter::AdapterSpec;
use crate::bindings::{Linkers, Nonsense, Port, port_error};
use crate::cache::{Cache, CachePaths};
use crate::chain::{Chain, RouterChain, SummarizerChain};
use crate::compile::Compiler;
use crate::egress::{Egress, EgressError, Outgoing, Uplink, Wanted};
use crate::engine;
use crate::error::{MAX_REASON, Problem, SandboxError, reason};
use crate::handle::AdapterHandle;
use crate::host_functions::{CallState, Identity};
use crate::inspect::{self, Inspection};
use crate::limits::{CALLS, CommonMemory, HANDLES, HANDOVER, Limits};
use crate::recorder::Recorder;
use crate::registry::Registry;
use crate::signature::TrustedKeys;
use crate::source::Source;
use crate::tape::Tape;
use crate::text;
use crate::threads::GuestThreads;
use crate::ticker::Ticker;
use crate::turns::Maker;
use crate::wasi::Origin;
use crate::watch::Watch;

/// How a sandbox is to be.
#[derive(Clone, Debug, Default)]
pub struct SandboxConfig {
    /// Where compiled adapters are kept; none compiles them each time.
    pub cache: Option<CachePaths>,
    /// What one call of an adapter may use at most, whatever its own limits are.
    pub limits: Limits,
    /// Where it is kept what is known of adapters between runs, good generations of them among it; none keeps nothing.
    pub registry: Option<PathBuf>,
    /// What keeps the calls of adapters; none keeps none.
    pub recorder: Option<Recorder>,
    /// Where adapters are compiled.
    pub compiler: Compiler,
    /// How the network is reached.
    pub uplink: Uplink,
    /// The keys of those whose signatures count.
    pub trusted: TrustedKeys,
}

/// Runs adapters. Clones share everything.
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub(crate) inner: Arc<Inner>,
}

impl Sandbox {
    /// Makes a sandbox; no adapter is loaded yet.
    ///
    /// # Errors
    /// Where the system has no threads or no address space for it.
    pub fn new(settings: SandboxConfig) -> Result<Self, SandboxError> {
        let SandboxConfig { cache, limits, registry, recorder, compiler, uplink, trusted } = settings;
        let failed = |error: wasmtime::Error| SandboxError::Engine(reason(&error));
        let engine = engine::new(&limits).map_err(failed)?;
        Ok(Self {
            inner: Arc::new(Inner {
                linker: Linkers::new(&engine).map_err(failed)?,
                cache: cache.as_ref().and_then(Cache::open),
                compatibility: engine::compatibility(&engine),
                ticker: Arc::new(Ticker::start(&engine).map_err(SandboxError::Threads)?),
                threads: GuestThreads::start().map_err(SandboxError::Threads)?,
                slots: Arc::new(Semaphore::new(CALLS as usize)),
                memory: Arc::new(CommonMemory::new(limits.memory)),
                calls: AtomicU64::new(0),
                limits,
                recorder,
                compiler,
                uplink,
                shipped: Mutex::default(),
                trusted,
                registry: registry.map(Registry::open).transpose().map_err(SandboxError::Registry)?,
                engine,
            }),
        })
    }

    /// Returns the routers `adapters`, the next of which answers when one fails. They are loaded when first needed.
    #[must_use]
    pub fn router_chain(&self, adapters: Vec<AdapterSpec>) -> RouterChain {
        RouterChain(Chain::new(&self.inner, adapters))
    }

    /// Returns the summarizers `adapters`, the next of which answers when one fails. They are loaded when first needed.
    #[must_use]
    pub fn summarizer_chain(&self, adapters: Vec<AdapterSpec>) -> SummarizerChain {
        SummarizerChain(Chain::new(&self.inner, adapters))
    }

    /// Keeps adapters up to date with their files and with the registry until the watch is dropped.
    pub fn watch(&self, adapters: Vec<AdapterHandle>) -> Watch {
        Watch::start(adapters, self.inner.threads.handle())
    }

    /// Looks whether servers can be trusted.
    ///
    /// # Errors
    /// Says why none can, which leaves those of this machine.
    pub fn trust(&self) -> Result<(), String> {
        Egress::trust(&self.inner.uplink)
    }

    /// Asks a server for something as an adapter could, within its grants; returns the status and the body.
    ///
    /// # Errors
    /// Says why there is no response.
    pub async fn get(&self, spec: &AdapterSpec, url: &str) -> Result<(u16, Vec<u8>), String> {
        let egress = Egress::new(&spec.name, &spec.http, Arc::default(), &self.inner.uplink);
        let egress = egress.map_err(|problem| problem.to_string())?;
        let asked = async {
            let body = http_body_util::Empty::new();
            let credential = Wanted::Granted;
            let sent = egress.send(Outgoing { method: "GET", url, headers: Vec::new(), credential, body });
            let response = sent.await?;
            let body = response.body.collect().await?.to_bytes().to_vec();
            Ok::<_, EgressError>((response.status, body))
        };
        asked.await.map_err(|error| egress.scrubbed_text(&error.to_string()))
    }

    /// Looks at an adapter without running it. This compiles it, so it takes its time on the calling thread.
    ///
    /// # Errors
    /// Where its bytes cannot be had. What is wrong with them is in the inspection.
    pub fn inspect(&self, source: &Source) -> Result<Inspection, Problem> {
        inspect::inspect(&self.inner, &source.read()?, source.maker())
    }

    /// Looks at a component as [`Sandbox::inspect`] does.
    ///
    /// # Errors
    /// Where it is larger than any that is loaded. What else is wrong with it is in the inspection.
    pub fn inspect_bytes(&self, component: &[u8]) -> Result<Inspection, Problem> {
        inspect::inspect(&self.inner, component, Maker::Foreign)
    }
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) linker: Linkers,
    pub(crate) limits: Limits,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) registry: Option<Registry>,
    pub(crate) threads: GuestThreads,
    pub(crate) cache: Option<Cache>,
    pub(crate) compiler: Compiler,
    pub(crate) uplink: Uplink,
    /// The components of chains that ship with codewalk.
    pub(crate) shipped: Mutex<Vec<&'static [u8]>>,
    pub(crate) compatibility: String,
    pub(crate) trusted: TrustedKeys,
    ticker: Arc<Ticker>,
    slots: Arc<Semaphore>,
    memory: Arc<CommonMemory>,
    calls: AtomicU64,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Inner {
    /// Asks a guest, on its own threads and in a fresh store. When the caller loses interest, the guest is stopped.
    pub(crate) async fn call<P: Port>(
        &self,
        identity: Arc<Identity>,
        ready: Arc<P::Ready>,
        request: Arc<P::Request>,
        limit: Duration,
        tape: Tape,
    ) -> Result<P::Answer, Problem> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let limits = identity.limits;
        let origin = {
            let (identity, request, tape) = (Arc::clone(&identity), Arc::clone(&request), tape.clone());
            move || Origin::of::<P>(&identity.digest, &request, &tape)
        };
        let store =
            self.store(CallState::new(identity, call, tape.clone(), Arc::clone(&self.memory), origin));
        let pace = store.data().pace.clone();
        let running = Arc::clone(&store.data().call);
        let (places, slots) = (Arc::clone(&store.data().call.identity.places), Arc::clone(&self.slots));
        let ticker = Arc::clone(&self.ticker);
        let place = async move {
            let place = places.acquire_owned().await;
            (place, slots.acquire_owned().await)
        };
        let turn = move |place| async move {
            let _place = place;
            let _running = ticker.run();
            // Moved here to be dropped before the place is free for another.
            let mut store = store;
            let pace = store.data().pace.clone();
            let outcome = pace.watch(P::call(&ready, &mut store, &request)).await;
            if let Ok(returned) = &outcome {
                tape.returned::<P>(returned);
            }
            match outcome {
                Ok(Ok(answer)) => {
                    P::answer(answer, &request).map_err(|Nonsense(reason)| Problem::InvalidAnswer { reason })
                }
                Ok(Err(refused)) => Err(match (port_error(refused), store.data().call.denial()) {
                    (PortError::Denied { .. }, Some(denial)) => Problem::Denied(denial),
                    (refused, _) => Problem::Refused(refused),
                }),
                Err(error) => {
                    store.data().call.log_error(&reason(&error));
                    Err(why(&error, store.data(), &limits))
                }
            }
        };
        let call = async move {
            let begun = Instant::now();
            let Some(place) = within(limit, place).await else { return Err(Problem::Busy { limit }) };
            let left = limit.saturating_sub(begun.elapsed());
            // Nobody is to blame for having to wait.
            let is_crowded = left < limit / 2;
            within(left, turn(place)).await.unwrap_or_else(|| {
                Err(if is_crowded {
                    Problem::Busy { limit }
                } else {
                    Problem::OutOfTime { limit, warning: running.warning() }
                })
            })
        };
        match self.threads.call(pace, call).await {
            Some(outcome) => outcome,
            None => Err(Problem::Abandoned { reason: "its thread failed".to_owned() }),
        }
    }

    fn store(&self, state: CallState) -> Store<CallState> {
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.allocations);
        store.set_hostcall_fuel(HANDOVER);
        store.set_max_component_handles(HANDLES);
        store.set_epoch_deadline(1);
        // Called at each tick the guest is executing in, and only then: waiting costs a guest nothing of its budget.
        store.epoch_deadline_callback(|mut store| {
            let goes_on = store.data_mut().pace.tick();
            Ok(if goes_on { UpdateDeadline::Yield(1) } else { UpdateDeadline::Interrupt })
        });
        store
    }
}

/// Gives `work` up after `limit`. Most calls wait for nothing, so a timer is set only for those that do.
async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let begun = Instant::now();
    let mut work = pin!(work);
    match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
        Poll::Ready(done) => Some(done),
        Poll::Pending => timeout(limit.saturating_sub(begun.elapsed()), work).await.ok(),
    }
}

/// Returns what it means that a guest broke off.
fn why(error: &wasmtime::Error, state: &CallState, limits: &Limits) -> Problem {
    let reason = match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => {
            return Problem::OutOfBudget { budget: limits.executing };
        }
        // Most guests trap when they get no memory.
        _ if state.allocations.exhausted => {
            return Problem::OutOfMemory { limit: limits.memory };
        }
        _ if state.allocations.crowded => {
            return Problem::NoMemoryLeft { limit: state.allocations.common_limit() };
        }
        Some(trap) => trap.to_string(),
        None => text::line(&error.root_cause().to_string(), MAX_REASON),
    };
    // What other tools make of a guest often breaks off where it cannot go on, and says nothing.
    match state.call.denial() {
        Some(denial) => Problem::TrappedAfterRequest {
            reason: format!("{reason}, after its last request was denied: it {denial}"),
        },
        None if state.call.request_has_failed() => {
            Problem::TrappedAfterRequest { reason: format!("{reason}, after its last request failed") }
        }
        None => Problem::Trapped { reason },
    }
}
