//! Routing: from an utterance to a plan, by the core's grammar or a router's proposal.

pub mod consent_flag;
pub mod decision;
pub mod grammar;
mod lang;
pub(crate) mod named;
pub mod place;
pub mod questions;
pub mod request;
