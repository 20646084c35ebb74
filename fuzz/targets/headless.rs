//! The lines that a front end writes to `codewalk headless`. The first byte is the length of the pieces in
//! which they arrive.

#![no_main]

use codewalk_protocol::input::invariants;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&piece, lines)) = bytes.split_first() else { return };
    invariants::lines(lines, usize::from(piece));
});
