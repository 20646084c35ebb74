//! Calls once more: a component is asked what was recorded, by the clock and with the random numbers of the recording, and is
//! told what was told then.
//!
//! Invariant: a replay sends nothing. Its adapter is granted nothing, and no request of it comes as far as the policy: the tape
//! answers each.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::Value;
use wasmtime::component::Component;

use tokio::sync::Semaphore;

use crate::bindings::{Port, Routing, Summarizing};
use crate::egress::Egress;
use crate::engine::digest;
use crate::error::Problem;
use crate::host_functions::Identity;
use crate::inspect::ready;
use crate::outline::Outline;
use crate::record::{RecordedCall, unhex};
use crate::sandbox::{Inner, Sandbox};
use crate::source::Source;
use crate::tape::Tape;
use crate::transcript::now;
use crate::turns::Maker;
use crate::world::World;

/// Why a call cannot be replayed. Texts continue "the call ...".
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It does not say of which port it is.
    #[error("does not say which port it is for: add \"port\": \"router\" or \"summarizer\"")]
    NoPort,
    /// Its request is none of that port.
    #[error("has no request that a {} is asked: {reason}", world.kind())]
    Request {
        /// The port.
        world: World,
        /// What is wrong with it.
        reason: String,
    },
    /// Its seed is none.
    #[error("has a seed that is not 64 hexadecimal digits; leave it out, or take it from a recorded call")]
    Seed,
    /// The component cannot be asked.
    #[error("cannot be replayed: the component {0}")]
    Component(#[from] Problem),
}

/// A component that answers calls again.
#[derive(Clone)]
pub struct Player {
    inner: Arc<Inner>,
    digest: String,
    component: Component,
    worlds: Vec<World>,
    exports: Vec<String>,
}

impl fmt::Debug for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Player").field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Reads and compiles a component that is to answer calls again. It takes its time on the calling thread.
    ///
    /// # Errors
    /// Where its bytes cannot be had, or it is no adapter.
    pub fn player(&self, component: &Source) -> Result<Player, Problem> {
        let bytes = component.read()?;
        self.player_of(&bytes, digest(&bytes))
    }

    /// Returns the component that answered a call: one of `candidates`, or one that the registry keeps; none where it is gone.
    /// It is compiled as by [`Sandbox::player`].
    ///
    /// # Errors
    /// Where it is there and is no adapter.
    pub fn player_again(
        &self,
        recorded: &RecordedCall,
        candidates: &[Source],
    ) -> Result<Option<Player>, Problem> {
        let RecordedCall { adapter, digest: recorded, .. } = recorded;
        let there = candidates.iter().filter_map(|candidate| candidate.read().ok());
        let kept = || self.inner.registry.as_ref()?.good(adapter, recorded).ok();
        let found = there.into_iter().find(|bytes| digest(bytes) == *recorded);
        let found = found.or_else(|| kept().map(Cow::Owned));
        found.map(|bytes| self.player_of(&bytes, recorded.clone())).transpose()
    }

    fn player_of(&self, bytes: &[u8], digest: String) -> Result<Player, Problem> {
        let inner = Arc::clone(&self.inner);
        let outline = Outline::read(bytes)?;
        let fits = World::ALL.map(|world| outline.check(world).map(|()| world));
        if let [Err(problem), Err(_)] = fits {
            return Err(problem);
        }
        let component = inner.component(bytes, &digest, Maker::Foreign)?;
        let worlds: Vec<World> = fits.into_iter().flatten().collect();
        for world in &worlds {
            match world {
                World::Router => ready::<Routing>(&inner, &component).map(drop),
                World::Summarizer => ready::<Summarizing>(&inner, &component).map(drop),
            }?;
        }
        Ok(Player { inner, digest, component, worlds, exports: outline.exports() })
    }
}

impl Player {
    /// Returns the SHA-256 of the component.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns what the component can be used as.
    #[must_use]
    pub fn worlds(&self) -> &[World] {
        &self.worlds
    }

    /// Asks the component what was asked then, and returns what came of it in the same form. How long it takes and how much
    /// memory there is are the sandbox's.
    ///
    /// # Errors
    /// Where it cannot be asked at all.
    pub async fn replay(&self, recorded: &RecordedCall) -> Result<RecordedCall, ReplayError> {
        match recorded.port.ok_or(ReplayError::NoPort)? {
            World::Router => self.replay_as::<Routing>(recorded).await,
            World::Summarizer => self.replay_as::<Summarizing>(recorded).await,
        }
    }

    async fn replay_as<P: Port>(&self, recorded: &RecordedCall) -> Result<RecordedCall, ReplayError> {
        if !self.worlds.contains(&P::WORLD) {
            let exports = self.exports.clone();
            return Err(Problem::MissingExport { world: P::WORLD, exports }.into());
        }
        let request = Arc::new(request::<P>(&recorded.request)?);
        let seed = match &recorded.seed {
            Some(digits) => {
                let seed = unhex(digits).and_then(|seed| seed.try_into().ok());
                Some(seed.ok_or(ReplayError::Seed)?)
            }
            None => None,
        };
        let limits = self.inner.limits;
        let identity = Arc::new(Identity {
            name: recorded.adapter.clone(),
            digest: self.digest.clone(),
            generation: recorded.generation,
            limits,
            counters: Arc::default(),
            config: ArcSwap::from_pointee(recorded.config.clone()),
            experience: None,
            egress: Egress::closed(&recorded.adapter),
            places: Arc::new(Semaphore::new(1)),
        });
        let ready = Arc::new(ready::<P>(&self.inner, &self.component)?);
        let (at, tape) = (now(), Tape::replaying(recorded.http.clone(), seed));
        let (asked, asking) = (Arc::clone(&identity), Arc::clone(&request));
        let outcome = self.inner.call::<P>(asked, ready, asking, limits.wall_clock, tape.clone()).await;
        let problem = outcome.err().map(|problem| problem.to_string());
        RecordedCall::of::<P>(at, &identity, &request, &tape, problem)
            .map_err(|error| ReplayError::Request { world: P::WORLD, reason: error.to_string() })
    }
}

/// Returns the request that is recorded, with what it does not say left empty.
fn request<P: Port>(recorded: &Value) -> Result<P::Request, ReplayError> {
    let refused = |reason: String| ReplayError::Request { world: P::WORLD, reason };
    let mut whole = serde_json::to_value(P::blank()).map_err(|error| refused(error.to_string()))?;
    let (Some(fields), Some(given)) = (whole.as_object_mut(), recorded.as_object()) else {
        return Err(refused("it is no object".to_owned()));
    };
    for (name, value) in given {
        let Some(field) = fields.get_mut(name) else {
            let known: Vec<&str> = fields.keys().map(String::as_str).collect();
            return Err(refused(format!("there is no field {name:?}; there are {}", known.join(", "))));
        };
        *field = value.clone();
    }
    serde_json::from_value(whole).map_err(|error| refused(error.to_string()))
}
