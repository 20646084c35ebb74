//! The messages to the supervisor itself, and the bell that announces messages.

use std::fs::File;
use std::io::{self, Read};

use rustix::fs::OFlags;

use crate::folder::{CONTROL, Folder};
use crate::messages::{Message, Scanner};

/// The file `control` and the bell.
#[derive(Debug)]
pub(super) struct Control {
    bell: File,
    log: File,
    scanner: Scanner,
}

impl Control {
    pub(super) fn open(folder: &Folder) -> io::Result<Self> {
        // Also for writing, so that the bell never hangs up when a host ends.
        let bell = folder.bell(OFlags::RDWR)?;
        Ok(Self { bell, log: folder.file(CONTROL, OFlags::RDONLY)?, scanner: Scanner::default() })
    }

    pub(super) const fn bell(&self) -> &File {
        &self.bell
    }

    /// Silences the bell. It rings again for messages that are appended from now on.
    pub(super) fn silence(&self) {
        let mut buffer = [0; 4096];
        while matches!((&self.bell).read(&mut buffer), Ok(length) if length == buffer.len()) {}
    }

    /// Takes the next message. An unreadable file is looked at again when the bell rings.
    pub(super) fn next(&mut self) -> Option<Message> {
        self.scanner.next(&self.log).ok().flatten()
    }
}
