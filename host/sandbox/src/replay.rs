//! Replays recorded calls: a component receives the recorded request, clock and random numbers, and the
//! recorded HTTP responses.
//!
//! Invariant: a replay sends nothing. Its adapter has no grants, and its requests never reach the policy: the
//! exchange log answers them.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use codewalk_policy::{World, unhex};
use serde_json::Value;
use tokio::sync::Semaphore;
use wasmtime::component::Component;

use crate::bindings::{Port, Routing, Summarizing};
use crate::calls::Identity;
use crate::egress::Egress;
use crate::engine::{Maker, outline};
use crate::error::Problem;
use crate::lifecycle::{Runtime, ready, transcript};
use crate::recording::{ExchangeLog, RecordedCall, now};

/// Why a call cannot be replayed. Messages continue "the call ...".
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It does not name its port.
    #[error("does not name its port: add \"port\": \"router\" or \"summarizer\"")]
    NoPort,
    /// Its request does not match that port.
    #[error("has an invalid request for a {}: {reason}", world.kind())]
    Request {
        /// The port.
        world: World,
        /// The reason.
        reason: String,
    },
    /// Its seed is invalid.
    #[error("has a seed that is not 64 hexadecimal digits; leave it out, or take it from a recorded call")]
    Seed,
    /// The component cannot be called.
    #[error("cannot be replayed: the component {0}")]
    Component(#[from] Problem),
}

/// A component that replays calls.
#[derive(Clone)]
pub struct Player {
    runtime: Arc<Runtime>,
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

impl Player {
    /// Compiles a component for replays. Blocks.
    pub(crate) fn new(runtime: &Arc<Runtime>, bytes: &[u8], digest: String) -> Result<Self, Problem> {
        let runtime = Arc::clone(runtime);
        let outline = outline(bytes)?;
        let fits = World::ALL.map(|world| outline.check(world).map(|()| world));
        if let [Err(problem), Err(_)] = fits {
            return Err(problem.into());
        }
        let component = runtime.components.component(bytes, &digest, Maker::Foreign)?;
        let worlds: Vec<World> = fits.into_iter().flatten().collect();
        for world in &worlds {
            match world {
                World::Router => ready::<Routing>(&runtime, &component).map(drop),
                World::Summarizer => ready::<Summarizing>(&runtime, &component).map(drop),
            }?;
        }
        Ok(Self { runtime, digest, component, worlds, exports: outline.exports() })
    }

    /// Returns the SHA-256 of the component.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns the worlds that the component implements.
    #[must_use]
    pub fn worlds(&self) -> &[World] {
        &self.worlds
    }

    /// Repeats a call, and returns its record. The limits are those of the sandbox.
    ///
    /// # Errors
    /// If it cannot be called at all.
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
        let limits = self.runtime.limits;
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
        let ready = Arc::new(ready::<P>(&self.runtime, &self.component)?);
        let (at, exchanges) = (now(), ExchangeLog::replaying(recorded.http.clone(), seed));
        let (asked, asking) = (Arc::clone(&identity), Arc::clone(&request));
        let outcome =
            self.runtime.call::<P>(asked, ready, asking, limits.wall_clock, exchanges.clone()).await;
        let problem = outcome.err().map(|problem| problem.to_string());
        transcript::<P>(at, &identity, &request, &exchanges, problem)
            .map_err(|error| ReplayError::Request { world: P::WORLD, reason: error.to_string() })
    }
}

/// Returns the recorded request. Missing fields are empty.
fn request<P: Port>(recorded: &Value) -> Result<P::Request, ReplayError> {
    let refused = |reason: String| ReplayError::Request { world: P::WORLD, reason };
    let mut whole = serde_json::to_value(P::blank()).map_err(|error| refused(error.to_string()))?;
    let (Some(fields), Some(given)) = (whole.as_object_mut(), recorded.as_object()) else {
        return Err(refused("it is not an object".to_owned()));
    };
    for (name, value) in given {
        let Some(field) = fields.get_mut(name) else {
            let known: Vec<&str> = fields.keys().map(String::as_str).collect();
            return Err(refused(format!("unknown field {name:?}; known fields: {}", known.join(", "))));
        };
        *field = value.clone();
    }
    serde_json::from_value(whole).map_err(|error| refused(error.to_string()))
}
