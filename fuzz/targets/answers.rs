//! What a person types as an answer. The first byte says how many readings are offered.

#![no_main]

use codewalk_core::routing::grammar::{TypedAnswer, answer, bare_answer, control};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&readings, text)) = bytes.split_first() else { return };
    let (readings, Ok(text)) = (usize::from(readings % 8), std::str::from_utf8(text)) else { return };
    let consents = |answer: &TypedAnswer| matches!(answer, TypedAnswer::Yes | TypedAnswer::Choose(_));
    match answer(text, readings) {
        TypedAnswer::Yes => assert!(readings <= 1, "yes to which?"),
        TypedAnswer::Choose(number) => assert!(readings > 1 && (1..=readings).contains(&number)),
        TypedAnswer::Edit(prompt) => assert!(text.contains(&prompt) && !prompt.is_empty()),
        TypedAnswer::No | TypedAnswer::Status | TypedAnswer::Unclear => {}
    }
    for refused in [format!("{text} no"), format!("don't {text}"), format!("{text} unless it rains")] {
        assert!(!consents(&answer(&refused, readings)), "{refused:?} consents");
        assert_ne!(bare_answer(&refused), Some(true), "{refused:?} consents");
    }
    if bare_answer(text) == Some(true) {
        assert_eq!(answer(text, 1), TypedAnswer::Yes);
    }
    if control(text).is_some() {
        assert!(!consents(&answer(text, readings)));
    }
});
