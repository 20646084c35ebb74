//! One adapter of a chain: loaded when first needed, once, and then asked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::timeout;
use wasmtime::component::Component;

use crate::bindings::Port;
use crate::egress::{Egress, Grant};
use crate::engine::digest;
use crate::error::{AdapterError, Problem};
use crate::host_functions::Identity;
use crate::inspect::Names;
use crate::sandbox::Inner;
use crate::source::Source;

/// An adapter as the configuration names it.
#[derive(Clone, Debug)]
pub struct AdapterSpec {
    /// Its name, for messages.
    pub name: String,
    /// Where its component comes from.
    pub source: Source,
    /// What it reads through the `config` interface. Credentials have no place in it.
    pub config: BTreeMap<String, String>,
    /// What it may send where; by default nothing.
    pub http: Vec<Grant>,
    /// How long one call of it may take, its retries included, before the next adapter of the chain is asked; none leaves
    /// that to [`Limits::wall_clock`](crate::Limits::wall_clock). Loading, which happens once, is not counted.
    pub deadline: Option<Duration>,
}

impl AdapterSpec {
    /// Returns an adapter without configuration, network or a deadline of its own.
    #[must_use]
    pub fn new(name: impl Into<String>, source: Source) -> Self {
        Self { name: name.into(), source, config: BTreeMap::new(), http: Vec::new(), deadline: None }
    }
}

pub(crate) struct Adapter<P: Port> {
    spec: AdapterSpec,
    sandbox: Arc<Inner>,
    loaded: OnceCell<Loaded<P>>,
}

struct Loaded<P: Port> {
    identity: Arc<Identity>,
    ready: Arc<P::Ready>,
}

impl<P: Port> Clone for Loaded<P> {
    fn clone(&self) -> Self {
        Self { identity: Arc::clone(&self.identity), ready: Arc::clone(&self.ready) }
    }
}

impl<P: Port> fmt::Debug for Adapter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec.fmt(f)
    }
}

impl<P: Port> Adapter<P> {
    pub(crate) fn new(sandbox: Arc<Inner>, spec: AdapterSpec) -> Self {
        Self { spec, sandbox, loaded: OnceCell::new() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.spec.name
    }

    pub(crate) async fn ask(self: &Arc<Self>, request: &Arc<P::Request>) -> Result<P::Answer, AdapterError> {
        let asked = async {
            let Loaded { identity, ready } = self.loaded().await?;
            let limit = self.spec.deadline.unwrap_or(self.sandbox.limits.wall_clock);
            self.sandbox.call::<P>(identity, ready, Arc::clone(request), limit).await
        };
        asked.await.map_err(|problem| AdapterError { adapter: self.spec.name.clone(), problem })
    }

    /// Returns the adapter, loaded by whoever comes first. A failure is not kept: the file may be there next time.
    async fn loaded(self: &Arc<Self>) -> Result<Loaded<P>, Problem> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded.clone());
        }
        // A task of its own, so that loading ends even where all who wait for it lose patience.
        let this = Arc::clone(self);
        let threads = self.sandbox.threads.handle();
        let loading = threads.spawn(async move {
            let load = {
                let this = Arc::clone(&this);
                || async { spawn_blocking(move || this.load()).await.map_err(abandoned)? }
            };
            this.loaded.get_or_try_init(load).await.cloned()
        });
        let limit = self.sandbox.limits.wall_clock;
        let waiting = threads.spawn(async move { timeout(limit, loading).await });
        match waiting.await.map_err(abandoned)? {
            Ok(loaded) => loaded.map_err(abandoned)?,
            Err(_) => Err(Problem::Loading { limit }),
        }
    }

    fn load(&self) -> Result<Loaded<P>, Problem> {
        let bytes = self.spec.source.read()?;
        let digest = digest(&bytes);
        let component = self.sandbox.component(&bytes, &digest)?;
        let ready = ready::<P>(&self.sandbox, &component)?;
        let egress = Egress::new(&self.spec.name, &self.spec.http)?;
        tracing::debug!(adapter = self.spec.name, digest, "loaded");
        Ok(Loaded {
            identity: Arc::new(Identity {
                name: self.spec.name.clone(),
                digest,
                config: self.spec.config.clone(),
                egress,
            }),
            ready: Arc::new(ready),
        })
    }
}

/// Checks a component against a world.
pub(crate) fn ready<P: Port>(sandbox: &Inner, component: &Component) -> Result<P::Ready, Problem> {
    Names::of(&sandbox.engine, component).check(P::WORLD)?;
    let wrong_types = |error| Problem::wrong_types(P::WORLD, &error);
    let pre = sandbox.linker.instantiate_pre(component).map_err(wrong_types)?;
    P::ready(pre).map_err(wrong_types)
}

fn abandoned(error: JoinError) -> Problem {
    Problem::Abandoned { reason: error.to_string() }
}
