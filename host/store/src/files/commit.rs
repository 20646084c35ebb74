//! A line of the file `commits`.

use codewalk_core::ids::StreamId;

/// The length of a line: a stream, four numbers of sixteen hexadecimal digits, each after a space, and a
/// newline.
pub(super) const WIDTH: u64 = 36 + 4 * 17 + 1;
/// The position of a committed event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    /// Its stream.
    pub(super) stream: StreamId,
    /// Its position in the stream.
    pub(super) version: u64,
    /// The offset of its line in the file of the stream.
    pub(super) start: u64,
    /// The offset after its line.
    pub(super) end: u64,
    /// The sequence number of the last event of its batch.
    pub(super) last: u64,
}

impl Commit {
    pub(super) fn line(&self) -> String {
        let Self { stream, version, start, end, last } = self;
        format!("{stream} {version:016x} {start:016x} {end:016x} {last:016x}\n")
    }

    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let mut words = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.split(' ');
        let stream = words.next()?.parse().ok()?;
        let mut number = || u64::from_str_radix(words.next()?, 16).ok();
        let commit = Self { stream, version: number()?, start: number()?, end: number()?, last: number()? };
        // Only the canonical form is valid: no signs, no capitals, and nothing after it.
        (commit.line().as_bytes() == line).then_some(commit)
    }
}
