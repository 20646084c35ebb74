//! A generation: one component, checked and compiled, with its state. A call uses one generation to its end,
//! even if another replaces it. A generation is dropped when its last call ends.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Weak};

use codewalk_policy::short_digest;

use crate::bindings::Port;
use crate::calls::Identity;
use crate::error::Problem;
use crate::registry::Trial;
use crate::stats::CallEnd;

/// How many calls make up the trial of a new component.
const CALLS_ON_TRIAL: u32 = 20;
/// How many failed calls end a trial with a rollback.
const FAULTS_ON_TRIAL: u32 = 3;

/// A component that serves or served.
pub(crate) struct Generation<P: Port> {
    pub(crate) identity: Arc<Identity>,
    pub(crate) ready: Arc<P::Ready>,
    /// Whether it has grants, and so may wait for a server.
    pub(crate) has_network: bool,
    pub(crate) probation: Probation,
}

/// The trial of a new component: its first calls.
#[derive(Debug)]
pub(crate) struct Probation {
    calls: AtomicU32,
    faults: AtomicU32,
    is_over: AtomicBool,
}

/// The effect of a call on a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The trial continues, or was already over.
    Unchanged,
    /// The trial ended successfully.
    Passed,
    /// There were too many failed calls.
    Failed,
}

impl<P: Port> Generation<P> {
    pub(crate) fn digest(&self) -> &str {
        &self.identity.digest
    }

    /// Returns how a call ended, or `None` if the adapter is not the cause, in which case the call is not
    /// counted.
    pub(crate) fn end_of<T>(outcome: &Result<T, Problem>) -> Option<CallEnd> {
        match outcome {
            Ok(_) => Some(CallEnd::Well),
            Err(Problem::Refused(_) | Problem::Denied(_)) => Some(CallEnd::Refused),
            Err(Problem::OutOfBudget { .. } | Problem::OutOfTime { .. }) => Some(CallEnd::TimedOut),
            Err(
                Problem::Abandoned { .. }
                | Problem::Busy { .. }
                | Problem::NoTimeLeft
                | Problem::NoMemoryLeft { .. },
            ) => None,
            Err(_) => Some(CallEnd::Trapped),
        }
    }

    /// Returns whether a failure is the component's fault. If it uses the network, slowness may be the
    /// server's fault.
    pub(crate) fn is_at_fault<T>(&self, outcome: &Result<T, Problem>) -> bool {
        match outcome {
            Err(Problem::OutOfTime { .. } | Problem::TrappedAfterRequest { .. }) => !self.has_network,
            other => {
                Self::end_of(other).is_some_and(|end| matches!(end, CallEnd::Trapped | CallEnd::TimedOut))
            }
        }
    }
}

impl<P: Port> Drop for Generation<P> {
    fn drop(&mut self) {
        let Identity { name, digest, generation, .. } = &*self.identity;
        tracing::debug!(adapter = name, digest = short_digest(digest), generation, "its last call has ended");
    }
}

impl Probation {
    /// Starts a trial, or continues one that other processes began.
    pub(crate) fn begun(trial: &Trial) -> Self {
        Self {
            calls: AtomicU32::new(trial.calls),
            // The file may contain any number.
            faults: AtomicU32::new(trial.faults.min(FAULTS_ON_TRIAL)),
            is_over: AtomicBool::new(trial.calls >= CALLS_ON_TRIAL),
        }
    }

    /// Returns a finished trial, for proven components.
    pub(crate) fn none() -> Self {
        Self { calls: AtomicU32::new(0), faults: AtomicU32::new(0), is_over: AtomicBool::new(true) }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Relaxed)
    }

    /// Counts a call. Only one call gets a verdict other than `Unchanged`.
    pub(crate) fn called(&self, is_fault: bool) -> Verdict {
        if is_fault && self.faults.fetch_add(1, Relaxed) + 1 >= FAULTS_ON_TRIAL {
            return if self.is_over.swap(true, Relaxed) { Verdict::Unchanged } else { Verdict::Failed };
        }
        if self.calls.fetch_add(1, Relaxed) + 1 >= CALLS_ON_TRIAL && !self.is_over.swap(true, Relaxed) {
            return Verdict::Passed;
        }
        Verdict::Unchanged
    }
}

/// Replaced generations that may still have running calls.
#[derive(Debug)]
pub(crate) struct DrainingGenerations<P: Port>(Vec<Weak<Generation<P>>>);

impl<P: Port> Default for DrainingGenerations<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<P: Port> DrainingGenerations<P> {
    pub(crate) fn add(&mut self, generation: &Arc<Generation<P>>) {
        self.0.retain(|old| old.strong_count() > 0);
        self.0.push(Arc::downgrade(generation));
    }

    /// Returns the number of generations that still have running calls.
    pub(crate) fn count(&mut self) -> usize {
        self.0.retain(|old| old.strong_count() > 0);
        self.0.len()
    }
}
