//! Forwards the messages of `told` to the agent.
//!
//! A message is read when the agent has read all messages before it, and in pieces, so the memory does not
//! depend on what waits.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::ops::Range;

use rustix::fs::OFlags;

use crate::deliveries::{self, Delivery};
use crate::folder::{DELIVERED, Folder, TOLD};
use crate::messages::{Call, Kind, Scanner, Source, Unescape};

const PIECE: usize = 16 * 1024;
/// How much is written before other events are looked at.
const TURN: usize = 256 * 1024;

/// The agent's standard input.
#[derive(Debug)]
pub(super) struct Input {
    /// `None` once it is closed.
    pipe: Option<File>,
    told: File,
    scanner: Scanner,
    current: Option<Current>,
    /// Whether `told` may contain another message.
    more: bool,
    receipts: Receipts,
}

/// A message on its way to the agent.
#[derive(Debug)]
struct Current {
    call: Call,
    /// The escaped bytes that are not read yet.
    rest: Range<u64>,
    unescape: Unescape,
    bytes: Vec<u8>,
    written: usize,
}

/// The file `delivered`.
#[derive(Debug)]
pub(super) struct Receipts(File);

impl Receipts {
    /// Records the fate of a message. Agents matter more than their receipts, so errors are ignored.
    pub(super) fn record(&self, call: &Call, delivery: Delivery) {
        let _ = (&self.0).write_all(deliveries::encode(call, delivery).as_bytes());
    }
}

impl Input {
    pub(super) fn new(
        folder: &Folder,
        pipe: Option<File>,
        first: Option<(Call, Vec<u8>)>,
    ) -> io::Result<Self> {
        if let Some(pipe) = &pipe {
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        let current = first.map(|(call, bytes)| Current {
            call,
            rest: 0..0,
            unescape: Unescape::default(),
            bytes,
            written: 0,
        });
        Ok(Self {
            pipe,
            told: folder.file(TOLD, OFlags::RDONLY)?,
            scanner: Scanner::default(),
            current,
            more: true,
            receipts: Receipts(folder.file(DELIVERED, OFlags::WRONLY | OFlags::APPEND)?),
        })
    }

    pub(super) const fn receipts(&self) -> &Receipts {
        &self.receipts
    }

    /// Returns the pipe if something waits for it.
    pub(super) fn waiting(&self) -> Option<&File> {
        self.pipe.as_ref().filter(|_| self.current.is_some() || self.more)
    }

    /// Looks at `told` again.
    pub(super) const fn bell_rang(&mut self) {
        self.more = true;
    }

    /// Closes the pipe. What waits is not delivered.
    pub(super) fn close(&mut self) {
        self.pipe = None;
        self.current = None;
        self.more = false;
    }

    /// Writes until the pipe is full or nothing waits.
    pub(super) fn forward(&mut self) {
        let mut turn = 0;
        while turn < TURN {
            let Some(current) = &mut self.current else {
                if !self.next() {
                    return;
                }
                continue;
            };
            match current.write(self.pipe.as_ref(), &self.told) {
                Progress::Written(length) => turn += length,
                Progress::Full => return,
                Progress::Done => self.finish(Delivery::Delivered),
                Progress::Closed => {
                    self.pipe = None;
                    self.finish(Delivery::InputClosed);
                }
            }
        }
    }

    /// Takes the next message. Returns whether there is one.
    fn next(&mut self) -> bool {
        // An unreadable file is looked at again when the bell rings.
        let message = if self.more { self.scanner.next(&self.told).ok().flatten() } else { None };
        let Some(message) = message else {
            self.more = false;
            return false;
        };
        match message.kind {
            Kind::Input => {
                self.current = Some(Current {
                    call: message.call,
                    rest: message.payload,
                    unescape: Unescape::default(),
                    bytes: Vec::new(),
                    written: 0,
                });
            }
            Kind::CloseInput => {
                self.pipe = None;
                self.receipts.record(&message.call, Delivery::Delivered);
            }
            // They belong into `control`.
            Kind::Interrupt | Kind::Stop => {}
        }
        true
    }

    fn finish(&mut self, delivery: Delivery) {
        if let Some(current) = self.current.take() {
            self.receipts.record(&current.call, delivery);
        }
    }
}

enum Progress {
    Written(usize),
    Full,
    Done,
    Closed,
}

impl Current {
    fn write(&mut self, pipe: Option<&File>, told: &File) -> Progress {
        let Some(mut pipe) = pipe else { return Progress::Closed };
        if self.written == self.bytes.len() {
            self.bytes.clear();
            self.written = 0;
            if self.rest.is_empty() {
                return Progress::Done;
            }
            if self.fill(told).is_err() {
                // It was complete before. A part of it must not be followed by another message.
                return Progress::Closed;
            }
        }
        match pipe.write(&self.bytes[self.written..]) {
            Ok(length) => {
                self.written += length;
                Progress::Written(length)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Progress::Full,
            Err(error) if error.kind() == ErrorKind::Interrupted => Progress::Written(0),
            Err(_) => Progress::Closed,
        }
    }

    fn fill(&mut self, told: &File) -> io::Result<()> {
        let mut piece = [0; PIECE];
        let wanted = usize::try_from(self.rest.end - self.rest.start).unwrap_or(PIECE).min(PIECE);
        let length = told.read_at(&mut piece[..wanted], self.rest.start)?;
        if length == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.rest.start += length as u64;
        self.unescape.push(&piece[..length], &mut self.bytes);
        Ok(())
    }
}
