//! Events. State is a fold over events, the store keeps them, and front ends receive them.

mod session;
mod summary;
mod utterance;

use crate::ids::{SessionId, StreamId, UtteranceId};
use crate::time::Timestamp;

pub use session::SessionEvent;
pub use summary::SummaryEvent;
pub use utterance::{ConsentEvent, UtteranceEvent, UtteranceResult};

/// A fact in the event log.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Event {
    /// The time of the event; never earlier than the previous one.
    pub at: Timestamp,
    /// The subject, and what happened.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub kind: EventKind,
}

/// The subject of an event, and what happened to it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "subject", rename_all = "snake_case")
)]
pub enum EventKind {
    /// An utterance.
    Utterance {
        /// Its identifier.
        utterance: UtteranceId,
        /// The event.
        event: UtteranceEvent,
    },
    /// A launch confirmation of an utterance.
    Consent {
        /// The utterance.
        utterance: UtteranceId,
        /// The event.
        event: ConsentEvent,
    },
    /// A session.
    Session {
        /// Its identifier.
        session: SessionId,
        /// The event.
        event: SessionEvent,
    },
    /// The summary of a session.
    Summary {
        /// The session.
        session: SessionId,
        /// The event.
        event: SummaryEvent,
    },
}

impl Event {
    /// Returns the stream that the event belongs to.
    pub fn stream(&self) -> StreamId {
        match &self.kind {
            EventKind::Utterance { utterance, .. } | EventKind::Consent { utterance, .. } => {
                (*utterance).into()
            }
            EventKind::Session { session, .. } | EventKind::Summary { session, .. } => (*session).into(),
        }
    }
}

/// An event to store.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Its position in its stream, from 1.
    pub version: u64,
    /// The event.
    pub event: Event,
}

/// A stored event.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StoredEvent {
    /// Its position among all events of the store; it only increases.
    pub seq: u64,
    /// Its stream.
    pub stream: StreamId,
    /// Its position in that stream, from 1.
    pub version: u64,
    /// The event.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub event: Event,
}
