//! How a component goes live, and how another replaces it. Calls never wait: the current generation keeps
//! serving until a single atomic write replaces it. The steps are:
//!
//! 1. (`candidate`) The file is read once. Exactly these bytes are hashed, checked and compiled.
//! 2. The digest must be the pinned one, if there is a pin, and must not have been rolled back.
//! 3. The manifest must be for this world and must not request more than was granted.
//! 4. The component must import only known interfaces and export the port. It is compiled, and the types of
//!    its imports and exports are checked.
//! 5. It is called with an empty request, within its limits and without a network.
//! 6. A copy is stored, so that it can serve again without its file.
//! 7. It serves from the next call on. Running calls finish on their own generation.
//! 8. (`rollback`) If too many of its first calls fail, the previous generation is restored, and this one is
//!    rejected.
//!
//! A failure in steps 1 to 5 changes nothing. If no generation serves yet, the last good one is loaded.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use codewalk_policy::short_digest;

use super::adapter::Adapter;
use super::candidate::{Candidate, candidate, judge};
use super::generation::Generation;
use crate::bindings::Port;
use crate::calls::Identity;
use crate::error::{Problem, RegistryError};
use crate::registry::AdapterState;
use crate::source::Source;

/// The outcome of a reload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReloadOutcome {
    /// The adapter was up to date.
    Unchanged,
    /// Another component serves.
    New {
        /// The number of the generation.
        generation: u64,
        /// Its digest.
        digest: String,
    },
    /// An earlier component serves, because the present one cannot.
    Restored {
        /// The number of the generation.
        generation: u64,
        /// Its digest.
        digest: String,
        /// The problem with the present one.
        because: String,
    },
}

/// An attempt to reload an adapter.
struct ReloadAttempt {
    outcome: Result<ReloadOutcome, Problem>,
    /// Whether a later attempt may succeed even if neither the file nor the registry changes.
    may_pass: bool,
}

impl From<Result<ReloadOutcome, Problem>> for ReloadAttempt {
    fn from(outcome: Result<ReloadOutcome, Problem>) -> Self {
        let may_pass = outcome.as_ref().is_err_and(Problem::is_passing);
        Self { outcome, may_pass }
    }
}

/// Returns the generation that serves, loading one if necessary.
pub(super) async fn load<P: Port>(adapter: &Arc<Adapter<P>>) -> Result<Arc<Generation<P>>, Problem> {
    let attempts = adapter.attempts.load(Relaxed);
    let mut generations = adapter.generations.lock().await;
    if let Some(live) = adapter.live.load_full() {
        return Ok(live);
    }
    // A caller that waited for another caller's attempt shares its outcome, because each attempt may take
    // minutes.
    if adapter.attempts.load(Relaxed) != attempts
        && let Some(reason) = adapter.history().last_problem.clone()
    {
        return Err(Problem::NotLoaded { reason });
    }
    let settled = settle(adapter, &mut generations).await;
    adapter.attempts.fetch_add(1, Relaxed);
    settled?;
    adapter.live.load_full().ok_or_else(|| Problem::Abandoned { reason: "nothing was loaded".to_owned() })
}

/// Reloads an adapter from its file and the registry.
pub(super) async fn reload<P: Port>(adapter: &Arc<Adapter<P>>) -> Result<ReloadOutcome, Problem> {
    let mut generations = adapter.generations.lock().await;
    settle(adapter, &mut generations).await
}

pub(super) async fn settle<P: Port>(
    adapter: &Arc<Adapter<P>>,
    generations: &mut u64,
) -> Result<ReloadOutcome, Problem> {
    let number = *generations + 1;
    let ReloadAttempt { outcome, may_pass } = loop {
        if let Some(attempted) = attempt(adapter, number).await {
            break attempted;
        }
    };
    note(adapter, &outcome, may_pass);
    if outcome.as_ref().is_ok_and(|swapped| *swapped != ReloadOutcome::Unchanged) {
        *generations = number;
    }
    outcome
}

/// Makes one attempt. Returns `None` if another process changed the registry in the meantime.
async fn attempt<P: Port>(adapter: &Arc<Adapter<P>>, number: u64) -> Option<ReloadAttempt> {
    let known = match adapter.blocking(state).await {
        Ok(known) => known,
        Err(problem) => return Some(ReloadAttempt::from(Err(problem))),
    };
    match candidate(adapter, &known, number).await {
        Ok(None) => Some(ReloadAttempt::from(Ok(ReloadOutcome::Unchanged))),
        Ok(Some(made)) => adopt(adapter, made, known).await.transpose().map(ReloadAttempt::from),
        Err(problem) => Some(keep(adapter, &known, problem, number).await),
    }
}

/// Keeps the current generation. If there is none, or another process rejected it, restores the last intact
/// generation.
async fn keep<P: Port>(
    adapter: &Arc<Adapter<P>>,
    state: &AdapterState,
    problem: Problem,
    number: u64,
) -> ReloadAttempt {
    let live = adapter.live.load_full();
    let live = live.as_ref().map(|live| live.digest());
    if live.is_some_and(|live| !state.rejected.iter().any(|rejected| rejected == live)) {
        return ReloadAttempt::from(Err(problem));
    }
    let Some(registry) = adapter.registry() else { return ReloadAttempt::from(Err(problem)) };
    let mut may_pass = problem.is_passing();
    let good = state.current.iter().chain(&state.history).filter(|good| live != Some(good.as_str()));
    for digest in good {
        let (of, registry) = (digest.clone(), registry.clone());
        let candidate = async {
            let bytes = adapter.blocking(move |this| Ok(registry.good(&this.spec.name, &of)?)).await?;
            judge(adapter, Cow::Owned(bytes), digest.clone(), state, number).await
        };
        match candidate.await {
            Ok(candidate) => {
                let generation = publish(adapter, candidate.generation, false);
                let Identity { generation, digest, .. } = &*generation.identity;
                let (generation, digest, because) = (*generation, digest.clone(), problem.to_string());
                let outcome = Ok(ReloadOutcome::Restored { generation, digest, because });
                return ReloadAttempt { outcome, may_pass: problem.is_passing() };
            }
            Err(error) => {
                tracing::warn!(adapter = adapter.spec.name, %error, "cannot restore an earlier generation");
                may_pass |= error.is_passing();
            }
        }
    }
    ReloadAttempt { outcome: Err(problem), may_pass }
}

/// Stores a copy of a component and lets it serve. Returns `None` if the registry has changed since it was
/// judged.
async fn adopt<P: Port>(
    adapter: &Arc<Adapter<P>>,
    made: Candidate<P>,
    judged: AdapterState,
) -> Result<Option<ReloadOutcome>, Problem> {
    let Candidate { generation, bytes, key } = made;
    let digest = generation.digest().to_owned();
    let kept = adapter.blocking(move |this| match (this.registry(), &this.spec.source) {
        (Some(registry), Source::File(file)) => {
            Ok(registry.adopt(&this.spec.name, &digest, &bytes, &judged, file, key.as_deref())?)
        }
        _ => Ok(true),
    });
    match kept.await {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        // The system reports an error, for example because the disk is full. Approvals are unchanged.
        Err(Problem::Registry(error @ RegistryError::File { .. })) => {
            tracing::warn!(adapter = adapter.spec.name, %error, "cannot store a copy of a new generation")
        }
        Err(problem) => return Err(problem),
    }
    let generation = publish(adapter, generation, true);
    let Identity { generation, digest, .. } = &*generation.identity;
    Ok(Some(ReloadOutcome::New { generation: *generation, digest: digest.clone() }))
}

/// Replaces the current generation in a single atomic write.
fn publish<P: Port>(adapter: &Adapter<P>, generation: Generation<P>, may_return: bool) -> Arc<Generation<P>> {
    let generation = Arc::new(generation);
    let mut history = adapter.history();
    let replaced = adapter.live.swap(Some(Arc::clone(&generation)));
    if let Some(replaced) = &replaced {
        history.draining.add(replaced);
    }
    history.previous = replaced.filter(|_| may_return && !generation.probation.is_over());
    generation
}

fn note<P: Port>(adapter: &Adapter<P>, outcome: &Result<ReloadOutcome, Problem>, may_pass: bool) {
    let name = &adapter.spec.name;
    let serving = adapter.live.load().as_ref().map(|live| live.identity.generation);
    let problem = match outcome {
        Ok(ReloadOutcome::Unchanged) => None,
        Ok(ReloadOutcome::New { generation, digest }) => {
            tracing::info!(adapter = name, digest = short_digest(digest), generation, "serves");
            None
        }
        Ok(ReloadOutcome::Restored { generation, digest, because }) => {
            tracing::warn!(
                adapter = name,
                digest = short_digest(digest),
                generation,
                because,
                "an earlier generation serves"
            );
            Some(because.clone())
        }
        Err(problem) => {
            let problem = problem.to_string();
            // Attempts repeat, but the message must not.
            if adapter.history().last_problem.as_ref() != Some(&problem) {
                tracing::warn!(adapter = name, problem, serving, "the present component cannot serve");
            }
            Some(problem)
        }
    };
    let mut history = adapter.history();
    history.may_pass = may_pass;
    history.last_problem = problem;
}

fn state<P: Port>(adapter: &Adapter<P>) -> Result<AdapterState, Problem> {
    match adapter.registry() {
        Some(registry) => Ok(registry.state(&adapter.spec.name)?),
        None => Ok(AdapterState::default()),
    }
}
