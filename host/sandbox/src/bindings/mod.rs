//! The ports of `wit/`: what guests may import, and the conversions to and from the types of the core.

mod answers;
mod linkers;
mod port;
mod router;
mod state;
mod summarizer;

pub(crate) use answers::{UnusableAnswer, port_error};
pub(crate) use linkers::Linkers;
pub(crate) use port::{GuestReply, Port};
pub(crate) use router::Routing;
pub(crate) use state::CallState;
pub(crate) use summarizer::Summarizing;
