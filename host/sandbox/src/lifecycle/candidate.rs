//! The checks on a component before it serves: steps 1 to 5 of `swap`.

use std::borrow::Cow;
use std::sync::Arc;

use arc_swap::ArcSwap;
use codewalk_policy::{Asker, Grant, Outline, Permissions, digest, permissions};
use tokio::sync::Semaphore;

use super::adapter::Adapter;
use super::generation::{Generation, Probation};
use super::inspect::ready;
use super::permissions::asker;
use crate::bindings::Port;
use crate::calls::Identity;
use crate::egress::Egress;
use crate::engine::{Maker, outline};
use crate::error::{Problem, RegistryError};
use crate::recording::ExchangeLog;
use crate::registry::{AdapterState, Trial};

/// A component that passed all checks.
pub(super) struct Candidate<P: Port> {
    pub(crate) generation: Generation<P>,
    pub(crate) bytes: Cow<'static, [u8]>,
    /// The trusted key that signed it, if known.
    pub(crate) key: Option<String>,
}

/// Returns the component to serve next, after all checks, or `None` if it already serves.
pub(super) async fn candidate<P: Port>(
    adapter: &Arc<Adapter<P>>,
    state: &AdapterState,
    number: u64,
) -> Result<Option<Candidate<P>>, Problem> {
    let read = adapter.blocking(|this| {
        let bytes = this.spec.source.read()?;
        let digest = digest(&bytes);
        // The bytes of a pinned component are known, even if others can write to its file.
        if this.spec.pin.is_none() {
            this.spec.source.check_exposure()?;
        }
        Ok((bytes, digest))
    });
    let (bytes, digest) = read.await?;
    if state.rejected.contains(&digest) || adapter.history().rejected.contains(&digest) {
        return Err(Problem::RolledBack { digest });
    }
    if adapter.live.load().as_ref().is_some_and(|live| live.digest() == digest) {
        return Ok(None);
    }
    let judged = judge(adapter, bytes, digest.clone(), state, number).await;
    if judged.as_ref().is_err_and(|problem| !problem.is_passing()) && state.unproven.contains(&digest) {
        let forgotten = adapter.blocking(move |this| match this.registry() {
            Some(registry) => Ok(registry.could_not_serve(&this.spec.name, &digest)?),
            None => Ok(()),
        });
        if let Err(error) = forgotten.await {
            let adapter = &adapter.spec.name;
            tracing::debug!(adapter, %error, "a component that cannot serve is still stored");
        }
    }
    judged.map(Some)
}

/// Checks and compiles a component. Also makes a trial call, unless the component served before or is built
/// in.
pub(super) async fn judge<P: Port>(
    adapter: &Arc<Adapter<P>>,
    bytes: Cow<'static, [u8]>,
    digest: String,
    state: &AdapterState,
    number: u64,
) -> Result<Candidate<P>, Problem> {
    let is_proven = state.is_proven(&digest);
    let known = state.clone();
    let candidate = adapter.blocking(move |this| make(this, bytes, digest, &known, number)).await?;
    if !is_proven && !adapter.ships() {
        let tried = try_out(adapter, &candidate.generation).await;
        tried.inspect_err(|problem| adapter.history().remember(candidate.generation.digest(), problem))?;
    }
    Ok(candidate)
}

/// Checks and compiles a component. Blocks.
fn make<P: Port>(
    adapter: &Adapter<P>,
    bytes: Cow<'static, [u8]>,
    digest: String,
    state: &AdapterState,
    number: u64,
) -> Result<Candidate<P>, Problem> {
    let spec = &adapter.spec;
    if let Some(pin) = spec.pin.as_ref().filter(|pin| !pin.eq_ignore_ascii_case(&digest)) {
        return Err(Problem::Pinned { name: spec.name.clone(), digest, pin: pin.clone() });
    }
    let outline = outline(&bytes)?;
    let asker = asker(spec, &bytes, digest, state, &adapter.runtime.trusted);
    let grants = grants(adapter, &outline, &asker, state)?;
    let Asker { digest, key } = asker;
    if let Some(reason) = adapter.history().unfit.get(&digest).cloned() {
        return Err(Problem::NotLoaded { reason });
    }
    let maker = if adapter.ships() { Maker::Shipped } else { Maker::Foreign };
    let component = outline
        .check(P::WORLD)
        .map_err(Problem::from)
        .and_then(|()| adapter.runtime.components.component(&bytes, &digest, maker));
    let ready = component.and_then(|component| ready::<P>(&adapter.runtime, &component));
    let ready = Arc::new(ready.inspect_err(|problem| adapter.history().remember(&digest, problem))?);
    let probation = match trial(adapter, &digest, state) {
        Some(trial) if !adapter.ships() => Probation::begun(&trial),
        _ => Probation::none(),
    };
    let generation = Generation {
        has_network: !grants.is_empty(),
        identity: Arc::new(Identity {
            name: spec.name.clone(),
            egress: Egress::new(
                &spec.name,
                &grants,
                Arc::clone(&adapter.allowance),
                &adapter.runtime.uplink,
            )?,
            digest,
            generation: number,
            limits: adapter.limits,
            counters: Arc::clone(&adapter.counts.counters),
            config: ArcSwap::from_pointee(spec.config.clone()),
            experience: spec.experience.clone(),
            places: Arc::clone(&adapter.places),
        }),
        ready,
        probation,
    };
    Ok(Candidate { generation, bytes, key })
}

/// Returns the grants of a component: the intersection of its manifest with the configuration and approvals.
fn grants<P: Port>(
    adapter: &Adapter<P>,
    outline: &Outline<'_>,
    asker: &Asker,
    state: &AdapterState,
) -> Result<Vec<Grant>, Problem> {
    let spec = &adapter.spec;
    let manifest = outline.manifest()?;
    let made_for = manifest.as_ref().map(|manifest| manifest.world);
    if let Some(made_for) = made_for.filter(|world| *world != P::WORLD) {
        return Err(Problem::MadeFor { made_for, used_as: P::WORLD });
    }
    let given = permissions(manifest.as_ref(), asker, &spec.http, &state.approved, &spec.credentials)?;
    let Permissions { grants, missing } = given;
    // A built-in adapter works without the missing grants.
    if !missing.is_empty() && !adapter.ships() {
        return Err(Problem::WaitsForApproval { name: spec.name.clone(), requests: missing });
    }
    Ok(grants)
}

/// Returns the trial of a component, if it is on trial. A proven component has passed its trial.
fn trial<P: Port>(adapter: &Adapter<P>, digest: &str, state: &AdapterState) -> Option<Trial> {
    let name = &adapter.spec.name;
    let known = adapter.registry().and_then(|registry| {
        // Unreadable statistics are no reason to reject an adapter.
        let lost = |error: &RegistryError| tracing::warn!(adapter = name, %error, "cannot read statistics");
        registry.trial(name, digest).inspect_err(lost).ok().flatten()
    });
    known.or_else(|| (!state.is_proven(digest)).then(|| Trial::of(digest)))
}

/// Calls a component with an empty request and no network.
async fn try_out<P: Port>(adapter: &Adapter<P>, generation: &Generation<P>) -> Result<(), Problem> {
    let Identity { name, digest, generation: number, limits, config, .. } = &*generation.identity;
    let identity = Arc::new(Identity {
        name: name.clone(),
        digest: digest.clone(),
        generation: *number,
        limits: *limits,
        counters: Arc::default(),
        config: ArcSwap::new(config.load_full()),
        experience: None,
        egress: Egress::closed(name),
        places: Arc::new(Semaphore::new(1)),
    });
    let (ready, request) = (Arc::clone(&generation.ready), Arc::new(P::blank()));
    match adapter.runtime.call::<P>(identity, ready, request, limits.wall_clock, ExchangeLog::default()).await
    {
        // The request was empty, so any answer is acceptable.
        Ok(_) | Err(Problem::Refused(_) | Problem::Denied(_) | Problem::InvalidAnswer { .. }) => Ok(()),
        Err(problem) => Err(Problem::Unfit(Box::new(problem))),
    }
}
