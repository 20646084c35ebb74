//! A conversation with an agent that prints any bytes.

#![no_main]

use codewalk_executor::invariants;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    invariants::conversation(bytes);
});
