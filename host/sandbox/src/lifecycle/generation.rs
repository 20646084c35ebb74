//! One component as it serves: checked, compiled, with all that belongs to it. A call takes hold of one generation and ends
//! on it, whatever is swapped meanwhile; a generation goes when its last call has ended.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Weak};

use codewalk_policy::short_digest;

use crate::bindings::Port;
use crate::calls::Identity;
use crate::error::Problem;
use crate::registry::Trial;
use crate::stats::CallEnd;

/// How many calls a new component is on trial for.
const CALLS_ON_TRIAL: u32 = 20;
/// How many of them may fail before the generation before serves again.
const FAULTS_ON_TRIAL: u32 = 3;

/// A component that serves, or served.
pub(crate) struct Generation<P: Port> {
    pub(crate) identity: Arc<Identity>,
    pub(crate) ready: Arc<P::Ready>,
    /// Whether it may wait for anybody.
    pub(crate) has_network: bool,
    pub(crate) probation: Probation,
}

/// The first calls of a new component.
#[derive(Debug)]
pub(crate) struct Probation {
    calls: AtomicU32,
    faults: AtomicU32,
    is_over: AtomicBool,
}

/// What a call changed for its generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes on.
    Unchanged,
    /// It was the last call of a trial that went well.
    Passed,
    /// It failed once too often.
    Failed,
}

impl<P: Port> Generation<P> {
    pub(crate) fn digest(&self) -> &str {
        &self.identity.digest
    }

    /// Says how a call ended, as far as it is counted; nothing where it was nobody's doing.
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

    /// Returns whether a failure is the component's own. One that waits for a server may be as slow as that is.
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
    /// Begins a trial, or goes on with one that other processes began.
    pub(crate) fn begun(trial: &Trial) -> Self {
        Self {
            calls: AtomicU32::new(trial.calls),
            // Read from a file, it may be any number.
            faults: AtomicU32::new(trial.faults.min(FAULTS_ON_TRIAL)),
            is_over: AtomicBool::new(trial.calls >= CALLS_ON_TRIAL),
        }
    }

    /// Returns the trial of what needs none.
    pub(crate) fn none() -> Self {
        Self { calls: AtomicU32::new(0), faults: AtomicU32::new(0), is_over: AtomicBool::new(true) }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Relaxed)
    }

    /// Counts a call. Whoever gets another verdict than `Unchanged` is the only one.
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

/// Generations that no longer serve, of which some may still have calls.
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

    /// Returns how many there are.
    pub(crate) fn count(&mut self) -> usize {
        self.0.retain(|old| old.strong_count() > 0);
        self.0.len()
    }
}
