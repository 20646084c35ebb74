//! Recorded calls to adapters: their format, their files, and the log of one call.

mod exchange_log;
mod messages;
mod record;
mod recorder;

pub(crate) use exchange_log::{CallOutcome, ExchangeLog, ReplayedResponse};
pub(crate) use record::SCHEMA;
pub use record::{
    Body, CallError, Exchange, RecordedCall, RecordedLimits, RecordedRequest, RecordedResponse, Recording,
    Subject, read as read_calls,
};
pub use recorder::Recorder;
pub(crate) use recorder::now;
