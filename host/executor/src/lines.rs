//! Splits raw output into lines, however it arrives.

use std::borrow::Cow;

/// Longer lines are not decoded, and only their beginning is kept. Images come as base64, twice in a line.
pub(crate) const MAX_LINE: usize = 64 * 1024 * 1024;
/// How much of the beginning is kept, in bytes.
const BEGINNING: usize = 1024;
/// How much of the end is kept, in bytes: a request may name itself there.
const END: usize = 4 * 1024;

/// A line of raw output, without its line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its offset in the output, in bytes.
    pub offset: u64,
    /// Its length, in bytes.
    pub length: u64,
    /// The line, or its beginning if it is not `whole`.
    pub bytes: Cow<'a, [u8]>,
    /// Whether `bytes` is the whole line.
    pub whole: bool,
    /// Its end if it is not `whole`.
    pub end: Vec<u8>,
}

impl Line<'_> {
    /// Describes the length of a line that is not `whole`.
    pub(crate) fn too_long(&self) -> String {
        const MIB: u64 = 1024 * 1024;
        let length = self.length.div_ceil(MIB);
        format!("it has {length} MiB, and only lines of up to {} MiB are read", MAX_LINE as u64 / MIB)
    }
}

/// Splits chunks of raw output into lines. Buffers at most [`MAX_LINE`] bytes.
#[derive(Debug)]
pub(crate) struct LineSplitter {
    /// The incomplete line.
    line: Line<'static>,
}

impl LineSplitter {
    /// Starts at the beginning of a line.
    pub(crate) const fn new(offset: u64) -> Self {
        Self { line: empty(offset) }
    }

    /// Returns the offset of the incomplete line.
    pub(crate) const fn offset(&self) -> u64 {
        self.line.offset
    }

    /// Takes a chunk and returns the lines that end in it.
    pub(crate) fn push<'a>(&mut self, chunk: &'a [u8]) -> Vec<Line<'a>> {
        let mut lines = Vec::new();
        let mut begin = 0;
        for end in memchr::memchr_iter(b'\n', chunk) {
            let part = &chunk[begin..end];
            lines.push(if self.line.length == 0 && part.len() <= MAX_LINE {
                // Most lines are complete in a chunk and need no copy.
                let (offset, length) = (self.line.offset, part.len() as u64);
                self.line.offset += length + 1;
                Line { offset, length, bytes: Cow::Borrowed(part), whole: true, end: Vec::new() }
            } else {
                self.append(part);
                self.next(1)
            });
            begin = end + 1;
        }
        self.append(&chunk[begin..]);
        lines
    }

    /// Returns the text after the last line end, when the output does not grow any more.
    pub(crate) fn finish(&mut self) -> Option<Line<'static>> {
        (self.line.length > 0).then(|| self.next(0))
    }

    fn append(&mut self, part: &[u8]) {
        self.line.length += part.len() as u64;
        if !self.line.whole {
            return keep_end(&mut self.line.end, part);
        }
        let bytes = self.line.bytes.to_mut();
        if bytes.len() + part.len() > MAX_LINE {
            self.line.whole = false;
            keep_end(&mut self.line.end, bytes);
            keep_end(&mut self.line.end, part);
            let missing = BEGINNING.saturating_sub(bytes.len()).min(part.len());
            bytes.extend_from_slice(&part[..missing]);
            bytes.truncate(BEGINNING);
            bytes.shrink_to_fit();
        } else {
            bytes.extend_from_slice(part);
        }
    }

    fn next(&mut self, line_end: u64) -> Line<'static> {
        let offset = self.line.offset + self.line.length + line_end;
        std::mem::replace(&mut self.line, empty(offset))
    }
}

/// Keeps the last bytes of both.
fn keep_end(end: &mut Vec<u8>, part: &[u8]) {
    end.extend_from_slice(&part[part.len().saturating_sub(END)..]);
    end.drain(..end.len().saturating_sub(END));
}

const fn empty(offset: u64) -> Line<'static> {
    Line { offset, length: 0, bytes: Cow::Owned(Vec::new()), whole: true, end: Vec::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all<'a>(chunks: &[&'a [u8]]) -> Vec<Line<'a>> {
        let mut splitter = LineSplitter::new(0);
        let mut lines: Vec<Line<'_>> = chunks.iter().flat_map(|chunk| splitter.push(chunk)).collect();
        lines.extend(splitter.finish());
        lines
    }

    #[test]
    fn offset_and_length_find_a_line_in_the_raw_output() {
        let raw: &[u8] = b"first\n\nthird \xff\x00\nlast";
        let lines = all(&[raw]);
        assert_eq!(lines.len(), 4);
        for line in lines {
            let (begin, end) = (line.offset as usize, (line.offset + line.length) as usize);
            assert_eq!(raw[begin..end], *line.bytes);
        }
    }

    #[test]
    fn a_line_without_bound_keeps_its_beginning_and_is_followed_by_the_next() {
        let chunk = vec![b'x'; 1024 * 1024];
        let mut chunks: Vec<&[u8]> = vec![&chunk; 65];
        chunks.push(b"\nnext\n");
        let lines = all(&chunks);
        assert_eq!(lines.len(), 2);
        assert!(!lines[0].whole);
        assert_eq!((lines[0].length, lines[0].bytes.len()), (65 * 1024 * 1024, BEGINNING));
        assert_eq!((lines[1].offset, &*lines[1].bytes), (65 * 1024 * 1024 + 1, b"next".as_slice()));
    }

    #[test]
    fn the_longest_line_that_is_kept_is_kept_whole() {
        let line = vec![b'x'; MAX_LINE];
        let lines = all(&[&line, b"\n"]);
        assert!(lines[0].whole && lines[0].bytes.len() == MAX_LINE);
    }

    proptest! {
        #[test]
        fn chunks_make_the_same_lines_as_the_whole(
            parts in prop::collection::vec(prop::collection::vec(
                prop_oneof![Just(b'\n'), Just(0), any::<u8>()], 0..40), 0..20),
        ) {
            let whole: Vec<u8> = parts.concat();
            let chunks: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(all(&chunks), all(&[&whole]));
        }
    }
}
