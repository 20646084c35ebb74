//! Limits of one call to an adapter, and of compiling one component.

use std::time::Duration;

/// The maximum size of a component, in bytes. Nothing else limits a compilation in this process, whose time
/// and memory grow with the size.
pub const MAX_COMPONENT_SIZE: u64 = 32 * 1024 * 1024;

/// The limits of one call to an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long the call may execute. Waiting for the host or for a slot does not count.
    pub executing: Duration,
    /// How long the call may take, including all waiting.
    pub wall_clock: Duration,
    /// How much memory the call may use, in bytes, across all its memories.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            executing: Duration::from_secs(2),
            wall_clock: Duration::from_secs(10),
            memory: 128 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// Returns these limits, capped by the limits of the sandbox.
    #[must_use]
    pub fn within(self, maxima: &Self) -> Self {
        Self {
            executing: self.executing.min(maxima.executing),
            wall_clock: self.wall_clock.min(maxima.wall_clock),
            memory: self.memory.min(maxima.memory),
        }
    }
}

/// The limits of compiling one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileLimits {
    /// How long the compiler may execute on all processors together, in whole seconds.
    pub executing: Duration,
    /// How long the compilation may take.
    pub wall_clock: Duration,
    /// How much address space the compiler may use, in bytes.
    pub memory: u64,
    /// The maximum size of the machine code, in bytes: about five times the component's size.
    pub output: u64,
}

impl Default for CompileLimits {
    /// Two to three times the needs of the largest useful components, which contain an interpreter.
    fn default() -> Self {
        Self {
            executing: Duration::from_secs(30),
            // The compiler runs at low priority, so it may take longer than it executes.
            wall_clock: Duration::from_secs(120),
            memory: 1024 * 1024 * 1024,
            output: 256 * 1024 * 1024,
        }
    }
}
