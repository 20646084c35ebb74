//! Recorded calls of adapters: their form, their files, and the tape that a call writes.

mod messages;
mod record;
mod recorder;
mod tape;

pub(crate) use record::SCHEMA;
pub use record::{
    Body, CallError, Exchange, RecordedCall, RecordedLimits, RecordedRequest, RecordedResponse, Recording,
    Subject, read as read_calls,
};
pub use recorder::Recorder;
pub(crate) use recorder::now;
pub(crate) use tape::{CallOutcome, ReplayedResponse, Tape};
