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

use crate::adapter::{Adapter, abandoned};
use crate::bindings::Port;
use crate::candidate::Made;
use crate::engine::digest;
use crate::error::{Problem, short};
use crate::generation::Generation;
use crate::host_functions::Identity;
use crate::registry::{AdapterState, RegistryError};
use crate::source::Source;

/// What became of an attempt to bring an adapter up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swapped {
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
struct Attempted {
    outcome: Result<Swapped, Problem>,
    /// Whether another one may end better, without a change of its file or of what is known of it.
    may_pass: bool,
}

impl From<Result<Swapped, Problem>> for Attempted {
    fn from(outcome: Result<Swapped, Problem>) -> Self {
        let may_pass = outcome.as_ref().is_err_and(Problem::is_passing);
        Self { outcome, may_pass }
    }
}

impl<P: Port> Adapter<P> {
    /// Returns what serves, having loaded it if nothing does.
    pub(crate) async fn load(self: &Arc<Self>) -> Result<Arc<Generation<P>>, Problem> {
        let attempts = self.attempts.load(Relaxed);
        let mut generations = self.generations.lock().await;
        if let Some(live) = self.live.load_full() {
            return Ok(live);
        }
        // Who waited for another's attempt has its outcome: what fails may take minutes each time.
        if self.attempts.load(Relaxed) != attempts
            && let Some(reason) = self.past().last_problem.clone()
        {
            return Err(Problem::NotLoaded { reason });
        }
        let settled = self.settle(&mut generations).await;
        self.attempts.fetch_add(1, Relaxed);
        settled?;
        self.live.load_full().ok_or_else(|| Problem::Abandoned { reason: "nothing was loaded".to_owned() })
    }

    /// Brings what serves up to date with the file, with what is approved and with what was rolled back.
    pub(crate) async fn reload(self: &Arc<Self>) -> Result<Swapped, Problem> {
        let mut generations = self.generations.lock().await;
        self.settle(&mut generations).await
    }

    pub(crate) async fn settle(self: &Arc<Self>, generations: &mut u64) -> Result<Swapped, Problem> {
        let number = *generations + 1;
        let Attempted { outcome, may_pass } = loop {
            if let Some(attempted) = self.attempt(number).await {
                break attempted;
            }
        };
        self.note(&outcome, may_pass);
        if outcome.as_ref().is_ok_and(|swapped| *swapped != Swapped::Unchanged) {
            *generations = number;
        }
        outcome
    }

    /// Brings it up to date with what is known now; nothing where another process changed that meanwhile.
    async fn attempt(self: &Arc<Self>, number: u64) -> Option<Attempted> {
        let state = match self.blocking(Self::state).await {
            Ok(state) => state,
            Err(problem) => return Some(Attempted::from(Err(problem))),
        };
        match self.candidate(&state, number).await {
            Ok(None) => Some(Attempted::from(Ok(Swapped::Unchanged))),
            Ok(Some(made)) => self.adopt(made, state).await.transpose().map(Attempted::from),
            Err(problem) => Some(self.keep(&state, problem, number).await),
        }
    }

    /// Returns what is to serve next, after it passed every check; nothing where it serves already.
    async fn candidate(
        self: &Arc<Self>,
        state: &AdapterState,
        number: u64,
    ) -> Result<Option<Made<P>>, Problem> {
        let read = self.blocking(|this| {
            let bytes = this.spec.source.read()?;
            let digest = digest(&bytes);
            // Which bytes a pinned one has is known, whoever can write them.
            if this.spec.pin.is_none() {
                this.spec.source.check_exposure()?;
            }
            Ok((bytes, digest))
        });
        let (bytes, digest) = read.await?;
        if state.rejected.contains(&digest) || self.past().rejected.contains(&digest) {
            return Err(Problem::RolledBack { digest });
        }
        if self.live.load().as_ref().is_some_and(|live| live.digest() == digest) {
            return Ok(None);
        }
        let judged = self.judge(bytes, digest.clone(), state, number).await;
        if judged.as_ref().is_err_and(|problem| !problem.is_passing()) && state.unproven.contains(&digest) {
            let forgotten = self.blocking(move |this| match this.registry() {
                Some(registry) => Ok(registry.could_not_serve(&this.spec.name, &digest)?),
                None => Ok(()),
            });
            if let Err(error) = forgotten.await {
                tracing::debug!(adapter = self.spec.name, %error, "what cannot serve is kept");
            }
        }
        judged.map(Some)
    }

    /// Goes on with what serves. Where nothing does, or what does was rolled back by another process, takes the last good
    /// generation that is whole.
    async fn keep(self: &Arc<Self>, state: &AdapterState, problem: Problem, number: u64) -> Attempted {
        let live = self.live.load_full();
        let live = live.as_ref().map(|live| live.digest());
        if live.is_some_and(|live| !state.rejected.iter().any(|rejected| rejected == live)) {
            return Attempted::from(Err(problem));
        }
        let Some(registry) = self.registry() else { return Attempted::from(Err(problem)) };
        let mut may_pass = problem.is_passing();
        let good = state.current.iter().chain(&state.history).filter(|good| live != Some(good.as_str()));
        for digest in good {
            let (of, registry) = (digest.clone(), registry.clone());
            let made = async {
                let bytes = self.blocking(move |this| Ok(registry.good(&this.spec.name, &of)?)).await?;
                self.judge(Cow::Owned(bytes), digest.clone(), state, number).await
            };
            match made.await {
                Ok(made) => {
                    let generation = self.publish(made.generation, false);
                    let Identity { generation, digest, .. } = &*generation.identity;
                    let (generation, digest, because) = (*generation, digest.clone(), problem.to_string());
                    let outcome = Ok(Swapped::Restored { generation, digest, because });
                    return Attempted { outcome, may_pass: problem.is_passing() };
                }
                Err(error) => {
                    tracing::warn!(adapter = self.spec.name, %error, "an earlier generation");
                    may_pass |= error.is_passing();
                }
            }
        }
        Attempted { outcome: Err(problem), may_pass }
    }

    /// Keeps a copy of a component and lets it serve; does nothing where it would be judged otherwise by now.
    async fn adopt(
        self: &Arc<Self>,
        made: Made<P>,
        judged: AdapterState,
    ) -> Result<Option<Swapped>, Problem> {
        let Made { generation, bytes, key } = made;
        let digest = generation.digest().to_owned();
        let kept = self.blocking(move |this| match (this.registry(), &this.spec.source) {
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
                tracing::warn!(adapter = self.spec.name, %error, "no copy is kept of a new generation")
            }
            Err(problem) => return Err(problem),
        }
        let generation = self.publish(generation, true);
        let Identity { generation, digest, .. } = &*generation.identity;
        Ok(Some(Swapped::New { generation: *generation, digest: digest.clone() }))
    }

    /// The one store that replaces what serves.
    fn publish(&self, generation: Generation<P>, may_return: bool) -> Arc<Generation<P>> {
        let generation = Arc::new(generation);
        let mut past = self.past();
        let replaced = self.live.swap(Some(Arc::clone(&generation)));
        if let Some(replaced) = &replaced {
            past.draining.add(replaced);
        }
        past.previous = replaced.filter(|_| may_return && !generation.probation.is_over());
        generation
    }

    fn note(&self, outcome: &Result<Swapped, Problem>, may_pass: bool) {
        let adapter = &self.spec.name;
        let serving = self.live.load().as_ref().map(|live| live.identity.generation);
        let problem = match outcome {
            Ok(Swapped::Unchanged) => None,
            Ok(Swapped::New { generation, digest }) => {
                tracing::info!(adapter, digest = short(digest), generation, "serves");
                None
            }
            Ok(Swapped::Restored { generation, digest, because }) => {
                tracing::warn!(adapter, digest = short(digest), generation, because, "an earlier one serves");
                Some(because.clone())
            }
            Err(problem) => {
                let problem = problem.to_string();
                // It is looked at again and again, and said once.
                if self.past().last_problem.as_ref() != Some(&problem) {
                    tracing::warn!(adapter, problem, serving, "what is there now is not taken");
                }
                Some(problem)
            }
        };
        let mut past = self.past();
        past.may_pass = may_pass;
        past.last_problem = problem;
    }

    fn state(&self) -> Result<AdapterState, Problem> {
        match self.registry() {
            Some(registry) => Ok(registry.state(&self.spec.name)?),
            None => Ok(AdapterState::default()),
        }
    }

    /// Does on another thread what waits for files or compiles.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let this = Arc::clone(self);
        let done = self.sandbox.threads.handle().spawn_blocking(move || work(&this));
        done.await.map_err(abandoned)?
    }
}
