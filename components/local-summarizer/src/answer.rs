//! Selects and orders the sentences: what waits for the user, the state or outcome of the session, what was
//! denied, the steps and their outcomes, questions and remarks of the agent, and the earlier summary.

use crate::deeds::{self, Form};
use crate::facts::{self, Facts, Outcome, Which};
use crate::fitting::fitted;
use crate::questions::Topic;
use crate::{Request, SessionState, quotes, reasons, sentences, waiting};
use speech::prose;

/// The most words of the user's request.
const TASK_WORDS: usize = 16;
/// The most words of the reason why a live session makes no progress.
const STUCK_WORDS: usize = 12;
/// Introduces the reason why only a part was done.
const DONE_IN_PART: &str = "part of it was done, but ";

/// Returns the requested summary.
pub fn answer(request: &Request) -> String {
    let facts = Facts::of(request);
    let teller = Teller { request, facts };
    let mut said = waiting::sentences(request);
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

/// Writes the summary of one session.
struct Teller<'a> {
    request: &'a Request,
    facts: Facts<'a>,
}

impl Teller<'_> {
    fn is_live(&self) -> bool {
        matches!(self.request.state, SessionState::Starting | SessionState::Running | SessionState::Waiting)
    }

    /// Returns whether the entries lack the beginning of the session.
    fn is_partial(&self) -> bool {
        facts::are_partial(self.request)
    }

    /// Returns the subject of sentences about its work.
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

    /// Returns the sentences that must not be dropped in favour of good news.
    fn bad_news(&self) -> Vec<String> {
        // These are short.
        let mut said: Vec<_> = sentences::helpers(&self.facts).into_iter().collect();
        said.extend(self.denied(facts::any));
        said.extend(sentences::unasked(&self.facts));
        said.extend(sentences::failures(&self.facts, facts::any));
        said
    }

    /// Returns the state of the session, with what the user must know about it.
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

    /// Returns the relevant denials.
    fn denied(&self, is_meant: Which) -> Option<String> {
        sentences::denied(&self.facts, is_meant).as_deref().map(sentences::sentence)
    }

    /// Returns the state of the session.
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
                // Denials are not always among the entries.
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

    /// Returns the denials, if they are the reason why nothing was done.
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
            // A failing command may have done something before it failed.
            "Not all was done"
        } else if any(|step| step.has_happened) {
            "It changed nothing"
        } else {
            "Nothing was done"
        };
        Some(with(state, Some(denied)))
    }

    /// Returns whether work is known that is not always among the entries.
    fn is_done_in_part(&self) -> bool {
        self.request.ended_because.as_deref().is_some_and(|reason| reason.starts_with(DONE_IN_PART))
    }

    /// Returns the reason why a live session makes no progress.
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

    /// Returns the task, if [`Teller::status`] reported the reason of its end instead, and the error behind
    /// that.
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

    /// Returns the newest error, if nothing was done after it.
    fn error(&self) -> Option<String> {
        self.facts.error.and_then(reasons::plain_reason)
    }

    /// Returns an error that the agent still has to recover from.
    fn trouble(&self) -> Option<String> {
        let error = self.error().filter(|_| self.is_live())?;
        Some(with("The last error", Some(error)))
    }

    /// Returns the user's later messages.
    fn addition(&self) -> Option<String> {
        let added = prose::paragraph(self.facts.added?, TASK_WORDS)?;
        Some(prose::closed(format!("You also say: {added}")))
    }

    /// Returns the question that it ended with.
    fn question(&self) -> Option<String> {
        quotes::question(self.facts.said.filter(|_| !self.is_live())?)
    }

    /// Returns the agent's remark, unless the reason of its end repeats it.
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
            // The remark is the requested result.
            () if !self.facts.steps.iter().any(does_something) => quotes::reply(text),
            () => quotes::outcome(text),
        };
        Some(prose::closed(format!("It {verb}: {}", remark?)))
    }

    /// Returns the facts of the earlier summary about entries that are no longer available.
    fn earlier(&self, said: &[String]) -> Option<String> {
        let previous =
            self.request.previous.as_ref().filter(|previous| self.is_partial() && previous.covers > 0)?;
        quotes::earlier(&previous.text, said)
    }

    /// Returns its current step.
    fn now(&self) -> Option<String> {
        self.running(facts::any)
    }

    fn running(&self, is_meant: Which) -> Option<String> {
        let is_running = matches!(self.request.state, SessionState::Running | SessionState::Starting);
        let step = self.facts.open().filter(|step| is_running && is_meant(step))?;
        Some(format!("It now {}.", deeds::phrase(step.call, Form::Told, true)))
    }

    /// Returns the line with the reason why the newest failing command of a kind fails.
    fn telling_line(&self, is_meant: Which) -> Option<String> {
        let failed = self.facts.ended(Outcome::Failed);
        let line = reasons::telling_line(failed.iter().find(|step| is_meant(step))?.output)?;
        Some(prose::closed(format!("It prints: {line}")))
    }

    /// Returns a warning if the tests have not run since the newest changes.
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
