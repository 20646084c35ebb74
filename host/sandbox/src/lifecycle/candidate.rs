//! What a component must pass before it serves: steps 2 to 5 of `swap`.

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
use crate::recording::Tape;
use crate::registry::{AdapterState, Trial};

/// A component that may serve.
pub(super) struct Candidate<P: Port> {
    pub(crate) generation: Generation<P>,
    pub(crate) bytes: Cow<'static, [u8]>,
    /// The trusted key that it was signed with, as far as that matters.
    pub(crate) key: Option<String>,
}

/// Returns what is to serve next, after it passed every check; nothing where it serves already.
pub(super) async fn candidate<P: Port>(
    adapter: &Arc<Adapter<P>>,
    state: &AdapterState,
    number: u64,
) -> Result<Option<Candidate<P>>, Problem> {
    let read = adapter.blocking(|this| {
        let bytes = this.spec.source.read()?;
        let digest = digest(&bytes);
        // Which bytes a pinned one has is known, whoever can write them.
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
            tracing::debug!(adapter = adapter.spec.name, %error, "what cannot serve is kept");
        }
    }
    judged.map(Some)
}

/// Checks a component, compiles it and tries it, unless it served before or is part of the program.
pub(super) async fn judge<P: Port>(
    adapter: &Arc<Adapter<P>>,
    bytes: Cow<'static, [u8]>,
    digest: String,
    state: &AdapterState,
    number: u64,
) -> Result<Candidate<P>, Problem> {
    let is_proven = state.is_proven(&digest);
    let known = state.clone();
    let made = adapter.blocking(move |this| make(this, bytes, digest, &known, number)).await?;
    if !is_proven && !adapter.ships() {
        let tried = try_out(adapter, &made.generation).await;
        tried.inspect_err(|problem| adapter.history().remember(made.generation.digest(), problem))?;
    }
    Ok(made)
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

/// Returns what a component may send where: what both its manifest and the operator name.
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
    // What ships does without what the configuration does not give.
    if !missing.is_empty() && !adapter.ships() {
        return Err(Problem::WaitsForApproval { name: spec.name.clone(), requests: missing });
    }
    Ok(grants)
}

/// Returns how the trial of a component stands, if it is on one. What is kept as good without a trial had one before.
fn trial<P: Port>(adapter: &Adapter<P>, digest: &str, state: &AdapterState) -> Option<Trial> {
    let name = &adapter.spec.name;
    let known = adapter.registry().and_then(|registry| {
        // What was counted is worth too little to refuse an adapter for.
        let lost = |error: &RegistryError| tracing::warn!(adapter = name, %error, "what was counted");
        registry.trial(name, digest).inspect_err(lost).ok().flatten()
    });
    known.or_else(|| (!state.is_proven(digest)).then(|| Trial::of(digest)))
}

/// Asks a component something that nobody asked, without a network.
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
    match adapter.runtime.call::<P>(identity, ready, request, limits.wall_clock, Tape::default()).await {
        // It was asked nothing that makes sense, and answered.
        Ok(_) | Err(Problem::Refused(_) | Problem::Denied(_) | Problem::InvalidAnswer { .. }) => Ok(()),
        Err(problem) => Err(Problem::Unfit(Box::new(problem))),
    }
}
