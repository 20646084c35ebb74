//! Starts the supervisor of a run.

use std::path::PathBuf;

use codewalk_core::ids::{CallId, SessionId};
use codewalk_core::ports::Launch;
use codewalk_core::session::AgentProcess;
use codewalk_core::time::Timestamp;
use codewalk_supervisor::{Handover, LadderTimes, Launch as LaunchRecord, StartError, VERSION};
use tokio::task::spawn_blocking;

use crate::error::ExecutorError;
use crate::live_agent::name;
use crate::process::{self, Invocation};
use crate::project::Project;
use crate::protocol::{Protocol, SharedProtocol};
use crate::recovery;
use crate::run_folder::RunFolder;
use crate::settings::ExecutorConfig;

/// This program, also when its file was replaced.
#[cfg(target_os = "linux")]
const THIS_PROGRAM: &str = "/proc/self/exe";

/// Returns the record of a launch.
pub(crate) fn record(
    launch: &Launch,
    protocol: Protocol,
    invocation: &Invocation,
    project: &Project,
    settings: &ExecutorConfig,
) -> LaunchRecord {
    LaunchRecord {
        version: VERSION,
        session: launch.session.to_string(),
        run: launch.run,
        agent: launch.agent.clone(),
        protocol: protocol.name().to_owned(),
        argv: invocation.argv(),
        cwd: project.path().to_owned(),
        umask: process::umask(),
        takes_input: invocation.takes_input,
        limits: settings.limits,
        ladder: LadderTimes::default(),
    }
}

/// Returns what is not stored of a launch: the environment, and the first prompt with its call.
pub(crate) fn handover(
    session: SessionId,
    invocation: &Invocation,
    protocol: &SharedProtocol,
    first: Option<(CallId, &str)>,
) -> Result<Handover, ExecutorError> {
    let mut handover = Handover { environment: invocation.environment(session), first_input: None };
    if let Some((call, prompt)) = first {
        let lines = protocol.lock().prompt(&call.to_string(), prompt);
        if !lines.is_empty() {
            let call = name(call).map_err(|source| ExecutorError::Message { session, source })?;
            handover.first_input = Some((call, lines.concat().into_bytes()));
        }
    }
    Ok(handover)
}

/// Starts a supervisor, which starts the agent.
pub(crate) async fn start(
    settings: &ExecutorConfig,
    folder: &RunFolder,
    agent: &str,
    handover: Handover,
) -> Result<AgentProcess, ExecutorError> {
    let program = supervisor(settings);
    let supervised = folder.supervised();
    let started = spawn_blocking(move || supervised.start(&program, &handover)).await;
    let failed = |source| ExecutorError::Spawn { agent: agent.to_owned(), source };
    // It only fails if it panics.
    let started = started.map_err(|error| StartError::Supervisor(error.into())).flatten().map_err(failed)?;
    Ok(AgentProcess { pid: started.agent.pid, started_at: Timestamp(started.agent.started_at) })
}

/// Makes sure that a run whose start failed does not start late, and leaves nothing of it.
pub(crate) async fn give_up(folder: &RunFolder) {
    if let Err(error) = recovery::stop_supervised(folder).await {
        tracing::error!(folder = %folder.path().display(), %error, "cannot give up a run");
        return;
    }
    folder.discard();
}

fn supervisor(settings: &ExecutorConfig) -> PathBuf {
    settings.supervisor.clone().unwrap_or_else(this_program)
}

#[cfg(target_os = "linux")]
fn this_program() -> PathBuf {
    THIS_PROGRAM.into()
}

#[cfg(not(target_os = "linux"))]
fn this_program() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}
