//! The records of a run folder: the facts of the launch, and the exit.

#![no_main]

use codewalk_executor::invariants;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| invariants::records(bytes));
