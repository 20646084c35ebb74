//! Opens files that other users may have created. Only regular files are opened, so a pipe never blocks.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// Opens a regular file for reading.
///
/// # Errors
/// If it cannot be opened, or is a folder, a pipe, a device or a socket.
pub fn open_regular(path: &Path) -> io::Result<File> {
    regular(OpenOptions::new().read(true), path)
}

/// Opens a regular file with the given options.
///
/// # Errors
/// If it cannot be opened, or is a folder, a pipe, a device or a socket.
pub fn regular(how: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Opening a pipe would wait for its other end. The type is checked on the open file, which cannot be
    // replaced afterwards.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = how.custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    Ok(file)
}

/// Reads at most `max` bytes of a regular file, plus one byte if the file is larger.
///
/// # Errors
/// If it cannot be opened or read, or is not a regular file.
pub fn read_regular(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Creates a folder that only its owner can read, or makes an existing folder private.
///
/// # Errors
/// If it cannot be created or belongs to another user.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let metadata = path.metadata()?;
    if !is_own(&metadata) {
        return Err(io::Error::other("the folder belongs to another user"));
    }
    if metadata.mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Returns whether a file belongs to this user.
#[must_use]
pub fn is_own(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
}
