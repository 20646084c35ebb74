//! Opens files that others may have put there: what is no regular file is never waited for.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Opens a regular file to be read.
///
/// # Errors
/// Where it cannot be opened, or is a folder, a pipe, a device or a socket.
pub fn open_regular(path: &Path) -> io::Result<File> {
    regular(OpenOptions::new().read(true), path)
}

/// Opens what is to be a regular file, as `how` says.
pub(crate) fn regular(how: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Opening a pipe would wait for its other end. It is judged when it is open: before, it might be changed for another.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = how.custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    Ok(file)
}

/// Reads a regular file of at most `max` bytes; one byte more where it is larger.
///
/// # Errors
/// Where it cannot be opened or read, or is no regular file.
pub fn read_regular(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
