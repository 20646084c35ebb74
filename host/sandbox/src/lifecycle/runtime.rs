//! The resources that all adapters share: one engine, its clock, its threads, and the slots and memory for
//! their calls.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use codewalk_core::port_reply::PortError;
use codewalk_policy::{Limits, MAX_REASON, TrustedKeys, Uplink, text};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wasmtime::{Store, Trap, UpdateDeadline};

use super::origin::origin;
use super::transcript::transcript;
use crate::bindings::{CallState, GuestReply, Linkers, Port, UnusableAnswer, port_error};
use crate::calls::Identity;
use crate::engine::{
    self, CALLS, CachePaths, CommonMemory, Compiler, Components, GuestThreads, HANDLES, HANDOVER, Ticker,
};
use crate::error::{Problem, SandboxError, reason};
use crate::recording::{CallOutcome, ExchangeLog, Recorder, Subject, now};
use crate::registry::Registry;

/// The configuration of a sandbox.
#[derive(Clone, Debug, Default)]
pub struct SandboxConfig {
    /// The cache of compiled adapters. Without it, they are compiled each time.
    pub cache: Option<CachePaths>,
    /// The maximum limits of one call of any adapter.
    pub limits: Limits,
    /// The folder of the registry. Without it, nothing is stored between runs.
    pub registry: Option<PathBuf>,
    /// Records the calls to adapters, if set.
    pub recorder: Option<Recorder>,
    /// Where adapters are compiled.
    pub compiler: Compiler,
    /// The connection to the network.
    pub uplink: Uplink,
    /// The trusted keys.
    pub trusted: TrustedKeys,
}

/// The parts of a sandbox that its adapters use.
pub(crate) struct Runtime {
    pub(crate) components: Components,
    pub(crate) linkers: Linkers,
    pub(crate) limits: Limits,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) registry: Option<Registry>,
    pub(crate) threads: GuestThreads,
    pub(crate) uplink: Uplink,
    pub(crate) trusted: TrustedKeys,
    ticker: Arc<Ticker>,
    slots: Arc<Semaphore>,
    memory: Arc<CommonMemory>,
    calls: AtomicU64,
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Runtime {
    /// Starts the engine, its clock and its threads.
    pub(crate) fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let SandboxConfig { cache, limits, registry, recorder, compiler, uplink, trusted } = config;
        let engine = engine::new(&limits)?;
        let threads = GuestThreads::start()?;
        Ok(Self {
            linkers: Linkers::new(&engine)?,
            ticker: Arc::new(Ticker::start(&engine)?),
            slots: Arc::new(Semaphore::new(CALLS as usize)),
            memory: Arc::new(CommonMemory::new(limits.memory)),
            calls: AtomicU64::new(0),
            components: Components::new(engine, cache.as_ref(), compiler, threads.handle().clone()),
            limits,
            recorder,
            uplink,
            trusted,
            registry: registry.map(Registry::open).transpose()?,
            threads,
        })
    }

    /// Calls a guest. If calls are recorded, stores the record before returning.
    pub(crate) async fn ask<P: Port>(
        &self,
        identity: Arc<Identity>,
        ready: Arc<P::Ready>,
        request: Arc<P::Request>,
        limit: Duration,
        subject: Subject,
    ) -> Result<P::Answer, Problem> {
        let Some(recorder) = self.recorder.clone() else {
            return self.call::<P>(identity, ready, request, limit, ExchangeLog::default()).await;
        };
        let (at, exchanges) = (now(), ExchangeLog::recording());
        let call =
            self.call::<P>(Arc::clone(&identity), ready, Arc::clone(&request), limit, exchanges.clone());
        let outcome = call.await;
        let problem = outcome.as_ref().err().map(ToString::to_string);
        let adapter = identity.name.clone();
        let keeping = self.threads.handle().spawn_blocking(move || {
            if exchanges.is_full() {
                return Err(io::Error::other("its HTTP exchanges are too large"));
            }
            recorder.keep(subject, &transcript::<P>(at, &identity, &request, &exchanges, problem)?)
        });
        if let Err(error) = keeping.await.unwrap_or_else(|error| Err(io::Error::other(error))) {
            tracing::warn!(adapter, %error, "a call was not recorded");
        }
        outcome
    }

    /// Calls a guest on its own threads and in a fresh store. The guest is stopped if the returned future is
    /// dropped.
    pub(crate) async fn call<P: Port>(
        &self,
        identity: Arc<Identity>,
        ready: Arc<P::Ready>,
        request: Arc<P::Request>,
        limit: Duration,
        exchanges: ExchangeLog,
    ) -> Result<P::Answer, Problem> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let limits = identity.limits;
        let origin = {
            let (identity, request, exchanges) =
                (Arc::clone(&identity), Arc::clone(&request), exchanges.clone());
            move || origin::<P>(&identity.digest, &request, &exchanges)
        };
        let store =
            self.store(CallState::new(identity, call, exchanges.clone(), Arc::clone(&self.memory), origin));
        let budget = store.data().budget.clone();
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
            // Moved in here, so that it is dropped before the slot becomes free.
            let mut store = store;
            let budget = store.data().budget.clone();
            let outcome = budget.watch(P::call(&ready, &mut store, &request)).await;
            if let Ok(returned) = &outcome {
                exchanges.record_outcome(|| outcome_of::<P>(returned));
            }
            match outcome {
                Ok(Ok(answer)) => P::answer(answer, &request)
                    .map_err(|UnusableAnswer(reason)| Problem::InvalidAnswer { reason }),
                Ok(Err(refused)) => Err(match (port_error(refused), store.data().call.denial()) {
                    (PortError::Denied { .. }, Some(denial)) => Problem::Denied(denial),
                    (PortError::Unavailable { message }, _) => {
                        let message = store.data().call.explained(&message);
                        Problem::Refused(PortError::Unavailable { message })
                    }
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
            // Queueing does not count against the adapter.
            let is_crowded = left < limit / 2;
            within(left, turn(place)).await.unwrap_or_else(|| {
                Err(if is_crowded {
                    Problem::Busy { limit }
                } else {
                    Problem::OutOfTime { limit, warning: running.warning() }
                })
            })
        };
        match self.threads.call(budget, call).await {
            Some(outcome) => outcome,
            None => Err(Problem::Abandoned { reason: "its thread failed".to_owned() }),
        }
    }

    fn store(&self, state: CallState) -> Store<CallState> {
        let mut store = Store::new(self.components.engine(), state);
        store.limiter(|state| &mut state.allocations);
        store.set_hostcall_fuel(HANDOVER);
        store.set_max_component_handles(HANDLES);
        store.set_epoch_deadline(1);
        // Called only at ticks at which the guest is executing, so waiting does not use up its budget.
        store.epoch_deadline_callback(|mut store| {
            let goes_on = store.data_mut().budget.tick();
            Ok(if goes_on { UpdateDeadline::Yield(1) } else { UpdateDeadline::Interrupt })
        });
        store
    }
}

/// Runs `work` for at most `limit`. Most calls never wait, so a timer is set only for those that do.
async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let begun = Instant::now();
    let mut work = pin!(work);
    match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
        Poll::Ready(done) => Some(done),
        Poll::Pending => timeout(limit.saturating_sub(begun.elapsed()), work).await.ok(),
    }
}

/// Returns the problem that caused a guest's trap.
fn why(error: &wasmtime::Error, state: &CallState, limits: &Limits) -> Problem {
    let reason = match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => {
            return Problem::OutOfBudget { budget: limits.executing };
        }
        // Most guests trap if an allocation fails.
        _ if state.allocations.exhausted => {
            return Problem::OutOfMemory { limit: limits.memory };
        }
        _ if state.allocations.crowded => {
            return Problem::NoMemoryLeft { limit: state.allocations.common_limit() };
        }
        Some(trap) => trap.to_string(),
        None => text::line(&error.root_cause().to_string(), MAX_REASON),
    };
    // Guests built with other tools often trap after an error, without a message.
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

/// Converts a guest's reply for its record.
fn outcome_of<P: Port>(returned: &GuestReply<P>) -> CallOutcome {
    fn value(of: &impl Serialize) -> Value {
        serde_json::to_value(of).unwrap_or_default()
    }
    match returned {
        Ok(answer) => CallOutcome::Answer(value(answer)),
        Err(error) => CallOutcome::Error(value(error)),
    }
}
