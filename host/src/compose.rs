//! Wiring: what stands behind which port.

mod adapters;
mod forms;

use std::path::Path;
use std::time::Duration;

use codewalk_core::call::Agent;
use codewalk_core::command::Project;
use codewalk_core::session::Session;
use codewalk_core::state::{State, StateContext};
use codewalk_executor::Agents;
use codewalk_store::{FileStore, SqliteStore, Store, StoreError};
use tokio::sync::mpsc;

pub use adapters::{
    Counted, Entry, Found, InUse, Patience, UNUSABLE_FOLDER, adapter, adapters, empty_sandbox, entries,
    micros, recorder, registry, registry_adapters, reserved, sandbox,
};

pub use forms::forget as forget_forms;

use crate::config::{Config, StorePlace};
use crate::driver::{self, Handle, Output, Ports};
use crate::error::{CommandError, ErrorKind};
use crate::{orphans, rebuild};

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
    /// Keeps what was counted of adapters; to be dropped at the end.
    pub counted: Counted,
    /// Who is waited for: a router, a summarizer.
    pub patience: [Patience; 2],
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

/// Opens the store, unless it was emptied or removed: what is there of the sessions is not to be left behind unsaid.
pub fn open_store(config: &Config) -> Result<Box<dyn Store>, CommandError> {
    if let Some(lost) = rebuild::lost(config) {
        let message = lost.message(config);
        return Err(CommandError::new(ErrorKind::Store, message).with_hint(
            "restore it from a backup, or have them read again from what their agents printed: codewalk sessions rebuild",
        ));
    }
    open_anyway(config).map_err(|error| store_error(&error))
}

/// Opens the store, whatever lies beside it.
pub fn open_anyway(config: &Config) -> Result<Box<dyn Store>, StoreError> {
    match &config.store {
        StorePlace::Sqlite(path) => SqliteStore::open(path).map(|store| Box::new(store) as Box<dyn Store>),
        StorePlace::Files(path) => FileStore::open(path).map(|store| Box::new(store) as Box<dyn Store>),
    }
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
    let sandbox = adapters::recording_sandbox(config)?;
    let (reports, from_agents) = mpsc::channel(REPORTS);
    let (routers, summarizers) = (adapters::routers(config)?, adapters::summarizers(config)?);
    let registry = registry(config).ok();
    let patience = [&routers, &summarizers].map(|chain| Patience::of(config, registry.as_ref(), chain));
    let router = sandbox.router_chain(routers.clone());
    let summarizer = sandbox.summarizer_chain(summarizers.clone());
    let chains =
        [("router", &*routers, router.adapters()), ("summarizer", &*summarizers, summarizer.adapters())];
    let adapters = InUse::new(&sandbox, chains);
    let counted = adapters.counted();
    let ports = Ports {
        adapters,
        recorder: config.recording.then(|| recorder(config)),
        executor: Agents::new(agent_settings(config), reports),
        router,
        summarizer,
    };
    let (handle, outputs) = driver::start(state, store, ports, from_agents);
    Ok(Running { handle, outputs, sessions, counted, patience })
}

fn settings(config: &Config, projects: &[Project]) -> StateContext {
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

/// Returns what the executor is told.
pub fn agent_settings(config: &Config) -> codewalk_executor::ExecutorConfig {
    let trusted = config.projects.iter().filter(|p| p.trusted).map(|p| Path::new(&p.project.path).to_owned());
    codewalk_executor::ExecutorConfig {
        sessions: config.paths.sessions(),
        agents: config.agents.clone(),
        removed_env: config.secret_variables.clone(),
        silent_after: config.silent_after,
        versions: Some(config.paths.versions()),
        trusted: trusted.collect(),
    }
}
