//! The records of a run folder: the facts about the launch, the exit, requests to the owner, and its replies.

#![no_main]

use codewalk_executor::invariants;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| invariants::records(bytes));
