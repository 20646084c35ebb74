//! Builds adapters in languages other than Rust, with the tools that each project pins.
//!
//! Tools and components are in the target folder, and are rebuilt when their sources have changed. Only
//! Python creates a folder in the project, `__pycache__`.

mod build;
mod cached;
mod javascript;
mod project;
mod python;

pub use build::build;
