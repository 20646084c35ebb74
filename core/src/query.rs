//! What there is: questions of front ends and their answers, so that a late joiner never replays events.
//!
//! What waits for a person is in two places: launches in [`Query::Confirmations`], what agents ask for in the
//! [`pending`](crate::session::Session::pending) requests of their sessions.

use crate::consent::Confirmation;
use crate::entry::Entry;
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
    /// What the agent of a session printed, in its order.
    Entries {
        /// Which session.
        session: SessionId,
        /// The position of the first entry, from 0; none for the newest ones.
        from: Option<u64>,
        /// How many at most.
        limit: u32,
    },
    /// The launch confirmations that wait for an answer.
    Confirmations,
    /// The adapters in use.
    Adapters,
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
    /// To [`Query::Entries`]; empty where there is no such session.
    Entries {
        /// The position of the first of them, from 0.
        first: u64,
        /// The entries, oldest first.
        entries: Vec<Entry>,
        /// How many the session has so far.
        total: u64,
    },
    /// To [`Query::Confirmations`].
    Confirmations {
        /// The confirmations, oldest first.
        confirmations: Vec<Confirmation>,
    },
    /// To [`Query::Adapters`].
    Adapters {
        /// The adapters of each port in the order they are asked: where one fails, the next one answers.
        adapters: Vec<Adapter>,
    },
}

/// An adapter in use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adapter {
    /// The port it stands behind, e.g. `router`.
    pub port: String,
    /// Its name in the configuration.
    pub name: String,
    /// Its file; none where it ships with codewalk.
    pub file: Option<String>,
}
