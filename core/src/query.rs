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
    /// How it is, in the process that is asked.
    pub status: AdapterStatus,
}

/// How an adapter is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AdapterStatus {
    /// Whether it can be relied on.
    pub state: AdapterState,
    /// Which of the components that served serves, counted from 1; none before it is loaded.
    pub generation: Option<u64>,
    /// The digest of that component.
    pub digest: Option<String>,
    /// Why the last attempt to take another component failed, or what was rolled back.
    pub problem: Option<String>,
    /// How much memory its running calls have, in bytes.
    pub live_memory: u64,
    /// The most memory that one call had, in bytes.
    pub peak_memory: u64,
    /// How often it was asked.
    pub calls: u64,
    /// How often it answered that it cannot, and why.
    pub errors: u64,
    /// How often it trapped, ran out of memory or gave an answer that makes no sense.
    pub traps: u64,
    /// How often it computed or took too long.
    pub timeouts: u64,
    /// How many of its requests were denied.
    pub denials: u64,
    /// How long the faster half of its calls took at most, in microseconds.
    pub p50_us: Option<u64>,
    /// How long all but one in a hundred of its calls took at most, in microseconds.
    pub p99_us: Option<u64>,
}

/// Whether an adapter can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum AdapterState {
    /// Nobody needed it yet.
    Unloaded,
    /// Nothing can serve.
    Failed,
    /// Its component is new, and has to prove itself.
    OnTrial,
    /// It serves.
    Live,
}
