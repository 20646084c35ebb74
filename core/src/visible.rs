//! The former place of these functions.

pub use crate::terminal_text::{has_unseen, visible, visible_json, visible_line};
