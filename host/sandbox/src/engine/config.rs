//! The engine: which WebAssembly there is, and how much room for it.

use std::hash::{Hash, Hasher};

use codewalk_policy::{Limits, hex};
use sha2::{Digest, Sha256};
use wasmtime::{Config, Enabled, Engine, PoolingAllocationConfig, WasmFeatures};

use super::limits::{CALLS, ELEMENTS_PER_TABLE, INSTANCES, MEMORIES, STACK, TABLES, WASM_STACK, in_pages};

/// The address space of each memory, most of it never accessible: all that an address of 32 bits reaches. It costs nothing
/// but numbers, and saves the check of each access, a seventh of what the shipped router takes.
const RESERVED: u64 = 4 * 1024 * 1024 * 1024;
/// Inaccessible space behind each memory. It lets the compiler leave out bounds checks of neighbouring accesses.
const GUARD: u64 = 2 * 1024 * 1024;
/// How much of a memory, and of a table, stays with its slot for the next call, which finds it as new. To give it back to
/// the system and to get it again takes longer than many a call.
const MEMORY_KEPT: usize = 1024 * 1024;
const TABLE_KEPT: usize = ELEMENTS_PER_TABLE * size_of::<usize>();

/// What an adapter has no use for. Cargo features leave most of it out already; another crate in the program may
/// switch them on again, for itself.
const SWITCHED_OFF: WasmFeatures = WasmFeatures::GC
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::STACK_SWITCHING);

/// Returns the engine that adapters run in.
pub(crate) fn new(limits: &Limits) -> wasmtime::Result<Engine> {
    let pool = pool(in_pages(limits.memory));
    let with = |reserved| Engine::new(config(reserved).allocation_strategy(pool.clone()));
    // Where address space is limited, checks are made instead.
    with(RESERVED).or_else(|_| with(in_pages(limits.memory) as u64))
}

/// Returns what an engine and its compiler, wherever that runs, have in common: compiled code depends on all of it.
/// `reserved` is the address space of each memory.
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
        // By default an environment variable decides.
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
        // Only what was written to is made as new, where the system can tell.
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Returns the digest of all that compiled code depends on beside its source: version, settings, processor.
pub(super) fn compatibility(engine: &Engine) -> String {
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0 // Never asked for: the whole digest is taken below.
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
