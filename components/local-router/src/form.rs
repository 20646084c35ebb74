//! The forms in which work is requested, as recognised by the first words.

use crate::lang::en::form as en;
use crate::pattern::{any_at, any_in};
use crate::word::{Mark, Word};
use crate::words::{clause, sentence};

/// The form of a request for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// "Fix the pager."
    Order,
    /// "Could you frobnicate the pager": polite, with an unknown verb, or in a later sentence.
    Request,
    /// "I want the pager to be blue."
    Want,
    /// "The pager is broken."
    Problem,
    /// "Why is the pager slow?"
    Question,
    /// "More tests for the pager".
    Thing,
}

/// "Email from the boss: ...": the rest was written by someone else.
pub fn is_of_others(rest: &[Word]) -> bool {
    any_at(rest, en::ATTRIBUTIONS).is_some()
        && clause(rest).last().is_some_and(|last| last.mark == Mark::Colon)
}

/// "Bob says ...", "the mail asked us to ...": another person's request.
pub fn is_report(rest: &[Word]) -> bool {
    any_in(sentence(rest), en::REPORTS)
}

pub fn is_question(rest: &[Word]) -> bool {
    any_at(rest, en::BEGINNINGS).is_some()
}

/// Returns whether the words break off: "the thing with the".
pub fn is_cut_off(rest: &[Word]) -> bool {
    let is_open = |last: &Word| matches!(last.mark, Mark::None | Mark::Line | Mark::Comma) && !last.quoted;
    rest.last().is_some_and(|last| last.is(en::OPEN) && is_open(last))
}
