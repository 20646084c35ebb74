//! Ends the processes of runs whose owner is gone.

use std::io;

use codewalk_core::ids::SessionId;
use codewalk_core::session::{AgentProcess, Exit};
use codewalk_supervisor::{ExitReason, SendError};
use tokio::task::spawn_blocking;

use crate::error::{ExecutorError, InFolder};
use crate::live_agent::{STOPPING, name, watch_supervisor};
use crate::process::tree;
use crate::run_folder::RunFolder;

/// The call that ends a run without an owner.
const GIVE_UP: &str = "give-up";

/// The state of a run without a recorded end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrphanStatus {
    /// Its owner is alive, in this process or another one.
    Owned,
    /// Its owner is gone, and so is the agent: it was stopped if it still ran.
    Gone {
        /// How it ended, unless it was stopped for want of an owner.
        exit: Option<Exit>,
    },
}

/// Ends what is left of a run without an owner. The caller holds the lock of the session.
pub(crate) async fn end_orphans(
    session: SessionId,
    folder: &RunFolder,
    started: Option<AgentProcess>,
) -> Result<OrphanStatus, ExecutorError> {
    // What an agent that has ended left behind stays.
    if let Some(record) = folder.exit().in_folder(folder)? {
        return Ok(OrphanStatus::Gone { exit: Some(record.exit()) });
    }
    if folder.has_supervisor() {
        stop_supervised(folder).await.in_folder(folder)?;
        if let Some(record) = folder.exit().in_folder(folder)? {
            let was_stopped = record.reason == Some(ExitReason::Stopped);
            return Ok(OrphanStatus::Gone { exit: (!was_stopped).then(|| record.exit()) });
        }
    }
    let started = match started {
        Some(started) => Some(started),
        None => folder.meta().in_folder(folder)?.map(|meta| meta.started()),
    };
    let orphans = tree::orphans(session, started);
    if !orphans.is_empty() && !tree::terminate(started, session).await {
        return Err(ExecutorError::Orphans { session, pids: tree::orphans(session, started) });
    }
    Ok(OrphanStatus::Gone { exit: None })
}

/// Ends a run by its supervisor, if one lives, and waits for that. A run that has not begun never will.
pub(crate) async fn stop_supervised(folder: &RunFolder) -> io::Result<()> {
    let supervised = folder.supervised();
    let is_over = spawn_blocking(move || {
        if supervised.give_up()? {
            return Ok(true);
        }
        let call = name(GIVE_UP).map_err(io::Error::other)?;
        match supervised.sender()?.stop(&call) {
            Ok(()) | Err(SendError::Ended) => Ok(false),
            Err(error) => Err(io::Error::other(error)),
        }
    });
    if is_over.await?? {
        return Ok(());
    }
    let mut gone = watch_supervisor(folder)?;
    match tokio::time::timeout(STOPPING, gone.wait_for(|gone| *gone)).await {
        Ok(_) => Ok(()),
        Err(_) => Err(io::Error::other("its supervisor does not end")),
    }
}
