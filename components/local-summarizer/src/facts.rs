//! Extracts the facts from the entries, in one pass.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::commands::Command;
use crate::deeds::Deed;
use crate::{Entry, Request, SessionState, ToolCall, ToolResult, reasons};
use speech::{prose, words};

/// The beginning of an error about a subagent.
const OF_HELPER: &str = "sub-agent ";
/// The beginning of an error about an approval that no person could decide.
const REFUSED: &str = "codewalk refused ";
/// Separates a tool from the reason for its denial in an error.
const NOT_ALLOWED: &str = " was not allowed: ";
/// How many bytes of that error a result repeats.
const NEVER_CUT: usize = 128;
/// The prompt that codewalk sends to a session that is resumed without one.
const RESUMED: &str = "Continue where you left off.";
/// The minimum similarity, in percent, at which a text counts as a repetition.
const SAME: usize = 75;

/// The outcome of a step of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The step has not ended, according to the entries.
    Open,
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
    /// It was denied.
    Refused,
    /// The user interrupted it.
    Interrupted,
}

/// A step of the agent. Repeating a step does not add one, but updates its outcome.
pub struct Step<'a> {
    /// Its kind.
    pub deed: Deed,
    /// The latest call.
    pub call: &'a ToolCall,
    /// Its command, if it runs one.
    pub command: Option<Command>,
    /// Its last outcome.
    pub outcome: Outcome,
    /// Whether it ever succeeded.
    pub has_happened: bool,
    /// Whether it created its file.
    pub has_created: bool,
    /// The position of the newest entry about it.
    pub newest: usize,
    /// The beginning of its last output.
    pub output: &'a str,
}

impl Step<'_> {
    fn end(&mut self, result: &ToolResult, is_denied: bool) {
        let fails = !result.succeeded || (is_test(self) && reasons::tells_of_failed_tests(&result.output));
        self.outcome = if !fails {
            Outcome::Succeeded
        } else if is_denied || (!result.succeeded && reasons::is_refusal(&result.output)) {
            Outcome::Refused
        } else if reasons::is_interruption(&result.output) {
            Outcome::Interrupted
        } else {
            Outcome::Failed
        };
        if self.outcome == Outcome::Succeeded {
            let is_overwritten = words::head(&result.output).contains("has been updated");
            self.has_created |=
                Deed::of(&result.call.tool) == Deed::Write && !is_overwritten && !self.has_happened;
            self.has_happened = true;
        }
    }
}

/// Selects steps.
pub type Which = fn(&Step<'_>) -> bool;

/// Selects all steps.
pub fn any(_: &Step<'_>) -> bool {
    true
}

/// Selects steps that probably change something.
pub fn has_effect(step: &Step<'_>) -> bool {
    match &step.command {
        Some(command) => !command.is_look,
        None => !step.deed.is_in_passing(),
    }
}

/// Selects commands that do more than look around.
pub fn is_command(step: &Step<'_>) -> bool {
    step.command.as_ref().is_some_and(|command| !command.is_look)
}

/// Selects commands that only look around.
pub fn is_look(step: &Step<'_>) -> bool {
    step.command.as_ref().is_some_and(|command| command.is_look)
}

/// Selects test runs.
pub fn is_test(step: &Step<'_>) -> bool {
    step.command.as_ref().is_some_and(|command| command.is_test)
}

/// Selects files that were written or changed.
pub fn is_to_file(step: &Step<'_>) -> bool {
    matches!(step.deed, Deed::Write | Deed::Change)
}

/// The facts extracted from the entries.
#[derive(Default)]
pub struct Facts<'a> {
    /// The steps of the agent, in the order of their first calls.
    pub steps: Vec<Step<'a>>,
    /// The last remark of the agent.
    pub last_text: Option<&'a str>,
    /// The user's messages after the first one.
    pub added: Option<&'a str>,
    /// The newest error, if no entry follows it.
    pub error: Option<&'a str>,
    /// The subagents that failed; no later success makes up for that.
    pub helpers: Vec<&'a str>,
    /// The approvals that no person could decide, with the reasons.
    pub unasked: Vec<&'a str>,
    /// Whether the user interrupted the agent and no entry follows.
    pub is_interrupted: bool,
    /// The newest line in an unknown format that reads like text.
    pub printed: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Reads the entries in a request.
    pub fn of(request: &'a Request) -> Self {
        let mut facts = Self::default();
        // Finds known steps by kind and subject.
        let mut known = BTreeMap::new();
        let mut denials = BTreeSet::new();
        let begins = begins_with_request(request);
        for (at, entry) in request.entries.iter().enumerate() {
            facts.is_interrupted &= matches!(entry, Entry::Error(_) | Entry::Output(_));
            match entry {
                Entry::UserText(text) | Entry::Output(text) if reasons::is_interruption(text) => {
                    facts.is_interrupted = true;
                }
                Entry::UserText(text) => {
                    if !(begins && at == 0) && is_addition(text, &request.utterance) {
                        facts.added = Some(text);
                    }
                }
                Entry::AgentText(text) if text.trim().is_empty() => {}
                Entry::AgentText(text) => {
                    facts.last_text = Some(text);
                    facts.error = None;
                }
                Entry::ToolCall(call) => {
                    let step = facts.step(call, at, &mut known);
                    step.outcome = Outcome::Open;
                }
                Entry::ToolResult(result) => {
                    let is_denied = !result.succeeded && denials.contains(beginning(&result.output));
                    let step = facts.step(&result.call, at, &mut known);
                    step.output = &result.output;
                    step.end(result, is_denied);
                    facts.is_interrupted = step.outcome == Outcome::Interrupted;
                    facts.error = None;
                }
                Entry::Error(text) if text.starts_with(OF_HELPER) => {
                    if !facts.helpers.contains(&text.as_str()) {
                        facts.helpers.push(text);
                    }
                }
                Entry::Error(text) if text.starts_with(REFUSED) => {
                    let request = &text[REFUSED.len()..];
                    if !facts.unasked.contains(&request) {
                        facts.unasked.push(request);
                    }
                }
                Entry::Error(text) => match denial(text) {
                    Some(why) => {
                        denials.insert(beginning(why));
                    }
                    None => facts.error = Some(text),
                },
                Entry::Output(text)
                    if !text.trim_start().starts_with(['{', '[']) && !text.trim().is_empty() =>
                {
                    facts.printed = Some(text);
                }
                Entry::Output(_) => {}
            }
        }
        if request.state == SessionState::Cancelled {
            facts.interrupt();
        }
        facts
    }

    /// Marks calls that the user interrupted. Clients report these like a denial by the user, but a real
    /// denial contains codewalk's own words.
    fn interrupt(&mut self) {
        for step in &mut self.steps {
            if step.outcome == Outcome::Refused && step.output.contains("doesn't want to") {
                step.outcome = Outcome::Interrupted;
            }
        }
    }

    fn step(
        &mut self,
        call: &'a ToolCall,
        at: usize,
        known: &mut BTreeMap<(Deed, Cow<'a, str>, Cow<'a, str>), usize>,
    ) -> &mut Step<'a> {
        let deed = Deed::of(&call.tool);
        let command = (deed == Deed::Run).then(|| Command::read(&call.subject));
        let key = match (&command, deed) {
            (Some(command), _) => (deed, Cow::Borrowed(""), Cow::Owned(command.key.clone())),
            (None, Deed::Write) => {
                (Deed::Change, Cow::Borrowed(""), Cow::Borrowed(words::tail(&call.subject)))
            }
            (None, Deed::Other) => {
                (deed, Cow::Borrowed(words::head(&call.tool)), Cow::Borrowed(words::head(&call.subject)))
            }
            (None, _) => (deed, Cow::Borrowed(""), Cow::Borrowed(words::tail(&call.subject))),
        };
        let index = *known.entry(key).or_insert(self.steps.len());
        if index == self.steps.len() {
            self.steps.push(Step {
                deed,
                call,
                command,
                outcome: Outcome::Open,
                has_happened: false,
                has_created: false,
                newest: at,
                output: "",
            });
        }
        let step = &mut self.steps[index];
        step.call = call;
        step.newest = at;
        step
    }

    /// Returns the newest step that has not ended.
    pub fn open(&self) -> Option<&Step<'a>> {
        self.steps.iter().filter(|step| step.outcome == Outcome::Open).max_by_key(|step| step.newest)
    }

    /// Returns the steps with this last outcome, the newest first.
    pub fn ended(&self, outcome: Outcome) -> Vec<&Step<'a>> {
        let mut ended: Vec<_> = self.steps.iter().filter(|step| step.outcome == outcome).collect();
        ended.sort_unstable_by_key(|step| std::cmp::Reverse(step.newest));
        ended
    }

    /// Returns the relevant denials, the newest first.
    pub fn refused(&self) -> Vec<&Step<'a>> {
        let mut refused = self.ended(Outcome::Refused);
        // An unanswered question is not a denial.
        refused.retain(|step| !matches!(step.deed, Deed::Ask | Deed::Plan | Deed::Watch));
        refused
    }
}

/// Returns whether the entries of a request lack the beginning of the session. The number of entries does not
/// tell, because empty entries are counted but left out.
pub fn are_partial(request: &Request) -> bool {
    request.total_entries > request.entries.len() as u64 && !begins_with_request(request)
}

/// Returns whether the first entry is the beginning of the session.
fn begins_with_request(request: &Request) -> bool {
    let Some(Entry::UserText(first)) = request.entries.first() else { return false };
    let is_live =
        matches!(request.state, SessionState::Starting | SessionState::Running | SessionState::Waiting);
    let goes_on = is_live && request.previous.as_ref().is_some_and(|previous| previous.covers > 0);
    !goes_on || repeats(first, &request.utterance)
}

/// Returns the part of a text that is never cut.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(NEVER_CUT)]
}

/// Returns the reason for a denial, from the agent's error.
fn denial(error: &str) -> Option<&str> {
    let (tool, why) = error.split_once(NOT_ALLOWED)?;
    (!tool.is_empty() && !tool.contains(char::is_whitespace)).then_some(why)
}

/// Returns whether a text is a new message from the user, rather than the first one or a text from the
/// client.
fn is_addition(text: &str, utterance: &str) -> bool {
    let text = words::head(text).trim();
    !text.starts_with(['<', '['])
        && text != RESUMED
        && !repeats(text, utterance)
        && prose::paragraph(text, 1).is_some()
}

/// Returns whether two texts have nearly the same words.
fn repeats(text: &str, utterance: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        let words = words::head(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let (text, utterance) = (words(text), words(utterance));
    let same = text.intersection(&utterance).count();
    same > 0 && same * 100 >= text.len().max(utterance.len()) * SAME
}
