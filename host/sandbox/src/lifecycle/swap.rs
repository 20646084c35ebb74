//! How a component comes to serve, and how another takes its place. Nothing waits for it: what served goes on until the one
//! store that replaces it. In this order:
//!
//! 1. The file is read once; whatever happens to it later, those bytes are judged, hashed and compiled.
//! 2. (`candidate`) Its digest must be the pinned one, if one is, and none that was rolled back.
//! 3. Its manifest must be for this world and ask for nothing that was not given.
//! 4. It must import nothing unknown and export its port; then it is compiled, and the types of both are checked.
//! 5. It is asked something, within its limits and without a network.
//! 6. A copy is kept, so that it serves again whatever becomes of the file.
//! 7. It serves from the next call on. Calls under way end on the generation they began on.
//! 8. (`rollback`) If too many of its first calls fail, the generation before serves again, and this one is not taken any more.
//!
//! What fails at any step before leaves everything as it is. Where nothing serves yet, the last good generation is taken.

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

/// What became of an attempt to bring an adapter up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReloadOutcome {
    /// It is.
    Unchanged,
    /// Another component serves.
    New {
        /// The number of the generation.
        generation: u64,
        /// Its digest.
        digest: String,
    },
    /// An earlier one serves, because the present one cannot.
    Restored {
        /// The number of the generation.
        generation: u64,
        /// Its digest.
        digest: String,
        /// What is wrong with the present one.
        because: String,
    },
}

/// An attempt to bring an adapter up to date.
struct ReloadAttempt {
    outcome: Result<ReloadOutcome, Problem>,
    /// Whether another one may end better, without a change of its file or of what is known of it.
    may_pass: bool,
}

impl From<Result<ReloadOutcome, Problem>> for ReloadAttempt {
    fn from(outcome: Result<ReloadOutcome, Problem>) -> Self {
        let may_pass = outcome.as_ref().is_err_and(Problem::is_passing);
        Self { outcome, may_pass }
    }
}

/// Returns what serves, having loaded it if nothing does.
pub(super) async fn load<P: Port>(adapter: &Arc<Adapter<P>>) -> Result<Arc<Generation<P>>, Problem> {
    let attempts = adapter.attempts.load(Relaxed);
    let mut generations = adapter.generations.lock().await;
    if let Some(live) = adapter.live.load_full() {
        return Ok(live);
    }
    // Who waited for another's attempt has its outcome: what fails may take minutes each time.
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

/// Brings what serves up to date with the file, with what is approved and with what was rolled back.
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

/// Brings it up to date with what is known now; nothing where another process changed that meanwhile.
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

/// Goes on with what serves. Where nothing does, or what does was rolled back by another process, takes the last good
/// generation that is whole.
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
        let made = async {
            let bytes = adapter.blocking(move |this| Ok(registry.good(&this.spec.name, &of)?)).await?;
            judge(adapter, Cow::Owned(bytes), digest.clone(), state, number).await
        };
        match made.await {
            Ok(made) => {
                let generation = publish(adapter, made.generation, false);
                let Identity { generation, digest, .. } = &*generation.identity;
                let (generation, digest, because) = (*generation, digest.clone(), problem.to_string());
                let outcome = Ok(ReloadOutcome::Restored { generation, digest, because });
                return ReloadAttempt { outcome, may_pass: problem.is_passing() };
            }
            Err(error) => {
                tracing::warn!(adapter = adapter.spec.name, %error, "an earlier generation");
                may_pass |= error.is_passing();
            }
        }
    }
    ReloadAttempt { outcome: Err(problem), may_pass }
}

/// Keeps a copy of a component and lets it serve; does nothing where it would be judged otherwise by now.
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
        // The system refuses, as it does on a full disk; what was approved is as it was read.
        Err(Problem::Registry(error @ RegistryError::File { .. })) => {
            tracing::warn!(adapter = adapter.spec.name, %error, "no copy is kept of a new generation")
        }
        Err(problem) => return Err(problem),
    }
    let generation = publish(adapter, generation, true);
    let Identity { generation, digest, .. } = &*generation.identity;
    Ok(Some(ReloadOutcome::New { generation: *generation, digest: digest.clone() }))
}

/// The one store that replaces what serves.
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
                "an earlier one serves"
            );
            Some(because.clone())
        }
        Err(problem) => {
            let problem = problem.to_string();
            // It is looked at again and again, and said once.
            if adapter.history().last_problem.as_ref() != Some(&problem) {
                tracing::warn!(adapter = name, problem, serving, "what is there now is not taken");
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
