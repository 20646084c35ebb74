//! Tables of words that answer a question.

/// The words of a language that answer a question.
pub(in crate::routing) struct AnswerWords {
    /// Words that consent on their own.
    pub(in crate::routing) affirmations: &'static [&'static str],
    /// Words that may accompany them.
    pub(in crate::routing) fillers: &'static [&'static str],
    /// Words that decline anywhere in the text.
    pub(in crate::routing) negations: &'static [&'static str],
    /// Words that end the agent's turn if the text contains only them.
    pub(in crate::routing) stops: &'static [&'static str],
    /// Groups of words that consent together, even with a negation among them.
    pub(in crate::routing) phrases: &'static [&'static [&'static str]],
    /// Groups of words that ask in this order, though each may occur in a yes.
    pub(in crate::routing) asking: &'static [&'static [&'static str]],
    /// Groups of words that do not consent in this order, such as a polite refusal.
    pub(in crate::routing) bent: &'static [&'static [&'static str]],
    /// Characters that decline, even inside a word.
    pub(in crate::routing) denials: &'static [char],
    /// The instructions that may follow a yes.
    pub(in crate::routing) instruction: Instruction,
}

/// The words of a language that move a launch to another project.
pub(in crate::routing) struct Elsewhere {
    /// Words that may surround the name of a project.
    pub(in crate::routing) around: &'static [&'static str],
    /// Words that say that a place is meant; one is required.
    pub(in crate::routing) places: &'static [&'static str],
    /// Words for a project.
    pub(in crate::routing) nouns: &'static [&'static str],
    /// Words for another one.
    pub(in crate::routing) others: &'static [&'static str],
    /// Parts of a text that exclude the place, though each of their words may also surround its name.
    pub(in crate::routing) denials: &'static [&'static str],
}

/// The words of a language for an instruction after a yes.
pub(in crate::routing) struct Instruction {
    /// Words that join a yes and an instruction.
    pub(in crate::routing) joints: &'static [&'static str],
    /// Verbs for actions that an agent may be told to omit.
    pub(in crate::routing) left_alone: &'static [&'static str],
    /// Words that negate such a verb.
    pub(in crate::routing) denying: &'static [&'static str],
    /// Verbs for additional actions.
    pub(in crate::routing) additions: &'static [&'static str],
    /// Words for "also"; one is required with such a verb.
    pub(in crate::routing) also: &'static [&'static str],
    /// Articles and the like before the object.
    pub(in crate::routing) articles: &'static [&'static str],
    /// Words that make it a condition, or may refer to the question.
    pub(in crate::routing) hedges: &'static [&'static str],
}

/// The words of a language for another session: "stop the other session".
pub(in crate::routing) struct SessionWords {
    /// Words for another one.
    pub(in crate::routing) others: &'static [&'static str],
    /// Words for a session that may follow such a word.
    pub(in crate::routing) nouns: &'static [&'static str],
    /// Those nouns that always mean a session.
    pub(in crate::routing) clear_nouns: &'static [&'static str],
}
