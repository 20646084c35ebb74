//! What the executor tells the host, unasked.

use codewalk_core::call::Observation;
use codewalk_core::entry::Entry;
use codewalk_core::ids::SessionId;
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
    /// The agent did something that matters to the core. The last one of a run is its [`Observation::Exited`].
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
    },
}
