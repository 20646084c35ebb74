//! The limits of calls in the engine, and the memory shared by all calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use wasmtime::ResourceLimiter;

use crate::stats::Counters;

/// How many calls run at once. More have to wait. Each call has its slots in the pool.
pub(crate) const CALLS: u32 = 16;
/// How many running calls may belong to one adapter, so that an adapter that never answers does not block the
/// others.
pub(crate) const CALLS_OF_ONE: usize = 12;
/// How much memory all running calls share, in bytes, unless one call alone may use more.
const COMMON_MEMORY: usize = 512 * 1024 * 1024;
/// How many core instances a component may have. Components written in Rust have four, those in Python about
/// forty.
pub(super) const INSTANCES: u32 = 64;
/// How many memories a component may have.
pub(super) const MEMORIES: u32 = 4;
/// How many tables a component may have.
pub(super) const TABLES: u32 = 16;
/// How many elements one table may have.
pub(super) const ELEMENTS_PER_TABLE: usize = 32 * 1024;
/// How many elements all tables of a component may have together.
const ELEMENTS: usize = 2 * ELEMENTS_PER_TABLE;
/// How many bytes a guest may pass in one host call or in its answer. A proposal with six prompts of maximum
/// length takes less than a tenth of it.
pub(crate) const HANDOVER: usize = 4 * 1024 * 1024;
/// How many resource handles a guest may hold. Only WASI uses handles: streams and timers.
pub(crate) const HANDLES: usize = 256;
/// The stack of a guest, in bytes.
pub(super) const WASM_STACK: usize = 512 * 1024;
/// The whole stack of a call, including host functions.
pub(super) const STACK: usize = 2 * 1024 * 1024;

const WASM_PAGE: usize = 64 * 1024;

/// Returns a memory limit rounded to whole pages, as the pool requires.
pub(super) fn in_pages(memory: usize) -> usize {
    memory.next_multiple_of(WASM_PAGE)
}

/// The memory that all calls to all adapters share.
#[derive(Debug)]
pub(crate) struct CommonMemory {
    limit: usize,
    used: AtomicUsize,
}

impl CommonMemory {
    /// Creates the shared memory from the memory limit of one call.
    pub(crate) fn new(of_one: usize) -> Self {
        Self { limit: COMMON_MEMORY.max(of_one), used: AtomicUsize::new(0) }
    }

    fn take(&self, bytes: usize) -> bool {
        let within = |used: usize| used.checked_add(bytes).filter(|used| *used <= self.limit);
        self.used.fetch_update(Relaxed, Relaxed, within).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Relaxed);
    }
}

/// Counts what one store allocates, across all its memories and tables.
#[derive(Debug)]
pub(crate) struct Allocations {
    limit: usize,
    memory: usize,
    elements: usize,
    last_growth: usize,
    counters: Arc<Counters>,
    common: Arc<CommonMemory>,
    /// Whether the guest was refused an allocation. If it traps later, this is the reason.
    pub(crate) exhausted: bool,
    /// Whether the guest was refused an allocation because other calls use the memory.
    pub(crate) crowded: bool,
}

impl Allocations {
    pub(crate) const fn new(limit: usize, counters: Arc<Counters>, common: Arc<CommonMemory>) -> Self {
        let (exhausted, crowded) = (false, false);
        Self { limit, memory: 0, elements: 0, last_growth: 0, counters, common, exhausted, crowded }
    }

    /// Returns how much memory all calls share.
    pub(crate) fn common_limit(&self) -> usize {
        self.common.limit
    }
}

impl Drop for Allocations {
    fn drop(&mut self) {
        // A memory never shrinks.
        self.counters.memory_peaked(self.memory);
        self.counters.memory_freed(self.memory);
        self.common.give_back(self.memory);
    }
}

impl ResourceLimiter for Allocations {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let growth = desired.saturating_sub(current);
        let within = self.memory.checked_add(growth).is_some_and(|total| total <= self.limit);
        let fits = within && self.common.take(growth);
        self.exhausted |= !within;
        self.crowded |= within && !fits;
        self.last_growth = if fits { growth } else { 0 };
        self.memory += self.last_growth;
        self.counters.memory_grew(self.last_growth);
        Ok(fits)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory -= self.last_growth;
        self.counters.memory_freed(self.last_growth);
        self.common.give_back(self.last_growth);
        self.last_growth = 0;
        self.exhausted = true;
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let growth = desired.saturating_sub(current);
        let fits = self.elements.checked_add(growth).is_some_and(|total| total <= ELEMENTS);
        self.exhausted |= !fits;
        self.elements += if fits { growth } else { 0 };
        Ok(fits)
    }

    fn instances(&self) -> usize {
        INSTANCES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_summed_and_a_failed_growth_is_given_back() {
        let common = Arc::new(CommonMemory::new(0));
        let mut allocations = Allocations::new(100, Arc::default(), Arc::clone(&common));
        assert!(allocations.memory_growing(0, 60, None).is_ok_and(|fits| fits));
        assert!(allocations.memory_growing(0, 40, None).is_ok_and(|fits| fits));
        assert!(allocations.memory_grow_failed(wasmtime::format_err!("full")).is_ok());
        assert!(allocations.memory_growing(60, 100, None).is_ok_and(|fits| fits));
        assert!(allocations.memory_growing(0, 1, None).is_ok_and(|fits| !fits));
        assert!(allocations.exhausted && !allocations.crowded);
        drop(allocations);
        assert_eq!(common.used.load(Relaxed), 0);
    }

    #[test]
    fn calls_share_memory_and_reuse_what_others_free() {
        let common = Arc::new(CommonMemory::new(0));
        let call = || Allocations::new(COMMON_MEMORY, Arc::default(), Arc::clone(&common));
        let (mut one, mut other) = (call(), call());
        assert!(one.memory_growing(0, COMMON_MEMORY - 1, None).is_ok_and(|fits| fits));
        assert!(other.memory_growing(0, 2, None).is_ok_and(|fits| !fits));
        assert!(other.crowded && !other.exhausted);
        drop(one);
        assert!(other.memory_growing(0, 2, None).is_ok_and(|fits| fits));
    }

    #[test]
    fn tables_are_summed() {
        let common = Arc::new(CommonMemory::new(0));
        let mut allocations = Allocations::new(0, Arc::default(), common);
        assert!(allocations.table_growing(0, ELEMENTS, None).is_ok_and(|fits| fits));
        assert!(!allocations.exhausted);
        assert!(allocations.table_growing(0, 1, None).is_ok_and(|fits| !fits));
        assert!(allocations.exhausted);
    }
}
