//! The messages to an agent: each reaches it at most once, whatever happens to this process.

use std::collections::HashSet;
use std::fmt::Display;
use std::io;

use codewalk_core::ids::CallId;
use codewalk_supervisor::{Call, SendError, Sender};

use crate::run_folder::RunFolder;

/// The call that closes the input of an agent.
const CLOSE: &str = "close";
/// The call that ends an agent that does not end after its last turn.
pub(super) const END: &str = "end";

/// The way to an agent and its supervisor.
#[derive(Debug)]
pub(super) struct Messages {
    sender: Sender,
    /// Whether the agent reads its input.
    is_open: bool,
    /// The calls whose prompts the protocol holds back.
    held_back: HashSet<CallId>,
}

impl Messages {
    /// Opens the messages to an agent. Only one process may do so at a time.
    pub(super) fn open(folder: &RunFolder, takes_input: bool) -> io::Result<Self> {
        let sender = folder.supervised().sender()?;
        let close = name(CLOSE).map_err(io::Error::other)?;
        let is_open = takes_input && !sender.has_sent(&close);
        Ok(Self { sender, is_open, held_back: HashSet::new() })
    }

    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Returns whether a call was carried out before.
    pub(super) fn is_done(&self, call: CallId) -> bool {
        self.held_back.contains(&call) || name(call).is_ok_and(|call| self.sender.has_sent(&call))
    }

    /// Sends the lines of a call to an agent that reads its input. A call without lines is held back by the
    /// protocol.
    pub(super) fn send(&mut self, call: CallId, lines: &[String]) -> Result<(), SendError> {
        if lines.is_empty() {
            self.held_back.insert(call);
            return Ok(());
        }
        self.write(call, lines)
    }

    /// Writes lines if the input is open.
    pub(super) fn write(&mut self, call: impl Display, lines: &[String]) -> Result<(), SendError> {
        if !self.is_open || lines.is_empty() {
            return Ok(());
        }
        self.sender.input(&name(call)?, lines.concat().as_bytes())
    }

    /// Writes the last lines and closes the input.
    pub(super) fn close(&mut self, last: &[String]) -> Result<(), SendError> {
        let written = self.write("last", last);
        self.is_open = false;
        written.and(self.sender.close_input(&name(CLOSE)?))
    }

    /// Interrupts the agent as Ctrl-C does.
    pub(super) fn interrupt(&mut self, call: CallId) -> Result<(), SendError> {
        self.sender.interrupt(&name(call)?)
    }

    /// Tells the supervisor to end the agent and everything it started.
    pub(super) fn stop(&mut self, call: impl Display) -> Result<(), SendError> {
        self.sender.stop(&name(call)?)
    }
}

/// Returns the name of a call in the files of a run.
pub(crate) fn name(call: impl Display) -> Result<Call, SendError> {
    Call::new(&call.to_string()).map_err(|error| SendError::Folder(io::Error::other(error)))
}
