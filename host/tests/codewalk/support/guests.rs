//! Adapters in languages other than Rust: the components that `cargo xtask ci` builds for them, and the tools
//! used.

use std::path::PathBuf;

/// Returns the folder with the example components, and with each one's tools in `guests`. Tests that use it
/// are ignored unless requested.
pub fn folder() -> PathBuf {
    let folder = std::env::var_os("CODEWALK_TEST_GUESTS");
    folder.unwrap_or_else(|| panic!("CODEWALK_TEST_GUESTS is not set: run `cargo xtask test`")).into()
}
