//! Whose call it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use codewalk_policy::Limits;
use tokio::sync::Semaphore;

use super::experience::Experience;
use crate::egress::Egress;
use crate::stats::Counters;

/// Who a guest is, for its log lines and denials.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) digest: String,
    /// How many components were adopted under that name in this process, this one included; 0 before it is.
    pub(crate) generation: u64,
    pub(crate) limits: Limits,
    /// What is counted of all generations together.
    pub(crate) counters: Arc<Counters>,
    /// What it is told when it asks for its configuration; another one when it has learned something between two calls.
    pub(crate) config: ArcSwap<BTreeMap<String, String>>,
    pub(crate) experience: Option<Arc<dyn Experience>>,
    pub(crate) egress: Egress,
    /// The calls of it that may run at once.
    pub(crate) places: Arc<Semaphore>,
}
