//! Code shared by the tests of all stores: samples, checks that every store must pass, and tools for files
//! and processes.
//!
//! Fuzz targets use [`samples`] and [`invariants`].

#[cfg(test)]
pub(crate) mod conformance;
pub mod invariants;
#[cfg(test)]
pub(crate) mod media;
#[cfg(test)]
pub(crate) mod processes;
#[cfg_attr(fuzzing, allow(dead_code, reason = "tests use all of it"))]
pub(crate) mod samples;
