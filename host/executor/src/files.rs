//! Opens files in folders that an agent can write to. Never waits for anything but a regular file.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Opens a regular file with the given options.
pub(crate) fn regular(how: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Opening a FIFO would wait for its other end. The check comes after opening, so that the file cannot be
    // exchanged.
    let file = how.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    Ok(file)
}
