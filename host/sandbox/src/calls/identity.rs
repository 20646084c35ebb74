//! The adapter that a call belongs to.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use codewalk_policy::Limits;
use tokio::sync::Semaphore;

use super::experience::Experience;
use crate::egress::Egress;
use crate::stats::Counters;

/// The adapter behind a call, for log lines and denials.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) digest: String,
    /// Its generation number in this process.
    pub(crate) generation: u64,
    pub(crate) limits: Limits,
    /// The counters of all its generations together.
    pub(crate) counters: Arc<Counters>,
    /// Its configuration. It may change between two calls, after the host has learned something.
    pub(crate) config: ArcSwap<BTreeMap<String, String>>,
    pub(crate) experience: Option<Arc<dyn Experience>>,
    pub(crate) egress: Egress,
    /// The slots for its concurrent calls.
    pub(crate) places: Arc<Semaphore>,
}
