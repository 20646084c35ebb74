//! The engine: which WebAssembly there is, and how much room for it.

use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};
use wasmtime::{Config, Engine, PoolingAllocationConfig, WasmFeatures};

use crate::limits::{CALLS, ELEMENTS_PER_TABLE, INSTANCES, Limits, MEMORIES, STACK, TABLES, WASM_STACK};

/// Inaccessible space behind each memory. It lets the compiler leave out bounds checks of neighbouring accesses.
const GUARD: u64 = 2 * 1024 * 1024;

/// What an adapter has no use for. Cargo features leave most of it out already; another crate in the program may
/// switch them on again, for itself.
const SWITCHED_OFF: WasmFeatures = WasmFeatures::GC
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::STACK_SWITCHING);

pub(crate) fn new(limits: &Limits) -> wasmtime::Result<Engine> {
    let memory = limits.memory_in_pages();
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
        // A memory never moves nor grows beyond its limit, so no more address space than that is reserved. The usual
        // 4 GiB for each would save bounds checks, which calls of microseconds do not feel.
        .memory_reservation(memory as u64)
        .memory_may_move(false)
        .memory_guard_size(GUARD)
        // By default an environment variable decides.
        .wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Disable)
        .allocation_strategy(pool(memory));
    Engine::new(&config)
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
        .max_memory_size(memory);
    pool
}

/// Returns the digest of all that compiled code depends on beside its source: version, settings, processor.
pub(crate) fn compatibility(engine: &Engine) -> String {
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

/// Returns the digest of a component.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compatibility_tells_engines_apart_and_stays_the_same_for_equal_ones() {
        let hash = |memory| {
            new(&Limits { memory, ..Limits::default() }).map(|engine| compatibility(&engine)).unwrap()
        };
        assert_eq!(hash(1 << 20), hash(1 << 20));
        assert_ne!(hash(1 << 20), hash(1 << 21));
    }

    #[test]
    fn a_digest_is_the_usual_sha256() {
        assert_eq!(digest(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
