//! The visible effects of an adapter's call: its log lines and its requests.

mod call;
mod experience;
mod guest_error;
mod identity;

pub(crate) use call::{Call, MAX_LINE};
pub use experience::Experience;
pub(crate) use identity::Identity;
