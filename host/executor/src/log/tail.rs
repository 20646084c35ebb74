//! Follows a growing file.

use std::io::SeekFrom;
use std::path::Path;

use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::task::spawn_blocking;

use crate::files;
use crate::lines::{Line, LineSplitter};

/// How many bytes are read at once.
pub(crate) const CHUNK: usize = 64 * 1024;

/// How much new output was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Amount {
    /// Nothing.
    #[default]
    Nothing,
    /// All of it.
    Some,
    /// A full buffer. There may be more.
    Full,
}

/// A growing file.
#[derive(Debug)]
pub(crate) struct Tail {
    file: File,
    splitter: LineSplitter,
}

impl Tail {
    /// Opens a file, to be read from a byte offset.
    pub(crate) async fn open(path: &Path, offset: u64) -> std::io::Result<Self> {
        let path = path.to_owned();
        let opened =
            spawn_blocking(move || files::regular(std::fs::OpenOptions::new().read(true), &path)).await;
        let mut file = File::from_std(opened??);
        file.seek(SeekFrom::Start(offset)).await?;
        Ok(Self { file, splitter: LineSplitter::new(offset) })
    }

    /// Returns the new lines, and how much was read. `buffer` may have any content; the lines borrow from it.
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

    /// Returns the last line, which has no line end, once the file no longer grows.
    pub(crate) fn finish(&mut self) -> Option<Line<'static>> {
        self.splitter.finish()
    }

    /// Returns the offset of the first line that was not returned.
    pub(crate) const fn offset(&self) -> u64 {
        self.splitter.offset()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::fs::{CWD, Mode};

    use super::*;

    #[test]
    fn a_fifo_in_place_of_the_output_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("stdout");
        rustix::fs::mkfifoat(CWD, &fifo, Mode::RUSR | Mode::WUSR).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let opened = runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(20), Tail::open(&fifo, 0))
                .await
                .map(|opened| opened.map(drop))
        });
        runtime.shutdown_background();
        assert!(matches!(opened, Ok(Err(_))), "{opened:?}");
    }
}
