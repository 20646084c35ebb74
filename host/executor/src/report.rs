//! What the executor tells the host, unasked.

use std::sync::Arc;

use codewalk_core::call::Observation;
use codewalk_core::entry::Entry;
use codewalk_core::ids::SessionId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::requests::Request;

/// Something about a run. Reports may come before the reply to the start of that run has been taken up: what is not
/// known to have started yet should be held back until it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The session.
    pub session: SessionId,
    /// Which run of it.
    pub run: u32,
    /// What.
    pub body: ReportBody,
}

/// What there is to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum ReportBody {
    /// The agent did something that matters to the core. The last one of a run is its [`Observation::ProcessExited`].
    Observed(Observation),
    /// Another process asks the owner of the session for something, and waits for
    /// [`Agents::reply`](crate::Agents::reply).
    Requested {
        /// Names the request.
        id: Uuid,
        /// What is asked for, and by whom.
        request: Request,
    },
    /// The agent printed something. Entries come before the observations made of the same lines.
    Entries {
        /// What, in its order; never empty.
        entries: Vec<Entry>,
        /// Whether on its error stream: offsets are those of the file of that stream.
        stderr: bool,
        /// Where the first line begins that was not reported.
        next_offset: u64,
        /// Held until whoever is told of the entries has taken them up: no more is read than there is room for.
        room: Room,
    },
}

/// How much may be read of a run that is not taken up yet, in bytes.
const ROOM: usize = 8 * 1024 * 1024;
/// What an entry takes besides its texts, in bytes.
const ENTRY: usize = 256;

/// The room that some entries take among those that are not taken up yet; given back when it is dropped.
#[derive(Clone, Debug, Default)]
pub struct Room {
    _permit: Option<Arc<OwnedSemaphorePermit>>,
}

impl PartialEq for Room {
    /// What is reported is the same wherever it takes room.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Room {
    /// Returns all the room that a run has.
    pub(crate) fn of_run() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(ROOM))
    }

    /// Waits until there is room for entries made of that many bytes.
    pub(crate) async fn take(rooms: &Arc<Semaphore>, entries: usize, bytes: usize) -> Self {
        let weight = entries.saturating_mul(ENTRY).saturating_add(bytes).min(ROOM);
        let permits = u32::try_from(weight).unwrap_or(u32::MAX);
        // It is never closed.
        let permit = Arc::clone(rooms).acquire_many_owned(permits).await.ok();
        Self { _permit: permit.map(Arc::new) }
    }
}
