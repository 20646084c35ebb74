//! Adapters in other languages than Rust: what `cargo xtask ci` builds of them, and with what.

use std::path::PathBuf;

/// Returns the folder with the examples as components, and in `guests` with the tools of each; none where
/// they were not built and need not be: then `what` is not tested.
pub fn folder(what: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("CODEWALK_TEST_GUESTS") {
        return Some(folder.into());
    }
    assert!(
        std::env::var_os("CODEWALK_REQUIRE_CLIENTS").is_none(),
        "adapters in other languages are required: CODEWALK_TEST_GUESTS is not set"
    );
    println!("skipped: CODEWALK_TEST_GUESTS is not set, so {what} is not tested");
    None
}
