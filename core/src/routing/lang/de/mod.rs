//! German.

pub(super) mod answers;
pub(super) mod questions;
pub(super) mod requests;
