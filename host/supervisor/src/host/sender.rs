//! Sends messages.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::folder::{CONTROL, Folder, TOLD};
use crate::messages::{Call, Kind, MAX_MESSAGE, Scanner, encode};

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It is larger than `MAX_MESSAGE`.
    #[error("the message is larger than {MAX_MESSAGE} bytes")]
    TooLarge,
    /// No supervisor listens. The message stays in its file.
    #[error("the run has ended")]
    Ended,
    /// The run folder cannot be used.
    #[error("cannot use the run folder: {0}")]
    Folder(#[from] io::Error),
}

/// Sends messages to the agent and its supervisor.
///
/// A call is sent at most once: another message with its identifier is ignored, also after a restart.
#[derive(Debug)]
pub struct Sender {
    folder: Folder,
    told: Log,
    control: Log,
}

impl Sender {
    pub(super) fn open(folder: Folder) -> io::Result<Self> {
        let (told, control) = (Log::open(&folder, TOLD)?, Log::open(&folder, CONTROL)?);
        Ok(Self { folder, told, control })
    }

    /// Returns whether a message of the call is in a file, whether or not it was delivered.
    #[must_use]
    pub fn has_sent(&self, call: &Call) -> bool {
        self.told.calls.contains(call) || self.control.calls.contains(call)
    }

    /// Appends bytes for the agent's standard input.
    ///
    /// # Errors
    /// If the message is too large, the files cannot be used or no supervisor listens.
    pub fn input(&mut self, call: &Call, bytes: &[u8]) -> Result<(), SendError> {
        self.send(Kind::Input, call, bytes)
    }

    /// Closes the agent's standard input after the messages before.
    ///
    /// # Errors
    /// If the files cannot be used or no supervisor listens.
    pub fn close_input(&mut self, call: &Call) -> Result<(), SendError> {
        self.send(Kind::CloseInput, call, &[])
    }

    /// Interrupts the agent as Ctrl-C does, at once.
    ///
    /// # Errors
    /// If the files cannot be used or no supervisor listens.
    pub fn interrupt(&mut self, call: &Call) -> Result<(), SendError> {
        self.send(Kind::Interrupt, call, &[])
    }

    /// Ends the agent and everything it started, also what outlived it. Does not wait for that.
    ///
    /// # Errors
    /// If the files cannot be used or no supervisor listens.
    pub fn stop(&mut self, call: &Call) -> Result<(), SendError> {
        self.send(Kind::Stop, call, &[])
    }

    /// Wakes the supervisor, which then also updates `left`. Never waits.
    ///
    /// # Errors
    /// If no supervisor listens or the bell cannot be used.
    pub fn ring(&self) -> Result<(), SendError> {
        let mut bell = match self.folder.bell(OFlags::WRONLY) {
            Ok(bell) => bell,
            Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => {
                return Err(SendError::Ended);
            }
            Err(error) => return Err(error.into()),
        };
        match bell.write(b"!") {
            // It is full, so it will wake the supervisor.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(SendError::Ended),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }

    fn send(&mut self, kind: Kind, call: &Call, bytes: &[u8]) -> Result<(), SendError> {
        if bytes.len() > MAX_MESSAGE {
            return Err(SendError::TooLarge);
        }
        if !self.has_sent(call) {
            let log = match kind {
                Kind::Input | Kind::CloseInput => &mut self.told,
                Kind::Interrupt | Kind::Stop => &mut self.control,
            };
            log.append(kind, call, bytes)?;
        }
        self.ring()
    }
}

/// A file of messages.
#[derive(Debug)]
struct Log {
    file: File,
    calls: HashSet<Call>,
}

impl Log {
    fn open(folder: &Folder, name: &str) -> io::Result<Self> {
        let mut file = folder.file(name, OFlags::RDWR | OFlags::APPEND)?;
        // The host before may have been killed in the middle of a message. Whether that counts is decided
        // now, before its call is looked for.
        if file.seek(SeekFrom::End(0))? > 0 {
            file.write_all(b"\n")?;
        }
        let (mut scanner, mut calls) = (Scanner::default(), HashSet::new());
        while let Some(message) = scanner.next(&file)? {
            calls.insert(message.call);
        }
        Ok(Self { file, calls })
    }

    fn append(&mut self, kind: Kind, call: &Call, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(&encode(kind, call, bytes))?;
        self.calls.insert(call.clone());
        Ok(())
    }
}
