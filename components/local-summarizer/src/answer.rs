//! Chooses what is said, and in which order: what waits for the user, how the session stands or ended, what was not
//! allowed, what was done and how that ended, what the agent asks and says, what came before.

use crate::deeds::{self, Form};
use crate::facts::{self, Facts, Outcome, Which};
use crate::fitting::{MOST_WORDS, fitted};
use crate::questions::Topic;
use crate::{Request, SessionState, WaitingFor, prose, quotes, reasons, sentences, words};

/// The most words of what the user asked for.
const TASK_WORDS: usize = 16;
/// The most words of a question of the agent.
const QUESTION_WORDS: usize = 24;
/// The most words of why a session that lives does not get on.
const STUCK_WORDS: usize = 12;
/// How it begins why not all was done, where something was.
const DONE_IN_PART: &str = "part of it was done, but ";
/// The bytes around the command in the sentence about a request.
const AROUND_REQUEST: usize = 48;
/// The least that is said of a command.
const LEAST_REQUEST: usize = 16;
/// What the sentence about requests that are not named takes, in words and bytes.
const COUNT_OF_OTHERS: (usize, usize) = (6, 40);

/// Returns the summary that a request asks for.
pub fn answer(request: &Request) -> String {
    let facts = Facts::of(request);
    let teller = Teller { request, facts };
    let mut said = teller.waiting();
    match request.question.as_deref().map_or(Topic::Whole, Topic::of) {
        Topic::Whole => said.extend(teller.whole()),
        Topic::Done => said.extend(teller.done()),
        Topic::Doing => said.extend(teller.doing()),
        Topic::Changes => said.extend(teller.changes()),
        Topic::Commands => said.extend(teller.commands()),
        Topic::Tests => said.extend(teller.tests()),
        Topic::Why => said.extend(teller.why()),
        Topic::Waiting if said.is_empty() && request.state != SessionState::Waiting => {
            said.push("It waits for nothing.".to_owned());
            said.extend(teller.whole());
        }
        Topic::Waiting => said.push(teller.status()),
    }
    fitted(&said, &teller.bad_news(), request.byte_budget as usize)
}

/// Tells of one session.
struct Teller<'a> {
    request: &'a Request,
    facts: Facts<'a>,
}

impl Teller<'_> {
    fn is_live(&self) -> bool {
        matches!(self.request.state, SessionState::Starting | SessionState::Running | SessionState::Waiting)
    }

    /// Returns whether the entries leave out the session's beginning.
    fn is_partial(&self) -> bool {
        facts::are_partial(self.request)
    }

    /// Returns how sentences about what it does begin.
    fn so_far(&self) -> &'static str {
        match (self.is_partial(), self.is_live()) {
            (true, _) => "Lately it",
            (false, true) => "So far it",
            (false, false) => "It",
        }
    }

    fn whole(&self) -> Vec<String> {
        let mut said = self.outcome();
        said.extend(self.reason_and_task());
        said.extend(self.addition().filter(|_| self.is_live()));
        said.extend(self.now());
        said.extend(sentences::deeds(&self.facts, self.so_far()));
        said.extend(sentences::results(&self.facts, facts::any));
        said.extend(self.question());
        said.extend(self.addition().filter(|_| !self.is_live()));
        said.extend(self.trouble());
        said.extend(self.remark());
        said.extend(self.earlier(&said));
        said
    }

    /// Returns what must not be left out for good news.
    fn bad_news(&self) -> Vec<String> {
        // These are short.
        let mut said: Vec<_> = sentences::helpers(&self.facts).into_iter().collect();
        said.extend(self.denied(facts::any));
        said.extend(sentences::unasked(&self.facts));
        said.extend(sentences::failures(&self.facts, facts::any));
        said
    }

    /// Returns where the session stands, with what must not be missed about that.
    fn outcome(&self) -> Vec<String> {
        let mut said = vec![self.status()];
        said.extend(self.stuck());
        let is_said = self.request.state == SessionState::Completed && self.denied_instead().is_some();
        said.extend(self.denied(facts::any).filter(|_| !is_said));
        said.extend(sentences::helpers(&self.facts));
        said.extend(sentences::unasked(&self.facts));
        said
    }

    fn done(&self) -> Vec<String> {
        let mut said = self.whole();
        if self.is_live() {
            said.insert(0, "It is not done yet.".to_owned());
        }
        said
    }

    fn doing(&self) -> Vec<String> {
        if !self.is_live() {
            return self.whole();
        }
        let mut said: Vec<_> = self.stuck().into_iter().collect();
        said.extend(self.now());
        said.extend(self.remark());
        said.push(self.status());
        said.extend(self.trouble());
        said
    }

    fn changes(&self) -> Vec<String> {
        let mut said = vec![sentences::changes_or_none(&self.facts, self.so_far())];
        said.extend(self.earlier(&said));
        said.push(self.status());
        said
    }

    fn commands(&self) -> Vec<String> {
        let mut said: Vec<_> = self.running(|step| step.command.is_some()).into_iter().collect();
        said.extend(sentences::results(&self.facts, |step| step.command.is_some()));
        said.extend(self.denied(|step| step.command.is_some()));
        if said.is_empty() {
            let looks = self.facts.steps.iter().any(facts::is_look);
            let what = if looks { "runs only commands that look around" } else { "completes no command" };
            said.push(format!("{} {what}.", self.so_far()));
        }
        said.extend(self.earlier(&said));
        said.push(self.status());
        said
    }

    fn tests(&self) -> Vec<String> {
        let mut said: Vec<_> = self.running(facts::is_test).into_iter().collect();
        said.extend(sentences::results(&self.facts, facts::is_test));
        said.extend(self.denied(facts::is_test));
        if said.is_empty() {
            said.push(format!("{} completes no test run.", self.so_far()));
            said.extend(self.earlier(&said));
        } else {
            said.extend(self.telling_line(facts::is_test));
            said.extend(self.changes_since_tests());
        }
        said.push(self.status());
        said
    }

    fn why(&self) -> Vec<String> {
        if !self.is_live() && self.request.state != SessionState::Completed {
            let mut said = self.outcome();
            said.extend(self.reason_and_task());
            said.extend(sentences::failures(&self.facts, facts::any));
            said.extend(self.telling_line(facts::is_command));
            said.extend(self.remark());
            return said;
        }
        let mut said: Vec<_> = self.stuck().into_iter().collect();
        said.extend(sentences::failures(&self.facts, facts::any));
        said.extend(self.telling_line(facts::is_command));
        said.extend(self.denied(facts::any));
        said.extend(sentences::helpers(&self.facts));
        said.extend(self.trouble());
        if said.is_empty() {
            said.push(format!("{} meets no failure.", self.so_far()));
        }
        said.push(self.status());
        said
    }

    /// Returns what was not allowed of what is meant.
    fn denied(&self, is_meant: Which) -> Option<String> {
        sentences::denied(&self.facts, is_meant).as_deref().map(sentences::sentence)
    }

    /// Returns what the user is asked, the oldest request first: two of them where they fit, the others as a number.
    fn waiting(&self) -> Vec<String> {
        let waiting = &self.request.waiting_for;
        let budget = self.request.byte_budget as usize;
        let around = AROUND_REQUEST + if waiting.len() > 1 { COUNT_OF_OTHERS.1 } else { 0 };
        let most_bytes = budget.saturating_sub(around).max(LEAST_REQUEST);
        let mut said: Vec<String> = Vec::new();
        for (at, request) in waiting.iter().take(2).enumerate() {
            let asked = match request {
                WaitingFor::Approval(call) => {
                    format!("may it {}?", deeds::phrase(call, Form::Asked { most_bytes }, true))
                }
                WaitingFor::Question(question) => prose::paragraph(question, QUESTION_WORDS)
                    .map_or_else(|| "it has a question.".to_owned(), prose::closed),
            };
            let Some(first) = said.first() else {
                said.push(format!("It waits for you: {asked}"));
                continue;
            };
            let second = format!("It also asks: {asked}");
            let (words, bytes) = if waiting.len() > at + 1 { COUNT_OF_OTHERS } else { (0, 0) };
            if words::count(first) + words::count(&second) + words <= MOST_WORDS
                && first.len() + second.len() + bytes < budget
            {
                said.push(second);
            }
        }
        match waiting.len() - said.len() {
            0 => {}
            1 => said.push("And 1 more request waits.".to_owned()),
            more => said.push(format!("And {more} more requests wait.")),
        }
        said
    }

    /// Returns where the session stands.
    fn status(&self) -> String {
        let is_part = self.is_done_in_part();
        let reason = || {
            let reason = self.request.ended_because.as_deref()?;
            reasons::plain_reason(reason.strip_prefix(DONE_IN_PART).unwrap_or(reason))
        };
        match self.request.state {
            SessionState::Starting => self.with_task("It is starting"),
            SessionState::Running => self.with_task("It is at work"),
            SessionState::Waiting if self.request.waiting_for.is_empty() => {
                self.with_task("It waits for you")
            }
            SessionState::Waiting => self.with_task("The task"),
            SessionState::Completed => match self.denied_instead() {
                Some(denied) => denied,
                None if self.facts.is_interrupted => self.with_task("It was interrupted"),
                None if !self.facts.refused().is_empty() => self.with_task("It is done in part"),
                // What was not allowed is not always among the entries.
                None if reason().is_some() => {
                    let has_effect = |step: &facts::Step<'_>| step.has_happened && facts::has_effect(step);
                    let is_part = is_part || self.facts.steps.iter().any(has_effect);
                    with(if is_part { "Not all was done" } else { "Nothing was done" }, reason())
                }
                None => self.with_task("It is done"),
            },
            SessionState::Failed => with("It fails", reason().or_else(|| self.error())),
            SessionState::Cancelled => with("It is cancelled", reason()),
            SessionState::Lost => with("It is lost", reason()),
        }
    }

    /// Returns what was not allowed, where that is why nothing came of what was asked for.
    fn denied_instead(&self) -> Option<String> {
        let denied = sentences::denied(&self.facts, facts::any)?;
        let any = |is_one: Which| self.facts.steps.iter().any(is_one);
        if self.is_partial()
            || self.is_done_in_part()
            || any(|step| step.has_happened && facts::has_effect(step))
        {
            return None;
        }
        let state = if any(|step| facts::is_command(step) && step.outcome != Outcome::Refused) {
            // A command that fails may have done something before.
            "Not all was done"
        } else if any(|step| step.has_happened) {
            "It changed nothing"
        } else {
            "Nothing was done"
        };
        Some(with(state, Some(denied)))
    }

    /// Returns whether something is known to have been done that is not always among the entries.
    fn is_done_in_part(&self) -> bool {
        self.request.ended_because.as_deref().is_some_and(|reason| reason.starts_with(DONE_IN_PART))
    }

    /// Returns why a session that lives does not get on.
    fn stuck(&self) -> Option<String> {
        let why = self.request.ended_because.as_deref().filter(|_| self.is_live())?;
        // "retrying since 14:05 (3 minutes)", and why.
        let known = why.split_once(": ").and_then(|(how, why)| Some((how, reasons::meaning_of(why)?)));
        let why = match known {
            Some((how, meaning)) => format!("{}: {meaning}", prose::paragraph(how, STUCK_WORDS)?),
            None => prose::paragraph(why, STUCK_WORDS)?,
        };
        // As in "It has been silent since 14:05 (7 minutes)".
        let is_said_of_it = why.starts_with(|c: char| c.is_lowercase());
        Some(prose::closed(if is_said_of_it { format!("It has been {why}") } else { why }))
    }

    fn with_task(&self, state: &str) -> String {
        with(state, prose::paragraph(&self.request.utterance, TASK_WORDS))
    }

    /// Returns the task where [`Teller::status`] has said why it ended instead, and the error behind that.
    fn reason_and_task(&self) -> Vec<String> {
        let is_completed = self.request.state == SessionState::Completed;
        if self.is_live() || (is_completed && self.denied_instead().is_none()) {
            return Vec::new();
        }
        let mut said = Vec::new();
        if let Some(error) = self.error()
            && self.request.state == SessionState::Failed
            && !self.status().contains(&error)
        {
            said.push(with("The last error", Some(error)));
        }
        said.push(self.with_task("The task"));
        said
    }

    /// Returns the newest error, where nothing was done after it.
    fn error(&self) -> Option<String> {
        self.facts.error.and_then(reasons::plain_reason)
    }

    /// Returns an error that the agent has to get over.
    fn trouble(&self) -> Option<String> {
        let error = self.error().filter(|_| self.is_live())?;
        Some(with("The last error", Some(error)))
    }

    /// Returns what the user told it since.
    fn addition(&self) -> Option<String> {
        let added = prose::paragraph(self.facts.added?, TASK_WORDS)?;
        Some(prose::closed(format!("You also say: {added}")))
    }

    /// Returns the question that it ended with.
    fn question(&self) -> Option<String> {
        quotes::question(self.facts.said.filter(|_| !self.is_live())?)
    }

    /// Returns what the agent says of it, unless the reason for its end has said so.
    fn remark(&self) -> Option<String> {
        let (verb, text) = match (self.facts.said, self.facts.printed) {
            (Some(said), _) => ("says", said),
            (None, printed) => ("prints", printed?),
        };
        let ended_because = self.request.ended_because.as_deref().and_then(reasons::plain_reason);
        let is_known = ended_because.is_some() && ended_because == reasons::plain_reason(text);
        let does_something = |step| facts::is_to_file(step) || facts::is_command(step);
        let remark = match () {
            () if is_known => None,
            () if self.is_live() => quotes::newest(text),
            // What it says is what was wanted.
            () if !self.facts.steps.iter().any(does_something) => quotes::reply(text),
            () => quotes::outcome(text),
        };
        Some(prose::closed(format!("It {verb}: {}", remark?)))
    }

    /// Returns what the summary before this one tells of entries that are not at hand any more.
    fn earlier(&self, said: &[String]) -> Option<String> {
        let previous =
            self.request.previous.as_ref().filter(|previous| self.is_partial() && previous.covers > 0)?;
        quotes::earlier(&previous.text, said)
    }

    /// Returns what it does at this moment.
    fn now(&self) -> Option<String> {
        self.running(facts::any)
    }

    fn running(&self, is_meant: Which) -> Option<String> {
        let is_running = matches!(self.request.state, SessionState::Running | SessionState::Starting);
        let step = self.facts.open().filter(|step| is_running && is_meant(step))?;
        Some(format!("It now {}.", deeds::phrase(step.call, Form::Told, true)))
    }

    /// Returns the line that tells why the newest failing command of a kind fails.
    fn telling_line(&self, is_meant: Which) -> Option<String> {
        let failed = self.facts.ended(Outcome::Failed);
        let line = reasons::telling_line(failed.iter().find(|step| is_meant(step))?.output)?;
        Some(prose::closed(format!("It prints: {line}")))
    }

    /// Returns a warning where the tests have not seen the newest changes.
    fn changes_since_tests(&self) -> Option<String> {
        let newest = |is_meant: Which| {
            self.facts.steps.iter().filter(|step| is_meant(step)).map(|step| step.newest).max()
        };
        let tested = newest(facts::is_test)?;
        let changed = newest(|step| facts::is_to_file(step) && step.outcome == Outcome::Succeeded)?;
        (changed > tested).then(|| "Files change after that.".to_owned())
    }
}

fn with(state: &str, what: Option<String>) -> String {
    prose::closed(match what {
        Some(what) => format!("{state}: {what}"),
        None => state.to_owned(),
    })
}
