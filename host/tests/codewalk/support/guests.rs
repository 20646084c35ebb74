//! Adapters in languages other than Rust: what `cargo xtask ci` builds for them, and with which tools.

use std::path::PathBuf;

/// Returns the folder with the example components, and with the tools of each in `guests`. Their tests are
/// ignored unless they are requested.
pub fn folder() -> PathBuf {
    let folder = std::env::var_os("CODEWALK_TEST_GUESTS");
    folder.unwrap_or_else(|| panic!("CODEWALK_TEST_GUESTS is not set: run `cargo xtask test`")).into()
}
