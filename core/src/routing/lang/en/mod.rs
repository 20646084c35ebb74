//! English.

pub(in crate::routing) mod answers;
pub(in crate::routing) mod plans;
pub(in crate::routing) mod questions;
pub(in crate::routing) mod requests;
