//! Reloads adapters when their files change: soon after a file system event, and otherwise within seconds,
//! since events get lost and some file systems have none.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use super::handle::AdapterHandle;

/// How long a file must be unchanged before it counts as complete.
const QUIET: Duration = Duration::from_millis(50);
/// How long changes may continue before the file is read anyway.
const RESTLESS: Duration = Duration::from_millis(500);
/// How often files are checked without an event.
const POLL: Duration = Duration::from_secs(2);
/// The longest pause between attempts after a problem that may pass.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// Two changes within this time may have the same timestamp.
const CLOCK: Duration = Duration::from_secs(1);

/// Reloads adapters until it is dropped.
#[derive(Debug)]
#[must_use = "dropping it ends the watch"]
pub struct Watch {
    tasks: Vec<AbortHandle>,
    _watcher: Option<RecommendedWatcher>,
}

/// The files of one adapter.
struct Files {
    paths: Vec<PathBuf>,
    changed: Arc<Notify>,
}

/// Identifies a version of the files.
#[derive(Debug, PartialEq, Eq)]
struct Mark(Vec<Option<[i64; 6]>>);

impl Watch {
    /// Watches the files of adapters.
    pub(crate) fn start(adapters: Vec<AdapterHandle>, threads: &Handle) -> Self {
        let mut watched = Vec::new();
        let mut tasks = Vec::new();
        for adapter in adapters {
            let paths = adapter.files();
            if paths.is_empty() {
                continue;
            }
            let changed = Arc::new(Notify::new());
            // A loaded component may be older than the last change.
            let mark = adapter.status().generation.is_none().then(|| Mark::of(&paths));
            watched.push(Files { paths: paths.clone(), changed: Arc::clone(&changed) });
            tasks.push(threads.spawn(keep_up(adapter, paths, changed, mark)).abort_handle());
        }
        let watcher = watcher(watched).inspect_err(|error| {
            tracing::warn!(%error, "cannot watch files; changes are noticed after some seconds");
        });
        Self { tasks, _watcher: watcher.ok() }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A running swap is a separate task, and so completes.
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// Watches the folders that contain the files, because files are as often replaced as written to.
fn watcher(watched: Vec<Files>) -> notify::Result<RecommendedWatcher> {
    let mut folders: Vec<PathBuf> = watched
        .iter()
        .flat_map(|files| &files.paths)
        .filter_map(|path| path.parent())
        .map(Path::to_owned)
        .collect();
    folders.sort();
    folders.dedup();
    let names: Vec<(Vec<OsString>, Arc<Notify>)> = watched
        .into_iter()
        .map(|Files { paths, changed }| {
            (paths.iter().filter_map(|p| p.file_name()).map(Into::into).collect(), changed)
        })
        .collect();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        for (names, changed) in &names {
            if event.as_ref().is_ok_and(|event| !concerns(event, names)) {
                continue;
            }
            changed.notify_one();
        }
    })?;
    for folder in folders {
        if let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
            tracing::debug!(?folder, %error, "cannot watch a folder; it is checked every few seconds");
        }
    }
    Ok(watcher)
}

/// Returns whether an event may be a change to a file with one of these names.
fn concerns(event: &Event, names: &[OsString]) -> bool {
    let is_read = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    };
    let is_named =
        |path: &PathBuf| path.file_name().is_some_and(|name| names.iter().any(|known| known == name));
    event.need_rescan() || (!is_read && event.paths.iter().any(is_named))
}

async fn keep_up(adapter: AdapterHandle, paths: Vec<PathBuf>, changed: Arc<Notify>, mut seen: Option<Mark>) {
    let (mut tried, mut pause) = (Instant::now(), POLL);
    loop {
        let was_told = timeout(POLL, changed.notified()).await.is_ok();
        if was_told {
            settled(&changed).await;
        }
        // Taken before the files are read, so that it differs after a later change.
        let now = Mark::of(&paths);
        let is_changed = was_told || seen.as_ref() != Some(&now);
        let is_due = adapter.may_pass() && tried.elapsed() >= pause;
        if !is_changed && !is_due {
            continue;
        }
        // Problems are logged, and appear in the adapter's status.
        adapter.reload().await.ok();
        tried = Instant::now();
        pause = if is_changed { POLL } else { LONGEST.min(pause * 2) };
        seen = Some(now).filter(|mark| mark.is_reliable(SystemTime::now()));
    }
}

/// Waits until nothing has changed for a while, up to a limit.
async fn settled(changed: &Notify) {
    let until = Instant::now() + RESTLESS;
    while Instant::now() < until {
        let quiet = sleep(QUIET);
        tokio::select! {
            () = changed.notified() => {}
            () = quiet => return,
        }
    }
}

impl Mark {
    fn of(paths: &[PathBuf]) -> Self {
        let mark = |path: &PathBuf| {
            // Reading the path reads the target of a link.
            let file = fs::metadata(path).ok()?;
            let (ino, size) = (file.ino().cast_signed(), file.size().cast_signed());
            Some([ino, size, file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()])
        };
        Self(paths.iter().map(mark).collect())
    }

    /// Returns whether a further change would have changed the mark.
    fn is_reliable(&self, now: SystemTime) -> bool {
        // The clock may have been set back in the meantime.
        let far = |changed: i64| match u64::try_from(changed).map(|at| UNIX_EPOCH + Duration::from_secs(at)) {
            Ok(changed) => now.duration_since(changed).unwrap_or_else(|early| early.duration()) > 2 * CLOCK,
            Err(_) => true,
        };
        self.0.iter().flatten().all(|[.., changed, _]| far(*changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_reliable_in_whichever_direction_the_clock_was_set() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for (changed, reliable) in [
            (1_700_000_000, false),
            (1_699_999_999, false),
            (1_700_000_001, false),
            (1_699_999_990, true),
            (1_700_003_600, true),
            (1_731_536_000, true),
            (0, true),
            (-1, true),
            (i64::MAX, true),
        ] {
            let mark = Mark(vec![None, Some([1, 2, 3, 4, changed, 5])]);
            assert_eq!(mark.is_reliable(now), reliable, "{changed}");
        }
    }
}
