//! The input of all rules: the words of an utterance and its request.

use crate::answer;
use crate::guess::Guess;
use crate::lang::en::reading as en;
use crate::lead::Lead;
use crate::names::{Choice, Names, choose};
use crate::pattern::any_in;
use crate::reference::Reference;
use crate::sessions::{Purpose, SessionMatch, Sessions, is_live};
use crate::word::Word;
use crate::words::sentence;
use crate::{Intent, Proposal, Request, Session, Speaker, Turn};

/// A parsed utterance with its request.
#[derive(Debug)]
pub struct Reading<'r> {
    /// The request.
    pub request: &'r Request,
    /// The user's words, unchanged except for the surrounding white space.
    pub prompt: &'r str,
    /// The user's own words, without pasted text.
    pub words: &'r [Word<'r>],
    /// Whether anything was pasted.
    pub pasted: bool,
    /// The names in the words.
    pub names: Names,
    /// The words before the request itself.
    pub lead: Lead,
    /// The unknown place that it names.
    pub guess: Option<Guess>,
    /// The sessions that the constraints allow.
    pub sessions: Vec<&'r Session>,
}

fn was_said_here(request: &Request, session: &Session) -> bool {
    let is_same = |turn: &Turn| {
        turn.speaker == Speaker::User && turn.text.split_whitespace().eq(session.utterance.split_whitespace())
    };
    request.turns.iter().any(is_same)
}

impl<'r> Reading<'r> {
    /// Parses the words.
    pub fn new(request: &'r Request, words: &'r [Word<'r>], pasted: bool) -> Self {
        let names = Names::find(words, &request.projects, &request.agents);
        let lead = Lead::read(words, &names);
        let fixed = &request.constraints;
        let allowed = |session: &&Session| {
            fixed.agent.as_ref().is_none_or(|agent| *agent == session.agent)
                && fixed.project.as_ref().is_none_or(|project| *project == session.project)
        };
        let mut sessions: Vec<&Session> = request.sessions.iter().filter(allowed).collect();
        if any_in(words, en::OTHERS) {
            sessions.retain(|session| !was_said_here(request, session));
        }
        Self { request, prompt: request.utterance.trim(), words, pasted, names, lead, guess: None, sessions }
    }

    /// Treats "ask codex to" as part of the lead.
    pub fn take_order(&mut self) {
        self.lead.take_order(self.words, &self.names);
    }

    /// Reads the beginning again, with the names known by now.
    pub fn read_lead(&mut self) {
        self.lead = Lead::read(self.words, &self.names);
        self.take_order();
    }

    /// Stores a guess, and returns whether it is a project.
    pub fn take_guess(&mut self, guess: Option<Guess>) -> bool {
        self.guess = guess;
        let Some(Guess::Alike { mention, .. }) = &self.guess else { return false };
        let at = self.names.projects.partition_point(|known| known.at < mention.at);
        self.names.projects.insert(at, mention.clone());
        true
    }

    /// Returns the words of the request itself.
    pub fn rest(&self) -> &'r [Word<'r>] {
        &self.words[self.lead.head..]
    }

    /// Returns the first sentence of the request itself, up to a limit.
    pub fn sentence(&self) -> &'r [Word<'r>] {
        const MAX_WORDS: usize = 200;
        let sentence = sentence(self.rest());
        &sentence[..sentence.len().min(MAX_WORDS)]
    }

    /// Returns the reference to a session in some words of the utterance, which begin at `at`.
    pub fn reference(&self, words: &[Word], at: usize) -> Reference {
        Reference::read(words, at, &self.names)
    }

    /// Finds the session that a reference means.
    pub fn find(&self, reference: &Reference, purpose: Purpose) -> SessionMatch<'_> {
        let Request { agents, projects, now, .. } = self.request;
        Sessions { all: &self.sessions, agents, projects, now: *now }.find(reference, purpose)
    }

    /// Returns whether a session has all words of a topic.
    pub fn has_whole_topic(&self, reference: &Reference) -> bool {
        self.sessions.iter().any(|session| reference.overlap(session) == reference.topic.len())
    }

    /// Returns whether any session is live.
    pub fn any_live(&self) -> bool {
        self.sessions.iter().any(|session| is_live(session))
    }

    /// Returns the project: the one in the lead, or the one in the request.
    pub fn project(&self) -> Choice {
        match self.lead.project {
            Some(index) => Choice::One(index),
            None => choose(self.words, &self.names.projects),
        }
    }

    /// Returns the agent: the one in the lead, or the one in the request.
    pub fn agent(&self) -> Choice {
        match self.lead.agent {
            Some(index) => Choice::One(index),
            None => choose(self.words, &self.names.agents),
        }
    }

    /// Returns whether flags leave nothing to choose.
    pub fn is_all_fixed(&self) -> bool {
        let fixed = &self.request.constraints;
        fixed.agent.is_some() && fixed.project.is_some()
    }

    /// Returns a hint with an example that fits the known projects.
    pub fn example(&self) -> String {
        format!("Say what to do and where, for example: fix the failing test{}.", self.example_place())
    }

    /// Returns the place for such an example.
    pub fn example_place(&self) -> String {
        let first = self.request.projects.first();
        first.map(|project| format!(" in {}", answer::plain(&project.name))).unwrap_or_default()
    }

    /// Asks which of several sessions is meant.
    pub fn ask_which(&self, sessions: &[&Session], intent: &dyn Fn(&Session) -> Intent) -> Proposal {
        let sessions = without_older_twins(sessions);
        if let [only] = sessions[..] {
            let reason = format!("it means the newest session of {}", answer::plain(&only.agent));
            return answer::sure(intent(only), 60, reason);
        }
        let quoted: Vec<String> =
            sessions.iter().take(5).map(|session| self.label(session, &sessions)).collect();
        let hint =
            format!("Several sessions fit: {}. Say which one, with a word from it.", quoted.join(", "));
        answer::tie(
            sessions.iter().map(|session| intent(session)).collect(),
            hint,
            "several sessions fit equally well",
        )
    }

    /// Quotes the subject of a session, with its agent and its age if another session has the same subject.
    fn label(&self, session: &Session, others: &[&Session]) -> String {
        const MINUTE_MS: u64 = 60_000;
        let quoted = answer::quote(&session.utterance);
        if others.iter().filter(|other| other.utterance == session.utterance).count() < 2 {
            return quoted;
        }
        let minutes = self.request.now.saturating_sub(session.changed_at) / MINUTE_MS;
        let agent = answer::plain(&session.agent);
        format!("{quoted} ({agent} in {}, {minutes} min ago)", answer::plain(&session.project))
    }

    /// Returns the proposal for the case that no session fits, with a list of the existing ones.
    pub fn no_session(&self, wanted: &str) -> Proposal {
        let quoted: Vec<String> =
            self.sessions.iter().take(5).map(|session| answer::quote(&session.utterance)).collect();
        let hint = match quoted[..] {
            [] => format!(
                "There is no session to {wanted}. To start one, say what to do, for example: fix the failing \
                 test{}.",
                self.example_place()
            ),
            _ => {
                format!("There is no matching session to {wanted}. Existing sessions: {}.", quoted.join(", "))
            }
        };
        answer::unclear(hint, 80, "no session fits")
    }
}

/// Leaves out ended sessions that look the same as a newer one: nobody could say which one is meant.
pub fn without_older_twins<'s>(sessions: &[&'s Session]) -> Vec<&'s Session> {
    let is_twin = |one: &Session, other: &Session| {
        (&one.utterance, &one.agent, &one.project) == (&other.utterance, &other.agent, &other.project)
    };
    let mut distinct: Vec<&Session> = Vec::new();
    for session in sessions {
        if is_live(session) || !distinct.iter().any(|newer| is_twin(newer, session)) {
            distinct.push(session);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, describe, idle, intent};
    use crate::{Constraints, Intent, Request, Speaker, Turn, route};

    #[test]
    fn sessions_that_fit_equally_are_offered_together() {
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
        for utterance in ["stop the other session", "kill the other agent", "stop the other one"] {
            assert_eq!(intent(utterance, &here), "stop upload", "{utterance}");
        }
        let mut only = here;
        only.sessions.truncate(1);
        assert_eq!(intent("stop the other session", &only), "cannot-parse");
        assert_eq!(intent("stop the session", &only), "stop login");
    }

    #[test]
    fn constraints_leave_only_their_own_sessions() {
        let constraints = Constraints { agent: Some("codex".into()), project: None };
        assert_eq!(intent("stop it", &Request { constraints, ..busy() }), "stop upload");
    }

    #[test]
    fn without_a_fitting_session_the_hint_lists_the_others() {
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
