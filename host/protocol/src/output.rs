//! The lines that a front end reads.

use std::collections::BTreeMap;

use codewalk_core::event::StoredEvent;
use codewalk_core::ids::StreamId;
use codewalk_core::orchestrator::Notice;
use codewalk_core::query::Page;
use serde::Serialize;
use serde_json::value::RawValue;

/// A line to a front end.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum OutputLine<'a> {
    /// The first line: the version of the protocol.
    Schema {
        /// [`SCHEMA`](crate::SCHEMA).
        schema: u32,
    },
    /// A command was executed.
    Accepted {
        /// The caller's id.
        reply: &'a RawValue,
        /// Its first effects.
        accepted: Accepted,
    },
    /// A line was rejected.
    Refused {
        /// The caller's id, if the line contains a valid one.
        reply: Option<&'a RawValue>,
        /// The reason, and what to do about it.
        refused: &'a str,
    },
    /// The answer to a query.
    Page {
        /// The caller's id.
        reply: &'a RawValue,
        /// The answer.
        page: &'a Page,
        /// The digests of its confirmations, by identifier.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        digests: BTreeMap<String, String>,
    },
    /// An event.
    Event {
        /// The event.
        event: &'a StoredEvent,
        /// The digest of the confirmation that the event opens, to be used in the answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        digest: Option<String>,
    },
    /// A notice, which changes nothing.
    Notice {
        /// The notice.
        notice: &'a Notice,
    },
}

/// The first effects of a command. Empty if the command recorded no event.
#[derive(Debug, Serialize)]
pub struct Accepted {
    /// The stream of its first event: the utterance or, if there is none, the session.
    pub stream: Option<StreamId>,
    /// The number of its last event, which has already been sent.
    pub seq: Option<u64>,
}
