//! Reports of the executor to the host.

use std::sync::Arc;

use codewalk_core::command::Command;
use codewalk_core::entry::Entry;
use codewalk_core::ids::SessionId;
use codewalk_core::origin::Origin;
use codewalk_core::session::Observation;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// A report about a run. It may arrive before the result of its start. The receiver then has to hold it back.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The session.
    pub session: SessionId,
    /// The run of the session.
    pub run: u32,
    /// The content.
    pub body: ReportBody,
}

/// The content of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum ReportBody {
    /// An observation for the core. The last one of a run is [`Observation::ProcessExited`].
    Observed(Observation),
    /// A request of another process to the owner of the session. It waits for
    /// [`Agents::reply`](crate::Agents::reply).
    Requested {
        /// The identifier of the request.
        id: Uuid,
        /// The command and its origin.
        request: Request,
    },
    /// New entries. They precede the observations from the same lines.
    Entries {
        /// The entries in their order; never empty.
        entries: Vec<Entry>,
        /// Whether they come from the error stream. Offsets are those of its file.
        stderr: bool,
        /// The offset of the first line that was not reported.
        next_offset: u64,
        /// Held until the receiver has stored the entries. Reading pauses when no room is left.
        room: Room,
    },
}

/// How much of a run may be read ahead of its receiver, in bytes.
const ROOM: usize = 8 * 1024 * 1024;
/// The size of an entry without its texts, in bytes.
const ENTRY: usize = 256;

/// The room that unstored entries take. Dropping it frees the room.
#[derive(Clone, Debug, Default)]
pub struct Room {
    _permit: Option<Arc<OwnedSemaphorePermit>>,
}

impl PartialEq for Room {
    /// Reports are equal whatever room they take.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Room {
    /// Returns the room of a run.
    pub(crate) fn of_run() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(ROOM))
    }

    /// Waits for room for entries of that size.
    pub(crate) async fn take(rooms: &Arc<Semaphore>, entries: usize, bytes: usize) -> Self {
        let weight = entries.saturating_mul(ENTRY).saturating_add(bytes).min(ROOM);
        let permits = u32::try_from(weight).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        let permit = Arc::clone(rooms).acquire_many_owned(permits).await.ok();
        Self { _permit: permit.map(Arc::new) }
    }
}

/// A command for the owner of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The front end that gave the command.
    pub origin: Origin,
    /// The command: it ends the agent or sends it something.
    pub command: Command,
}

/// The reply of the owner to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RequestReply {
    /// The command was carried out and recorded.
    Accepted,
    /// The command was not carried out.
    Refused {
        /// The reason, and what to do.
        message: String,
    },
}
