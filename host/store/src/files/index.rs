//! The index of a file of entries, kept in memory.

use std::collections::HashMap;

use crate::RawFile;

/// The index of a file of entries.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The byte after the last complete batch; everything before it never changes.
    pub(super) end: u64,
    /// The byte at which the line of each entry begins.
    pub(super) starts: Vec<u64>,
    /// The position of each reader.
    pub(super) positions: HashMap<(u32, RawFile), u64>,
}
