//! Adds the statistics of an adapter to the registry: at most once a second, and at the end.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::registry::{Registry, Trial};
use crate::stats::{Counters, Stats};

/// The maximum time that statistics stay only in memory.
const SAVED_WITHIN: Duration = Duration::from_secs(1);

/// The statistics of one adapter, and the registry that stores them.
#[derive(Debug)]
pub(crate) struct CallCounts {
    pub(crate) counters: Arc<Counters>,
    name: String,
    /// Whether it is built in.
    ships: bool,
    registry: Option<Registry>,
    /// The trial of the newest component.
    trial: Mutex<Option<Trial>>,
    saved: Mutex<(Stats, Option<Trial>)>,
    is_due: AtomicBool,
}

impl CallCounts {
    pub(crate) fn new(name: &str, ships: bool, registry: Option<Registry>) -> Arc<Self> {
        Arc::new(Self {
            counters: Arc::default(),
            name: name.to_owned(),
            ships,
            registry,
            trial: Mutex::default(),
            saved: Mutex::default(),
            is_due: AtomicBool::new(false),
        })
    }

    /// Counts a call to a component that is on trial.
    pub(crate) fn called_on_trial(&self, digest: &str, is_fault: bool) {
        let mut trial = self.trial.lock().unwrap_or_else(PoisonError::into_inner);
        let trial = match &mut *trial {
            Some(trial) if trial.digest == digest => trial,
            other => other.insert(Trial::of(digest)),
        };
        trial.calls += 1;
        trial.faults += u32::from(is_fault);
    }

    /// Schedules a save.
    pub(crate) fn save_soon(self: &Arc<Self>, threads: &Handle) {
        if self.registry.is_none() || self.is_due.load(Relaxed) || self.is_due.swap(true, Relaxed) {
            return;
        }
        let this = Arc::clone(self);
        threads.spawn(async move {
            sleep(SAVED_WITHIN).await;
            this.is_due.store(false, Relaxed);
            // If the task is abandoned, the next call or the end of the process saves.
            spawn_blocking(move || this.save()).await.ok();
        });
    }

    /// Saves the statistics counted since the last save.
    pub(crate) fn save(&self) {
        let Some(registry) = &self.registry else { return };
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        let trial = self.trial.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = (self.counters.read(), trial);
        if now == *saved {
            return;
        }
        let (stats, trial) = &now;
        let trial = trial.as_ref().map(|trial| trial.since(saved.1.as_ref())).filter(|trial| trial.calls > 0);
        match registry.count(&self.name, self.ships, &stats.since(&saved.0), trial.as_ref()) {
            Ok(()) => *saved = now,
            Err(error) => {
                tracing::debug!(adapter = self.name, %error, "statistics are not saved");
            }
        }
    }
}
