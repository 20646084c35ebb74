//! Adapters in other languages than Rust: what `cargo xtask ci` builds of them, and with what.

use std::path::PathBuf;

/// Returns the folder with the examples as components, and in `guests` with the tools of each. Their tests are ignored
/// unless they are asked for.
pub fn folder() -> PathBuf {
    let folder = std::env::var_os("CODEWALK_TEST_GUESTS");
    folder.unwrap_or_else(|| panic!("CODEWALK_TEST_GUESTS is not set: run `cargo xtask test`")).into()
}
