//! The format of the files `told` and `control`.
//!
//! A message is one line: `LENGTH KIND CALL PAYLOAD`, after a newline and before another one. LENGTH, eight
//! hexadecimal digits, counts the bytes between the space that follows it and the newline that ends the
//! line. In the payload a newline is written as `\n` and a backslash as `\\`, so no payload contains the
//! end of a line, whatever an attacker puts into a prompt.
//!
//! A writer that is killed leaves the beginning of a line. The next message starts with a newline, which
//! ends that line; it is shorter than its LENGTH says, so readers skip it. Until then its end is unknown,
//! so readers wait.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

/// The most bytes that one message carries.
pub const MAX_MESSAGE: usize = 16 * 1024 * 1024;
const MAX_CALL: usize = 64;
const LENGTH_DIGITS: usize = 8;
/// Larger than everything before the payload.
const MAX_HEAD: u64 = 128;
const CHUNK: usize = 8 * 1024;

/// The identifier of the call that a message belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call(String);

/// A text that cannot identify a call.
#[derive(Debug, thiserror::Error)]
#[error("invalid identifier of a call: 1 to {MAX_CALL} ASCII letters, digits, `-`, `_` and `.` are allowed")]
pub struct InvalidCall;

impl Call {
    /// Checks an identifier.
    ///
    /// # Errors
    /// If it is empty, too long or contains other characters.
    pub fn new(text: &str) -> Result<Self, InvalidCall> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if text.is_empty() || text.len() > MAX_CALL || !text.bytes().all(is_allowed) {
            return Err(InvalidCall);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Writes the payload to the agent's standard input.
    Input,
    /// Closes the agent's standard input.
    CloseInput,
    /// Interrupts the agent once, as Ctrl-C does.
    Interrupt,
    /// Ends the agent and everything it started.
    Stop,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CloseInput => "close-input",
            Self::Interrupt => "interrupt",
            Self::Stop => "stop",
        }
    }

    fn parse(name: &[u8]) -> Option<Self> {
        let kinds = [Self::Input, Self::CloseInput, Self::Interrupt, Self::Stop];
        kinds.into_iter().find(|kind| kind.name().as_bytes() == name)
    }
}

/// Returns a message as it is appended to a log.
#[must_use]
pub fn encode(kind: Kind, call: &Call, payload: &[u8]) -> Vec<u8> {
    let head = format!("{} {call} ", kind.name());
    let escapes = payload.iter().filter(|byte| matches!(byte, b'\n' | b'\\')).count();
    let length = head.len() + payload.len() + escapes;
    let mut line = Vec::with_capacity(length + LENGTH_DIGITS + 3);
    line.extend_from_slice(format!("\n{length:0LENGTH_DIGITS$x} {head}").as_bytes());
    for byte in payload {
        match byte {
            b'\n' => line.extend_from_slice(b"\\n"),
            b'\\' => line.extend_from_slice(b"\\\\"),
            byte => line.push(*byte),
        }
    }
    line.push(b'\n');
    line
}

/// Restores a payload that is read in pieces.
#[derive(Debug, Default)]
pub struct Unescape {
    after_backslash: bool,
}

impl Unescape {
    /// Appends the bytes that the next piece stands for.
    pub fn push(&mut self, piece: &[u8], bytes: &mut Vec<u8>) {
        for byte in piece {
            match byte {
                b'\\' if !self.after_backslash => {
                    self.after_backslash = true;
                    continue;
                }
                b'n' if self.after_backslash => bytes.push(b'\n'),
                byte => bytes.push(*byte),
            }
            self.after_backslash = false;
        }
    }
}

/// A complete message in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it asks for.
    pub kind: Kind,
    /// The call it belongs to.
    pub call: Call,
    /// Where its escaped payload is.
    pub payload: Range<u64>,
}

impl Message {
    /// Reads its payload completely.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn read<S: Source + ?Sized>(&self, log: &S) -> io::Result<Vec<u8>> {
        let (mut bytes, mut unescape, mut offset) = (Vec::new(), Unescape::default(), self.payload.start);
        let mut buffer = [0; CHUNK];
        while offset < self.payload.end {
            let wanted = usize::try_from(self.payload.end - offset).unwrap_or(CHUNK).min(CHUNK);
            match log.read_at(&mut buffer[..wanted], offset)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => {
                    unescape.push(&buffer[..length], &mut bytes);
                    offset += length as u64;
                }
            }
        }
        Ok(bytes)
    }
}

/// Bytes that can be read at any offset.
pub trait Source {
    /// Reads bytes from an offset. Returns their number: zero at the end.
    ///
    /// # Errors
    /// If the source cannot be read.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl Source for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        loop {
            match FileExt::read_at(self, buffer, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl Source for [u8] {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }
}

/// Finds the messages of a log that grows. Reads no byte of it twice for this, and holds none in memory.
#[derive(Debug, Default)]
pub struct Scanner {
    line: u64,
    searched: u64,
}

impl Scanner {
    /// Returns the next complete message. Incomplete lines and unknown kinds are skipped.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn next<S: Source + ?Sized>(&mut self, log: &S) -> io::Result<Option<Message>> {
        while let Some(end) = self.end_of_line(log)? {
            let line = self.line..end;
            let message = message(log, line)?;
            self.line = end + 1;
            self.searched = self.line;
            if message.is_some() {
                return Ok(message);
            }
        }
        Ok(None)
    }

    fn end_of_line<S: Source + ?Sized>(&mut self, log: &S) -> io::Result<Option<u64>> {
        let mut buffer = [0; CHUNK];
        loop {
            let length = log.read_at(&mut buffer, self.searched)?;
            if length == 0 {
                return Ok(None);
            }
            let read = &buffer[..length];
            // Much faster than `position` if there is none, which is so in all but one piece of a long line.
            if read.contains(&b'\n')
                && let Some(at) = read.iter().position(|byte| *byte == b'\n')
            {
                return Ok(Some(self.searched + at as u64));
            }
            self.searched += length as u64;
        }
    }
}

/// Parses a line without its newline.
fn message<S: Source + ?Sized>(log: &S, line: Range<u64>) -> io::Result<Option<Message>> {
    let mut head = Vec::new();
    let wanted = (line.end - line.start).min(MAX_HEAD);
    while (head.len() as u64) < wanted {
        let mut buffer = [0; MAX_HEAD as usize];
        let rest = usize::try_from(wanted).unwrap_or_default() - head.len();
        match log.read_at(&mut buffer[..rest], line.start + head.len() as u64)? {
            0 => return Ok(None),
            length => head.extend_from_slice(&buffer[..length]),
        }
    }
    Ok(parse_head(&head, line))
}

fn parse_head(head: &[u8], line: Range<u64>) -> Option<Message> {
    let (digits, rest) = head.split_at_checked(LENGTH_DIGITS)?;
    let rest = rest.strip_prefix(b" ")?;
    let length = u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    if line.end - line.start != length + LENGTH_DIGITS as u64 + 1 {
        return None;
    }
    let mut words = rest.splitn(3, |byte| *byte == b' ');
    let kind = Kind::parse(words.next()?)?;
    let call = Call::new(std::str::from_utf8(words.next()?).ok()?).ok()?;
    let payload = words.next()?;
    let start = line.start + (head.len() - payload.len()) as u64;
    Some(Message { kind, call, payload: start..line.end })
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;
