//! Requests to the owner of a session, from processes that do not own it.
//!
//! Who is not the owner puts `ID.request` into the folder `requests` of the run, as a whole or not at all. The owner takes
//! it away, carries it out and puts `ID.reply` there, which who asked takes away. An owner that is dead has given up its
//! lock: who asked takes that instead.
//!
//! Architecture invariant: a request allows nothing. Whatever runs as the user can write one, the programs of the agent
//! that it is about too: it may end an agent or tell it something, and is never taken for the word of a person.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codewalk_core::call::{AgentProcess, Exit};
use codewalk_core::command::{Command, ControlAction, Origin};
use codewalk_core::ids::SessionId;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

use crate::agents::{Recovered, end_orphans};
use crate::error::ExecutorError;
use crate::log::watch::Watches;
use crate::report::{Report, ReportBody};
use crate::run_folder::{MAX_REQUESTS, RunFolder, SessionLock};

/// How long an owner has to carry out a request: stopping an agent that does not want to end takes some seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a notification that got lost may delay a request or its reply.
const LOOK: Duration = Duration::from_secs(2);

/// A command for the owner of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Which front end gave it.
    pub origin: Origin,
    /// What is to be done: its agent is to end, or to be told something.
    pub command: Command,
}

/// What the owner of a session made of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RequestReply {
    /// It is carried out, and recorded.
    Accepted,
    /// It was not carried out.
    Refused {
        /// Why, and what to do.
        message: String,
    },
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relayed {
    /// The owner replied.
    Replied(RequestReply),
    /// There is no owner any more, and no agent: it was stopped where it still ran.
    Gone {
        /// How it ended, where the owner had still recorded that.
        exit: Option<Exit>,
    },
}

/// Asks the owner of a run, and waits for the reply.
pub(crate) async fn ask(
    (session, run): (SessionId, u32),
    started: Option<AgentProcess>,
    request: &Request,
    sessions: &Path,
    watches: &Arc<Watches>,
) -> Result<Relayed, ExecutorError> {
    let folder = RunFolder::of(sessions, session, run);
    let unusable = |source| ExecutorError::Folder { path: folder.path().to_owned(), source };
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
        if let Some(_lock) = SessionLock::try_take(sessions, session).map_err(unusable)? {
            folder.withdraw_request(id);
            // It may have replied just before.
            if let Some(reply) = folder.take_reply(id).map_err(unaskable)? {
                return Ok(Relayed::Replied(reply));
            }
            let Recovered::Gone { exit } = end_orphans(session, &folder, started).await? else {
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

/// Reports what is asked of the owner of a run, until it is dropped.
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
                Ok(_) => "that is nothing the owner of a session can be asked for".to_owned(),
                Err(error) => format!("the request cannot be read: {error}"),
            };
            reply(&folder, id, &RequestReply::Refused { message: refusal });
        }
        if !are_more {
            let _ = tokio::time::timeout(LOOK, watch.changed()).await;
        }
    }
}

/// Puts a reply where who asked waits for it. Where that fails, the other side gives up by itself.
pub(crate) fn reply(folder: &RunFolder, id: Uuid, reply: &RequestReply) {
    if let Err(error) = folder.write_reply(id, reply) {
        tracing::warn!(folder = %folder.path().display(), %error, "a request cannot be replied to");
    }
}

/// Returns whether the owner of a session may be asked for it: what tells its agent something, or ends it.
fn is_for(session: SessionId, command: &Command) -> bool {
    let ends_or_tells = matches!(
        command,
        Command::Control { action: ControlAction::Stop | ControlAction::Interrupt, .. }
            | Command::Prompt { .. }
    );
    command.session() == Some(session) && ends_or_tells
}
