//! What parsing takes, without files and threads: for `cargo xtask bench`, and nothing else.

use std::path::Path;

use codewalk_core::entry::Entry;

use crate::claude::conversation::Conversation;
use crate::lines::LineSplitter;
use crate::log::Decoder;
use crate::log::tail::CHUNK;
use crate::project::Project;
use crate::run_folder::Protocol;

/// Parses what Claude Code printed as it is parsed when it comes, piece by piece. Returns how many entries and how many
/// outputs of the conversation it makes.
#[must_use]
pub fn parse_claude(output: &[u8]) -> (usize, usize) {
    let project = Project::of_run(Path::new("/home/ada/shop"));
    let (mut splitter, mut conversation) = (LineSplitter::new(0), Conversation::new(project.clone(), false));
    let mut decoder = Decoder::new(Protocol::Claude, project);
    let (mut entries, mut outputs) = (0, 0);
    for chunk in output.chunks(CHUNK) {
        let mut batch = Vec::new();
        for line in splitter.push(chunk) {
            let mut decoded = decoder.decode(&line);
            let entry = |kind| Entry { run: 1, offset: line.offset, length: line.length, kind };
            batch.extend(std::mem::take(&mut decoded.entries).into_iter().map(entry));
            outputs += decoded.messages().map(|message| conversation.line(message).len()).sum::<usize>();
        }
        entries += batch.len();
    }
    (entries, outputs)
}
