//! Requests to the owner of a session, from processes that do not own it.
//!
//! Another process puts `ID.request` into the folder `requests` of the run, completely or not at all. The
//! owner takes it, carries it out and puts `ID.reply` there, which the other process takes. A dead owner has
//! given up its lock; the other process then takes that.
//!
//! Architecture invariant: a request allows nothing. Any process of the user can write one, also the programs
//! of the agent. It may end an agent or send it a prompt, and never counts as the consent of a person.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codewalk_core::command::{Command, ControlAction};
use codewalk_core::ids::SessionId;
use codewalk_core::session::{AgentProcess, Exit};
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::{ExecutorError, InFolder};
use crate::log::watch::Watches;
use crate::recovery::{OrphanStatus, end_orphans};
use crate::report::{Report, ReportBody, Request, RequestReply};
use crate::run_folder::{MAX_REQUESTS, RunFolder, SessionLock};

/// How long an owner may take for a request. Stopping an agent takes some seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a lost notification may delay a request or its reply.
const LOOK: Duration = Duration::from_secs(2);

/// The result of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relayed {
    /// The owner replied.
    Replied(RequestReply),
    /// There is no owner any longer, and no agent: it was stopped if it still ran.
    Gone {
        /// How it ended, if its owner recorded that.
        exit: Option<Exit>,
    },
}

/// Sends a request to the owner of a run, and waits for the reply.
pub(crate) async fn ask(
    (session, run): (SessionId, u32),
    started: Option<AgentProcess>,
    request: &Request,
    sessions: &Path,
    watches: &Arc<Watches>,
) -> Result<Relayed, ExecutorError> {
    let folder = RunFolder::of(sessions, session, run);
    let unaskable = |source| ExecutorError::Requests { session, path: folder.requests(), source };
    let mut watch = watches.folder(&folder.requests());
    let id = Uuid::now_v7();
    let deadline = Instant::now() + PATIENCE;
    let mut is_written = false;
    loop {
        let is_last_look = Instant::now() >= deadline;
        if let Some(reply) = folder.take_reply(id).map_err(unaskable)? {
            return Ok(Relayed::Replied(reply));
        }
        if let Some(_lock) = SessionLock::try_take(sessions, session).in_folder(&folder)? {
            folder.withdraw_request(id);
            // The owner may have replied just before.
            if let Some(reply) = folder.take_reply(id).map_err(unaskable)? {
                return Ok(Relayed::Replied(reply));
            }
            let OrphanStatus::Gone { exit } = end_orphans(session, &folder, started).await? else {
                continue;
            };
            return Ok(Relayed::Gone { exit });
        }
        if is_last_look {
            folder.withdraw_request(id);
            return Err(ExecutorError::NoReply { session });
        }
        if !is_written {
            folder.write_request(id, request).map_err(unaskable)?;
            is_written = true;
        }
        let _ = tokio::time::timeout_at(deadline.min(Instant::now() + LOOK), watch.changed()).await;
    }
}

/// Reports the requests to the owner of a run, until it is dropped.
pub(crate) async fn serve(
    (session, run): (SessionId, u32),
    folder: RunFolder,
    watches: Arc<Watches>,
    reports: mpsc::Sender<Report>,
) {
    let mut watch = watches.folder(&folder.requests());
    loop {
        let taken = folder.take_requests();
        let are_more = taken.len() == MAX_REQUESTS;
        for (id, request) in taken {
            let refusal = match request {
                Ok(request) if is_for(session, &request.command) => {
                    let body = ReportBody::Requested { id, request };
                    if reports.send(Report { session, run, body }).await.is_err() {
                        return;
                    }
                    continue;
                }
                Ok(_) => "the owner of a session does not take this command".to_owned(),
                Err(error) => format!("the request cannot be read: {error}"),
            };
            reply(&folder, id, &RequestReply::Refused { message: refusal });
        }
        if !are_more {
            let _ = tokio::time::timeout(LOOK, watch.changed()).await;
        }
    }
}

/// Writes a reply. If that fails the other process gives up after a while.
pub(crate) fn reply(folder: &RunFolder, id: Uuid, reply: &RequestReply) {
    if let Err(error) = folder.write_reply(id, reply) {
        tracing::warn!(folder = %folder.path().display(), %error, "a request cannot be replied to");
    }
}

/// Returns whether a request may contain the command: it ends the agent or sends it something.
fn is_for(session: SessionId, command: &Command) -> bool {
    let ends_or_tells = matches!(
        command,
        Command::Control { action: ControlAction::Stop | ControlAction::Interrupt, .. }
            | Command::Prompt { .. }
    );
    command.session() == Some(session) && ends_or_tells
}
