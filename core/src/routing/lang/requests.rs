//! The table of words that determine the kind of a request.
//!
//! Phrases are separated by `|`, in lower case and without accents.

/// The words of a language that determine the kind of a request.
pub(in crate::routing) struct RequestWords {
    /// Words before the actual request.
    pub(in crate::routing) leads: &'static str,
    /// Phrases that make the following question a request.
    pub(in crate::routing) requests: &'static str,
    /// Denials, stops and postponements at the beginning.
    pub(in crate::routing) denials: &'static str,
    /// Denials anywhere in the first clause.
    pub(in crate::routing) clause_denials: &'static str,
    /// Words after which such a denial concerns something else.
    pub(in crate::routing) subordinators: &'static str,
    /// Words for nothing, right after the first verb: "fix nothing".
    pub(in crate::routing) nothing: &'static str,
    /// Whole clauses at the end that retract the request.
    pub(in crate::routing) retractions: &'static str,
    /// Words at the end that postpone it.
    pub(in crate::routing) postponements: &'static str,
    /// Words that introduce the user's consent: "once" in "once I confirm".
    pub(in crate::routing) conditions: &'static str,
    /// That consent: "I confirm".
    pub(in crate::routing) confirmations: &'static str,
    /// Beginnings of questions.
    pub(in crate::routing) questions: &'static str,
    /// Ends of sentences that ask.
    pub(in crate::routing) question_ends: &'static str,
    /// Beginnings of questions about code, if more follows.
    pub(in crate::routing) about_code: &'static str,
    /// Words that make a question concern the agent.
    pub(in crate::routing) about_agent: &'static str,
    /// Instructions to report the status.
    pub(in crate::routing) status_orders: &'static str,
    /// Definite articles and possessives.
    pub(in crate::routing) articles: &'static str,
    /// Indefinite articles.
    pub(in crate::routing) indefinite: &'static str,
    /// Words that do not distinguish projects: "this", "whole".
    pub(in crate::routing) determiners: &'static str,
    /// Prepositions before a place.
    pub(in crate::routing) prepositions: &'static str,
    /// Prepositions that can only mean being inside.
    pub(in crate::routing) inside: &'static str,
    /// Words at the beginning before a place without an article, followed by a comma.
    pub(in crate::routing) places_first: &'static str,
    /// The same, followed by a colon.
    pub(in crate::routing) colon_places: &'static str,
    /// Words before a place without an article, at any position.
    pub(in crate::routing) bare_places: &'static str,
    /// Verbs that open a place.
    pub(in crate::routing) opens: &'static str,
    /// Words that join things of a kind.
    pub(in crate::routing) joints: &'static str,
    /// Words that negate a verb, or the following place or agent.
    pub(in crate::routing) negations: &'static str,
    /// Words that exclude the following place or agent, whatever comes before.
    pub(in crate::routing) negators: &'static str,
    /// Words that exclude the preceding place or agent, at the end of a clause.
    pub(in crate::routing) negators_after: &'static str,
    /// Verbs between a negator and the excluded thing.
    pub(in crate::routing) excluding: &'static str,
    /// Words before a source.
    pub(in crate::routing) sources: &'static str,
    /// Words before a source only if something is brought.
    pub(in crate::routing) weak_sources: &'static str,
    /// Words before a target.
    pub(in crate::routing) targets: &'static str,
    /// Words before an example.
    pub(in crate::routing) examples: &'static str,
    /// Verbs that bring something from elsewhere.
    pub(in crate::routing) transfers: &'static str,
    /// Nouns for a project.
    pub(in crate::routing) nouns: &'static str,
    /// Further nouns for a project if something is inside it.
    pub(in crate::routing) services: &'static str,
    /// Those nouns as the end of a compound word.
    pub(in crate::routing) suffixes: &'static str,
    /// Words after those nouns that are not names.
    pub(in crate::routing) ordinary: &'static str,
    /// Words for several projects or another one.
    pub(in crate::routing) others: &'static str,
    /// Phrases that switch to a place, whatever it is called.
    pub(in crate::routing) switches: &'static str,
    /// Words between a statement and a turn against it.
    pub(in crate::routing) turns: &'static str,
    /// Beginnings of statements, besides articles.
    pub(in crate::routing) statements: &'static str,
    /// Verbs of states.
    pub(in crate::routing) copulas: &'static str,
    /// Phrases after a statement that say not to act on it.
    pub(in crate::routing) dismissals: &'static str,
    /// Phrases after a statement that only sound like a denial.
    pub(in crate::routing) unknowing: &'static str,
    /// Words for forbidden or pointless work, after a verb of a state.
    pub(in crate::routing) forbidden: &'static str,
    /// Words for needed or allowed work, after a negation.
    pub(in crate::routing) needs: &'static str,
    /// Phrases that reserve the decision for the user.
    pub(in crate::routing) reserves: &'static str,
    /// Phrases for something that the user wants to see, if it must come first.
    pub(in crate::routing) reviews: &'static str,
    /// Words that say that it must come first.
    pub(in crate::routing) befores: &'static str,
    /// Verbs for another person's approval.
    pub(in crate::routing) approvals: &'static str,
    /// Words after those verbs.
    pub(in crate::routing) approval_ends: &'static str,
    /// Articles that only persons have.
    pub(in crate::routing) owners: &'static str,
    /// Phrases at the end that report work as done.
    pub(in crate::routing) done: &'static str,
    /// Phrases that turn an instruction into a report of another person's work.
    pub(in crate::routing) of_others: &'static str,
    /// Exclamations, thanks and greetings.
    pub(in crate::routing) interjections: &'static str,
    /// Words for the current project.
    pub(in crate::routing) here: &'static str,
    /// Words before the agent for the work.
    pub(in crate::routing) agents: &'static str,
    /// Denials that also begin the name of a part of a program: "cancel" in "cancel button".
    pub(in crate::routing) namesakes: &'static str,
    /// Those parts.
    pub(in crate::routing) parts: &'static str,
    /// Verbs that say how such a part is or should be.
    pub(in crate::routing) modals: &'static str,
    /// Instructions to replace something in the code; `…` stands for its name.
    pub(in crate::routing) disuses: &'static str,
    /// Objects of such instructions that are not code: pronouns, and the means of an agent.
    pub(in crate::routing) means: &'static str,
    /// Verbs of failure with their negation, where it would read as a denial: "geht nicht".
    pub(in crate::routing) failures: &'static str,
    /// Phrases that ask for the place of a defect.
    pub(in crate::routing) wheres: &'static str,
    /// Words for a defect.
    pub(in crate::routing) defects: &'static str,
    /// Words that ask for the reason.
    pub(in crate::routing) whys: &'static str,
    /// Words inside a question about code, after its subject.
    pub(in crate::routing) about_code_inside: &'static str,
    /// Beginnings of questions that ask for advice on code; `…` stands for the alternatives.
    pub(in crate::routing) advice: &'static str,
}
