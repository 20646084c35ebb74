//! Ends the processes of runs whose owner is gone.

use std::process::Child;

use codewalk_core::ids::SessionId;
use codewalk_core::session::{AgentProcess, Exit};

use crate::error::{ExecutorError, InFolder};
use crate::process::leader::Leader;
use crate::process::tree;
use crate::run_folder::RunFolder;

/// The state of a run without a recorded end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrphanStatus {
    /// Its owner is alive, in this process or another one.
    Owned,
    /// Its owner is gone, and so is the agent: it was stopped if it still ran.
    Gone {
        /// How it ended, if its owner recorded that.
        exit: Option<Exit>,
    },
}

/// Ends an agent whose start failed, and reaps it.
pub(crate) async fn give_up(mut child: Child, started: AgentProcess, session: SessionId) {
    tree::terminate(Some(Leader::AgentProcess(started)), session).await;
    let _ = child.try_wait();
}

/// Ends what is left of a run without an owner. The caller holds the lock of the session.
pub(crate) async fn end_orphans(
    session: SessionId,
    folder: &RunFolder,
    started: Option<AgentProcess>,
) -> Result<OrphanStatus, ExecutorError> {
    if let Some(record) = folder.exit().in_folder(folder)? {
        return Ok(OrphanStatus::Gone { exit: Some(record.exit()) });
    }
    let started = match started {
        Some(started) => Some(started),
        None => folder.meta().in_folder(folder)?.map(|meta| meta.started()),
    };
    let orphans = tree::orphans(session, started);
    if !orphans.is_empty() && !tree::terminate(started.map(Leader::AgentProcess), session).await {
        return Err(ExecutorError::Orphans { session, pids: tree::orphans(session, started) });
    }
    Ok(OrphanStatus::Gone { exit: None })
}
