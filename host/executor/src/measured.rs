//! The parser without files and threads, for `cargo xtask bench` only.

use std::path::Path;

use codewalk_core::entry::Entry;

use crate::lines::LineSplitter;
use crate::log::decode;
use crate::log::tail::CHUNK;
use crate::project::Project;
use crate::protocol::Protocol;
use crate::protocols;

/// Parses output of Claude Code piece by piece, like output that is just being printed. Returns the number of
/// entries and of steps.
#[must_use]
pub fn parse_claude(output: &[u8]) -> (usize, usize) {
    let project = Project::of_run(Path::new("/home/ada/shop"));
    let mut splitter = LineSplitter::new(0);
    let mut protocol = protocols::open(Protocol::Claude, project, false);
    let (mut entries, mut steps) = (0, 0);
    for chunk in output.chunks(CHUNK) {
        let mut batch = Vec::new();
        for line in splitter.push(chunk) {
            let decoded = decode(&mut *protocol, &line);
            let entry = |kind| Entry { run: 1, offset: line.offset, length: line.length, kind };
            batch.extend(decoded.entries.into_iter().map(entry));
            steps += decoded.steps.len();
        }
        entries += batch.len();
    }
    (entries, steps)
}
