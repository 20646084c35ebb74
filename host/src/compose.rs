//! Wiring: which adapter stands behind which port.

use std::path::Path;
use std::time::Duration;

use codewalk_core::call::Agent;
use codewalk_core::command::Project;
use codewalk_core::query::Adapter;
use codewalk_core::session::Session;
use codewalk_core::state::{Settings, State};
use codewalk_executor::Agents;
use codewalk_sandbox::{AdapterSpec, CachePaths, Limits, Sandbox, Source};
use codewalk_store::{FileStore, SqliteStore, Store, StoreError};
use tokio::sync::mpsc;

use crate::config::{AdapterConfig, Config, StorePlace};
use crate::driver::{self, Handle, Output, Ports};
use crate::error::{CommandError, ErrorKind};
use crate::orphans;

/// How many reports of agents may wait for the driver.
const REPORTS: usize = 256;

/// How long what nobody waits for any more may go on.
const LEFTOVERS: Duration = Duration::from_millis(200);

/// A running codewalk.
pub struct Running {
    /// Takes commands.
    pub handle: Handle,
    /// Tells what happens.
    pub outputs: mpsc::UnboundedReceiver<Output>,
    /// The sessions there are already.
    pub sessions: Vec<Session>,
}

/// Carries out what needs a runtime for ports to be called on, and ends that.
pub fn block_on<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(
            |error| CommandError::new(ErrorKind::Internal, format!("cannot start threads: {error}")),
        )?;
    let done = runtime.block_on(work);
    // What is left may hang in a call that nobody waits for any more.
    runtime.shutdown_timeout(LEFTOVERS);
    done
}

/// Opens the store.
pub fn open_store(config: &Config) -> Result<Box<dyn Store>, CommandError> {
    match &config.store {
        StorePlace::Sqlite(path) => SqliteStore::open(path).map(|store| Box::new(store) as Box<dyn Store>),
        StorePlace::Files(path) => FileStore::open(path).map(|store| Box::new(store) as Box<dyn Store>),
    }
    .map_err(|error| store_error(&error))
}

/// Says that the driver is gone.
pub fn driver_stopped() -> CommandError {
    CommandError::new(ErrorKind::Internal, "the driver stopped without saying why")
        .with_hint("set CODEWALK_LOG=debug and try again")
}

/// Says what is wrong with the store.
pub fn store_error(error: &StoreError) -> CommandError {
    CommandError::new(ErrorKind::Store, error)
}

/// Makes the sandbox; without a configuration nothing compiled is kept.
pub fn sandbox(config: Option<&Config>) -> Result<Sandbox, CommandError> {
    let cache = config.map(|config| CachePaths {
        folder: config.paths.cache.join("components"),
        key: config.paths.state.join("component-cache.key"),
    });
    Sandbox::new(codewalk_sandbox::Settings { cache, limits: Limits::default() })
        .map_err(|error| CommandError::new(ErrorKind::Adapter, error))
}

/// Returns the adapters of both chains in the order they are asked, each with the port it serves.
pub fn adapters(config: &Config) -> Result<Vec<(&'static str, AdapterSpec)>, CommandError> {
    let routers = routers(config)?.into_iter().map(|spec| ("router", spec));
    let summarizers = summarizers(config)?.into_iter().map(|spec| ("summarizer", spec));
    Ok(routers.chain(summarizers).collect())
}

fn routers(config: &Config) -> Result<Vec<AdapterSpec>, CommandError> {
    chain(config, &config.router_chain, config.router_deadline)
}

fn summarizers(config: &Config) -> Result<Vec<AdapterSpec>, CommandError> {
    chain(config, &config.summarizer_chain, config.summarizer_deadline)
}

/// Finds the adapter that an entry of a chain names: one that ships with codewalk, a configured one, or a file.
fn adapter_spec(config: &Config, entry: &str, deadline: Duration) -> Result<AdapterSpec, CommandError> {
    let configured = config.adapters.get(entry);
    let source = match configured.and_then(|adapter| adapter.path.as_deref()) {
        Some(path) => file(config, path),
        None => match codewalk_components::find(entry) {
            Some(embedded) => Source::Embedded(embedded.bytes),
            None if entry.contains(['/', '.']) => file(config, entry),
            None => {
                let known: Vec<&str> =
                    codewalk_components::all().iter().map(|embedded| embedded.name).collect();
                return Err(CommandError::new(
                    ErrorKind::Configuration,
                    format!(
                        "a chain names {entry:?}, which is no adapter: neither {} nor a file",
                        known.join(" nor ")
                    ),
                )
                .with_hint(format!(
                    "name a file, e.g. ./{entry}.wasm, or add [adapters.{entry}] with a path"
                )));
            }
        },
    };
    let AdapterConfig { config, http, .. } = configured.cloned().unwrap_or_default();
    // Without a network an adapter waits for nobody, and the sandbox's own limits are enough.
    let deadline = (!http.is_empty()).then_some(deadline);
    Ok(AdapterSpec { config, http, deadline, ..AdapterSpec::new(entry, source) })
}

fn file(config: &Config, path: &str) -> Source {
    Source::File(config.paths.config_folder().join(config.paths.expanded(path)))
}

fn chain(config: &Config, entries: &[String], deadline: Duration) -> Result<Vec<AdapterSpec>, CommandError> {
    entries.iter().map(|entry| adapter_spec(config, entry, deadline)).collect()
}

fn described(port: &str, chain: &[AdapterSpec]) -> Vec<Adapter> {
    let file = |source: &Source| match source {
        Source::Embedded(_) => None,
        Source::File(path) => Some(path.to_string_lossy().into_owned()),
    };
    chain
        .iter()
        .map(|spec| Adapter { port: port.to_owned(), name: spec.name.clone(), file: file(&spec.source) })
        .collect()
}

/// Starts everything a wish needs. `projects` are known besides the configured ones.
pub async fn start(config: &Config, projects: &[Project]) -> Result<Running, CommandError> {
    let mut store = open_store(config)?;
    orphans::settle_all(config, store.as_mut()).await?;
    let sessions = store.sessions(driver::RECENT_SESSIONS, None).map_err(|error| store_error(&error))?;
    let mut state = State::new(settings(config, projects));
    for session in &sessions {
        // Nothing runs here yet.
        driver::adopt(&mut state, session.clone());
    }
    let sandbox = sandbox(Some(config))?;
    let (reports, from_agents) = mpsc::channel(REPORTS);
    let (routers, summarizers) = (routers(config)?, summarizers(config)?);
    let ports = Ports {
        adapters: [described("router", &routers), described("summarizer", &summarizers)].concat(),
        router: sandbox.router_chain(routers),
        summarizer: sandbox.summarizer_chain(summarizers),
        executor: Agents::new(agent_settings(config), reports),
    };
    let (handle, outputs) = driver::start(state, store, ports, from_agents)
        .map_err(|error| CommandError::new(ErrorKind::Internal, format!("cannot start a thread: {error}")))?;
    Ok(Running { handle, outputs, sessions })
}

fn settings(config: &Config, projects: &[Project]) -> Settings {
    let agents =
        config.agents.keys().map(|name| Agent { name: name.clone(), default: *name == config.default_agent });
    let configured = config.projects.iter().map(|p| p.project.clone());
    Settings {
        agents: agents.collect(),
        projects: configured.chain(projects.iter().cloned()).collect(),
        ..Settings::default()
    }
}

/// Returns what the executor is told.
pub fn agent_settings(config: &Config) -> codewalk_executor::Settings {
    let trusted = config.projects.iter().filter(|p| p.trusted).map(|p| Path::new(&p.project.path).to_owned());
    codewalk_executor::Settings {
        sessions: config.paths.sessions(),
        agents: config.agents.clone(),
        removed_env: config.secret_variables.clone(),
        trusted: trusted.collect(),
    }
}
