//! Where the bytes of an adapter come from.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::Problem;
use crate::exposure::check_exposure;
use crate::files::open_regular;
use crate::turns::Maker;

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

    /// Returns whose component it is, for those who compile it.
    pub(crate) const fn maker(&self) -> Maker {
        match self {
            Self::Embedded(_) => Maker::Shipped,
            Self::File(_) => Maker::Foreign,
        }
    }

    /// Checks that nobody else can change what is read.
    ///
    /// # Errors
    /// Where somebody can.
    pub fn check_exposure(&self) -> Result<(), Problem> {
        match self {
            Self::Embedded(_) => Ok(()),
            Self::File(path) => Ok(check_exposure(path)?),
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Problem> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::NotFound { path: path.to_owned() },
        _ => Problem::Unreadable { path: path.to_owned(), error },
    };
    let too_large = |size| Problem::TooLarge { size, max: MAX_COMPONENT_SIZE };
    let file = open_regular(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
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
