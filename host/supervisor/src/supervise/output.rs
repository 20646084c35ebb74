//! Moves the output of the agent into its files, within the limits.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};

use rustix::fs::{OFlags, StatVfs};

use crate::folder::{Folder, STDERR, STDOUT};
use crate::records::{ExitReason, Limits};

/// How much is written between two looks at the free space.
const CHECK_EVERY: u64 = 16 * 1024 * 1024;

/// The agent's standard output and standard error.
#[derive(Debug)]
pub(super) struct Output {
    streams: [Stream; 2],
    limits: Limits,
    written: u64,
    next_check: u64,
    exceeded: Option<ExitReason>,
}

#[derive(Debug)]
struct Stream {
    /// `None` once every process has closed its end.
    pipe: Option<File>,
    file: File,
}

impl Output {
    pub(super) fn new(folder: &Folder, stdout: File, stderr: File, limits: Limits) -> io::Result<Self> {
        // Not in append mode, which `splice` does not support. The supervisor is the only writer.
        let stream = |name, pipe| {
            io::Result::Ok(Stream { pipe: Some(pipe), file: folder.file(name, OFlags::WRONLY)? })
        };
        let streams = [stream(STDOUT, stdout)?, stream(STDERR, stderr)?];
        Ok(Self { streams, limits, written: 0, next_check: CHECK_EVERY, exceeded: None })
    }

    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    /// Returns the limit that the output has exceeded.
    pub(super) const fn exceeded(&self) -> Option<ExitReason> {
        self.exceeded
    }

    /// Returns the pipes to read: none once a limit is exceeded, so the agent blocks.
    pub(super) fn pipes(&self) -> [Option<&File>; 2] {
        let reads = self.exceeded.is_none();
        self.streams.each_ref().map(|stream| stream.pipe.as_ref().filter(|_| reads))
    }

    /// Moves what is in a pipe now. `hung_up` says that no process can write to it any longer.
    pub(super) fn pump(&mut self, stream: usize, hung_up: bool) {
        let Stream { pipe: slot @ Some(_), file } = &mut self.streams[stream] else { return };
        let available = slot.as_ref().map_or(Ok(0), rustix::io::ioctl_fionread).unwrap_or_default();
        if available == 0 {
            if hung_up {
                *slot = None;
            }
            return;
        }
        let allowed = available.min(self.limits.output - self.written);
        let Some(pipe) = slot else { return };
        let before = file.stream_position().unwrap_or_default();
        // On Linux the standard library splices.
        let copied = io::copy(&mut pipe.take(allowed), file);
        let moved = file.stream_position().unwrap_or_default().saturating_sub(before);
        self.written += moved;
        self.exceeded = match copied {
            _ if allowed == 0 => Some(ExitReason::OutputLimit),
            Err(error) if error.kind() != ErrorKind::WouldBlock => Some(ExitReason::DiskFloor),
            _ => self.check(stream),
        };
    }

    /// Moves what is in both pipes now, but not what is written to them in the meantime.
    pub(super) fn drain(&mut self) {
        for stream in 0..self.streams.len() {
            if self.exceeded.is_none() {
                self.pump(stream, false);
            }
        }
    }

    fn check(&mut self, stream: usize) -> Option<ExitReason> {
        if self.written < self.next_check {
            return None;
        }
        self.next_check = self.written + CHECK_EVERY;
        let disk = rustix::fs::fstatvfs(&self.streams[stream].file).ok()?;
        (free(&disk) < self.limits.free_disk).then_some(ExitReason::DiskFloor)
    }
}

const fn free(disk: &StatVfs) -> u64 {
    disk.f_bavail.saturating_mul(disk.f_frsize)
}
