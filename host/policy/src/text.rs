//! Limits for foreign text, which [`codewalk_core::terminal_text`] sanitizes.

pub use codewalk_core::terminal_text::{block, line};

/// The maximum length of a guest's or compiler's error text, in bytes.
pub const MAX_REASON: usize = 1024;
