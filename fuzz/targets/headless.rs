//! What a front end writes to `codewalk headless`. The first byte says in pieces of which length it arrives.

#![no_main]

#[path = "../../host/src/cli/headless"]
#[allow(dead_code, reason = "the thread that reads lines is not here")]
mod headless {
    pub mod input;
}

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&piece, lines)) = bytes.split_first() else { return };
    headless::input::invariants::lines(lines, usize::from(piece));
});
