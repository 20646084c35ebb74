//! The words of each language that codewalk reads, as data; the rules are in [`grammar`], [`consent_flag`]
//! and [`place`].
//!
//! To add a language:
//! 1. Copy a folder such as `de/` and translate its tables. `requests.rs` and `answers.rs` describe the
//!    fields.
//! 2. Add its module and its entry in [`ALL`] below.
//! 3. Add its words to the short lists beside single rules: search `consent_flag/` and `questions.rs` for a
//!    German word.
//! 4. Add cases to `grammar/tests/languages.rs` and to `core/tests/core/consent_flag/`.
//!
//! No rule changes. The tests check that no word both consents and declines, and that every phrase can match.
//! English also has rules for word order, numbers and "always", so its words for answers are separate lists in
//! `en/answers.rs`.
//!
//! [`grammar`]: super::grammar
//! [`consent_flag`]: super::consent_flag
//! [`place`]: super::place

mod answers;
mod requests;

mod de;
pub(super) mod en;
mod es;
mod fr;
mod zh;

pub(super) use answers::{AnswerWords, Elsewhere, Instruction, SessionWords};
pub(super) use requests::RequestWords;

/// The tables of a language.
pub(super) struct Language {
    /// Words that decide what a request is.
    pub(super) requests: &'static RequestWords,
    /// Words that answer a question; `None` for English, which has rules of its own.
    pub(super) answers: Option<&'static AnswerWords>,
    /// Words that take a launch to another project.
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
        elsewhere: &en::answers::ELSEWHERE,
        sessions: &en::answers::SESSIONS,
        groups: en::answers::GROUPS,
    },
    Language {
        requests: &de::requests::REQUESTS,
        answers: Some(&de::answers::ANSWERS),
        elsewhere: &de::answers::ELSEWHERE,
        sessions: &de::answers::SESSIONS,
        groups: &[],
    },
    Language {
        requests: &es::requests::REQUESTS,
        answers: Some(&es::answers::ANSWERS),
        elsewhere: &es::answers::ELSEWHERE,
        sessions: &es::answers::SESSIONS,
        groups: es::answers::GROUPS,
    },
    Language {
        requests: &fr::requests::REQUESTS,
        answers: Some(&fr::answers::ANSWERS),
        elsewhere: &fr::answers::ELSEWHERE,
        sessions: &fr::answers::SESSIONS,
        groups: &[],
    },
    Language {
        requests: &zh::requests::REQUESTS,
        answers: Some(&zh::answers::ANSWERS),
        elsewhere: &zh::answers::ELSEWHERE,
        sessions: &zh::answers::SESSIONS,
        groups: &[],
    },
];
