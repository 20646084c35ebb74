//! What all rules look at: the words of an utterance and what its request has.

use crate::answer;
use crate::lead::Lead;
use crate::names::{Choice, Names, choose};
use crate::pattern::{Phrases, any_in, phrases};
use crate::places::{self, Guess};
use crate::reference::Reference;
use crate::sessions::{Found, Purpose, Sessions, is_live};
use crate::words::{Word, sentence};
use crate::{Intent, Proposal, Request, Session, Speaker, Turn};

/// An utterance taken apart, with its request.
#[derive(Debug)]
pub struct Reading<'r> {
    /// The request.
    pub request: &'r Request,
    /// The user's words, unchanged but for the white space around them.
    pub prompt: &'r str,
    /// The user's own words, without what was pasted.
    pub words: &'r [Word<'r>],
    /// Whether anything was pasted.
    pub pasted: bool,
    /// The names in the words.
    pub names: Names,
    /// What stands before the wish itself.
    pub lead: Lead,
    /// The place that is named but not known.
    pub guess: Option<Guess>,
    /// The sessions that may be meant: those that the constraints leave.
    pub sessions: Vec<&'r Session>,
}

/// "The other session" is not the one that was started here.
const OTHERS: &Phrases =
    phrases!("other|others ?running|live session|sessions|agent|agents|one|ones|run|job");

fn was_said_here(request: &Request, session: &Session) -> bool {
    let said = |turn: &Turn| {
        turn.speaker == Speaker::User && turn.text.split_whitespace().eq(session.utterance.split_whitespace())
    };
    request.turns.iter().any(said)
}

impl<'r> Reading<'r> {
    /// Takes the words apart.
    pub fn new(request: &'r Request, words: &'r [Word<'r>], pasted: bool) -> Self {
        let names = Names::find(words, &request.projects, &request.agents);
        let lead = Lead::read(words, &names);
        let fixed = &request.constraints;
        let allowed = |session: &&Session| {
            fixed.agent.as_ref().is_none_or(|agent| *agent == session.agent)
                && fixed.project.as_ref().is_none_or(|project| *project == session.project)
        };
        let mut sessions: Vec<&Session> = request.sessions.iter().filter(allowed).collect();
        if any_in(words, OTHERS) {
            sessions.retain(|session| !was_said_here(request, session));
        }
        Self { request, prompt: request.utterance.trim(), words, pasted, names, lead, guess: None, sessions }
    }

    /// Takes "ask codex to" as part of what stands before the wish.
    pub fn take_order(&mut self) {
        self.lead.take_order(self.words, &self.names);
    }

    /// Takes a place that is named but not known for the one that it sounds like.
    pub fn guess_place(&mut self) {
        let guess = places::guess(self);
        if self.take_guess(guess) {
            self.lead = Lead::read(self.words, &self.names);
            self.take_order();
        }
    }

    /// Takes a guess, and says whether it is a project.
    pub fn take_guess(&mut self, guess: Option<Guess>) -> bool {
        self.guess = guess;
        let Some(Guess::Alike { mention, .. }) = &self.guess else { return false };
        let at = self.names.projects.partition_point(|known| known.at < mention.at);
        self.names.projects.insert(at, mention.clone());
        true
    }

    /// Returns the words of the wish itself.
    pub fn rest(&self) -> &'r [Word<'r>] {
        &self.words[self.lead.head..]
    }

    /// Returns the first sentence of the wish itself, as far as people speak without a full stop.
    pub fn sentence(&self) -> &'r [Word<'r>] {
        const MAX_WORDS: usize = 200;
        let sentence = sentence(self.rest());
        &sentence[..sentence.len().min(MAX_WORDS)]
    }

    /// Returns what some words of the utterance, from the one at `at`, say about a session.
    pub fn reference(&self, words: &[Word], at: usize) -> Reference {
        Reference::read(words, at, &self.names)
    }

    /// Finds the session that a reference means.
    pub fn find(&self, reference: &Reference, purpose: Purpose) -> Found<'_> {
        let Request { agents, projects, now, .. } = self.request;
        Sessions { all: &self.sessions, agents, projects, now: *now }.find(reference, purpose)
    }

    /// Says whether a session has all the words of a reference's topic.
    pub fn has_whole_topic(&self, reference: &Reference) -> bool {
        self.sessions.iter().any(|session| reference.overlap(session) == reference.topic.len())
    }

    /// Says whether any agent is alive.
    pub fn any_live(&self) -> bool {
        self.sessions.iter().any(|session| is_live(session))
    }

    /// Returns the project: the one that is fixed, the one before the wish, or the one in it.
    pub fn project(&self) -> Choice {
        match self.lead.project {
            Some(index) => Choice::One(index),
            None => choose(self.words, &self.names.projects),
        }
    }

    /// Returns the agent: the one before the wish, or the one in it.
    pub fn agent(&self) -> Choice {
        match self.lead.agent {
            Some(index) => Choice::One(index),
            None => choose(self.words, &self.names.agents),
        }
    }

    /// Asks which of several sessions is meant.
    pub fn ask_which(&self, sessions: &[&Session], intent: &dyn Fn(&Session) -> Intent) -> Proposal {
        let quoted: Vec<String> =
            sessions.iter().take(5).map(|session| answer::quote(&session.utterance)).collect();
        let hint =
            format!("Several sessions fit: {}. Say which one, with a word from it.", quoted.join(", "));
        answer::tie(
            sessions.iter().map(|session| intent(session)).collect(),
            hint,
            "several sessions fit equally well",
        )
    }

    /// Says that no session fits, and which there are.
    pub fn no_session(&self, wanted: &str) -> Proposal {
        let quoted: Vec<String> =
            self.sessions.iter().take(5).map(|session| answer::quote(&session.utterance)).collect();
        let hint = match quoted[..] {
            [] => format!("There is no session to {wanted}. Say what to do to start one."),
            _ => format!("No session fits that could {wanted}. There is: {}.", quoted.join(", ")),
        };
        answer::unclear(hint, 80, "no session fits")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, describe, idle, intent};
    use crate::{Constraints, Intent, Request, Speaker, Turn, route};

    #[test]
    fn sessions_that_fit_alike_are_offered_side_by_side() {
        let proposal = route(&Request { utterance: "stop it".into(), ..busy() });
        assert!(
            matches!(&proposal.intent, Intent::CannotParse(hint) if hint.contains("fix the flaky login test"))
        );
        let offered: Vec<String> = proposal.candidates.iter().map(|one| describe(&one.intent)).collect();
        assert_eq!(offered, ["stop login", "stop upload"]);
        assert!(proposal.candidates.iter().all(|one| one.confidence == proposal.confidence));
    }

    #[test]
    fn the_other_session_is_not_the_one_that_was_started_here() {
        let turns = vec![Turn { speaker: Speaker::User, text: "fix the flaky login test in shop".into() }];
        let here = Request { turns, ..busy() };
        for wish in ["stop the other session", "kill the other agent", "stop the other one"] {
            assert_eq!(intent(wish, &here), "stop upload", "{wish}");
        }
        let mut only = here;
        only.sessions.truncate(1);
        assert_eq!(intent("stop the other session", &only), "cannot-parse");
        assert_eq!(intent("stop the session", &only), "stop login");
    }

    #[test]
    fn what_is_fixed_leaves_only_its_own_sessions() {
        let constraints = Constraints { agent: Some("codex".into()), project: None };
        assert_eq!(intent("stop it", &Request { constraints, ..busy() }), "stop upload");
    }

    #[test]
    fn without_a_session_the_hint_says_what_there_is() {
        let hint = |request: Request| match route(&request).intent {
            Intent::CannotParse(hint) => hint,
            other => panic!("{other:?} is clear"),
        };
        let utterance = "stop the billing session".to_string();
        assert!(
            hint(Request { utterance: utterance.clone(), ..busy() }).contains("update the README badges")
        );
        assert!(hint(Request { utterance, ..idle() }).contains("There is no session to stop"));
    }
}
