//! Notifies of file changes. The system's notifications can be lost, so files are also checked from time to
//! time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// The delay before the first check after a change.
const SHORTEST: Duration = Duration::from_millis(50);
/// The maximum delay.
const LONGEST: Duration = Duration::from_secs(60);
/// The maximum delay if the system sends no notifications.
const LONGEST_ALONE: Duration = Duration::from_millis(250);

type Listeners = Arc<Mutex<HashMap<PathBuf, Vec<Arc<Notify>>>>>;

/// The watched folders. All share one watcher, because the system limits their number and each needs a
/// thread.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    watcher: Mutex<Option<RecommendedWatcher>>,
    listeners: Listeners,
}

/// A watched folder.
#[derive(Debug)]
pub(crate) struct Watch {
    folder: PathBuf,
    changed: Arc<Notify>,
    notified: bool,
    interval: Duration,
    watches: Arc<Watches>,
}

impl Watches {
    /// Watches the files in a folder.
    pub(crate) fn folder(self: &Arc<Self>, folder: &Path) -> Watch {
        // Some systems report the real path.
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let changed = Arc::new(Notify::new());
        // Locked first, here and at the end of a watch, so that neither undoes the other.
        let mut watcher = lock(&self.watcher);
        lock(&self.listeners).entry(folder.clone()).or_default().push(Arc::clone(&changed));
        let notified = self.add(&mut watcher, &folder).inspect_err(|error| {
            let folder = folder.display();
            tracing::warn!(%folder, %error, "no notifications; looking at the files instead");
        });
        drop(watcher);
        Watch { folder, changed, notified: notified.is_ok(), interval: SHORTEST, watches: Arc::clone(self) }
    }

    fn add(&self, watcher: &mut Option<RecommendedWatcher>, folder: &Path) -> notify::Result<()> {
        let watcher = match watcher {
            Some(watcher) => watcher,
            None => {
                let listeners = Arc::clone(&self.listeners);
                watcher.insert(notify::recommended_watcher(move |event| tell(&listeners, event))?)
            }
        };
        watcher.watch(folder, RecursiveMode::NonRecursive)
    }
}

impl Watch {
    /// Waits until a file may have changed. The delay between checks doubles up to a minute.
    pub(crate) async fn changed(&mut self) {
        if tokio::time::timeout(self.interval, self.changed.notified()).await.is_err() {
            self.interval = (self.interval * 2).min(if self.notified { LONGEST } else { LONGEST_ALONE });
        }
    }

    /// Checks again soon after a change.
    pub(crate) const fn active(&mut self) {
        self.interval = SHORTEST;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watcher = lock(&self.watches.watcher);
        {
            let mut listeners = lock(&self.watches.listeners);
            let Some(of_folder) = listeners.get_mut(&self.folder) else { return };
            of_folder.retain(|changed| !Arc::ptr_eq(changed, &self.changed));
            if !of_folder.is_empty() {
                return;
            }
            listeners.remove(&self.folder);
            // Released first, because the watcher's thread may wait for this lock during `unwatch`.
        }
        if let Some(watcher) = watcher.as_mut() {
            // Removing the watch fails if the folder, and so its watch, is gone.
            let _ = watcher.unwatch(&self.folder);
        }
    }
}

fn tell(listeners: &Listeners, event: notify::Result<notify::Event>) {
    let listeners = lock(listeners);
    match event {
        Ok(event) if !event.need_rescan() => {
            if matches!(event.kind, EventKind::Access(_)) {
                return;
            }
            for folder in event.paths.iter().filter_map(|path| path.parent()) {
                listeners.get(folder).into_iter().flatten().for_each(|changed| changed.notify_one());
            }
        }
        // Some notifications were lost.
        _ => listeners.values().flatten().for_each(|changed| changed.notify_one()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn each_watch_of_a_folder_is_notified_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let watches = Arc::new(Watches::default());
        let (first, second) = (watches.folder(folder.path()), watches.folder(folder.path()));
        std::fs::write(folder.path().join("a"), "x").unwrap();
        for watch in [&first, &second] {
            timeout(DEADLINE, watch.changed.notified()).await.unwrap();
        }
        drop(first);
        // More changes may follow the first one reported.
        let told = async {
            for n in 0.. {
                std::fs::write(folder.path().join(format!("b{n}")), "x").unwrap();
                second.changed.notified().await;
                if n == 10 {
                    return;
                }
            }
        };
        timeout(DEADLINE, told).await.unwrap();
        drop(second);
        assert!(lock(&watches.listeners).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn checks_slow_down_to_one_a_minute_and_speed_up_after_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = Arc::new(Watches::default()).folder(folder.path());
        for expected in [50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000] {
            let before = Instant::now();
            watch.changed().await;
            // The clock rounds up to milliseconds.
            assert!((0..=1).contains(&(before.elapsed().as_millis() - expected)), "{expected}");
        }
        watch.active();
        let before = Instant::now();
        watch.changed().await;
        assert!(before.elapsed().as_millis() <= 51);
    }

    #[tokio::test(start_paused = true)]
    async fn without_notifications_files_are_checked_four_times_a_second() {
        let watches = Arc::new(Watches::default());
        let mut watch = watches.folder(Path::new("/no/such/folder/of/codewalk"));
        let before = Instant::now();
        for _ in 0..8 {
            watch.changed().await;
        }
        assert!(before.elapsed() < 8 * (LONGEST_ALONE + Duration::from_millis(1)));
    }
}
