//! Kept events, as a store reads them: lines of JSON. What is read is written again alike, and applies or is refused.

#![no_main]

use codewalk_core::event::StoredEvent;
use codewalk_core::state::{State, StateContext};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut state = State::new(StateContext::default());
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(recorded) = serde_json::from_slice::<StoredEvent>(line) else { continue };
        let written = serde_json::to_vec(&recorded).unwrap_or_default();
        assert_eq!(serde_json::from_slice::<StoredEvent>(&written).ok().as_ref(), Some(&recorded));
        let before = state.clone();
        if state.apply(&recorded.event).is_err() {
            assert!(state == before, "a refused event changed something");
        }
    }
});
