//! The sandbox: chains of adapters, their inspection and their replay.

use std::borrow::Cow;
use std::sync::Arc;

use codewalk_policy::digest;
use http_body_util::BodyExt;

use crate::egress::{CredentialChoice, Egress, EgressError, Outgoing};
use crate::engine::Maker;
use crate::error::{Problem, SandboxError};
use crate::lifecycle::SandboxConfig;
use crate::lifecycle::{
    AdapterHandle, AdapterSpec, Chain, Inspection, RouterChain, Runtime, SummarizerChain, Watch, inspect,
};
use crate::recording::RecordedCall;
use crate::replay::Player;
use crate::source::Source;

/// Runs adapters. Clones share everything.
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub(crate) runtime: Arc<Runtime>,
}

impl Sandbox {
    /// Creates a sandbox. No adapter is loaded yet.
    ///
    /// # Errors
    /// If the system lacks threads or address space for it, or the registry cannot be opened.
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        Ok(Self { runtime: Arc::new(Runtime::start(config)?) })
    }

    /// Creates a chain of routers. If one fails, the next is called. Routers are loaded when first needed.
    #[must_use]
    pub fn router_chain(&self, adapters: Vec<AdapterSpec>) -> RouterChain {
        RouterChain(Chain::new(&self.runtime, adapters))
    }

    /// Creates a chain of summarizers. If one fails, the next is called. Summarizers are loaded when first
    /// needed.
    #[must_use]
    pub fn summarizer_chain(&self, adapters: Vec<AdapterSpec>) -> SummarizerChain {
        SummarizerChain(Chain::new(&self.runtime, adapters))
    }

    /// Reloads adapters when their files or the registry change, until the watch is dropped.
    pub fn watch(&self, adapters: Vec<AdapterHandle>) -> Watch {
        Watch::start(adapters, self.runtime.threads.handle())
    }

    /// Checks whether any server can be trusted.
    ///
    /// # Errors
    /// If none can: the reason. This machine is still reachable.
    pub fn trust(&self) -> Result<(), String> {
        Egress::trust(&self.runtime.uplink)
    }

    /// Sends a GET request as an adapter would, within its grants. Returns the status and the body.
    ///
    /// # Errors
    /// If there is no response: the reason.
    pub async fn get(&self, spec: &AdapterSpec, url: &str) -> Result<(u16, Vec<u8>), String> {
        let egress = Egress::new(&spec.name, &spec.http, Arc::default(), &self.runtime.uplink);
        let egress = egress.map_err(|problem| problem.to_string())?;
        let exchange = async {
            let body = http_body_util::Empty::new();
            let credential = CredentialChoice::Granted;
            let sent = egress.send(Outgoing { method: "GET", url, headers: Vec::new(), credential, body });
            let response = sent.await?;
            let body = response.body.collect().await?.to_bytes().to_vec();
            Ok::<_, EgressError>((response.status, body))
        };
        exchange.await.map_err(|error| egress.scrubbed_text(&error.to_string()))
    }

    /// Inspects an adapter without running it. Compiles it on the calling thread, which may take long.
    ///
    /// # Errors
    /// If it cannot be read. Any other problem is part of the inspection.
    pub fn inspect(&self, source: &Source) -> Result<Inspection, Problem> {
        let maker = if source.ships() { Maker::Shipped } else { Maker::Foreign };
        inspect(&self.runtime, &source.read()?, maker)
    }

    /// Inspects a component as [`Sandbox::inspect`] does.
    ///
    /// # Errors
    /// If it is too large. Any other problem is part of the inspection.
    pub fn inspect_bytes(&self, component: &[u8]) -> Result<Inspection, Problem> {
        inspect(&self.runtime, component, Maker::Foreign)
    }

    /// Reads and compiles a component for replays. Compiles on the calling thread, which may take long.
    ///
    /// # Errors
    /// If it cannot be read, or is not an adapter.
    pub fn player(&self, component: &Source) -> Result<Player, Problem> {
        let bytes = component.read()?;
        Player::new(&self.runtime, &bytes, digest(&bytes))
    }

    /// Returns the component that answered a call: one of `candidates`, or a copy in the registry, or `None`
    /// if it is gone. Compiles it as [`Sandbox::player`] does.
    ///
    /// # Errors
    /// If it exists and is not an adapter.
    pub fn player_again(
        &self,
        recorded: &RecordedCall,
        candidates: &[Source],
    ) -> Result<Option<Player>, Problem> {
        let RecordedCall { adapter, digest: recorded, .. } = recorded;
        let there = candidates.iter().filter_map(|candidate| candidate.read().ok());
        let stored_copy = || self.runtime.registry.as_ref()?.good(adapter, recorded).ok();
        let found = there.into_iter().find(|bytes| digest(bytes) == *recorded);
        let found = found.or_else(|| stored_copy().map(Cow::Owned));
        found.map(|bytes| Player::new(&self.runtime, &bytes, recorded.clone())).transpose()
    }
}
