//! Selects and orders the sentences: requests that wait for the user, the state or outcome of the session,
//! denials, the steps and their outcomes, the agent's questions and remarks, and the earlier summary.

use crate::deeds::{self, Form};
use crate::facts::{self, Facts, Outcome, Which};
use crate::fitting::fitted;
use crate::questions::Topic;
use crate::{Request, SessionState, quotes, reasons, sentences, waiting};
use speech::prose;

/// The maximum number of words of the user's request.
const TASK_WORDS: usize = 16;
/// The maximum number of words in the reason why a live session makes no progress.
const STUCK_WORDS: usize = 12;
/// Introduces the reason why the task was only partly done.
const DONE_IN_PART: &str = "part of it was done, but ";

/// Returns the requested summary.
pub fn answer(request: &Request) -> String {
    let facts = Facts::of(request);
    let teller = Teller { request, facts };
    let mut answer = waiting::sentences(request);
    match request.question.as_deref().map_or(Topic::Whole, Topic::of) {
        Topic::Whole => answer.extend(teller.whole()),
        Topic::Done => answer.extend(teller.done()),
        Topic::Doing => answer.extend(teller.doing()),
        Topic::Changes => answer.extend(teller.changes()),
        Topic::Commands => answer.extend(teller.commands()),
        Topic::Tests => answer.extend(teller.tests()),
        Topic::Why => answer.extend(teller.why()),
        Topic::Waiting if answer.is_empty() && request.state != SessionState::Waiting => {
            answer.push("It is not waiting for anything.".to_owned());
            answer.extend(teller.whole());
        }
        Topic::Waiting => answer.push(teller.status()),
    }
    fitted(&answer, &teller.bad_news(), request.byte_budget as usize)
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

    /// Returns the subject of sentences about the session's work.
    fn so_far(&self) -> &'static str {
        match (self.is_partial(), self.is_live()) {
            (true, _) => "Lately it",
            (false, true) => "So far it",
            (false, false) => "It",
        }
    }

    fn whole(&self) -> Vec<String> {
        let mut answer = self.outcome();
        answer.extend(self.reason_and_task());
        answer.extend(self.addition().filter(|_| self.is_live()));
        answer.extend(self.now());
        answer.extend(sentences::deeds(&self.facts, self.so_far()));
        answer.extend(sentences::results(&self.facts, facts::any));
        answer.extend(self.question());
        answer.extend(self.addition().filter(|_| !self.is_live()));
        answer.extend(self.trouble());
        answer.extend(self.remark());
        answer.extend(self.earlier(&answer));
        answer
    }

    /// Returns the sentences that must not be dropped in favour of good news.
    fn bad_news(&self) -> Vec<String> {
        // These sentences are short.
        let mut answer: Vec<_> = sentences::helpers(&self.facts).into_iter().collect();
        answer.extend(self.denied(facts::any));
        answer.extend(sentences::unasked(&self.facts));
        answer.extend(sentences::failures(&self.facts, facts::any));
        answer
    }

    /// Returns the state of the session, with the facts about it that the user must know.
    fn outcome(&self) -> Vec<String> {
        let mut answer = vec![self.status()];
        answer.extend(self.stuck());
        let is_said = self.request.state == SessionState::Completed && self.denied_instead().is_some();
        answer.extend(self.denied(facts::any).filter(|_| !is_said));
        answer.extend(sentences::helpers(&self.facts));
        answer.extend(sentences::unasked(&self.facts));
        answer
    }

    fn done(&self) -> Vec<String> {
        let mut answer = self.whole();
        if self.is_live() {
            answer.insert(0, "It is not done yet.".to_owned());
        }
        answer
    }

    fn doing(&self) -> Vec<String> {
        if !self.is_live() {
            return self.whole();
        }
        let mut answer: Vec<_> = self.stuck().into_iter().collect();
        answer.extend(self.now());
        answer.extend(self.remark());
        answer.push(self.status());
        answer.extend(self.trouble());
        answer
    }

    fn changes(&self) -> Vec<String> {
        let mut answer = vec![sentences::changes_or_none(&self.facts, self.so_far())];
        answer.extend(self.earlier(&answer));
        answer.push(self.status());
        answer
    }

    fn commands(&self) -> Vec<String> {
        let mut answer: Vec<_> = self.running(|step| step.command.is_some()).into_iter().collect();
        answer.extend(sentences::results(&self.facts, |step| step.command.is_some()));
        answer.extend(self.denied(|step| step.command.is_some()));
        if answer.is_empty() {
            let looks = self.facts.steps.iter().any(facts::is_look);
            let what = if looks { "runs only commands that look around" } else { "completes no command" };
            answer.push(format!("{} {what}.", self.so_far()));
        }
        answer.extend(self.earlier(&answer));
        answer.push(self.status());
        answer
    }

    fn tests(&self) -> Vec<String> {
        let mut answer: Vec<_> = self.running(facts::is_test).into_iter().collect();
        answer.extend(sentences::results(&self.facts, facts::is_test));
        answer.extend(self.denied(facts::is_test));
        if answer.is_empty() {
            answer.push(format!("{} completes no test run.", self.so_far()));
            answer.extend(self.earlier(&answer));
        } else {
            answer.extend(self.telling_line(facts::is_test));
            answer.extend(self.changes_since_tests());
        }
        answer.push(self.status());
        answer
    }

    fn why(&self) -> Vec<String> {
        if !self.is_live() && self.request.state != SessionState::Completed {
            let mut answer = self.outcome();
            answer.extend(self.reason_and_task());
            answer.extend(sentences::failures(&self.facts, facts::any));
            answer.extend(self.telling_line(facts::is_command));
            answer.extend(self.remark());
            return answer;
        }
        let mut answer: Vec<_> = self.stuck().into_iter().collect();
        answer.extend(sentences::failures(&self.facts, facts::any));
        answer.extend(self.telling_line(facts::is_command));
        answer.extend(self.denied(facts::any));
        answer.extend(sentences::helpers(&self.facts));
        answer.extend(self.trouble());
        if answer.is_empty() {
            answer.push(format!("{} meets no failure.", self.so_far()));
        }
        answer.push(self.status());
        answer
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
            SessionState::Running => self.with_task("It is working"),
            SessionState::Waiting if self.request.waiting_for.is_empty() => self.with_task("It needs input"),
            SessionState::Waiting => self.with_task("The task"),
            SessionState::Completed => match self.denied_instead() {
                Some(denied) => denied,
                None if self.facts.is_interrupted => self.with_task("It was interrupted"),
                None if !self.facts.refused().is_empty() => self.with_task("It is partly done"),
                // The entries do not always include the denials.
                None if reason().is_some() => {
                    let has_effect = |step: &facts::Step<'_>| step.has_happened && facts::has_effect(step);
                    let is_part = is_part || self.facts.steps.iter().any(has_effect);
                    with(if is_part { "Not everything was done" } else { "Nothing was done" }, reason())
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
            "Not everything was done"
        } else if any(|step| step.has_happened) {
            "It changed nothing"
        } else {
            "Nothing was done"
        };
        Some(with(state, Some(denied)))
    }

    /// Returns whether the session did work that the entries do not always include.
    fn is_done_in_part(&self) -> bool {
        self.request.ended_because.as_deref().is_some_and(|reason| reason.starts_with(DONE_IN_PART))
    }

    /// Returns why a live session makes no progress.
    fn stuck(&self) -> Option<String> {
        let why = self.request.ended_because.as_deref().filter(|_| self.is_live())?;
        // "retrying since 14:05 (3 minutes)", with the reason.
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

    /// Returns the task and the underlying error, if [`Teller::status`] reported only why the session ended.
    fn reason_and_task(&self) -> Vec<String> {
        let is_completed = self.request.state == SessionState::Completed;
        if self.is_live() || (is_completed && self.denied_instead().is_none()) {
            return Vec::new();
        }
        let mut answer = Vec::new();
        if let Some(error) = self.error()
            && self.request.state == SessionState::Failed
            && !self.status().contains(&error)
        {
            answer.push(with("The last error", Some(error)));
        }
        answer.push(self.with_task("The task"));
        answer
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

    /// Returns the question with which the agent ended.
    fn question(&self) -> Option<String> {
        quotes::question(self.facts.last_text.filter(|_| !self.is_live())?)
    }

    /// Returns the agent's remark, unless the reason for the session's end repeats it.
    fn remark(&self) -> Option<String> {
        let (verb, text) = match (self.facts.last_text, self.facts.printed) {
            (Some(text), _) => ("says", text),
            (None, printed) => ("prints", printed?),
        };
        let ended_because = self.request.ended_because.as_deref().and_then(reasons::plain_reason);
        let is_known = ended_because.is_some() && ended_because == reasons::plain_reason(text);
        let does_something = |step| facts::is_to_file(step) || facts::is_command(step);
        let remark = match () {
            () if is_known => None,
            () if self.is_live() => quotes::newest(text),
            // Here the remark is the result that the user asked for.
            () if !self.facts.steps.iter().any(does_something) => quotes::reply(text),
            () => quotes::outcome(text),
        };
        Some(prose::closed(format!("It {verb}: {}", remark?)))
    }

    /// Returns the facts of the earlier summary about entries that are no longer available.
    fn earlier(&self, answer: &[String]) -> Option<String> {
        let previous =
            self.request.previous.as_ref().filter(|previous| self.is_partial() && previous.covers > 0)?;
        quotes::earlier(&previous.text, answer)
    }

    /// Returns the agent's current step.
    fn now(&self) -> Option<String> {
        self.running(facts::any)
    }

    fn running(&self, is_meant: Which) -> Option<String> {
        let is_running = matches!(self.request.state, SessionState::Running | SessionState::Starting);
        let step = self.facts.open().filter(|step| is_running && is_meant(step))?;
        Some(format!("It now {}.", deeds::phrase(step.call, Form::Told, true)))
    }

    /// Returns the output line that tells why the newest failing command of a kind fails.
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
        (changed > tested).then(|| "Files have changed since then.".to_owned())
    }
}

fn with(state: &str, what: Option<String>) -> String {
    prose::closed(match what {
        Some(what) => format!("{state}: {what}"),
        None => state.to_owned(),
    })
}
