//! The files of a store in a folder: cut, overwritten, or replaced by something else.

#![no_main]

use codewalk_store::testing::invariants;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    invariants::broken_files(folder.path(), bytes);
});
