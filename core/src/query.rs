//! Queries from front ends, and the answers. With these, a front end that connects late need not replay
//! events.
//!
//! A person is needed for two kinds of requests: launches, listed by [`Query::Confirmations`], and approvals
//! and questions, which are the [`pending`](crate::session::Session::pending) requests of their sessions.

use crate::consent::Confirmation;
use crate::entry::Entry;
use crate::ids::SessionId;
use crate::session::Session;

/// A query from a front end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Query {
    /// The sessions, most recently changed first.
    Sessions {
        /// The maximum number.
        limit: u32,
        /// Only sessions after this one.
        after: Option<SessionId>,
    },
    /// One session.
    Session {
        /// Its identifier.
        session: SessionId,
    },
    /// The entries of a session, in order.
    Entries {
        /// The session.
        session: SessionId,
        /// The position of the first entry, from 0; `None` for the newest entries.
        from: Option<u64>,
        /// The maximum number.
        limit: u32,
    },
    /// The open launch confirmations.
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
    /// To [`Query::Session`]; `None` if there is no such session.
    Session {
        /// The session.
        session: Option<Box<Session>>,
    },
    /// To [`Query::Entries`]; empty if there is no such session.
    Entries {
        /// The position of the first entry, from 0.
        first: u64,
        /// The entries, oldest first.
        entries: Vec<Entry>,
        /// How many entries the session has so far.
        total: u64,
    },
    /// To [`Query::Confirmations`].
    Confirmations {
        /// The confirmations, oldest first.
        confirmations: Vec<Confirmation>,
    },
    /// To [`Query::Adapters`].
    Adapters {
        /// The adapters of each port, in chain order.
        adapters: Vec<Adapter>,
    },
}

/// An adapter in use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adapter {
    /// Its port, e.g. `router`.
    pub port: String,
    /// Its name in the configuration.
    pub name: String,
    /// Its file; `None` if it ships with codewalk.
    pub file: Option<String>,
    /// Its status in the process that answers the query.
    pub status: AdapterStatus,
}

/// The status of an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AdapterStatus {
    /// Its state.
    pub state: AdapterState,
    /// The generation of the component in use, from 1; `None` before it is loaded.
    pub generation: Option<u64>,
    /// The digest of the component.
    pub digest: Option<String>,
    /// Why the last reload failed, or what was rolled back.
    pub problem: Option<String>,
    /// The memory of its running calls, in bytes.
    pub live_memory: u64,
    /// The peak memory of one call, in bytes.
    pub peak_memory: u64,
    /// The number of calls.
    pub calls: u64,
    /// The number of calls that returned an error.
    pub errors: u64,
    /// The number of calls that trapped, ran out of memory or returned an invalid answer.
    pub traps: u64,
    /// The number of calls that timed out or exceeded the computing limit.
    pub timeouts: u64,
    /// The number of denied HTTP requests.
    pub denials: u64,
    /// The median duration of its calls, in microseconds.
    pub p50_us: Option<u64>,
    /// The 99th percentile of the duration of its calls, in microseconds.
    pub p99_us: Option<u64>,
}

/// The state of an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum AdapterState {
    /// It has not been needed yet.
    Unloaded,
    /// No component is usable.
    Failed,
    /// Its component is new and on trial.
    OnTrial,
    /// It is in use.
    Live,
}
