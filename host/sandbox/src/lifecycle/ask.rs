//! Calls an adapter, and counts the outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::adapter::Adapter;
use super::generation::{Generation, Verdict};
use super::rollback::roll_back;
use super::swap::load;
use crate::bindings::Port;
use crate::error::{AdapterError, Problem};
use crate::recording::Subject;

/// Calls an adapter. If the call is recorded, the recording belongs to `subject`. The call takes at most
/// `left`, and subtracts the time it took. Loading does not count.
pub(super) async fn ask<P: Port>(
    adapter: &Arc<Adapter<P>>,
    request: &Arc<P::Request>,
    subject: Subject,
    left: &mut Duration,
) -> Result<P::Answer, AdapterError> {
    let call = async {
        let generation = loaded(adapter).await?;
        let Generation { identity, ready, .. } = &*generation;
        let deadline = adapter.spec.deadline.filter(|_| generation.has_network);
        let own_limit = deadline.unwrap_or(adapter.limits.wall_clock);
        let limit = own_limit.min(*left);
        let begun = Instant::now();
        if let Some(experience) = &adapter.spec.experience {
            let mut config = experience.told();
            config.extend(adapter.spec.config.clone());
            identity.config.store(Arc::new(config));
        }
        let (identity, ready) = (Arc::clone(identity), Arc::clone(ready));
        let outcome = adapter.runtime.ask::<P>(identity, ready, Arc::clone(request), limit, subject).await;
        let outcome = match outcome {
            Err(Problem::OutOfTime { warning: None, .. }) if limit < own_limit / 2 => {
                Err(Problem::NoTimeLeft)
            }
            outcome => outcome,
        };
        let took = begun.elapsed();
        *left = left.saturating_sub(took);
        count(adapter, &generation, &outcome, took);
        outcome
    };
    call.await.map_err(|problem| AdapterError { adapter: adapter.spec.name.clone(), problem })
}

/// Returns the generation that serves. The first caller loads it. If loading failed, each call tries again,
/// because the file may have appeared or changed.
async fn loaded<P: Port>(adapter: &Arc<Adapter<P>>) -> Result<Arc<Generation<P>>, Problem> {
    if let Some(live) = adapter.live.load_full() {
        return Ok(live);
    }
    // A separate task, so that loading completes even if all callers give up.
    let threads = adapter.runtime.threads.handle();
    let loading = threads.spawn({
        let adapter = Arc::clone(adapter);
        async move { load(&adapter).await }
    });
    let limit = adapter.limits.wall_clock;
    let waiting = threads.spawn(async move { timeout(limit, loading).await });
    match waiting.await? {
        Ok(loaded) => loaded?,
        Err(_) => Err(Problem::Loading { limit }),
    }
}

fn count<P: Port>(
    adapter: &Arc<Adapter<P>>,
    generation: &Arc<Generation<P>>,
    outcome: &Result<P::Answer, Problem>,
    took: Duration,
) {
    let Some(end) = Generation::<P>::end_of(outcome) else { return };
    adapter.counts.counters.called(end, took);
    if !generation.probation.is_over() {
        let is_fault = generation.is_at_fault(outcome);
        adapter.counts.called_on_trial(generation.digest(), is_fault);
        match generation.probation.called(is_fault) {
            Verdict::Unchanged => {}
            Verdict::Passed => adapter.history().previous = None,
            Verdict::Failed => roll_back(adapter, generation),
        }
    }
    adapter.counts.save_soon(adapter.runtime.threads.handle());
}
