//! Reads the raw output files of a run while they grow, and reports them as entries.

pub(crate) mod reader;
pub(crate) mod tail;
#[cfg(test)]
mod tests;
pub(crate) mod watch;

use codewalk_core::entry::{EntryKind, Text};

use crate::lines::Line;
use crate::protocol::{AgentProtocol, Decoded};
use crate::text;

/// Decodes a line of standard output. A line that the protocol does not know is plain text.
pub(crate) fn decode(protocol: &mut dyn AgentProtocol, line: &Line<'_>) -> Decoded {
    let plain = || Decoded { entries: plain_text(line, false), ..Decoded::default() };
    protocol.decode(line).unwrap_or_else(plain)
}

/// Returns the entry for a line of plain text. An empty line has none.
fn plain_text(line: &Line<'_>, stderr: bool) -> Vec<EntryKind> {
    let decoded = String::from_utf8_lossy(&line.bytes);
    let text = decoded.trim_end();
    if !line.whole {
        let skipped = format!("A line was skipped: {}. It begins: {text}", line.too_long());
        return vec![EntryKind::Error { text: Text::Cut { beginning: text::beginning(&skipped) } }];
    }
    if text.is_empty() {
        return Vec::new();
    }
    vec![EntryKind::Output { stderr, text: text::of_entry(text.into(), line.length) }]
}
