//! Opens files in folders that an agent can write to: what is no regular file is never waited for.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Opens what is to be a regular file, as `how` says.
pub(crate) fn regular(how: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Opening a FIFO would wait for its other end. It is judged when it is open: before, it might be changed for another.
    let file = how.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    Ok(file)
}
