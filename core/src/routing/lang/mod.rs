//! The words of each language that codewalk reads, as data; the rules are in [`grammar`], [`consent_flag`]
//! and [`place`].
//!
//! To add a language:
//! 1. Copy a folder such as `de/` and translate its tables. The files `requests.rs`, `answers.rs` and
//!    `questions.rs` here describe the fields.
//! 2. Add its module and its entry in [`ALL`] below.
//! 3. Add its words to the short lists next to single rules in `consent_flag/`: `head.rs`, `refusal.rs` and,
//!    for bare instructions, a function in `bare.rs`. `reading.rs` folds accented letters: add its letters
//!    there.
//! 4. Add cases to `grammar/tests/languages.rs` and to `core/tests/core/consent_flag/`.
//!
//! The other rules do not change. The tests check that no word both consents and declines, and that every
//! phrase can match.
//! English also has rules for word order, numbers and "always", so its words for answers and questions are
//! separate lists in `en/`.
//!
//! [`grammar`]: super::grammar
//! [`consent_flag`]: super::consent_flag
//! [`place`]: super::place

mod answers;
mod questions;
mod requests;

mod de;
pub(super) mod en;
mod es;
mod fr;
mod zh;

pub(super) use answers::{AnswerWords, Elsewhere, Instruction, SessionWords};
pub(super) use questions::{QuestionTable, QuestionWords};
pub(super) use requests::RequestWords;

/// The tables of a language.
pub(super) struct Language {
    /// Words that determine the kind of a request.
    pub(super) requests: &'static RequestWords,
    /// Words that answer a question; `None` for English, which has rules of its own.
    pub(super) answers: Option<&'static AnswerWords>,
    /// Words of questions that codewalk answers itself; `None` for English, which has rules of its own.
    pub(super) questions: Option<&'static QuestionWords>,
    /// Words that move a launch to another project.
    pub(super) elsewhere: &'static Elsewhere,
    /// Words that mean another session.
    pub(super) sessions: &'static SessionWords,
    /// Groups of words that are read as one English word.
    pub(super) groups: &'static [(&'static [&'static str], &'static str)],
}

/// The languages that are read.
pub(super) const ALL: &[Language] = &[
    Language {
        requests: &en::requests::REQUESTS,
        answers: None,
        questions: None,
        elsewhere: &en::plans::ELSEWHERE,
        sessions: &en::plans::SESSIONS,
        groups: en::answers::GROUPS,
    },
    Language {
        requests: &de::requests::REQUESTS,
        answers: Some(&de::answers::ANSWERS),
        questions: Some(&de::questions::QUESTIONS),
        elsewhere: &de::answers::ELSEWHERE,
        sessions: &de::answers::SESSIONS,
        groups: &[],
    },
    Language {
        requests: &es::requests::REQUESTS,
        answers: Some(&es::answers::ANSWERS),
        questions: Some(&es::questions::QUESTIONS),
        elsewhere: &es::answers::ELSEWHERE,
        sessions: &es::answers::SESSIONS,
        groups: es::answers::GROUPS,
    },
    Language {
        requests: &fr::requests::REQUESTS,
        answers: Some(&fr::answers::ANSWERS),
        questions: Some(&fr::questions::QUESTIONS),
        elsewhere: &fr::answers::ELSEWHERE,
        sessions: &fr::answers::SESSIONS,
        groups: &[],
    },
    Language {
        requests: &zh::requests::REQUESTS,
        answers: Some(&zh::answers::ANSWERS),
        questions: Some(&zh::questions::QUESTIONS),
        elsewhere: &zh::answers::ELSEWHERE,
        sessions: &zh::answers::SESSIONS,
        groups: &[],
    },
];
