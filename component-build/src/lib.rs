//! Builds adapter components for `cargo xtask component` and the build script of `components/`.
//!
//! Nothing here installs anything or changes the machine; only `xtask` does.

pub mod component;
pub mod environment;
pub mod manifest;
pub mod prebuilt;
pub mod toolchain;
