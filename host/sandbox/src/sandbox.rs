//! The sandbox itself: one engine, its threads and its clock, shared by all adapters.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use codewalk_core::call::PortError;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store, Trap, UpdateDeadline};

use crate::adapter::AdapterSpec;
use crate::bindings::{self, Nonsense, Port};
use crate::cache::{Cache, CachePaths};
use crate::chain::{Chain, RouterChain, SummarizerChain};
use crate::engine;
use crate::error::{MAX_REASON, Problem, SandboxError, reason};
use crate::host_functions::{CallState, Identity};
use crate::inspect::{self, Inspection};
use crate::limits::{CALLS, HANDLES, HANDOVER, Limits};
use crate::source::Source;
use crate::text;
use crate::ticker::{TICK, Ticker};

/// How a sandbox is to be.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where compiled adapters are kept; none compiles them each time.
    pub cache: Option<CachePaths>,
    /// What one call of an adapter may use.
    pub limits: Limits,
}

/// Runs adapters. Clones share everything.
#[derive(Clone, Debug)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

impl Sandbox {
    /// Makes a sandbox; no adapter is loaded yet.
    ///
    /// # Errors
    /// Where the system has no threads or no address space for it.
    pub fn new(settings: Settings) -> Result<Self, SandboxError> {
        let Settings { cache, limits } = settings;
        let failed = |error: wasmtime::Error| SandboxError::Engine(reason(&error));
        let engine = engine::new(&limits).map_err(failed)?;
        Ok(Self {
            inner: Arc::new(Inner {
                linker: bindings::linker(&engine).map_err(failed)?,
                cache: cache.as_ref().and_then(Cache::open),
                compatibility: engine::compatibility(&engine),
                ticker: Arc::new(Ticker::start(&engine).map_err(SandboxError::Threads)?),
                threads: GuestThreads::start().map_err(SandboxError::Threads)?,
                slots: Arc::new(Semaphore::new(CALLS as usize)),
                calls: AtomicU64::new(0),
                limits,
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

    /// Looks at an adapter without running it. This compiles it, so it takes its time on the calling thread.
    ///
    /// # Errors
    /// Where its bytes cannot be had. What is wrong with them is in the inspection.
    pub fn inspect(&self, source: &Source) -> Result<Inspection, Problem> {
        inspect::inspect(&self.inner, &source.read()?)
    }
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<CallState>,
    pub(crate) limits: Limits,
    pub(crate) threads: GuestThreads,
    cache: Option<Cache>,
    compatibility: String,
    ticker: Arc<Ticker>,
    slots: Arc<Semaphore>,
    calls: AtomicU64,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Inner {
    /// Returns the compiled component, from the cache where it has it. Blocks while it compiles.
    pub(crate) fn component(&self, bytes: &[u8], digest: &str) -> Result<Component, Problem> {
        if Engine::detect_precompiled(bytes).is_some() {
            return Err(Problem::Precompiled);
        }
        if wasmparser::Parser::is_core_wasm(bytes) {
            return Err(Problem::CoreModule);
        }
        // Asked for by its header, for the engine would say less clearly what is wrong.
        if !wasmparser::Parser::is_component(bytes) {
            return Err(Problem::NotAComponent);
        }
        let name = format!("{digest}-{}", self.compatibility);
        if let Some(component) = self.cached(&name) {
            return Ok(component);
        }
        let turn = self.cache.as_ref().and_then(|cache| cache.turn(&name));
        if turn.is_some()
            && let Some(component) = self.cached(&name)
        {
            return Ok(component);
        }
        let component =
            Component::from_binary(&self.engine, bytes).map_err(|error| Problem::compile(&error))?;
        if let Some(cache) = &self.cache {
            match component.serialize() {
                Ok(compiled) => cache.store(&name, &compiled),
                Err(error) => tracing::debug!(name, %error, "a compiled adapter was not kept"),
            }
        }
        Ok(component)
    }

    fn cached(&self, name: &str) -> Option<Component> {
        let compiled = self.cache.as_ref()?.load(name)?;
        // SAFETY: the bytes were made by `Component::serialize` and have not changed since: the cache returns only what
        // carries a code that takes codewalk's secret to make, over these very bytes and a name that covers the
        // component, the engine's settings, its version and the processor.
        match unsafe { Component::deserialize(&self.engine, &compiled) } {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::debug!(name, %error, "a compiled adapter does not load");
                None
            }
        }
    }

    /// Asks a guest, on its own threads and in a fresh store. When the caller loses interest, the guest is stopped.
    pub(crate) async fn call<P: Port>(
        &self,
        identity: Arc<Identity>,
        ready: Arc<P::Ready>,
        request: Arc<P::Request>,
        limit: Duration,
    ) -> Result<P::Answer, Problem> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let limits = self.limits;
        let store = self.store(identity, call);
        let (slots, ticker) = (Arc::clone(&self.slots), Arc::clone(&self.ticker));
        let turn = async move {
            let _slot = slots.acquire_owned().await;
            let _running = ticker.run();
            // Moved here to be dropped before the slot is free for another.
            let mut store = store;
            let outcome = P::call(&ready, &mut store, &request).await;
            match outcome {
                Ok(Ok(Ok(answer))) => Ok(answer),
                Ok(Ok(Err(Nonsense(reason)))) => Err(Problem::InvalidAnswer { reason }),
                Ok(Err(refused)) => Err(match (refused, store.data_mut().denial.take()) {
                    (PortError::Denied { .. }, Some(denial)) => Problem::Denied(denial),
                    (refused, _) => Problem::Refused(refused),
                }),
                Err(error) => {
                    store.data().log_error(&reason(&error));
                    Err(why(&error, store.data(), &limits))
                }
            }
        };
        let mut task = JoinSet::new();
        task.spawn_on(
            async move { timeout(limit, turn).await.unwrap_or(Err(Problem::OutOfTime { limit })) },
            self.threads.handle(),
        );
        match task.join_next().await {
            Some(Ok(outcome)) => outcome,
            Some(Err(error)) => Err(Problem::Abandoned { reason: error.to_string() }),
            None => Err(Problem::Abandoned { reason: "its thread is gone".to_owned() }),
        }
    }

    fn store(&self, identity: Arc<Identity>, call: u64) -> Store<CallState> {
        let Limits { executing, memory, .. } = self.limits;
        let ticks = executing.as_millis().div_ceil(TICK.as_millis());
        let ticks = u64::try_from(ticks).unwrap_or(u64::MAX);
        let mut store = Store::new(&self.engine, CallState::new(identity, call, memory, ticks));
        store.limiter(|state| &mut state.allocations);
        store.set_hostcall_fuel(HANDOVER);
        store.set_max_component_handles(HANDLES);
        store.set_epoch_deadline(1);
        // Called at each tick the guest is executing in, and only then: waiting costs a guest nothing of its budget.
        store.epoch_deadline_callback(|mut store| {
            let state = store.data_mut();
            Ok(match state.ticks_left.checked_sub(1) {
                Some(left) => {
                    state.ticks_left = left;
                    UpdateDeadline::Yield(1)
                }
                None => UpdateDeadline::Interrupt,
            })
        });
        store
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
        Some(trap) => trap.to_string(),
        None => text::line(&error.root_cause().to_string(), MAX_REASON),
    };
    Problem::Trapped { reason }
}

/// The threads that guests run and compile on.
pub(crate) struct GuestThreads(Option<Runtime>);

impl GuestThreads {
    fn start() -> io::Result<Self> {
        let threads = available_parallelism().map_or(2, |n| n.get().clamp(2, 4));
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .max_blocking_threads(threads)
            .thread_name("codewalk-guest")
            .enable_all()
            // A turn of a busy guest lasts a tick, so look for new calls and for timers after each one.
            .global_queue_interval(1)
            .event_interval(1)
            .build()?;
        Ok(Self(Some(runtime)))
    }

    #[expect(clippy::expect_used, reason = "the runtime is taken in `drop` alone")]
    pub(crate) fn handle(&self) -> &Handle {
        self.0.as_ref().expect("the threads run until they are dropped").handle()
    }
}

impl Drop for GuestThreads {
    /// Does not wait: a guest that still runs is dropped at its next tick, a compilation when it is done.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
