//! What there is: questions of front ends and their answers, so that a late joiner never replays events.

use crate::ids::SessionId;
use crate::session::Session;

/// What a front end may ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Query {
    /// The sessions, those that changed last first.
    Sessions {
        /// How many at most.
        limit: u32,
        /// Only those after this one in that order.
        after: Option<SessionId>,
    },
    /// One session.
    Session {
        /// Which one.
        session: SessionId,
    },
}

/// The answer to a [`Query`].
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Page {
    /// To [`Query::Sessions`].
    Sessions {
        /// The sessions.
        sessions: Vec<Session>,
    },
    /// To [`Query::Session`]; none where there is no such session.
    Session {
        /// The session.
        session: Option<Box<Session>>,
    },
}
