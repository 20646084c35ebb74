//! What agents print, read as lines and decoded. The first byte says in pieces of which length it arrives.

#![no_main]

use codewalk_executor::{Protocol, invariants};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&piece, raw)) = bytes.split_first() else { return };
    invariants::output(raw, usize::from(piece), Protocol::Claude);
    invariants::output(raw, usize::from(piece), Protocol::Lines);
});
