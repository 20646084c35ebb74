//! People's answers, and how they are read.

mod answers;
mod languages;
mod word_order;

use super::*;

/// Checks that all answers are read as expected.
fn check(expected: &TypedAnswer, answers: &[&str]) {
    for text in answers {
        assert_eq!(answer(text, 1), *expected, "{text:?}");
    }
}

#[test]
fn a_yes_with_an_instruction_carries_the_words() {
    for (text, order) in [
        ("yes, but do not touch the tests", "do not touch the tests"),
        ("Yes but don't touch the tests.", "don't touch the tests."),
        ("sure - also update the changelog", "also update the changelog"),
        ("go ahead, but please mention the issue", "mention the issue"),
        ("yes. Remember the changelog, too", "Remember the changelog, too"),
        ("ok, also run the linter", "also run the linter"),
        ("ok but hurry up", "hurry up"),
        ("sounds good to me, but be careful", "be careful"),
        ("yes, and keep me posted please", "keep me posted please"),
        ("yes, but answer in German", "answer in German"),
    ] {
        assert_eq!(answer(text, 1), TypedAnswer::YesWith(order.to_owned()), "{text:?}");
    }
}

#[test]
fn a_yes_before_words_that_may_change_the_action_is_recognized() {
    for (text, expected) in [
        ("yes, but write it in German", true),
        ("ok and keep it short", true),
        ("sounds good to me if the tests pass", false),
        ("yes", false),
        ("yes, hurry up", false),
        ("yes, but don't run it", false),
        ("write it in German", false),
        ("yes!", false),
    ] {
        assert_eq!(is_yes_with_more(text), expected, "{text:?}");
    }
}

#[test]
fn a_denial_after_a_yes_is_not_a_yes() {
    for text in [
        "yes, but do not do it",
        "yes, but don't run the command",
        "ok but don't delete the file",
        "yes, but never push",
        "yes but don't touch it",
        "yes, but do not change anything",
        "yes, do not use that",
        "yes, but don't allow all edits",
    ] {
        let read = answer(text, 1);
        assert_eq!(read, TypedAnswer::No, "{text:?}");
    }
}

#[test]
fn a_text_that_is_too_long_is_not_an_answer() {
    assert_eq!(answer(&"yes ".repeat(1000), 1), TypedAnswer::Unclear);
}

#[test]
fn a_plain_status_question_is_not_an_answer() {
    check(&TypedAnswer::Status, &["status", "What's going on?", "what is it doing?", "status please"]);
}

#[test]
fn one_of_several_plans_is_chosen_by_number() {
    assert_eq!(answer("2", 3), TypedAnswer::Choose(2));
    assert_eq!(answer("the second one please", 3), TypedAnswer::Choose(2));
    assert_eq!(answer("one", 2), TypedAnswer::Choose(1));
    assert_eq!(answer("4", 3), TypedAnswer::Unclear);
    assert_eq!(answer("1 or 2", 3), TypedAnswer::Unclear);
    assert_eq!(answer("yes", 2), TypedAnswer::Unclear, "yes to which?");
    assert_eq!(answer("not the first", 2), TypedAnswer::No);
}

#[test]
fn an_edit_carries_the_new_prompt_word_for_word() {
    assert_eq!(
        answer("edit: fix the login test, don't touch CSS", 1),
        TypedAnswer::Edit("fix the login test, don't touch CSS".to_owned())
    );
    assert_eq!(answer("Edit:   ", 1), TypedAnswer::Unclear);
    assert_eq!(answer("ed\u{ef}t: x", 1), TypedAnswer::Unclear, "no slicing inside a character");
}

#[test]
fn an_instruction_to_stop_is_the_whole_text() {
    for text in ["Stop it!", "quit", "halt", "abort", "please cancel"] {
        assert_eq!(control(text), Some(ControlAction::Stop), "{text}");
    }
    assert_eq!(control("please interrupt"), Some(ControlAction::Interrupt));
    assert_eq!(control("stop the flaky test from failing"), None);
    assert_eq!(control("don't stop"), None);
}
