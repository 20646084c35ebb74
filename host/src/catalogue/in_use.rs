//! The adapters in use: those of both chains, with their state and statistics.

use codewalk_core::query::{Adapter, AdapterState, AdapterStatus};
use codewalk_sandbox::{AdapterHandle, AdapterSpec, Sandbox, Serving, Source, Stats, Watch};

/// The adapters of both chains. Changed files are reloaded until this is dropped.
pub struct AdaptersInUse {
    adapters: Vec<ChainAdapter>,
    _watch: Watch,
}

/// An adapter of a chain.
struct ChainAdapter {
    port: &'static str,
    /// Its file, or `None` if it is built in.
    file: Option<String>,
    handle: AdapterHandle,
}

impl AdaptersInUse {
    /// Takes the adapters of each chain with their handles, and starts watching their files.
    pub fn new(sandbox: &Sandbox, chains: [(&'static str, &[AdapterSpec], Vec<AdapterHandle>); 2]) -> Self {
        let mut adapters = Vec::new();
        for (port, specs, handles) in chains {
            let adapter = |(spec, handle): (&AdapterSpec, _)| ChainAdapter {
                port,
                file: match &spec.source {
                    Source::Embedded(_) => None,
                    Source::File(path) => Some(path.to_string_lossy().into_owned()),
                },
                handle,
            };
            adapters.extend(specs.iter().zip(handles).map(adapter));
        }
        let watch =
            sandbox.watch(adapters.iter().map(|adapter: &ChainAdapter| adapter.handle.clone()).collect());
        Self { adapters, _watch: watch }
    }

    /// Returns a guard that saves the adapters' statistics when it is dropped.
    pub fn stats_guard(&self) -> AdapterStatsGuard {
        AdapterStatsGuard(self.adapters.iter().map(|adapter| adapter.handle.clone()).collect())
    }

    /// Describes the adapters in the order of the chains.
    pub fn describe(&self) -> Vec<Adapter> {
        let described = |ChainAdapter { port, file, handle }: &ChainAdapter| Adapter {
            port: (*port).to_owned(),
            name: handle.name().to_owned(),
            file: file.clone(),
            status: status(handle.status()),
        };
        self.adapters.iter().map(described).collect()
    }
}

/// Saves the adapters' statistics when it is dropped, because the process may end before the driver does.
#[derive(Clone)]
pub struct AdapterStatsGuard(Vec<AdapterHandle>);

impl AdapterStatsGuard {
    /// Returns whether any of them is still being loaded.
    pub fn are_loading(&self) -> bool {
        self.0.iter().any(AdapterHandle::is_loading)
    }

    /// Waits until none of them is being loaded.
    pub async fn loaded(&self) {
        for adapter in &self.0 {
            adapter.loaded().await;
        }
    }
}

impl Drop for AdapterStatsGuard {
    fn drop(&mut self) {
        self.0.iter().for_each(AdapterHandle::save);
    }
}

fn status(status: codewalk_sandbox::AdapterStatus) -> AdapterStatus {
    let codewalk_sandbox::AdapterStatus {
        generation, digest, state, last_problem, live_memory, stats, ..
    } = status;
    AdapterStatus {
        state: match state {
            Serving::Unloaded => AdapterState::Unloaded,
            Serving::Failed => AdapterState::Failed,
            Serving::OnTrial => AdapterState::OnTrial,
            Serving::Live => AdapterState::Live,
        },
        generation,
        digest,
        problem: last_problem,
        live_memory,
        peak_memory: stats.peak_memory,
        calls: stats.calls,
        errors: stats.errors,
        traps: stats.traps,
        timeouts: stats.timeouts,
        denials: stats.denials,
        p50_us: micros(&stats, 0.5),
        p99_us: micros(&stats, 0.99),
    }
}

/// Returns a percentile, `share`, of the durations of calls, in microseconds.
pub fn micros(stats: &Stats, share: f64) -> Option<u64> {
    u64::try_from(stats.percentile(share)?.as_micros()).ok()
}
