//! The source of an adapter's bytes.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use codewalk_policy::{MAX_COMPONENT_SIZE, check_exposure, open_regular};

use crate::error::Problem;

/// The source of an adapter's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The adapter ships with codewalk.
    Embedded(&'static [u8]),
    /// The adapter is in a file, which is read when first needed.
    File(PathBuf),
}

impl Source {
    /// Reads the bytes.
    ///
    /// # Errors
    /// If the file cannot be read or is too large.
    pub fn read(&self) -> Result<Cow<'static, [u8]>, Problem> {
        match self {
            Self::Embedded(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::File(path) => read_file(path).map(Cow::Owned),
        }
    }

    /// Returns whether the adapter ships with codewalk.
    pub(crate) const fn ships(&self) -> bool {
        matches!(self, Self::Embedded(_))
    }

    /// Checks that other users cannot change the file.
    ///
    /// # Errors
    /// If they can.
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
