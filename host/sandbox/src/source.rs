//! Where the bytes of an adapter come from.

use std::borrow::Cow;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::error::Problem;

/// The largest component that is loaded, in bytes. Compiling is bounded by nothing else, and takes time and memory in
/// proportion to the size.
pub const MAX_COMPONENT_SIZE: u64 = 32 * 1024 * 1024;

/// Where the bytes of an adapter come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// They ship with codewalk.
    Embedded(&'static [u8]),
    /// They are read from a file when the adapter is first needed.
    File(PathBuf),
}

impl Source {
    /// Reads them.
    ///
    /// # Errors
    /// Where the file cannot be read, or is larger than any component that is loaded.
    pub fn read(&self) -> Result<Cow<'static, [u8]>, Problem> {
        match self {
            Self::Embedded(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::File(path) => read_file(path).map(Cow::Owned),
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Problem> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::NotFound { path: path.to_owned() },
        _ => Problem::Unreadable { path: path.to_owned(), error },
    };
    let too_large = |size| Problem::TooLarge { size, max: MAX_COMPONENT_SIZE };
    // Opening a pipe would wait for its writer. It is judged when it is open: before, it might be changed for another.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")));
    }
    if metadata.len() > MAX_COMPONENT_SIZE {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::new();
    // The file may have grown since.
    file.take(MAX_COMPONENT_SIZE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    match bytes.len() as u64 {
        size if size > MAX_COMPONENT_SIZE => Err(too_large(size)),
        _ => Ok(bytes),
    }
}
