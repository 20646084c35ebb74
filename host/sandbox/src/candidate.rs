//! What a component must pass before it serves: steps 2 to 5 of `swap`.

use std::borrow::Cow;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

use crate::adapter::Adapter;
use crate::bindings::Port;
use crate::egress::{Egress, Grant};
use crate::error::Problem;
use crate::generation::{Generation, Probation};
use crate::host_functions::Identity;
use crate::inspect::ready;
use crate::outline::Outline;
use crate::permissions::{Permissions, asker, permissions};
use crate::registry::{AdapterState, Asker, RegistryError, Trial};
use crate::source::Source;
use crate::tape::Tape;

/// A component that may serve.
pub(crate) struct Made<P: Port> {
    pub(crate) generation: Generation<P>,
    pub(crate) bytes: Cow<'static, [u8]>,
    /// The trusted key that it was signed with, as far as that matters.
    pub(crate) key: Option<String>,
}

impl<P: Port> Adapter<P> {
    /// Checks a component, compiles it and tries it, unless it served before or is part of the program.
    pub(crate) async fn judge(
        self: &Arc<Self>,
        bytes: Cow<'static, [u8]>,
        digest: String,
        state: &AdapterState,
        number: u64,
    ) -> Result<Made<P>, Problem> {
        let is_proven = state.is_proven(&digest);
        let known = state.clone();
        let made = self.blocking(move |this| this.make(bytes, digest, &known, number)).await?;
        if !is_proven && !self.ships() {
            let tried = self.try_out(&made.generation).await;
            tried.inspect_err(|problem| self.past().judged(made.generation.digest(), problem))?;
        }
        Ok(made)
    }

    /// Checks and compiles a component. Blocks.
    fn make(
        &self,
        bytes: Cow<'static, [u8]>,
        digest: String,
        state: &AdapterState,
        number: u64,
    ) -> Result<Made<P>, Problem> {
        let spec = &self.spec;
        if let Some(pin) = spec.pin.as_ref().filter(|pin| !pin.eq_ignore_ascii_case(&digest)) {
            return Err(Problem::Pinned { name: spec.name.clone(), digest, pin: pin.clone() });
        }
        let outline = Outline::read(&bytes)?;
        let asker = asker(spec, &bytes, digest, state, &self.sandbox.trusted);
        let grants = self.grants(&outline, &asker, state)?;
        let Asker { digest, key } = asker;
        if let Some(reason) = self.past().unfit.get(&digest).cloned() {
            return Err(Problem::NotLoaded { reason });
        }
        let component = outline
            .check(P::WORLD)
            .and_then(|()| self.sandbox.component(&bytes, &digest, spec.source.maker()));
        let ready = component.and_then(|component| ready::<P>(&self.sandbox, &component));
        let ready = Arc::new(ready.inspect_err(|problem| self.past().judged(&digest, problem))?);
        let probation = match self.trial(&digest, state) {
            Some(trial) if !self.ships() => Probation::begun(&trial),
            _ => Probation::none(),
        };
        let generation = Generation {
            has_network: !grants.is_empty(),
            identity: Arc::new(Identity {
                name: spec.name.clone(),
                egress: Egress::new(&spec.name, &grants, Arc::clone(&self.allowance), &self.sandbox.uplink)?,
                digest,
                generation: number,
                limits: self.limits,
                counters: Arc::clone(&self.ledger.counters),
                config: ArcSwap::from_pointee(spec.config.clone()),
                experience: spec.experience.clone(),
                places: Arc::clone(&self.places),
            }),
            ready,
            probation,
        };
        Ok(Made { generation, bytes, key })
    }

    /// Returns what a component may send where: what both its manifest and the operator name.
    fn grants(&self, outline: &Outline, asker: &Asker, state: &AdapterState) -> Result<Vec<Grant>, Problem> {
        let spec = &self.spec;
        let manifest = outline.manifest()?;
        let made_for = manifest.as_ref().map(|manifest| manifest.world);
        if let Some(made_for) = made_for.filter(|world| *world != P::WORLD) {
            return Err(Problem::MadeFor { made_for, used_as: P::WORLD });
        }
        let given = permissions(manifest.as_ref(), asker, &spec.http, &state.approved, &spec.credentials)?;
        let Permissions { grants, missing } = given;
        // What ships does without what the configuration does not give.
        if !missing.is_empty() && !self.ships() {
            return Err(Problem::WaitsForApproval { name: spec.name.clone(), requests: missing });
        }
        Ok(grants)
    }

    /// Returns whether it is part of the program, and so was tried before.
    pub(crate) const fn ships(&self) -> bool {
        matches!(self.spec.source, Source::Embedded(_))
    }

    /// Returns how the trial of a component stands, if it is on one. What is kept as good without a trial had one before.
    fn trial(&self, digest: &str, state: &AdapterState) -> Option<Trial> {
        let adapter = &self.spec.name;
        let known = self.registry().and_then(|registry| {
            // What was counted is worth too little to refuse an adapter for.
            let lost = |error: &RegistryError| tracing::warn!(adapter, %error, "what was counted");
            registry.trial(adapter, digest).inspect_err(lost).ok().flatten()
        });
        known.or_else(|| (!state.is_proven(digest)).then(|| Trial::of(digest)))
    }

    /// Asks a component something that nobody asked, without a network.
    async fn try_out(&self, generation: &Generation<P>) -> Result<(), Problem> {
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
        match self.sandbox.call::<P>(identity, ready, request, limits.wall_clock, Tape::default()).await {
            // It was asked nothing that makes sense, and answered.
            Ok(_) | Err(Problem::Refused(_) | Problem::Denied(_) | Problem::InvalidAnswer { .. }) => Ok(()),
            Err(problem) => Err(Problem::Unfit(Box::new(problem))),
        }
    }
}
