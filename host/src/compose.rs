//! Wiring: connects the ports with their implementations.

mod ports;

use std::time::Duration;

use codewalk_core::command::Project;
use codewalk_core::session::Session;
use codewalk_core::state::{Agent, State, StateContext};
use codewalk_executor::Agents;
use codewalk_store::{FileStore, SqliteStore, Store, StoreError};
use tokio::sync::mpsc;

pub use crate::catalogue::{
    AdapterStatsGuard, ChainEntry, Patience, ResolvedAdapter, ThroughProxy, UNUSABLE_FOLDER, adapter,
    adapters, empty_sandbox, entries, forget_forms, grants, micros, proxy_clause, recorder, registry,
    registry_adapters, reserved, sandbox,
};

use crate::catalogue::{self, AdaptersInUse};
use crate::config::{Config, StorePlace};
use crate::driver::{self, CallRecorder, Handle, Output, Ports};
use crate::error::{CommandError, ErrorKind};
use crate::{orphans, rebuild};

/// How many reports from agents may wait for the driver. If more are pending, agents wait.
const MAX_REPORTS: usize = 256;

/// How long shutdown waits for abandoned work.
const SHUTDOWN: Duration = Duration::from_millis(200);

/// A running codewalk.
pub struct App {
    /// Accepts commands and queries.
    pub handle: Handle,
    /// Delivers events and answers.
    pub outputs: mpsc::UnboundedReceiver<Output>,
    /// The latest state of the sessions.
    pub sessions: Vec<Session>,
    /// Saves the adapters' statistics when it is dropped.
    pub counted: AdapterStatsGuard,
    /// The router and the summarizer that the user may have to wait for.
    pub patience: [Patience; 2],
}

/// Runs a future on a new runtime, and shuts the runtime down.
pub fn block_on<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CommandError::because(ErrorKind::Internal, "cannot start threads", error))?;
    let done = runtime.block_on(work);
    // Abandoned calls may hang.
    runtime.shutdown_timeout(SHUTDOWN);
    done
}

/// Opens the store. Fails if the store was emptied or removed although there are sessions on disk, so that
/// they are not lost silently.
pub fn open_store(config: &Config) -> Result<Box<dyn Store>, CommandError> {
    if let Some(lost) = rebuild::lost(config) {
        let message = lost.message(config);
        return Err(CommandError::new(ErrorKind::Store, message).with_hint(
            "restore it from a backup, or rebuild it from the agents' output: codewalk sessions rebuild",
        ));
    }
    Ok(open_anyway(config)?)
}

/// Opens the store, whether or not there are sessions on disk.
pub fn open_anyway(config: &Config) -> Result<Box<dyn Store>, StoreError> {
    match &config.store {
        StorePlace::Sqlite(path) => SqliteStore::open(path).map(|store| Box::new(store) as Box<dyn Store>),
        StorePlace::Files(path) => FileStore::open(path).map(|store| Box::new(store) as Box<dyn Store>),
    }
}

/// Returns the error for a driver that stopped without a final output.
pub fn driver_stopped() -> CommandError {
    CommandError::new(ErrorKind::Internal, "the driver stopped unexpectedly")
        .with_hint("set CODEWALK_LOG=debug and try again")
}

/// Starts everything that a request needs. `projects` are known in addition to the configured ones.
pub async fn start(config: &Config, projects: &[Project]) -> Result<App, CommandError> {
    let mut store = open_store(config)?;
    orphans::settle_all(config, store.as_mut()).await?;
    let sessions = store.sessions(driver::RECENT_SESSIONS, None)?;
    let mut state = State::new(state_context(config, projects));
    for session in &sessions {
        // Nothing is running in this process yet.
        driver::adopt(&mut state, session.clone());
    }
    let sandbox = catalogue::recording_sandbox(config)?;
    let (reports, from_agents) = mpsc::channel(MAX_REPORTS);
    let (routers, summarizers) = (catalogue::routers(config)?, catalogue::summarizers(config)?);
    let registry = registry(config).ok();
    let patience = [&routers, &summarizers].map(|chain| Patience::of(config, registry.as_ref(), chain));
    let router = sandbox.router_chain(routers.clone());
    let summarizer = sandbox.summarizer_chain(summarizers.clone());
    let chains =
        [("router", &*routers, router.adapters()), ("summarizer", &*summarizers, summarizer.adapters())];
    let adapters = AdaptersInUse::new(&sandbox, chains);
    let counted = adapters.stats_guard();
    let ports = Ports {
        catalogue: Box::new(adapters),
        recorder: config.recording.then(|| Box::new(recorder(config)) as Box<dyn CallRecorder>),
        executor: Agents::new(config.executor(), reports),
        router: ThroughProxy::new(config, registry.as_ref(), &routers, router),
        summarizer: ThroughProxy::new(config, registry.as_ref(), &summarizers, summarizer),
    };
    let (handle, outputs) = driver::start(state, store, ports, from_agents);
    Ok(App { handle, outputs, sessions, counted, patience })
}

fn state_context(config: &Config, projects: &[Project]) -> StateContext {
    let agents =
        config.agents.keys().map(|name| Agent { name: name.clone(), default: *name == config.default_agent });
    let single_prompt = config.agents.iter().filter(|(_, spec)| !spec.converses());
    let configured = config.projects.iter().map(|p| p.project.clone());
    StateContext {
        agents: agents.collect(),
        single_prompt: single_prompt.map(|(name, _)| name.clone()).collect(),
        projects: configured.chain(projects.iter().cloned()).collect(),
        confirm_follow_ups: config.confirm_follow_ups,
        ..StateContext::default()
    }
}
