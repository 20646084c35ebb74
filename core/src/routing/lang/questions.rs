//! Tables of words of questions that codewalk answers itself.

/// The words of a language for such questions.
pub(in crate::routing) struct QuestionWords {
    /// Questions about the configured agents.
    pub(in crate::routing) agents: QuestionTable,
    /// Questions about the cost.
    pub(in crate::routing) cost: QuestionTable,
    /// Words that turn a question into a request.
    pub(in crate::routing) polite: &'static [&'static str],
}

/// The words of one question.
pub(in crate::routing) struct QuestionTable {
    /// Words for the subject; one is required.
    pub(in crate::routing) about: &'static [&'static str],
    /// All other words that may occur.
    pub(in crate::routing) among: &'static [&'static str],
    /// Groups of parts of a text without spaces; all parts of one group are required.
    pub(in crate::routing) parts: &'static [&'static [&'static str]],
}
