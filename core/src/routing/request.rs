//! The input of a router.

use crate::command::{Constraints, Project};
use crate::ids::{ConfirmationId, UtteranceId};
use crate::origin::Channel;
use crate::session::SessionBrief;
use crate::state::{Agent, Turn};
use crate::time::Timestamp;

/// How many sessions a router receives.
pub const MAX_SESSIONS: usize = 50;

/// A confirmation without an answer yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenConfirmation {
    /// Its identifier.
    pub id: ConfirmationId,
    /// The question as the user saw it.
    pub question: String,
}

/// The input of a router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRequest {
    /// The utterance under which calls are recorded; not passed to the router.
    pub id: UtteranceId,
    /// The user's text, unchanged.
    pub utterance: String,
    /// The kind of front end it came through.
    pub channel: Channel,
    /// The open confirmation at that front end, if any.
    pub confirmation: Option<OpenConfirmation>,
    /// Earlier turns, oldest first; at most [`MAX_TURNS`](crate::state::MAX_TURNS).
    pub turns: Vec<Turn>,
    /// The known projects.
    pub projects: Vec<Project>,
    /// The configured agents.
    pub agents: Vec<Agent>,
    /// The sessions that the user may mean, newest first; at most [`MAX_SESSIONS`].
    pub sessions: Vec<SessionBrief>,
    /// The choices fixed by flags.
    pub constraints: Constraints,
    /// The time of the request.
    pub now: Timestamp,
}
