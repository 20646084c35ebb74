//! The settings of the engine: WebAssembly features, and address space.

use std::hash::{Hash, Hasher};

use codewalk_policy::{Limits, hex};
use sha2::{Digest, Sha256};
use wasmtime::{Config, Enabled, Engine, PoolingAllocationConfig, WasmFeatures};

use super::limits::{CALLS, ELEMENTS_PER_TABLE, INSTANCES, MEMORIES, STACK, TABLES, WASM_STACK, in_pages};

/// The address space of each memory: everything a 32-bit address can reach. Most of it is never accessible.
/// It costs only address space, and saves the bounds checks, which are a seventh of the built-in router's run
/// time.
const RESERVED: u64 = 4 * 1024 * 1024 * 1024;
/// Inaccessible space behind each memory. It lets the compiler omit bounds checks of neighbouring accesses.
const GUARD: u64 = 2 * 1024 * 1024;
/// How much of a memory or table stays with its slot, zeroed for the next call. Returning it to the system
/// and getting it back takes longer than many calls.
const MEMORY_KEPT: usize = 1024 * 1024;
const TABLE_KEPT: usize = ELEMENTS_PER_TABLE * size_of::<usize>();

/// Features that adapters do not need. Most are already disabled by Cargo features, but another crate in the
/// program could enable those again.
const SWITCHED_OFF: WasmFeatures = WasmFeatures::GC
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::STACK_SWITCHING);

/// Creates the engine for adapters.
pub(crate) fn new(limits: &Limits) -> wasmtime::Result<Engine> {
    let pool = pool(in_pages(limits.memory));
    let with = |reserved| Engine::new(config(reserved).allocation_strategy(pool.clone()));
    // If address space is limited, bounds checks are compiled in instead.
    with(RESERVED).or_else(|_| with(in_pages(limits.memory) as u64))
}

/// Returns the settings that an engine and its compiler must share. `reserved` is the address space of each
/// memory.
pub(super) fn config(reserved: u64) -> Config {
    let mut config = Config::new();
    config
        .wasm_features(SWITCHED_OFF, false)
        .epoch_interruption(true)
        .memory_init_cow(true)
        // The same request gets the same answer on every machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(STACK)
        .memory_reservation(reserved)
        .memory_may_move(false)
        .memory_guard_size(GUARD)
        // By default, an environment variable decides.
        .wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Disable);
    config
}

fn pool(memory: usize) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(CALLS)
        .total_core_instances(CALLS * INSTANCES)
        .total_memories(CALLS * MEMORIES)
        .total_tables(CALLS * TABLES)
        .total_stacks(CALLS)
        .max_core_instances_per_component(INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memories_per_module(MEMORIES)
        .max_tables_per_module(TABLES)
        .table_elements(ELEMENTS_PER_TABLE)
        .max_memory_size(memory)
        .linear_memory_keep_resident(MEMORY_KEPT)
        .table_keep_resident(TABLE_KEPT)
        // Resets only pages that were written, if the system can tell.
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Returns the digest of everything that compiled code depends on besides the component: version, settings,
/// processor.
pub(super) fn compatibility(engine: &Engine) -> String {
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0 // Never used: the whole digest is read below.
        }
    }
    let mut sha = Sha(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut sha);
    hex(&sha.0.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_compiled_without_a_pool_fits_the_engine_with_one() {
        let engine = new(&Limits::default()).unwrap();
        let compiler = |reserved| compatibility(&Engine::new(&config(reserved)).unwrap());
        assert_eq!(compatibility(&engine), compiler(engine.get_memory_reservation()));
        assert_ne!(compatibility(&engine), compiler(1 << 24));
    }
}
