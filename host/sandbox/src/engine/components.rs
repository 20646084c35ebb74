//! Compiled components: read from the cache, or compiled when their turn comes.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use codewalk_policy::{Outline, digest};
use tokio::runtime::Handle;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::cache::{Cache, CachePaths};
use super::compile_queue::{Maker, Turn};
use super::compiler::{Compiler, compiled_by};
use super::{config, refusals};
use crate::error::Problem;

/// Loads components into one engine.
pub(crate) struct Components {
    engine: Engine,
    cache: Option<Cache>,
    compiler: Compiler,
    /// The digest of everything that machine code depends on besides the component.
    compatibility: String,
    /// The built-in components of all chains.
    shipped: Mutex<Vec<&'static [u8]>>,
    /// The threads that wait for compiler processes.
    threads: Handle,
}

/// Reads the outline of a component.
///
/// # Errors
/// If it is not a component. Machine code is checked for first, because the parser would not recognise it.
pub(crate) fn outline(component: &[u8]) -> Result<Outline<'_>, Problem> {
    if Engine::detect_precompiled(component).is_some() {
        return Err(Problem::Precompiled);
    }
    Ok(Outline::read(component)?)
}

impl Components {
    pub(crate) fn new(
        engine: Engine,
        cache: Option<&CachePaths>,
        compiler: Compiler,
        threads: Handle,
    ) -> Self {
        let cache = cache.and_then(Cache::open);
        let compatibility = config::compatibility(&engine);
        Self { engine, cache, compiler, compatibility, shipped: Mutex::default(), threads }
    }

    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Adds built-in components, which are compiled before all others.
    pub(crate) fn ship(&self, components: impl IntoIterator<Item = &'static [u8]>) {
        self.shipped.lock().unwrap_or_else(PoisonError::into_inner).extend(components);
    }

    /// Returns the compiled component, from the cache if possible. Blocks while it compiles.
    pub(crate) fn component(&self, bytes: &[u8], digest: &str, maker: Maker) -> Result<Component, Problem> {
        let name = self.entry(digest);
        if let Some(known) = self.known(&name) {
            return known;
        }
        if maker == Maker::Foreign {
            self.compile_shipped();
        }
        let turn = self.cache.as_ref().and_then(|cache| cache.turn(&name));
        if turn.is_some()
            && let Some(known) = self.known(&name)
        {
            return known;
        }
        let compiled = self.compiled(bytes, &name, maker)?;
        // SAFETY: `Engine::precompile_component` made these bytes, here or in a process that runs codewalk's
        // own code and that no other process can write to. A component that subverts the compiler there would
        // do so here as well.
        let component = unsafe { Component::deserialize(&self.engine, &compiled) }
            .map_err(|error| Problem::compile(&error))?;
        if let Some(cache) = &self.cache {
            cache.store(&name, &compiled);
        }
        Ok(component)
    }

    /// Returns the cached result for a component: its machine code, or the reason why it does not compile.
    fn known(&self, name: &str) -> Option<Result<Component, Problem>> {
        if let Some(component) = self.cached(name) {
            return Some(Ok(component));
        }
        let limits = self.compiler.limits()?;
        refusals::find(self.cache.as_ref()?, name, limits).map(Err)
    }

    /// Compiles the built-in components in use before a foreign one, which may take long to compile.
    fn compile_shipped(&self) {
        let Some(cache) = &self.cache else { return };
        let shipped = self.shipped.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for component in shipped {
            let digest = digest(component);
            if !cache.has(&self.entry(&digest))
                && let Err(problem) = self.component(component, &digest, Maker::Shipped)
            {
                tracing::warn!(%problem, "a built-in adapter does not compile");
            }
        }
    }

    /// Returns the name of a component's cache entry.
    fn entry(&self, digest: &str) -> String {
        format!("{digest}-{}", self.compatibility)
    }

    /// Compiles a component when its turn comes.
    fn compiled(&self, bytes: &[u8], name: &str, maker: Maker) -> Result<Vec<u8>, Problem> {
        let _turn = Turn::wait(maker);
        let (program, limits) = match &self.compiler {
            Compiler::InProcess => {
                return self.engine.precompile_component(bytes).map_err(|error| Problem::compile(&error));
            }
            Compiler::Child { program, limits } => (program, *limits),
        };
        let begun = Instant::now();
        let reserved = self.engine.get_memory_reservation();
        let compiled =
            compiled_by(program, limits, maker, reserved, &self.compatibility, bytes, &self.threads);
        if let (Err(problem), Some(cache)) = (&compiled, &self.cache)
            // With more processor time the next attempt may succeed.
            && begun.elapsed() < limits.wall_clock
        {
            refusals::remember(cache, name, problem, limits);
        }
        compiled
    }

    fn cached(&self, name: &str) -> Option<Component> {
        let compiled = self.cache.as_ref()?.load(name)?;
        // SAFETY: `Engine::precompile_component` made the bytes and they have not changed since. The cache
        // returns only bytes with a code that takes codewalk's secret to compute, over these very bytes and a
        // name that covers the component, the engine's settings, its version and the processor.
        match unsafe { Component::deserialize(&self.engine, &compiled) } {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::debug!(name, %error, "a compiled adapter does not load");
                None
            }
        }
    }
}
