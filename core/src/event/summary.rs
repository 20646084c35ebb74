//! Events about the summary of a session.

use crate::ids::{CallId, TimerId};
use crate::port_reply::{AdapterReply, PortError};
use crate::session::Summary;

/// An event about the summary of a session.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum SummaryEvent {
    /// A running session has enough news for a summary, but the previous one is too recent.
    #[cfg_attr(feature = "serde", serde(rename = "scheduled"))]
    SummaryScheduled {
        /// The timer of the next summary.
        timer: TimerId,
    },
    /// A summary was requested.
    #[cfg_attr(feature = "serde", serde(rename = "requested"))]
    SummaryRequested {
        /// The call to the summarizer.
        call: CallId,
    },
    /// A summary was produced.
    #[cfg_attr(feature = "serde", serde(rename = "made"))]
    SummaryProduced {
        /// The summary, and the adapter that produced it.
        #[cfg_attr(feature = "serde", serde(rename = "answered"))]
        reply: AdapterReply<Summary>,
    },
    /// No adapter answered.
    #[cfg_attr(feature = "serde", serde(rename = "failed"))]
    SummaryFailed {
        /// The reason.
        error: PortError,
    },
}
