//! Answers that a user types. The first byte says how many plans are offered.

#![no_main]

use codewalk_core::routing::grammar::{TypedAnswer, answer, control};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&readings, text)) = bytes.split_first() else { return };
    let (readings, Ok(text)) = (usize::from(readings % 8), std::str::from_utf8(text)) else { return };
    // Any other text that begins with a yes leads to another question, or is passed to the agent unchanged.
    let consents = |answer: &TypedAnswer| matches!(answer, TypedAnswer::Yes | TypedAnswer::Choose(_));
    match answer(text, readings) {
        TypedAnswer::Yes => assert!(readings <= 1, "yes to which?"),
        TypedAnswer::Choose(number) => assert!(readings > 1 && (1..=readings).contains(&number)),
        TypedAnswer::Edit(prompt) => assert!(text.contains(&prompt) && !prompt.is_empty()),
        TypedAnswer::YesWith(told) => assert!(text.contains(&told) && !told.is_empty()),
        TypedAnswer::YesAlways
        | TypedAnswer::No
        | TypedAnswer::Stop
        | TypedAnswer::Details
        | TypedAnswer::Status
        | TypedAnswer::Unclear => {}
    }
    for refused in [format!("{text} no"), format!("don't {text}"), format!("{text} unless it rains")] {
        assert!(!consents(&answer(&refused, readings)), "{refused:?} consents");
    }
    if control(text).is_some() {
        assert!(!consents(&answer(text, readings)));
    }
});
