//! Builds adapter components, for `cargo xtask component` and for the build script of `components/`.
//!
//! Invariant: nothing here installs or changes anything on the machine; only the program (`main.rs`) does.

pub mod component;
pub mod environment;
pub mod manifest;
pub mod toolchain;
