//! Files and folders that only their owner may read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// Makes a folder, durably, with those it lies in; one that is there stays as it is.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent();
    parent.map_or(Ok(()), make_folder)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        // Someone else may have been faster.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !folder.is_dir() => Err(error),
        _ => parent.map_or(Ok(()), sync_folder),
    }
}

/// Makes durable which files lie in a folder.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Opens a file as `how` says. A program of the user's can put a FIFO there, whose other end nobody opens: that is refused.
pub(crate) fn open_at_once(how: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = how.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    if file.metadata()?.file_type().is_fifo() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a FIFO and not a file"));
    }
    Ok(file)
}

/// Opens a file to be read.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    open_at_once(OpenOptions::new().read(true), path)
}

/// Reads a file.
pub(crate) fn read_at_once(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_to_read(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes a file or folder that others may read, say a restored backup, away from them; one that is missing is fine.
pub(crate) fn narrow(path: &Path) -> io::Result<()> {
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))
}
