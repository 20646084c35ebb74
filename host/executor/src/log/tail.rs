//! Reads a growing file by and by.

use std::io::SeekFrom;
use std::path::Path;

use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::lines::{Line, LineSplitter};

/// How much is read at once.
pub(crate) const CHUNK: usize = 64 * 1024;

/// How much was new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Amount {
    /// Nothing.
    #[default]
    Nothing,
    /// All there was.
    Some,
    /// As much as is read at once; there may be more.
    Full,
}

/// A file that is read as it grows.
#[derive(Debug)]
pub(crate) struct Tail {
    file: File,
    splitter: LineSplitter,
}

impl Tail {
    /// Opens a file to be read from a byte offset on.
    pub(crate) async fn open(path: &Path, offset: u64) -> std::io::Result<Self> {
        let mut file = File::open(path).await?;
        file.seek(SeekFrom::Start(offset)).await?;
        Ok(Self { file, splitter: LineSplitter::new(offset) })
    }

    /// Returns the lines that are new, and how much was. What was read stays in the buffer, which may be any.
    pub(crate) async fn read<'a>(
        &mut self,
        buffer: &'a mut Vec<u8>,
    ) -> std::io::Result<(Vec<Line<'a>>, Amount)> {
        buffer.resize(CHUNK, 0);
        let length = self.file.read(buffer).await?;
        let amount = match length {
            0 => Amount::Nothing,
            CHUNK => Amount::Full,
            _ => Amount::Some,
        };
        Ok((self.splitter.push(&buffer[..length]), amount))
    }

    /// Returns a last line without an end, where nothing more will come.
    pub(crate) fn finish(&mut self) -> Option<Line<'static>> {
        self.splitter.finish()
    }

    /// Returns where the first line begins that was not returned yet.
    pub(crate) const fn offset(&self) -> u64 {
        self.splitter.offset()
    }
}
