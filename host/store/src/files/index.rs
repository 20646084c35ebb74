//! The in-memory index of an entry file.

use std::collections::HashMap;

use crate::RawFile;

/// The index of an entry file.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The offset after the last complete batch; everything before it never changes.
    pub(super) end: u64,
    /// The offset of each entry's line.
    pub(super) starts: Vec<u64>,
    /// The position of each reader.
    pub(super) positions: HashMap<(u32, RawFile), u64>,
}
