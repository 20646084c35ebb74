//! The tables of words that make up a language.

use crate::phrases::Phrases;
use crate::word_list::Words;

/// A table without words.
pub const NONE: &Phrases = &Phrases::of(&[], &[], &[]);

/// The words of one language, by their function in a request.
pub struct Language {
    /// Whether the language is written without spaces between words.
    pub spaceless: bool,
    /// Function words.
    pub small: &'static Words,
    /// Verbs of work on code, without their endings.
    pub verbs: &'static Words,
    /// Verbs that may ask for anything, without their endings.
    pub loose: &'static Words,
    /// Verbs that can apply to a whole project, without their endings. None of them destroys anything.
    pub brief: &'static Words,
    /// The imperative endings of such a verb.
    pub endings: &'static [&'static str],
    /// Software nouns; they also count inside longer words.
    pub nouns: &'static Words,
    /// Words before a noun: no verb follows them.
    pub articles: &'static Phrases,
    /// "Could you please": a request follows.
    pub requests: &'static Phrases,
    /// "I want the button to be": a description of the wanted state follows.
    pub wants: &'static Phrases,
    /// Instructions to end a session.
    pub stops: &'static Phrases,
    /// Instructions to interrupt a session.
    pub interrupts: &'static Phrases,
    /// Instructions to resume a session.
    pub resumes: &'static Phrases,
    /// Particles that may end such an instruction: "ab" in "brich das ab".
    pub particles: &'static Phrases,
    /// Words that refer to something mentioned before.
    pub pronouns: &'static Phrases,
    /// Words for a session.
    pub sessions: &'static Phrases,
    /// Words for several sessions, or for all.
    pub groups: &'static Phrases,
    /// Words for the newest session.
    pub last: &'static Phrases,
    /// Words for a session other than the current one.
    pub other: &'static Phrases,
    /// "Like": the name of an example follows.
    pub examples: &'static Phrases,
    /// "In the project": the name of a place follows.
    pub places: &'static Phrases,
    /// "In": the name of a place may follow, with a word for a project after it.
    pub leads: &'static Phrases,
    /// Words for a project after its name.
    pub places_after: &'static Phrases,
    /// Words before such a word that are not names.
    pub whole: &'static Phrases,
    /// "Tell": the addressed session follows.
    pub tells: &'static Phrases,
    /// Words between the addressee and the message.
    pub thats: &'static Phrases,
    /// "Also": the request continues earlier work.
    pub ties: &'static Phrases,
    /// Words that join two instructions.
    pub joins: &'static Phrases,
    /// Words that ask for the reason.
    pub whys: &'static Phrases,
    /// Questions about where something happens, which only the code can answer.
    pub code_questions: &'static Phrases,
    /// Words in reports of what other people said.
    pub says: &'static Phrases,
    /// Verbs that resume a session only together with a word from `resuming`, and interrupt it together with
    /// one from `halting`.
    pub resuming: &'static Phrases,
    /// See `resuming`.
    pub halting: &'static Phrases,
    /// The ending of a verb that includes the addressee: "dile".
    pub addressing: Option<&'static str>,
    /// Beginnings of questions.
    pub questions: &'static Phrases,
    /// Words about progress.
    pub progress: &'static Phrases,
    /// Questions about all sessions.
    pub overviews: &'static Phrases,
    /// Words that deny.
    pub negations: &'static Phrases,
    /// Clauses that withdraw the request before them.
    pub withdrawals: &'static Phrases,
    /// Statements of a problem.
    pub problems: &'static Phrases,
    /// Reports of what other people said, or of work that is done.
    pub stories: &'static Phrases,
    /// Whole answers to a question.
    pub answers: &'static Phrases,
    /// Whole texts that request nothing.
    pub greetings: &'static Phrases,
    /// Prompt injections.
    pub injections: &'static Phrases,
    /// Claims of consent, and instructions to skip it.
    pub consents: &'static Phrases,
    /// Phrases saying that nothing should be done, or not now.
    pub limits: &'static Limits,
}

/// Phrases saying that nothing should be done, or not now, or not there, and phrases that only sound like
/// that.
pub struct Limits {
    /// Idioms with a negation that deny nothing: "don't forget to".
    pub idioms: &'static Phrases,
    /// Beginnings and ends of clauses that forbid: "keep your hands off".
    pub heads: &'static Phrases,
    /// Words that forbid if a verb of work follows: "avoid changing".
    pub halts: &'static Phrases,
    /// Beginnings of clauses that only give a condition: "without", "if you".
    pub sides: &'static Phrases,
    /// "Leave", if a word from `alone` follows.
    pub leaves: &'static Phrases,
    /// "Alone", "as it is".
    pub alone: &'static Phrases,
    /// "Tomorrow": the request is for later.
    pub later: &'static Phrases,
    /// "Only if I say so", "wait before".
    pub reserves: &'static Phrases,
    /// Questions about whether to do something: "should I", "or not".
    pub muses: &'static Phrases,
    /// Words for a choice, which turn such a question into one about code.
    pub choices: &'static Phrases,
    /// Questions about whether something was done: "have you", "is it repaired".
    pub done: &'static Phrases,
    /// Words that end such a question.
    pub participles: &'static Phrases,
    /// The endings of verbs in such a question: "arreglaste".
    pub past: &'static [&'static str],
    /// Modal verbs after the name of the agent that should do the work.
    pub modals: &'static Phrases,
    /// Words before the name of the agent that should do the work.
    pub with: &'static Phrases,
    /// "The same": the earlier request.
    pub same: &'static Phrases,
    /// "Go on with", "the second point".
    pub goes_on: &'static Phrases,
    /// Beginnings of answers to a session's question.
    pub replies: &'static Phrases,
    /// "Again": the earlier request, in the same place.
    pub again: &'static Phrases,
    /// How instructions to replace something in the code begin: "stop using".
    pub disuses: &'static Phrases,
    /// How they end, if the object comes before the verb.
    pub disuse_ends: &'static Phrases,
    /// "Never log": data handling that something else should replace.
    pub handlings: &'static Phrases,
    /// What should replace it: "mask it".
    pub replacements: &'static Phrases,
    /// "Don't crash when": failures that a program should avoid.
    pub avoided: &'static Phrases,
}

impl Limits {
    /// Returns all tables.
    pub fn tables(&self) -> [&'static Phrases; 23] {
        [
            self.idioms,
            self.heads,
            self.halts,
            self.sides,
            self.leaves,
            self.alone,
            self.later,
            self.reserves,
            self.muses,
            self.choices,
            self.done,
            self.participles,
            self.modals,
            self.with,
            self.same,
            self.goes_on,
            self.replies,
            self.again,
            self.disuses,
            self.disuse_ends,
            self.handlings,
            self.replacements,
            self.avoided,
        ]
    }
}
