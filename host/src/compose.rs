//! Wiring: which adapter stands behind which port.

use std::collections::BTreeMap;
use std::path::Path;

use codewalk_core::call::{Agent, Exit, Observation};
use codewalk_core::command::Project;
use codewalk_core::orchestrator::Input;
use codewalk_core::session::{Session, SessionState};
use codewalk_core::state::{Owner, Settings, State};
use codewalk_core::time::Timestamp;
use codewalk_executor::{Agents, Recovered, RunFolder};
use codewalk_sandbox::{AdapterSpec, CachePaths, Limits, Sandbox, Source};
use codewalk_store::{SqliteStore, Store, StoreError};
use tokio::sync::mpsc;

use crate::config::Config;
use crate::driver::{self, Handle, Output, Ports};
use crate::error::{CommandError, ErrorKind};

/// How many of the latest sessions a wish may be about.
const RECENT_SESSIONS: u32 = 50;
/// How many reports of agents may wait for the driver.
const REPORTS: usize = 256;

/// A running codewalk.
pub struct Running {
    /// Takes commands.
    pub handle: Handle,
    /// Tells what happens.
    pub outputs: mpsc::UnboundedReceiver<Output>,
    /// The sessions there are already.
    pub sessions: Vec<Session>,
}

/// Makes the runtime that ports are called on.
pub fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(ErrorKind::Internal, format!("cannot start threads: {error}")))
}

/// Opens the store.
pub fn open_store(config: &Config) -> Result<Box<dyn Store>, CommandError> {
    let store = SqliteStore::open(&config.paths.database()).map_err(|error| store_error(&error))?;
    Ok(Box::new(store))
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

/// Finds the adapter that an entry of a chain names: one that ships with codewalk, a configured one, or a file.
pub fn adapter_spec(config: &Config, entry: &str) -> Result<AdapterSpec, CommandError> {
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
    let config = configured.map_or_else(BTreeMap::new, |adapter| adapter.config.clone());
    Ok(AdapterSpec { name: entry.to_owned(), source, config })
}

fn file(config: &Config, path: &str) -> Source {
    Source::File(config.paths.config_folder().join(config.paths.expanded(path)))
}

fn chain(config: &Config, entries: &[String]) -> Result<Vec<AdapterSpec>, CommandError> {
    entries.iter().map(|entry| adapter_spec(config, entry)).collect()
}

/// How long after the last sign of life of a session its owner may still be about to take it, or to say how it ended, in
/// milliseconds.
const OWNERS_GRACE: u64 = 30_000;

/// Finds the sessions whose owner has died, ends what is left of their agents and records their end.
pub async fn settle_orphans(config: &Config, store: &mut dyn Store) -> Result<(), CommandError> {
    let unfinished = store.unfinished().map_err(|error| store_error(&error))?;
    if unfinished.is_empty() {
        return Ok(());
    }
    let (reports, _) = mpsc::channel(1);
    let agents = Agents::new(agent_settings(config), reports);
    for session in unfinished {
        let Some(run) = session.run() else { continue };
        let folder = RunFolder::of(&config.paths.sessions(), session.id, run.number);
        let exited_at = folder.exit().ok().flatten().map(|exit| Timestamp(exit.ended_at));
        let last_sign =
            if session.state == SessionState::Starting { Some(session.changed_at) } else { exited_at };
        if last_sign.is_some_and(|at| driver::now().since(at) < OWNERS_GRACE) {
            continue;
        }
        match agents.recover(session.id, run.number, run.process).await {
            Ok(Recovered::Owned) => {}
            Ok(Recovered::Gone { exit }) => record_orphan(store, session.clone(), run.number, exit)?,
            // One broken folder must not keep the others from being used.
            Err(error) => {
                tracing::warn!(%error, session = %session.id, "what became of a session is not known");
            }
        }
    }
    Ok(())
}

fn record_orphan(
    store: &mut dyn Store,
    session: Session,
    run: u32,
    exit: Option<Exit>,
) -> Result<(), CommandError> {
    let id = session.id;
    let mut state = State::new(Settings::default());
    state.adopt(session, Owner::Here);
    let observation = Observation::Orphaned { exit };
    let step = state.decide(&driver::envelope(Input::Observed { session: id, run, observation }));
    match store.append(&state.numbered(&step.events)) {
        // Somebody else was faster.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(store_error(&error)),
    }
}

/// Starts everything a wish needs. `projects` are known besides the configured ones.
pub async fn start(config: &Config, projects: &[Project]) -> Result<Running, CommandError> {
    let mut store = open_store(config)?;
    settle_orphans(config, store.as_mut()).await?;
    let sessions = store.sessions(RECENT_SESSIONS, None).map_err(|error| store_error(&error))?;
    let mut state = State::new(settings(config, projects));
    for session in &sessions {
        // Nothing runs here yet, so whatever runs does so elsewhere.
        let owner = if session.state.has_ended() { Owner::Here } else { Owner::Elsewhere };
        state.adopt(session.clone(), owner);
    }
    let sandbox = sandbox(Some(config))?;
    let (reports, from_agents) = mpsc::channel(REPORTS);
    let ports = Ports {
        router: sandbox.router_chain(chain(config, &config.router_chain)?),
        summarizer: sandbox.summarizer_chain(chain(config, &config.summarizer_chain)?),
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

fn agent_settings(config: &Config) -> codewalk_executor::Settings {
    let trusted = config.projects.iter().filter(|p| p.trusted).map(|p| Path::new(&p.project.path).to_owned());
    codewalk_executor::Settings {
        sessions: config.paths.sessions(),
        agents: config.agents.clone(),
        removed_env: Vec::new(),
        trusted: trusted.collect(),
    }
}
