//! Which adapters stand behind the ports: those of the chains, found by their names.

use std::sync::Arc;
use std::time::Duration;

use codewalk_core::query::{Adapter, AdapterState, AdapterStatus};
use codewalk_sandbox::{
    AdapterHandle, AdapterSpec, CachePaths, CompileLimits, Compiler, Experience, Limits, Recorder, Registry,
    RegistryError, Sandbox, SandboxConfig, SandboxError, Serving, Source, Stats, Watch, is_adapter_name,
    looks_like,
};

use super::forms::Forms;
use crate::config::{AdapterConfig, Asked, Config};
use crate::error::{CommandError, ErrorKind};

/// What to do about a folder that cannot be used.
pub const UNUSABLE_FOLDER: &str =
    "make it a folder that you can write to, or choose another place with CODEWALK_HOME";

/// Makes the sandbox.
pub fn sandbox(config: &Config) -> Result<Sandbox, CommandError> {
    made(settings(config), config.compile)
}

/// Makes a sandbox in which nothing is kept, neither what is compiled nor what is known of adapters.
pub fn empty_sandbox(compile: CompileLimits) -> Result<Sandbox, CommandError> {
    made(SandboxConfig::default(), compile)
}

/// Makes a sandbox that keeps the calls of its adapters where the configuration says so.
pub(super) fn recording_sandbox(config: &Config) -> Result<Sandbox, CommandError> {
    let settings = SandboxConfig { recorder: config.recording.then(|| recorder(config)), ..settings(config) };
    made(settings, config.compile)
}

/// Returns what keeps calls of adapters, and reads those it kept.
pub fn recorder(config: &Config) -> Recorder {
    Recorder::new(config.paths.sessions(), config.paths.utterances())
}

fn settings(config: &Config) -> SandboxConfig {
    SandboxConfig {
        cache: Some(CachePaths {
            folder: config.paths.components(),
            key: config.paths.state.join("component-cache.key"),
        }),
        limits: maxima(config),
        registry: Some(config.paths.adapters()),
        uplink: config.uplink.clone(),
        trusted: config.trusted_keys.clone(),
        ..SandboxConfig::default()
    }
}

/// Adapters are compiled by this same program, in processes of their own.
fn made(settings: SandboxConfig, limits: CompileLimits) -> Result<Sandbox, CommandError> {
    let program = std::env::current_exe().map_err(|error| {
        CommandError::new(ErrorKind::Internal, format!("codewalk does not find itself: {error}"))
    })?;
    let compiler = Compiler::Child { program, limits };
    Sandbox::new(SandboxConfig { compiler, ..settings }).map_err(|error| {
        let hint = match &error {
            SandboxError::Registry(RegistryError::Exposed(exposed)) => {
                let what = format!("the folder of adapters is not to be trusted: {}", exposed.what());
                return CommandError::new(ErrorKind::Adapter, what).with_hint(exposed.command());
            }
            SandboxError::Registry(_) => UNUSABLE_FOLDER,
            _ => "end other programs, and try again",
        };
        CommandError::new(ErrorKind::Adapter, error).with_hint(hint)
    })
}

/// Opens the registry of adapters.
pub fn registry(config: &Config) -> Result<Registry, CommandError> {
    Registry::open(config.paths.adapters()).map_err(|error| CommandError::new(ErrorKind::Adapter, error))
}

/// Returns what the adapter that needs most may use: as much room there has to be.
fn maxima(config: &Config) -> Limits {
    let all = config.adapters.values().map(|adapter| adapter.limits);
    all.fold(Limits::default(), |most, limits| Limits {
        executing: most.executing.max(limits.executing),
        wall_clock: most.wall_clock.max(limits.wall_clock),
        memory: most.memory.max(limits.memory),
    })
}

/// An entry of a chain.
pub struct Entry<'a> {
    /// The port that the chain stands behind.
    pub port: &'static str,
    /// What the chain calls it.
    pub name: &'a str,
    /// What that is.
    pub adapter: Found,
}

/// An adapter, or why it cannot be had.
pub type Found = Result<AdapterSpec, CommandError>;

/// Returns the entries of both chains in the order they are asked.
pub fn entries(config: &Config) -> Vec<Entry<'_>> {
    let routers = ("router", &config.router_chain, config.router_deadline);
    let summarizers = ("summarizer", &config.summarizer_chain, config.summarizer_deadline);
    let mut entries = Vec::new();
    for (port, chain, deadline) in [routers, summarizers] {
        entries.extend(chain.iter().map(|name| Entry { port, name, adapter: entry(config, name, deadline) }));
    }
    entries
}

/// Returns the adapters of both chains in the order they are asked, each with the port it serves.
pub fn adapters(config: &Config) -> Result<Vec<(&'static str, AdapterSpec)>, CommandError> {
    entries(config).into_iter().map(|Entry { port, adapter, .. }| Ok((port, adapter?))).collect()
}

pub(super) fn routers(config: &Config) -> Result<Vec<AdapterSpec>, CommandError> {
    chain(config, &config.router_chain, config.router_deadline)
}

pub(super) fn summarizers(config: &Config) -> Result<Vec<AdapterSpec>, CommandError> {
    chain(config, &config.summarizer_chain, config.summarizer_deadline)
}

fn chain(config: &Config, entries: &[String], deadline: Duration) -> Result<Vec<AdapterSpec>, CommandError> {
    entries.iter().map(|name| entry(config, name, deadline)).collect()
}

fn entry(config: &Config, name: &str, deadline: Duration) -> Found {
    adapter(config, name, deadline)?.ok_or_else(|| no_adapter(name))
}

/// Who answers of a chain, and how long that may take: the first one with a network, which others wait for.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    /// The adapter.
    pub name: String,
    /// How long one call of it may take.
    pub limit: Duration,
}

impl Patience {
    /// Looks for it in a chain.
    pub(super) fn of(config: &Config, registry: Option<&Registry>, chain: &[AdapterSpec]) -> Self {
        let has_network = |spec: &&AdapterSpec| match registry {
            Some(registry) => !registry.grants(spec, &config.trusted_keys).is_empty(),
            None => !spec.http.is_empty(),
        };
        let slow = chain.iter().find(has_network).map(|spec| (spec, spec.deadline));
        let Some((spec, deadline)) = slow.or_else(|| chain.first().map(|spec| (spec, None))) else {
            return Self::default();
        };
        let limit = deadline.unwrap_or_else(|| spec.limits.unwrap_or_default().wall_clock);
        Self { name: spec.name.clone(), limit }
    }
}

/// Finds an adapter as an entry of a chain names it: a configured file, one that ships with codewalk, one of the registry, or
/// a file.
pub fn adapter(
    config: &Config,
    entry: &str,
    deadline: Duration,
) -> Result<Option<AdapterSpec>, CommandError> {
    let configured = config.adapters.get(entry);
    let source = match configured.and_then(|adapter| adapter.path.as_deref()) {
        Some(path) => file(config, path),
        None => match codewalk_components::find(entry) {
            Some(embedded) => Source::Embedded(embedded.bytes),
            None => match in_registry(config, entry)? {
                Some(source) => source,
                None if entry.contains(['/', '.']) => file(config, entry),
                None => return Ok(None),
            },
        },
    };
    let AdapterConfig { config: told, http, pin, limits, deadline: own_deadline, .. } =
        configured.cloned().unwrap_or_default();
    let asked = Asked::of(entry, &told).filter(|_| matches!(source, Source::Embedded(_)));
    let experience = asked.map(|asked| Arc::new(Forms::of(config, asked)) as Arc<dyn Experience>);
    Ok(Some(AdapterSpec {
        experience,
        config: told,
        http,
        credentials: config.credentials.clone(),
        deadline: own_deadline.or(Some(deadline)),
        limits: Some(limits),
        pin,
        ..AdapterSpec::new(entry, source)
    }))
}

fn no_adapter(entry: &str) -> CommandError {
    let known: Vec<&str> = codewalk_components::all().iter().map(|embedded| embedded.name).collect();
    CommandError::new(
        ErrorKind::Configuration,
        format!(
            "a chain names {entry:?}, which is no adapter: neither {} nor one that was added nor a file",
            known.join(" nor ")
        ),
    )
    .with_hint(format!(
        "`codewalk adapters add {entry}.wasm` adds one; or name a file, e.g. ./{entry}.wasm, or add \
         [adapters.{entry}] with a path"
    ))
}

fn file(config: &Config, path: &str) -> Source {
    Source::File(config.paths.config_folder().join(config.paths.expanded(path)))
}

/// Returns where an adapter lies in the registry; none where nothing is known of it there. Its file may be gone: then the
/// last good one serves.
fn in_registry(config: &Config, name: &str) -> Result<Option<Source>, CommandError> {
    if !is_adapter_name(name) || reserved(name).is_some() {
        return Ok(None);
    }
    let registry = registry(config)?;
    let wrong = |error| CommandError::new(ErrorKind::Adapter, error);
    let component = registry.component(name).map_err(wrong)?;
    let is_known = component.is_file() || registry.state(name).map_err(wrong)?.current.is_some();
    Ok(is_known.then_some(Source::File(component)))
}

/// Returns the adapter that ships with codewalk and that a name is, or could be taken for: no other one may have that.
pub fn reserved(name: &str) -> Option<&'static str> {
    looks_like(name, codewalk_components::all().iter().map(|embedded| embedded.name))
}

/// Returns the adapters of the registry by their names.
pub fn registry_adapters(config: &Config) -> Result<Vec<(String, Found)>, CommandError> {
    let names = registry(config)?.names().map_err(|error| CommandError::new(ErrorKind::Adapter, error))?;
    // Of some it is only known what was counted.
    let known = |name: &String| match in_registry(config, name) {
        Ok(Some(_)) => adapter(config, name, config.router_deadline).transpose(),
        Ok(None) => None,
        Err(error) => Some(Err(error)),
    };
    Ok(names.into_iter().filter_map(|name| known(&name).map(|adapter| (name, adapter))).collect())
}

/// The adapters of both chains, brought up to date with their files as long as this is kept.
pub struct InUse {
    adapters: Vec<InPlace>,
    _watch: Watch,
}

/// An adapter of a chain.
struct InPlace {
    port: &'static str,
    /// Its file; none where it ships with codewalk.
    file: Option<String>,
    handle: AdapterHandle,
}

impl InUse {
    pub(super) fn new(
        sandbox: &Sandbox,
        chains: [(&'static str, &[AdapterSpec], Vec<AdapterHandle>); 2],
    ) -> Self {
        let mut adapters = Vec::new();
        for (port, specs, handles) in chains {
            let in_place = |(spec, handle): (&AdapterSpec, _)| InPlace {
                port,
                file: match &spec.source {
                    Source::Embedded(_) => None,
                    Source::File(path) => Some(path.to_string_lossy().into_owned()),
                },
                handle,
            };
            adapters.extend(specs.iter().zip(handles).map(in_place));
        }
        let watch = sandbox.watch(adapters.iter().map(|adapter: &InPlace| adapter.handle.clone()).collect());
        Self { adapters, _watch: watch }
    }

    /// Returns what keeps their figures when it is dropped.
    pub(super) fn counted(&self) -> Counted {
        Counted(self.adapters.iter().map(|adapter| adapter.handle.clone()).collect())
    }

    /// Says which they are, and how.
    pub fn describe(&self) -> Vec<Adapter> {
        let described = |InPlace { port, file, handle }: &InPlace| Adapter {
            port: (*port).to_owned(),
            name: handle.name().to_owned(),
            file: file.clone(),
            status: status(handle.status()),
        };
        self.adapters.iter().map(described).collect()
    }
}

/// Keeps what was counted of adapters when it is dropped: the process may end before the driver has.
#[derive(Clone)]
pub struct Counted(Vec<AdapterHandle>);

impl Counted {
    /// Returns whether any of them is still being loaded.
    pub fn are_loading(&self) -> bool {
        self.0.iter().any(AdapterHandle::is_loading)
    }

    /// Waits until none of them is.
    pub async fn loaded(&self) {
        for adapter in &self.0 {
            adapter.loaded().await;
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.iter().for_each(AdapterHandle::save);
    }
}

fn status(found: codewalk_sandbox::AdapterStatus) -> AdapterStatus {
    let codewalk_sandbox::AdapterStatus {
        generation, digest, state, last_problem, live_memory, stats, ..
    } = found;
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

/// Returns how long the fastest `share` of the calls took at most, in microseconds.
pub fn micros(stats: &Stats, share: f64) -> Option<u64> {
    u64::try_from(stats.percentile(share)?.as_micros()).ok()
}
