//! Learns that a run has ended, and how.

use std::io;
use std::time::Duration;

use tokio::sync::watch;

use crate::run_folder::{ExitRecord, RunFolder};

/// The stack size of a thread that only waits.
const WAITING_STACK: usize = 64 * 1024;
/// The longest time that a supervisor needs to end a run: all steps of its ladder, and some time.
pub(crate) const STOPPING: Duration = Duration::from_secs(25);

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Its supervisor recorded the end of the agent.
    Recorded(ExitRecord),
    /// Its supervisor was killed.
    Lost,
}

/// The end of a run, which may be still to come.
#[derive(Debug)]
pub(crate) struct RunEnd {
    folder: RunFolder,
    gone: watch::Receiver<bool>,
    end: watch::Sender<Option<End>>,
}

impl RunEnd {
    /// Waits for the end of a run that was started. `gone` tells when no supervisor lives.
    pub(crate) fn new(folder: RunFolder, gone: watch::Receiver<bool>) -> Self {
        Self { folder, gone, end: watch::Sender::new(None) }
    }

    /// Returns what the end is announced on.
    pub(super) fn announced(&self) -> watch::Receiver<Option<End>> {
        self.end.subscribe()
    }

    /// Returns what tells when no supervisor lives.
    pub(super) fn supervisor(&self) -> watch::Receiver<bool> {
        self.gone.clone()
    }

    /// Looks whether the run has ended, and announces that.
    pub(super) fn look(&self) -> Option<End> {
        if let Some(end) = *self.end.borrow() {
            return Some(end);
        }
        // Before the record is read: it is written while the supervisor lives.
        let is_gone = *self.gone.borrow();
        let end = match self.folder.exit() {
            Ok(Some(record)) => End::Recorded(record),
            Ok(None) if is_gone => End::Lost,
            Err(error) if is_gone => {
                let folder = self.folder.path().display();
                tracing::error!(%folder, %error, "cannot read how a run ended");
                End::Lost
            }
            Ok(None) | Err(_) => return None,
        };
        self.end.send_replace(Some(end));
        Some(end)
    }

    /// Waits until no supervisor lives. Processes that outlive their agent have one, so this may come long
    /// after the end of the agent.
    pub(super) async fn gone(&mut self) {
        if self.gone.wait_for(|gone| *gone).await.is_err() {
            std::future::pending().await
        }
    }
}

/// Returns a channel that says when no supervisor of a run lives.
pub(crate) fn watch_supervisor(folder: &RunFolder) -> io::Result<watch::Receiver<bool>> {
    let (tell, gone) = watch::channel(false);
    let folder = folder.supervised();
    let wait = move || {
        if let Err(error) = folder.wait_for_end() {
            tracing::error!(folder = %folder.path().display(), %error, "cannot wait for a supervisor");
        }
        tell.send_replace(true);
    };
    std::thread::Builder::new().name("agent".to_owned()).stack_size(WAITING_STACK).spawn(wait)?;
    Ok(gone)
}
