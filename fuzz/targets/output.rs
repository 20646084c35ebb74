//! Agent output, split into lines and decoded. The first byte is the length of the pieces in which it
//! arrives.

#![no_main]

use codewalk_executor::{Protocol, invariants};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&piece, raw)) = bytes.split_first() else { return };
    invariants::output(raw, usize::from(piece), Protocol::Claude);
    invariants::output(raw, usize::from(piece), Protocol::Lines);
});
