//! The former place of these functions.

pub use crate::terminal_text::{cut, elided, is_unprintable, middle_cut, shortened, single_line};
