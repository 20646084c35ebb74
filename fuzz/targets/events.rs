//! Stored events as lines of JSON: each one round-trips, and is either applied, or rejected without a change.

#![no_main]

use codewalk_core::event::StoredEvent;
use codewalk_core::state::{State, StateContext};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut state = State::new(StateContext::default());
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(stored) = serde_json::from_slice::<StoredEvent>(line) else { continue };
        let written = serde_json::to_vec(&stored).unwrap_or_default();
        assert_eq!(serde_json::from_slice::<StoredEvent>(&written).ok().as_ref(), Some(&stored));
        let before = state.clone();
        if state.apply(&stored.event).is_err() {
            assert!(state == before, "a refused event changed something");
        }
    }
});
